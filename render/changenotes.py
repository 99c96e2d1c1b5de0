"""Notes on what changed from one release to another, as people write them: the YAML of one pair, and what it means."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from render.anchors import Ground, check_anchors
from render.document import Document, find_node, read_document
from render.fields import Prose, Slug, VendoredFile, VendoredRelease
from render.folders import find_documents
from render.notes import Note, NoteModel, Text, find_text_at, note_at
from render.problems import Place, Problem, ProblemsFound, refuse
from render.releases import Releases
from render.validation import validate

BETWEEN = "..."
"""What stands between the two releases in the name of a file of change notes."""


class ChangeNoteModel(NoteModel):
    """One change note: lines of one of the two releases, and why they changed."""

    id: Annotated[Slug, Field(description="A slug, unique over all change notes: the note's permanent address")]
    release: Annotated[VendoredRelease | None, Field(description="Where the lines stand, if not in `new`")] = None
    file: Annotated[VendoredFile, Field(description="The vendored file, as in gunicorn/arbiter.py")]
    body: Annotated[Prose, Field(description="Why, and whom it bites: Markdown with [[references]], at most 90 words")]


class ChangeNotesModel(BaseModel):
    """All the notes on the step from one release to another."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Notes on what changed between two releases")
    old: Annotated[VendoredRelease, Field(description="The older release, as in 22.0.0")]
    new: Annotated[VendoredRelease, Field(description="The newer release, as in 23.0.0")]
    summary: Annotated[Prose | None, Field(description="One or two sentences about the whole step")] = None
    notes: tuple[ChangeNoteModel, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeNote(Note):
    """What an author wrote about a change; the lines of `anchor` stand in `release`."""

    release: str


@dataclass(frozen=True, slots=True)
class ChangeNotes:
    """The notes on the step from the release `old` to `new`, in the order in which they were written."""

    old: str
    new: str
    summary: Text | None
    notes: tuple[ChangeNote, ...]
    place: Place


def parse_change_notes(document: Document, releases: Releases) -> ChangeNotes:
    """The notes on one pair. Raises ProblemsFound, also for a file whose name or keys are not of two such releases."""
    model = validate(document, ChangeNotesModel)
    refuse((*_wrong_name(document, releases), *_wrong_pair(document, model), *_wrong_releases(document, model)))
    notes = tuple(_note(document, index, note, model.new) for index, note in enumerate(model.notes))
    place = document.place(find_node(document.root, ("old",))[1])
    return ChangeNotes(model.old, model.new, find_text_at(document, "summary"), notes, place)


def read_change_notes(
    folder: Path, name: PurePosixPath, releases: Releases
) -> tuple[tuple[ChangeNotes, ...], tuple[Problem, ...]]:
    """Every file of change notes in a folder that can be read, in order of version, and what is wrong in the others.

    Problems call the folder `name`.
    """
    found: list[ChangeNotes] = []
    problems: list[Problem] = []
    for file in (file for file in find_documents(folder) if file.parent == folder):
        try:
            found.append(parse_change_notes(read_document(file, name / file.name), releases))
        except ProblemsFound as error:
            problems += error.problems
    order = {release.name: at for at, release in enumerate(releases.all)}
    found.sort(key=lambda one: (order[one.old], order[one.new]))
    return tuple(found), (*problems, *_repeated_ids(found))


def check_change_notes(files: Iterable[ChangeNotes], find_ground: Callable[[str], Ground]) -> Iterator[Problem]:
    """Everything that keeps an anchor from being proved on the release in which its lines stand."""
    for note in (note for file in files for note in file.notes):
        yield from check_anchors([note.anchor], find_ground(note.release))


def _note(document: Document, index: int, model: ChangeNoteModel, new: str) -> ChangeNote:
    note = note_at(document, ("notes", index), model, PurePosixPath(model.file), "change note")
    parts = {field.name: getattr(note, field.name) for field in fields(note)}
    return ChangeNote(**parts, release=model.release or new)


def _pair(path: PurePosixPath) -> tuple[str, str]:
    """The two releases that a file's name says; the second is empty in a name that says less than two."""
    old, _, new = path.name.removesuffix(".yaml").partition(BETWEEN)
    return old, new


def _wrong_name(document: Document, releases: Releases) -> Iterator[Problem]:
    pair = _pair(document.path)
    names = [release.name for release in releases.all]
    unknown = [name for name in pair if name not in names]
    if not all(pair):
        message = f"`{document.path.name}` is not called OLD{BETWEEN}NEW.yaml; name it after its two releases"
    elif unknown:
        message = f"{unknown[0]} is no release that is vendored; name the file after two of {', '.join(names)}"
    elif names.index(pair[0]) >= names.index(pair[1]):
        message = f"{pair[0]} is not older than {pair[1]}; name the file after two releases, the older first"
    else:
        return
    yield Problem(document.place(1), message)


def _wrong_pair(document: Document, model: ChangeNotesModel) -> Iterator[Problem]:
    for key, said, named in zip(("old", "new"), (model.old, model.new), _pair(document.path), strict=True):
        if said != named:
            place = document.place(find_node(document.root, (key,))[1])
            yield Problem(place, f"`{key}` is {said}, and the file's name says {named or 'none'}; mend one of the two")


def _wrong_releases(document: Document, model: ChangeNotesModel) -> Iterator[Problem]:
    for index, note in enumerate(model.notes):
        if note.release not in (None, model.old, model.new):
            place = document.place(find_node(document.root, ("notes", index, "release"))[1])
            said = f"`release` is {note.release}, neither {model.old} nor {model.new}"
            yield Problem(place, f"{said}; write {model.old}, or leave it out for {model.new}")


def _repeated_ids(files: Iterable[ChangeNotes]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for note in (note for file in files for note in file.notes):
        if note.id in first:
            yield Problem(
                note.place, f"the id `{note.id}` stands at {first[note.id]} too; give this change note another"
            )
        first.setdefault(note.id, note.place)
