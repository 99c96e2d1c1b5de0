"""Cuts a pair of files into what is shown and what is folded: hunks, the lines around them, and the runs between."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from render.diff import FilePair, Hunk, Run
from render.passages import CONTEXT
from render.source import Span

LEAST = 4
"""A fold takes a line itself, and is not worth it for fewer lines than these."""


@dataclass(frozen=True, slots=True)
class Part:
    """A hunk, the unchanged lines shown `before` and `after` it, and those `folded` before all of that.

    Without a hunk, `before` are the lines around a `shown` span, or the last of the file. Any run may be of no length.
    """

    folded: Run
    before: Run
    hunk: Hunk | None
    shown: Span | None
    after: Run


def cut_parts(pair: FilePair, folded: Collection[Hunk], shown: Sequence[Span]) -> tuple[Part, ...]:
    """Every line of both files once, in order.

    A hunk has `CONTEXT` lines around it, and those of `folded` have what the others leave them. `shown` are spans of
    unchanged lines of the newer file, in order, that are not to be folded.
    """
    parts: list[Part] = []
    old = new = 1
    for hunk in (*pair.hunks, None):
        gap = Run(old, new, _ahead(pair, hunk, old, new))
        after = _after(gap, parts[-1].hunk if parts else None, hunk, folded)
        if parts:
            parts[-1] = replace(parts[-1], after=after)
        parts += _cut_gap(gap, after.length, hunk, shown)
        old = gap.old + gap.length + (len(hunk.old) if hunk and hunk.old else 0)
        new = gap.new + gap.length + (len(hunk.new) if hunk and hunk.new else 0)
    return tuple(parts)


def count_lines(sides: Iterable[Span | None]) -> int:
    """How many lines there are in one side of some hunks."""
    return sum(len(side) for side in sides if side)


def _ahead(pair: FilePair, hunk: Hunk | None, old: int, new: int) -> int:
    """How many unchanged lines there are before a hunk, or before the end."""
    if hunk is None:
        return len(pair.old) + 1 - old if pair.old else 0
    return hunk.new.first - new if hunk.new else hunk.old.first - old if hunk.old else 0


def _after(gap: Run, hunk: Hunk | None, following: Hunk | None, folded: Collection[Hunk]) -> Run:
    """The lines of a gap that belong to the hunk before it."""
    if hunk is None:
        return _piece(gap, 0, 0)
    taken = CONTEXT if hunk in folded and following else 0
    return _piece(gap, 0, max(0, min(CONTEXT, gap.length - taken)))


def _cut_gap(gap: Run, done: int, hunk: Hunk | None, shown: Sequence[Span]) -> Iterator[Part]:
    """The lines of a gap from `done` on (counted from 0): each shown span, then what stands before the hunk."""
    inside = [span for span in shown if gap.new <= span.first < gap.new + gap.length]
    for span in (*inside, None):
        start = span.first - gap.new - CONTEXT if span else gap.length - (CONTEXT if hunk else 0)
        end = span.last - gap.new + 1 + CONTEXT if span else gap.length
        begin = start if start - done >= LEAST else done
        close = max(begin, min(end, gap.length))
        what = None if span else hunk
        if what or span or close > done:
            yield Part(_piece(gap, done, begin), _piece(gap, begin, close), what, span, _piece(gap, close, close))
        done = close


def _piece(gap: Run, first: int, end: int) -> Run:
    return Run(gap.old + first, gap.new + first, end - first)
