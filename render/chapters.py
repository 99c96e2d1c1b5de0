"""Chapters as people write them, and the front page that orders them: the YAML, and what it means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from render.document import Document, find_node, read_document
from render.fields import SLUG, Digest, Inside, Line, Lines, Opens, Prose, Slug, Slugs, VendoredFile, Words
from render.folders import find_documents
from render.notes import Anchor, Text, anchor_at, text_at
from render.pictures import Picture, PictureModel, picture_at
from render.problems import Place, Problem, ProblemsFound, refuse
from render.validation import validate

INDEX = "index.yaml"


class StepModel(BaseModel):
    """One stop of a walk: the span of a note, or a span of its own."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "oneOf": [
                {"required": ["note"], "properties": dict.fromkeys(("file", "lines", "in", "opens", "digest"), False)},
                {"required": ["file", "lines"], "properties": {"note": False}},
            ]
        },
    )
    note: Annotated[Slug | None, Field(description="Show the span of this note")] = None
    file: Annotated[VendoredFile | None, Field(description="Show `lines` of this vendored file")] = None
    lines: Lines | None = None
    inside: Annotated[Inside | None, Field(alias="in")] = None
    opens: Opens | None = None
    digest: Digest | None = None
    title: Annotated[Line, Field(max_length=120)]
    process: Annotated[Words | None, Field(max_length=80, description="Which process and thread runs this")] = None
    text: Annotated[Prose, Field(description="What to see there, and where the walk goes next")]
    observed: Slugs = ()

    @model_validator(mode="after")
    def _one_place(self) -> "StepModel":
        own = (self.file, self.lines, self.inside, self.opens, self.digest)
        if self.note is not None and any(part is not None for part in own):
            raise ValueError("has `note` and keys of its own span; keep one of the two")
        if self.note is None and (self.file is None or self.lines is None):
            raise ValueError("shows nothing; name a `note`, or a `file` and its `lines`")
        return self


class ChapterModel(BaseModel):
    """A guided walk that answers one question."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="A chapter")
    title: Annotated[Line, Field(max_length=120)]
    question: Annotated[Line, Field(max_length=240)]
    intro: Prose
    picture: PictureModel | None = None
    steps: Annotated[tuple[StepModel, ...], Field(min_length=1)]
    outro: Prose


class IndexModel(BaseModel):
    """What the front page says, and the chapters in reading order."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="The front page and the order of the chapters")
    title: Annotated[Line, Field(max_length=120)]
    intro: Prose
    picture: PictureModel | None = None
    chapters: tuple[Slug, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of a walk; exactly one of `note` (an id) and `anchor` is given. `place` is that of `note` or `file`."""

    note: str | None
    anchor: Anchor | None
    title: Text
    process: str | None
    text: Text
    observed: tuple[str, ...]
    place: Place
    observed_place: Place


@dataclass(frozen=True, slots=True)
class Chapter:
    """A walk; `slug` is the name of its file."""

    slug: str
    title: Text
    question: Text
    intro: Text
    picture: Picture | None
    steps: tuple[Step, ...]
    outro: Text

    @property
    def texts(self) -> tuple[Text, ...]:
        """All that its author wrote in Markdown."""
        steps = (text for step in self.steps for text in (step.title, step.text))
        return (self.title, self.question, self.intro, *steps, self.outro)


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What stands before everything else, and the order of the chapters."""

    title: Text
    intro: Text
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Book:
    """All of a release's running text: `front` is None where nobody wrote one."""

    front: FrontPage | None
    chapters: tuple[Chapter, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        pages = (*((self.front,) if self.front else ()), *self.chapters)
        return tuple(page.picture for page in pages if page.picture)


def parse_chapter(document: Document) -> Chapter:
    """Raises ProblemsFound, also for a file whose name is no slug."""
    if not re.fullmatch(SLUG, document.path.stem):
        message = f"`{document.path.stem}` is no name for a chapter; it must match {SLUG}"
        raise ProblemsFound([Problem(document.place(1), message)])
    model = validate(document, ChapterModel)
    steps = tuple(_step(document, index, step) for index, step in enumerate(model.steps))
    return Chapter(
        document.path.stem,
        text_at(document, "title"),
        text_at(document, "question"),
        text_at(document, "intro"),
        picture_at(document, model.picture, len(steps)),
        steps,
        text_at(document, "outro"),
    )


def read_book(folder: Path, name: PurePosixPath) -> tuple[Book, tuple[Problem, ...]]:
    """The front page and the chapters below a release's chapters folder, as far as they can be read.

    And what is wrong: in the files, which problems call by the folder's `name`, and in the index if it forgets a
    chapter or invents one.
    """
    found: dict[str, Chapter] = {}
    problems: list[Problem] = []
    files = {file.stem: file for file in find_documents(folder) if file.parent == folder and file.name != INDEX}
    for slug, file in files.items():
        try:
            found[slug] = parse_chapter(read_document(file, name / file.name))
        except ProblemsFound as error:
            problems += error.problems
    front: FrontPage | None = None
    order = tuple(found)
    try:
        front, order = _read_index(folder, name, frozenset(slug for slug in files if re.fullmatch(SLUG, slug)))
    except ProblemsFound as error:
        problems += error.problems
    return Book(front, tuple(found[slug] for slug in order if slug in found)), tuple(problems)


def _read_index(folder: Path, name: PurePosixPath, slugs: frozenset[str]) -> tuple[FrontPage | None, tuple[str, ...]]:
    if not (folder / INDEX).is_file():
        if slugs:
            raise ProblemsFound([Problem(Place(name / INDEX, 1), "there are chapters and no index; write one")])
        return None, ()
    document = read_document(folder / INDEX, name / INDEX)
    model = validate(document, IndexModel)
    refuse(_wrong_order(document, model.chapters, slugs))
    front = FrontPage(text_at(document, "title"), text_at(document, "intro"), picture_at(document, model.picture, 0))
    return front, model.chapters


def _wrong_order(document: Document, listed: tuple[str, ...], slugs: frozenset[str]) -> Iterator[Problem]:
    def place(*keys: str | int) -> Place:
        return document.place(find_node(document.root, ("chapters", *keys))[1])

    for index, slug in enumerate(listed):
        if slug not in slugs:
            yield Problem(place(index), f"there is no chapter `{slug}`; remove it")
        if slug in listed[:index]:
            yield Problem(place(index), f"the chapter `{slug}` is listed twice; keep one")
    for slug in sorted(slugs - set(listed)):
        yield Problem(place(), f"the chapter `{slug}` is not listed; put it where it is to be read")


def _step(document: Document, index: int, model: StepModel) -> Step:
    keys = ("steps", index)

    def place(key: str) -> Place:
        return document.place(find_node(document.root, (*keys, key))[1])

    own = model.file and anchor_at(document, keys, model, PurePosixPath(model.file), f"step {index + 1}")
    return Step(
        model.note,
        own or None,
        text_at(document, *keys, "title"),
        model.process,
        text_at(document, *keys, "text"),
        model.observed,
        place("file" if own else "note"),
        place("observed"),
    )
