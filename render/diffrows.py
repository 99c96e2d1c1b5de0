"""The lines of two files side by side: those of a hunk, and those between hunks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

from markupsafe import Markup

from render.diff import Hunk, Run
from render.excerpts import Listing
from render.source import SourceFile, Span
from render.tokens import TokenLine
from render.views import Choice
from render.wordmarks import marked_html
from render.words import Piece, match_words, pair_lines

_WRAPS = 32
"""Lines of at most so many characters fit every screen, and need no indent for what would not."""

_HANGS = 8
"""The least indent, in characters, that takes what wraps deeper in than it stands anyway."""


@dataclass(frozen=True, slots=True)
class Side:
    """A file of one release, coloured: `listing` and `tokens` have all of its lines."""

    release: str
    file: SourceFile
    listing: Listing
    tokens: Sequence[TokenLine]


@dataclass(frozen=True, slots=True)
class Cell:
    """A line that was removed or added. `indent` is 0 where it is of no use.

    A line that `moved` is the same in another place; `end` leads there from the first of those that moved together.
    """

    number: int
    html: Markup
    indent: int
    moved: bool
    end: Choice | None


Column: TypeAlias = tuple[Cell | None, ...]
"""One side of a hunk from top to bottom, None where only the other side has a line; what is missing at the end is so
too."""


@dataclass(frozen=True, slots=True)
class SameLine:
    """A line that did not change, with its number in either release; its tokens may be other ones in each."""

    old: int
    new: int
    old_html: Markup
    html: Markup
    indent: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """Lines of one side of a file that stand in another place of the other release, and the way there."""

    span: Span
    end: Choice


def same_lines(old: Side, new: Side, run: Run) -> tuple[SameLine, ...]:
    return tuple(
        SameLine(
            run.old + offset,
            run.new + offset,
            old.listing[run.old - 1 + offset].html,
            new.listing[run.new - 1 + offset].html,
            _indent(new, run.new + offset),
        )
        for offset in range(run.length)
    )


def columns(
    old: Side, new: Side, hunk: Hunk, gone: Sequence[Leaving], come: Sequence[Leaving]
) -> tuple[Column, Column]:
    """Both sides of a hunk, a line that was edited level with what it became; `gone` and `come` are what moved."""
    removed, added = (_cut(old, hunk.old), _cut(new, hunk.new))
    pairs = pair_lines(removed, added)
    pieces = [match_words(removed[one], added[other]) for one, other in pairs]
    old_pieces = {one: before for (one, _), (before, _) in zip(pairs, pieces, strict=True)}
    new_pieces = {other: after for (_, other), (_, after) in zip(pairs, pieces, strict=True)}
    rows = tuple(_align(pairs, len(removed), len(added)))
    left = _column([one for one, _ in rows], _maker(old, hunk.old, old_pieces, gone))
    right = _column([other for _, other in rows], _maker(new, hunk.new, new_pieces, come))
    return left, right


def _cut(side: Side, span: Span | None) -> tuple[str, ...]:
    return side.file.cut(span) if span else ()


def _align(pairs: Sequence[tuple[int, int]], removed: int, added: int) -> Iterator[tuple[int | None, int | None]]:
    """The places in either side (counted from 0) that share a row; paired lines do, the others fill up from above."""
    old = new = 0
    for one, other in (*pairs, (removed, added)):
        yield from zip_longest(range(old, one), range(new, other))
        if one < removed and other < added:
            yield one, other
        old, new = one + 1, other + 1


def _column(places: Sequence[int | None], make: Callable[[int], Cell]) -> Column:
    last = max((at for at, place in enumerate(places) if place is not None), default=-1)
    return tuple(None if place is None else make(place) for place in places[: last + 1])


def _maker(
    side: Side, span: Span | None, edited: dict[int, tuple[Piece, ...]], leaving: Sequence[Leaving]
) -> Callable[[int], Cell]:
    first = span.first if span else 1

    def make(place: int) -> Cell:
        line = first + place
        moved = next((one for one in leaving if line in one.span), None)
        end = moved.end if moved and line == moved.span.first else None
        return Cell(line, _html(side, line, edited.get(place)), _indent(side, line), moved is not None, end)

    return make


def _html(side: Side, line: int, pieces: tuple[Piece, ...] | None) -> Markup:
    return marked_html(side.tokens[line - 1], pieces) if pieces else side.listing[line - 1].html


def _indent(side: Side, line: int) -> int:
    indent = side.listing[line - 1].indent
    return indent if indent >= _HANGS and len(side.file.line(line)) > _WRAPS else 0
