"""The command `annotated diff`: two vendored releases side by side."""

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer
from rich.console import Console

from render.compare import Comparison, compare, narrow
from render.diffreport import comparison_json, comparison_text
from render.grounds import read_release
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project, find_project
from render.releases import Releases, read_releases


def diff(
    old: Annotated[str, typer.Argument(help="A vendored release, as in 22.0.0.")],
    new: Annotated[str, typer.Argument(help="Another one, as in 23.0.0.")],
    file: Annotated[str | None, typer.Argument(help="As in gunicorn/arbiter.py; all, if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Tell what changed from one release to another."""
    comparison = compare_releases(find_project(Path.cwd()), old, new)
    if file is not None:
        comparison = narrow(comparison, PurePosixPath(file))
        if not comparison.pairs:
            message = f"not a file of {old} or of {new}; name one that is"
            raise ProblemsFound([Problem(Place(PurePosixPath(file), 1), message)])
    if as_json:
        sys.stdout.write(comparison_json(comparison))
        return
    console = Console(highlight=False)
    for line in comparison_text(comparison):
        console.print(line, soft_wrap=True)


def compare_releases(project: Project, old: str, new: str) -> Comparison:
    """Raises ProblemsFound for a release that is not vendored and for files that are not text."""
    releases = read_releases(project.releases, project.name(project.releases))
    refuse(_missing(project, releases, {old, new}))
    return compare(*(read_release(project, releases, name) for name in (old, new)))


def _missing(project: Project, releases: Releases, names: set[str]) -> Iterator[Problem]:
    place = Place(project.name(project.releases), 1)
    listed = [release.name for release in releases.all]
    for name in names:
        if name not in listed:
            yield Problem(place, f"{name} is not listed; name one that is: {', '.join(listed)}")
        elif not project.tree(name).is_dir():
            yield Problem(place, f"{name} is listed and not vendored; run `annotated vendor {name}`")
