"""Lines of code as a page shows them: coloured, numbered, with the bars of the notes that cover them."""

from collections.abc import Callable, Collection, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from markupsafe import Markup

from render.links import lines_id
from render.listing import line_html
from render.source import SourceFile, Span
from render.tokens import tokenize, tokenize_sample
from render.views import BarView, LineView
from render.weave import Bar

_STEP = 4
_DEEPEST = 24


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of code as HTML, and its indent as `LineView` counts it."""

    html: Markup
    indent: int


Listing: TypeAlias = tuple[Listed, ...]
"""A whole file's lines, line 1 first."""
Memo: TypeAlias = MutableMapping[SourceFile, Listing]
"""Listings already made; lexing is the dearest step of a build, and most files stay as they were."""


def list_file(file: SourceFile, memo: Memo) -> Listing:
    """A file's listing, from the memo or into it."""
    if file not in memo:
        tokens = tokenize(file.path.name, file.text)
        memo[file] = tuple(map(Listed, map(line_html, tokens), map(_indent, file.lines)))
    return memo[file]


@lru_cache(maxsize=256)
def highlight(language: str, code: str) -> Markup:
    """A piece of code in a text."""
    return Markup("\n").join(line_html(line) for line in tokenize_sample(language, code)) + Markup("\n")


def own_lines(listing: Listing, span: Span, bars: Sequence[Bar], linked: Collection[Span]) -> tuple[LineView, ...]:
    """Lines on the page of their own file, where each has its id and its bars; `linked` are ranges that need an id."""
    lanes = max((bar.lane + 1 for bar in bars), default=0)
    return tuple(
        _view(listing, line, _id(line), f"#{_id(line)}", _bars(line, bars, lanes), _ranges(line, linked))
        for line in range(span.first, span.last + 1)
    )


def quoted_lines(listing: Listing, span: Span, address: Callable[[Span], str]) -> tuple[LineView, ...]:
    """Lines on another page; `address` gives where a line stands on its own."""
    return tuple(
        _view(listing, line, "", address(Span(line, line)), (), ()) for line in range(span.first, span.last + 1)
    )


def _view(
    listing: Listing,
    line: int,
    line_id: str,
    address: str,
    bars: tuple[BarView | None, ...],
    ranges: tuple[str, ...],
) -> LineView:
    listed = listing[line - 1]
    return LineView(line, line_id, address, listed.html, bars, listed.indent, ranges)


def _ranges(line: int, linked: Collection[Span]) -> tuple[str, ...]:
    """The ids of the ranges that begin at a line; a range of one line has that line's own id."""
    return tuple(lines_id(span) for span in sorted(set(linked)) if span.first == line and len(span) > 1)


def _indent(line: str) -> int:
    blanks = len(line) - len(line.lstrip(" "))
    return min(_DEEPEST, blanks // _STEP * _STEP)


def _id(line: int) -> str:
    return lines_id(Span(line, line))


def _bars(line: int, bars: Sequence[Bar], lanes: int) -> tuple[BarView | None, ...]:
    row: list[BarView | None] = [None] * lanes
    for bar in bars:
        if line in bar.span:
            row[bar.lane] = BarView(bar.note, line == bar.span.first, line == bar.span.last)
    return tuple(row)
