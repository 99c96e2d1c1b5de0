"""The page of a chapter: a walk through the code, stop by stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.chapters import Chapter, Step
from render.excerpts import list_file, quoted_lines
from render.links import file_page, href, lines_id, step_id
from render.notes import Anchor, Note
from render.pictureparts import PictureView, show_picture
from render.prose import plain_text
from render.remarks import Pen
from render.source import SourceFile
from render.views import Choice, Claim, Frame, LineView


@dataclass(frozen=True, slots=True)
class StepView:
    """A stop of a walk: `source` leads to the lines in their file, `note` to the note about them."""

    number: int
    id: str
    title: Markup
    process: str | None
    text: Markup
    observed: tuple[Claim, ...]
    source: Choice
    note: Choice | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A walk that answers its question."""

    frame: Frame
    number: int
    title: Markup
    question: Markup
    intro: Markup
    picture: PictureView | None
    steps: tuple[StepView, ...]
    outro: Markup


def make_chapter_page(
    frame: Frame,
    number: int,
    chapter: Chapter,
    notes: Mapping[str, Note],
    files: Mapping[PurePosixPath, SourceFile],
    pen: Pen,
) -> ChapterPage:
    """Everything that one chapter's page shows; `number` is its place in the book, from 1."""
    return ChapterPage(
        frame,
        number,
        pen.line(chapter.title),
        pen.line(chapter.question),
        pen.block(chapter.intro),
        show_picture(chapter.picture, pen.address) if chapter.picture else None,
        tuple(_step(index, step, notes, files, pen) for index, step in enumerate(chapter.steps, 1)),
        pen.block(chapter.outro),
    )


def _step(
    number: int, step: Step, notes: Mapping[str, Note], files: Mapping[PurePosixPath, SourceFile], pen: Pen
) -> StepView:
    note = notes[step.note] if step.note else None
    anchor = _anchor(step, note)
    page = file_page(pen.links.release, anchor.path)
    lead = Choice(f"{anchor.path}:{anchor.span}", href(page, lines_id(anchor.span), pen.here), False)
    return StepView(
        number,
        step_id(number),
        pen.line(step.title),
        step.process,
        pen.block(step.text),
        pen.observed(step.observed),
        lead,
        Choice(plain_text(note.title.markdown), href(page, note.id, pen.here), False) if note else None,
        quoted_lines(list_file(files[anchor.path]), anchor.span, lambda span: href(page, lines_id(span), pen.here)),
    )


def _anchor(step: Step, note: Note | None) -> Anchor:
    anchor = note.anchor if note else step.anchor
    assert anchor is not None, "a step names a note or a span of its own"
    return anchor
