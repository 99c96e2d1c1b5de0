"""The command `annotated port`: begin the notes of a release that is to become the documented one."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, get_args

import typer

from render.carry import State
from render.port import Ported, port, write_ported
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project, find_project
from render.survey import survey


def port_notes(release: Annotated[str, typer.Argument(help="The release to write for, as in 24.1.1.")]) -> None:
    """Write the notes and chapters once more for another release, and tell which of them a person has to decide."""
    sys.stdout.write(port_report(port_to(find_project(Path.cwd()), release)))


def port_to(project: Project, release: str) -> Ported:
    """Write what a release has not yet. Raises ProblemsFound, and nothing is written then.

    What is wrong in the notes on releases that are not documented does not stop it: some are yet to be decided.
    """
    edition, problems = survey(project)
    other = edition.volumes.get(release)
    is_documented = release == edition.release
    if is_documented or not other or not other.ground.tree.files:
        said = "the documented one, and its notes are there" if is_documented else "not vendored"
        vendored = ", ".join(name for name in edition.volumes if name != edition.release)
        message = f"{release} is {said}; name another release to port them to: {vendored or 'there is none yet'}"
        raise ProblemsFound([Problem(Place(project.name(project.releases), 1), message)])
    undocumented = {project.name(project.notes(name)) for name in edition.volumes if name != edition.release}
    refuse(problem for problem in problems if undocumented.isdisjoint(problem.place.path.parents))
    ported = port(project, edition.ground, other.ground)
    write_ported(ported)
    return ported


def port_report(ported: Ported) -> str:
    """How many there are in each state, and a line for each that is to be decided."""
    if not ported.texts:
        return "nothing to port: all that is written has its place there\n"
    states = Counter(one.state for one in ported.carried)
    counts = ", ".join(f"{states[state]} {state}" for state in get_args(State))
    lines = [f"ported {len(ported.carried)}: {counts}", *map(str, ported.undecided)]
    if ported.undecided:
        lines.append(f"to be decided: {len(ported.undecided)}, each below a comment in its file")
    return "".join(f"{line}\n" for line in lines)
