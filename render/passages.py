"""A pair of files as rows to read: what changed, its words told apart, and the lines around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from render.diff import FilePair, Hunk
from render.source import SourceFile, Span
from render.words import Piece, match_words, pair_lines

CONTEXT = 3
"""Unchanged lines that are shown on each side of a change."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its number (1-based) in either release: removed if it has no `new` one, added if it has no `old`."""

    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


Passage: TypeAlias = tuple[Row, ...]


def cut_passages(pair: FilePair) -> tuple[Passage, ...]:
    """The rows of each change with `CONTEXT` lines around it; changes whose context meets are one passage."""
    rows = tuple(_rows(pair))
    changed = [index for index, row in enumerate(rows) if row.old is None or row.new is None]
    if not changed:
        return ()
    gaps = [(one, other) for one, other in pairwise(changed) if other - one > 2 * CONTEXT + 1]
    firsts = [changed[0], *(other for _, other in gaps)]
    lasts = [*(one for one, _ in gaps), changed[-1]]
    return tuple(rows[max(0, a - CONTEXT) : b + CONTEXT + 1] for a, b in zip(firsts, lasts, strict=True))


def _rows(pair: FilePair) -> Iterator[Row]:
    """Every line of both releases once, in order; in a hunk the removed ones come first."""
    before = () if pair.old is None else pair.old.lines
    old = new = 1
    for hunk in pair.hunks:
        ahead = hunk.new.first - new if hunk.new else hunk.old.first - old if hunk.old else 0
        yield from _unchanged(before, old, new, ahead)
        yield from _changed(hunk, _cut(pair.old, hunk.old), _cut(pair.new, hunk.new))
        old += ahead + (len(hunk.old) if hunk.old else 0)
        new += ahead + (len(hunk.new) if hunk.new else 0)
    yield from _unchanged(before, old, new, len(before) - old + 1)


def _unchanged(lines: Sequence[str], old: int, new: int, count: int) -> Iterator[Row]:
    for offset in range(count):
        yield Row(old + offset, new + offset, _whole(lines[old - 1 + offset], False))


def _cut(file: SourceFile | None, span: Span | None) -> tuple[str, ...]:
    return () if file is None or span is None else file.cut(span)


def _changed(hunk: Hunk, removed: Sequence[str], added: Sequence[str]) -> Iterator[Row]:
    old_pieces, new_pieces = ([_whole(line, True) for line in lines] for lines in (removed, added))
    for one, other in pair_lines(removed, added):
        old_pieces[one], new_pieces[other] = match_words(removed[one], added[other])
    for offset, pieces in enumerate(old_pieces):
        yield Row(hunk.old.first + offset if hunk.old else None, None, pieces)
    for offset, pieces in enumerate(new_pieces):
        yield Row(None, hunk.new.first + offset if hunk.new else None, pieces)


def _whole(line: str, changed: bool) -> tuple[Piece, ...]:
    return (Piece(line, changed),) if line else ()
