"""The command line: parse, call one function, print, exit status."""

import re
import sys
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Column, Table

from render.authoring import begin_note, stamp_files
from render.carrycommand import carry_notes
from render.coverage import Coverage, measure_all, total
from render.diffcommand import diff
from render.grounds import find_grounds, read_ground
from render.notes import Note
from render.observecommand import observe_experiments
from render.portcommand import port_notes
from render.problems import Place, Problem, ProblemsFound
from render.project import Project, find_project
from render.releases import Releases, read_releases
from render.reports import coverage_json, problems_github, problems_json, problems_text
from render.schemas import find_stale, write_schemas
from render.sdist import fetch_sdist
from render.sitecommands import build_site, serve_site
from render.source import Span
from render.survey import read_edition
from render.vendor import vendor as vendor_release
from render.vendor import verify as verify_release

app = typer.Typer(
    help="An annotated source: prove its notes, build its site, bring a release in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="build")(build_site)
app.command(name="serve")(serve_site)
app.command()(diff)
app.command(name="carry")(carry_notes)
app.command(name="port")(port_notes)
app.command(name="observe")(observe_experiments)


class Format(StrEnum):
    """How problems are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


_PRINTERS = {Format.TEXT: problems_text, Format.JSON: problems_json, Format.GITHUB: problems_github}

SpanArgument = Annotated[str, typer.Argument(metavar="FILE:LINES", help="As in gunicorn/arbiter.py:237-246.")]


def main() -> None:
    """Run the command line: 1 for what an author has to mend, 2 for what the world refused or a wrong call."""
    try:
        app()
    except ProblemsFound as error:
        sys.stderr.write(problems_text(error.problems))
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


@app.command()
def check(output: Annotated[Format, typer.Option("--format", help="How to print problems.")] = Format.TEXT) -> None:
    """Prove every anchor and reference against the vendored text."""
    try:
        edition = read_edition(_project())
    except ProblemsFound as error:
        sys.stdout.write(_PRINTERS[output](error.problems))
        raise typer.Exit(1) from None
    if output is Format.TEXT:
        _say(f"notes: {len(edition.all_notes)}, chapters: {len(edition.book.chapters)}; all hold on {edition.release}")
    else:
        sys.stdout.write(_PRINTERS[output](()))


@app.command()
def stamp(
    files: Annotated[list[Path] | None, typer.Argument(help="Notes files or chapters; all, if none.")] = None,
) -> None:
    """Fill `in`, `opens` and `digest` beside every `lines`, and change no other byte."""
    project = _project()
    releases = _releases(project)
    changed = stamp_files(project, releases, find_grounds(project, releases).__getitem__, files or ())
    for path in changed:
        _say(f"stamped {path}")
    if not changed:
        _say("nothing to stamp")


@app.command()
def new(
    where: SpanArgument, title: Annotated[str, typer.Option(help="A claim or an image, not a label.")] = "Untitled"
) -> None:
    """Begin a note: append a stamped stub to the right file."""
    project = _project()
    path, span = _span(where)
    place = begin_note(project, read_ground(project, _releases(project)), path, span, title)
    _say(f"{place}: write its body, then run `annotated check`")


@app.command()
def show(where: SpanArgument) -> None:
    """Print the notes that cover a line."""
    edition = read_edition(_project())
    path, span = _span(where)
    if path not in edition.ground.tree.files:
        raise ProblemsFound([Problem(Place(path, span.first), f"not a file of {edition.release}; name one that is")])
    notes = [note for note in edition.notes_on(path) if span.first in note.anchor.span]
    for note in notes:
        _print_note(note)
    if not notes:
        _say(f"no note covers {where}")


@app.command()
def coverage(as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Print how much of the release is annotated."""
    edition = read_edition(_project())
    figures = measure_all(edition.ground.tree.files, edition.ground.symbols, edition.notes_on)
    if as_json:
        sys.stdout.write(coverage_json(figures, edition.release))
    else:
        Console().print(_coverage_table(figures))


@app.command()
def schema(
    check_only: Annotated[bool, typer.Option("--check", help="Only tell whether they are stale.")] = False,
) -> None:
    """Write the JSON Schemas of notes and chapters."""
    project = _project()
    if not check_only:
        for file in write_schemas(project.schemas):
            _say(f"wrote {project.name(file)}")
    elif stale := find_stale(project.schemas):
        raise ProblemsFound(Problem(Place(project.name(file), 1), "stale; run `annotated schema`") for file in stale)


@app.command()
def vendor(
    release: Annotated[str | None, typer.Argument(help="As in 23.0.0; with --verify all, if none.")] = None,
    accept_new: Annotated[bool, typer.Option("--accept-new", help="Record the hash of a release not listed.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare with a fresh download; write nothing.")] = False,
) -> None:
    """Bring a release in from its sdist, or prove what is there."""
    if verify:
        _verify(_project(), release)
    elif release:
        project = _project()
        count = vendor_release(project, release, fetch_sdist, accept_new=accept_new)
        _say(f"{count} files in {project.name(project.tree(release))}/")
    else:
        raise typer.BadParameter("name the release to bring in, as in 23.0.0, or prove all of them with --verify")


def _verify(project: Project, only: str | None) -> None:
    """Each release has its line as soon as it is known, and its problems too: the next one may be out of reach."""
    differs = False
    for release in [only] if only else [each.name for each in _releases(project).all]:
        try:
            _say(f"{release}: {verify_release(project, release, fetch_sdist)} files, those of its sdist")
        except ProblemsFound as error:
            differs = True
            _say(f"{release}: not as in its sdist")
            sys.stderr.write(problems_text(error.problems))
    if differs:
        raise typer.Exit(1)


def _project() -> Project:
    return find_project(Path.cwd())


def _releases(project: Project) -> Releases:
    return read_releases(project.releases, project.name(project.releases))


def _span(where: str) -> tuple[PurePosixPath, Span]:
    found = re.fullmatch(r"(.+):([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?", where)
    if not found:
        raise typer.BadParameter(f"{where!r} is not FILE:LINE or FILE:FIRST-LAST")
    span = Span(int(found[2]), int(found[3] or found[2]))
    if span.last < span.first:
        raise typer.BadParameter(f"lines {span.first}-{span.last} run backwards")
    return PurePosixPath(found[1]), span


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _print_note(note: Note) -> None:
    console = Console()
    console.rule(f"{note.anchor.path}:{note.anchor.span}  {note.id}", align="left")
    console.print(Markdown(f"**{note.title.markdown}**\n\n{note.body.markdown}"))
    if note.more:
        console.print(Markdown(note.more.markdown))
    console.print(f"{note.place}", style="dim")


def _coverage_table(figures: tuple[Coverage, ...]) -> Table:
    table = Table(
        Column("file", overflow="fold", no_wrap=True), "notes", "definitions", "noted", "code lines", "covered", "%"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in [*((str(row.path), row) for row in figures), ("all files", total(figures))]:
        numbers = (row.notes, row.definitions, row.noted, row.code_lines, row.covered, row.percent)
        table.add_row(name, *map(str, numbers))
    return table
