"""Cut a file into segments, each with the notes that begin there, and lay the notes' bars into lanes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from render.notes import Note
from render.source import Span

DRIFT = 6
"""How many lines a note may stand below its first line before the code makes way for it.

Notes that begin on the same line stand one below the other all the same.
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """Lines, and the notes whose spans begin at the first of them; `apart`: below all notes before it."""

    span: Span
    notes: tuple[Note, ...]
    apart: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A note's span in the gutter; `lane` 0 is the leftmost."""

    note: str
    span: Span
    lane: int


def weave(line_count: int, notes: Sequence[Note], heights: Mapping[str, float]) -> tuple[Segment, ...]:
    """Cut lines 1 to `line_count` where a note begins or has ended; `notes` are in the order of their lines.

    `heights` tells, by note id and in lines of code, how tall a note will be. Notes stand beside the code, one below
    the other, each level with its first line or as far below as the one before pushes it. Where that would be more
    than `DRIFT` lines, the segment stands apart: the only place where the code has a hole.
    """
    segments: list[Segment] = []
    row = free = 0.0  # how far down the code and the column of notes have come
    for span in _cuts(line_count, notes):
        here = tuple(note for note in notes if note.anchor.span.first == span.first)
        apart = bool(here) and free - row > DRIFT
        row = max(row, free) if apart else row
        for note in here:
            free = max(row, free) + heights[note.id]
        segments.append(Segment(span, here, apart))
        row += len(span)
    return tuple(segments)


def lay_bars(notes: Sequence[Note]) -> tuple[Bar, ...]:
    """Each note's bar in the leftmost lane that is right of every bar around it and free of any other.

    The notes are in the order of their lines, a wider span before one it covers.
    """
    bars: list[Bar] = []
    for note in notes:
        span = note.anchor.span
        running = [bar for bar in bars if bar.span.last >= span.first]
        taken = {bar.lane for bar in running}
        inner = max((bar.lane + 1 for bar in running if bar.span.covers(span)), default=0)
        bars.append(Bar(note.id, span, next(lane for lane in count(inner) if lane not in taken)))
    return tuple(bars)


def _cuts(line_count: int, notes: Sequence[Note]) -> tuple[Span, ...]:
    starts = {1}
    for note in notes:
        starts |= {note.anchor.span.first, note.anchor.span.last + 1}
    firsts = sorted(start for start in starts if start <= line_count)
    return tuple(Span(first, following - 1) for first, following in pairwise([*firsts, line_count + 1]))
