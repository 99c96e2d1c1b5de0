"""The command `annotated carry`: what becomes of the notes on other releases."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, get_args

import typer
from rich.console import Console
from rich.table import Table

from render.carry import Carried, State, carry
from render.edition import Edition
from render.likeness import Likeness
from render.problems import Place, Problem, ProblemsFound
from render.project import Project, find_project
from render.source import Spot
from render.survey import read_edition

Journey: TypeAlias = Mapping[str, Sequence[Carried]]
"""What becomes of every note, by release."""


def carry_notes(
    release: Annotated[str | None, typer.Argument(help="As in 22.0.0; the figures of all, if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell where the notes stand on other releases, and which need a person."""
    project = find_project(Path.cwd())
    edition = read_edition(project)
    names = [release] if release else [one.name for one in edition.releases.all if one.name != edition.release]
    journey = carry_to(project, edition, names)
    if as_json:
        sys.stdout.write(journey_json(journey))
    elif release:
        sys.stdout.write("".join(f"{_line(one)}\n" for one in journey[release]))
    else:
        Console().print(_table(journey))


def carry_to(project: Project, edition: Edition, names: Iterable[str]) -> Journey:
    """Raises ProblemsFound for a release that is not listed or not vendored."""
    return {name: _carry_to(project, edition, name) for name in names}


def _carry_to(project: Project, edition: Edition, name: str) -> tuple[Carried, ...]:
    if not edition.releases.find(name) or not project.tree(name).is_dir():
        message = f"{name} is not vendored; name a release that is, or run `annotated vendor {name}`"
        raise ProblemsFound([Problem(Place(project.name(project.releases), 1), message)])
    return carry(edition.all_notes, edition.ground, edition.volumes[name].ground)


def journey_json(journey: Journey) -> str:
    """For every release its counts by state, and of each note the state, the place, the score and what decided."""
    rows = {
        name: {"counts": _counts(carried), "notes": [_row(one) for one in carried]} for name, carried in journey.items()
    }
    return json.dumps(rows, indent=2) + "\n"


def _counts(carried: Iterable[Carried]) -> dict[State, int]:
    found = Counter(one.state for one in carried)
    return {state: found[state] for state in get_args(State)}


def _row(one: Carried) -> dict[str, object]:
    return {
        "note": one.note,
        "state": one.state,
        **_place(one.spot),
        "score": round(one.score, 2),
        "evidence": one.evidence,
        "candidates": [{**_place(each.spot), "score": round(each.score, 2)} for each in one.candidates],
    }


def _place(spot: Spot | None) -> dict[str, str | None]:
    return {"path": str(spot.path) if spot else None, "lines": str(spot.span) if spot else None}


def _line(one: Carried) -> str:
    if one.spot:
        return f"{one.state:6}  {one.spot}  {one.note}" + (f"  ({one.score:.2f})" if one.state == "edited" else "")
    return f"{one.state:6}  {one.note}: {_candidates(one.candidates)}"


def _candidates(candidates: Sequence[Likeness]) -> str:
    if not candidates:
        return "nothing is like it"
    return "perhaps " + ", ".join(f"{each.spot} ({each.score:.2f})" for each in candidates)


def _table(journey: Journey) -> Table:
    table = Table("release", *get_args(State), "notes")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, carried in journey.items():
        table.add_row(name, *map(str, _counts(carried).values()), str(len(carried)))
    return table
