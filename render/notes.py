"""Notes as people write them: the YAML of one file's notes, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from render.document import Document, Scalar, Table, find_node, read_document
from render.fields import Digest, Inside, Line, Lines, Opens, Prose, Slug, Slugs, VendoredFile
from render.folders import find_documents
from render.problems import Place, Problem, ProblemsFound
from render.source import Span
from render.validation import validate


class NoteModel(BaseModel):
    """One note: a span of lines and what is to be said of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)
    id: Annotated[Slug, Field(description="A slug, unique in the release: the note's permanent address")]
    lines: Lines
    inside: Annotated[Inside | None, Field(alias="in")] = None
    opens: Opens | None = None
    digest: Digest | None = None
    title: Annotated[Line, Field(max_length=120, description="A claim or an image; inline Markdown")]
    body: Annotated[Prose, Field(description="Markdown with [[references]], at most 90 words")]
    more: Annotated[Prose | None, Field(description="The deeper part, folded on the page")] = None
    observed: Annotated[Slugs, Field(description="Slugs of the experiments that show it")] = ()
    tags: Slugs = ()


class NotesModel(BaseModel):
    """All the notes on one vendored file."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Notes on one file")
    file: Annotated[VendoredFile, Field(description="The vendored file, as in gunicorn/arbiter.py")]
    summary: Annotated[Prose | None, Field(description="One or two sentences about the whole file")] = None
    notes: tuple[NoteModel, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown, and where its first line stands in the author's file."""

    markdown: str
    place: Place


@dataclass(frozen=True, slots=True)
class Stamp:
    """What proves an anchor: the definition around it, its first line stripped, the digest of its text."""

    inside: str
    opens: str
    digest: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where something stands; `stamp` is None until it was stamped whole. `label` is how problems call its owner."""

    path: PurePosixPath
    span: Span
    stamp: Stamp | None
    label: str
    place: Place


@dataclass(frozen=True, slots=True)
class Note:
    """What an author wrote about a span; its own place is that of its id."""

    id: str
    anchor: Anchor
    title: Text
    body: Text
    more: Text | None
    observed: tuple[str, ...]
    tags: tuple[str, ...]
    place: Place
    observed_place: Place

    @property
    def texts(self) -> tuple[Text, ...]:
        return (self.title, self.body, *([self.more] if self.more else []))


@dataclass(frozen=True, slots=True)
class NotesFile:
    """The notes on one vendored file, in the order of their lines; a wider span comes before one it covers."""

    path: PurePosixPath
    summary: Text | None
    notes: tuple[Note, ...]
    place: Place


def notes_path(path: PurePosixPath) -> PurePosixPath:
    """Where the notes on a vendored file belong, below the release's folder: `a/b.py` in `a/b.yaml`."""
    return path.with_suffix(".yaml") if path.suffix == ".py" else path.with_name(f"{path.name}.yaml")


def parse_notes(document: Document, folder: PurePosixPath) -> NotesFile:
    """One file's notes; `folder` is that of the release. Raises ProblemsFound."""
    model = validate(document, NotesModel)
    place = document.place(find_node(document.root, ("file",))[1])
    path = PurePosixPath(model.file)
    expected = folder / notes_path(path)
    if expected != document.path:
        message = f"the notes on {path} belong in {expected}; move this file or mend `file`"
        raise ProblemsFound([Problem(place, message)])
    notes = (note_at(document, ("notes", index), note, path, "note") for index, note in enumerate(model.notes))
    ordered = sorted(notes, key=lambda note: (note.anchor.span.first, -note.anchor.span.last))
    return NotesFile(path, find_text_at(document, "summary"), tuple(ordered), place)


def read_notes(
    folder: Path, name: PurePosixPath, apart: frozenset[str]
) -> tuple[tuple[NotesFile, ...], tuple[Problem, ...]]:
    """Every notes file below a release's folder that can be read, and what is wrong in the others.

    Its subfolders named in `apart` are left out; problems call the folder `name`.
    """
    found: list[NotesFile] = []
    problems: list[Problem] = []
    for file in find_documents(folder):
        inside = PurePosixPath(file.relative_to(folder))
        if inside.parts[0] in apart:
            continue
        try:
            found.append(parse_notes(read_document(file, name / inside), name))
        except ProblemsFound as error:
            problems += error.problems
    return tuple(found), (*problems, *_repeated_ids(found))


def anchor_at(document: Document, keys: tuple[str | int, ...], model: Any, path: PurePosixPath, label: str) -> Anchor:
    """The anchor of a note or a step whose keys are `lines`, `in`, `opens`, `digest`."""
    place = document.place(find_node(document.root, (*keys, "lines"))[1])
    first, _, last = model.lines.partition("-")
    parts = (model.inside, model.opens, model.digest)
    stamp = None if None in parts else Stamp(*parts)
    return Anchor(path, Span(int(first), int(last or first)), stamp, label, place)


def text_at(document: Document, *keys: str | int) -> Text:
    """The text that a model requires under a path of keys, and the place of its first line."""
    text = find_text_at(document, *keys)
    assert text is not None, keys
    return text


def find_text_at(document: Document, *keys: str | int) -> Text | None:
    """The text under a path of keys, or None when the last key is absent."""
    table = find_node(document.root, keys[:-1])[0]
    if not isinstance(table, Table) or keys[-1] not in table.entries:
        return None
    node = table.entries[str(keys[-1])].value
    return Text(node.text, document.place(node.text_line)) if isinstance(node, Scalar) else None


def note_at(document: Document, keys: tuple[str | int, ...], model: NoteModel, path: PurePosixPath, kind: str) -> Note:
    """The note on a file under a path of keys; problems call it "`kind` `id`"."""
    place = document.place(find_node(document.root, (*keys, "id"))[1])
    return Note(
        model.id,
        anchor_at(document, keys, model, path, f"{kind} `{model.id}`"),
        text_at(document, *keys, "title"),
        text_at(document, *keys, "body"),
        find_text_at(document, *keys, "more"),
        model.observed,
        model.tags,
        place,
        document.place(find_node(document.root, (*keys, "observed"))[1]),
    )


def _repeated_ids(files: list[NotesFile]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for note in (note for file in files for note in file.notes):
        if note.id in first:
            yield Problem(note.place, f"the id `{note.id}` stands at {first[note.id]} too; give this note another")
        first.setdefault(note.id, note.place)
