"""The page of a file: its code and the notes beside it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.anchors import Ground
from render.careers import Career, Stage
from render.coverage import is_noted
from render.crossings import Crossing, Step
from render.excerpts import Margin, list_file, own_lines
from render.links import diff_page, file_page, href, lines_id
from render.notes import Note, Text
from render.remarks import Pen, note_height
from render.renditions import Placed
from render.source import SourceFile, Span
from render.symbols import MODULE, Symbol
from render.views import Frame, LineView, NoteView, StopView, TreeEntry
from render.weave import lay_bars, weave


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A class or function: `first` to `last` are its lines; `noted` tells whether a note is about it."""

    name: str
    kind: str
    href: str
    first: int
    last: int
    noted: bool
    entries: tuple["OutlineEntry", ...]


@dataclass(frozen=True, slots=True)
class SegmentView:
    """Lines, and the notes that begin at the first of them.

    `apart` asks for a new row: the segment begins below all notes before it, so that its notes stand level with it.
    """

    lines: tuple[LineView, ...]
    notes: tuple[NoteView, ...]
    apart: bool


@dataclass(frozen=True, slots=True)
class FilePage:
    """A file of a release, code and notes; `upstream` is the address of the same file at upstream's own tag.

    `crossings` is JSON: for each other release that has the file, which of its lines to go to from which line here.
    """

    frame: Frame
    path: str
    release: str
    upstream: str
    summary: Markup | None
    line_count: int
    note_count: int
    tree: tuple[TreeEntry, ...]
    outline: tuple[OutlineEntry, ...]
    segments: tuple[SegmentView, ...]
    crossings: str


@dataclass(frozen=True, slots=True)
class Past:
    """What other releases say of a file: a career by the name of each definition, the age of each line, crossings."""

    careers: Mapping[str, Career]
    ages: Sequence[str]
    crossings: Mapping[str, Crossing]


def make_file_page(
    frame: Frame,
    tree: tuple[TreeEntry, ...],
    ground: Ground,
    path: PurePosixPath,
    placed: Sequence[Placed],
    summary: Text | None,
    quoted: Collection[Span],
    past: Past,
    pen: Pen,
) -> FilePage:
    """Everything that one file's page shows; `quoted` are the spans that other pages quote and link to."""
    file, symbols = ground.tree.files[path], ground.symbols[path]
    notes = [one.note for one in placed]
    careers = dict(_careers(symbols, past.careers, pen))
    linked = {*quoted, *(note.anchor.span for note in notes)}
    return FilePage(
        frame,
        str(path),
        pen.links.release,
        pen.links.source_url(path),
        pen.block(summary) if summary else None,
        len(file),
        len(notes),
        tree,
        _outline(symbols, notes, MODULE, frame.here),
        _segments(file, placed, Margin(lay_bars(notes), linked, past.ages, careers), pen),
        _crossings_json(past.crossings, frame.here),
    )


def _segments(file: SourceFile, placed: Sequence[Placed], margin: Margin, pen: Pen) -> tuple[SegmentView, ...]:
    if not len(file):
        return ()
    listing = list_file(file)
    lanes = {bar.note: bar.lane for bar in margin.bars}
    views = {one.note.id: pen.note(one, lanes[one.note.id]) for one in placed}
    woven = weave(len(file), [one.note for one in placed], {one.note.id: note_height(one) for one in placed})
    return tuple(
        SegmentView(
            own_lines(listing, segment.span, margin), tuple(views[note.id] for note in segment.notes), segment.apart
        )
        for segment in woven
    )


def _careers(
    symbols: Sequence[Symbol], careers: Mapping[str, Career], pen: Pen
) -> Iterator[tuple[int, tuple[StopView, ...]]]:
    for symbol in symbols:
        if symbol.kind != "variable" and symbol.name in careers:
            career = careers[symbol.name]
            befores = (None, *career)
            yield (
                symbol.line,
                tuple(_stage(stage, before, pen) for stage, before in zip(career, befores, strict=False)),
            )


def _stage(stage: Stage, before: Stage | None, pen: Pen) -> StopView:
    """A change leads to the difference that shows it, if there is one, or to the definition; the rest to nothing.

    What the oldest release has is no event: nobody knows what was before.
    """
    is_current = stage.release == pen.links.release
    if before is None or stage.state in _UNEVENTFUL:
        return StopView(stage.release, "" if stage.spot else "absent", "", None, is_current)
    address = None
    if stage.spot:
        page = file_page(stage.release, stage.spot.path)
        is_shown = before.spot is not None and before.spot.path == stage.spot.path
        if is_shown and stage.state in ("changed", "layout"):
            page = diff_page(before.release, stage.release, stage.spot.path)
        first = stage.spot.span.first
        address = href(page, lines_id(Span(first, first)), pen.here)
    words = f"{stage.release}: {WORDS[stage.state]}"
    return StopView(stage.release, stage.state, words, address, is_current)


WORDS: Mapping[str, str] = {
    "appeared": "new",
    "changed": "changed",
    "layout": "other comments or layout",
    "moved": "moved",
    "went": "gone",
}
"""What a strip says of a definition, by its state."""

_UNEVENTFUL = ("absent", "stayed")


def _crossings_json(crossings: Mapping[str, Crossing], here: PurePosixPath) -> str:
    known = {
        release: [_step(release, step, here) for step in crossing.steps]
        for release, crossing in crossings.items()
        if crossing.steps
    }
    return json.dumps(known, separators=(",", ":"))


def _step(release: str, step: Step, here: PurePosixPath) -> list[int | str]:
    """From a line, to a line, for so many lines; and the other page, where they lead out of the file's own."""
    numbers = (step.first, step.there, step.length)
    return [*numbers, href(file_page(release, step.path), "", here)] if step.path else [*numbers]


def _outline(
    symbols: Sequence[Symbol], notes: Sequence[Note], parent: str, here: PurePosixPath
) -> tuple[OutlineEntry, ...]:
    return tuple(
        OutlineEntry(
            symbol.name.rpartition(".")[2],
            symbol.kind,
            href(here, lines_id(Span(symbol.line, symbol.line)), here),
            symbol.span.first,
            symbol.span.last,
            is_noted(symbol, notes),
            _outline([inner for inner in symbols if symbol.span.covers(inner.span)], notes, symbol.name, here),
        )
        for symbol in symbols
        if symbol.parent == parent and symbol.kind != "variable"
    )
