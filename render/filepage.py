"""The page of a file: its code and the notes beside it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.coverage import is_noted
from render.excerpts import Listing, own_lines
from render.links import href, lines_id
from render.notes import Note, Text
from render.remarks import Pen, note_height
from render.source import SourceFile, Span
from render.symbols import MODULE, Symbol
from render.views import Frame, LineView, NoteView, TreeEntry
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
    """A file of the release, code and notes; `upstream` is the address of the same file at upstream's own tag."""

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


def make_file_page(
    frame: Frame,
    tree: tuple[TreeEntry, ...],
    file: SourceFile,
    listing: Listing,
    symbols: Sequence[Symbol],
    notes: Sequence[Note],
    summary: Text | None,
    quoted: Collection[Span],
    pen: Pen,
) -> FilePage:
    """Everything that one file's page shows; `quoted` are the spans that other pages quote and link to."""
    return FilePage(
        frame,
        str(file.path),
        pen.links.release,
        pen.links.source_url(file.path),
        pen.block(summary) if summary else None,
        len(file),
        len(notes),
        tree,
        _outline(symbols, notes, MODULE, frame.here),
        _segments(file, listing, notes, quoted, pen),
    )


def _segments(
    file: SourceFile, listing: Listing, notes: Sequence[Note], quoted: Collection[Span], pen: Pen
) -> tuple[SegmentView, ...]:
    if not len(file):
        return ()
    bars = lay_bars(notes)
    linked = {*quoted, *(note.anchor.span for note in notes)}
    woven = weave(len(file), notes, {note.id: note_height(note) for note in notes})
    return tuple(
        SegmentView(own_lines(listing, segment.span, bars, linked), tuple(map(pen.note, segment.notes)), segment.apart)
        for segment in woven
    )


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
