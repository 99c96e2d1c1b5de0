"""Lines of code as a page shows them: coloured, numbered, with the bars of the notes that cover them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from markupsafe import Markup

from render.links import lines_id
from render.listing import line_html
from render.source import SourceFile, Span
from render.tokens import TokenLine, tokenize, tokenize_sample
from render.views import BarView, LineView, StopView
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


@lru_cache(maxsize=512)
def list_file(file: SourceFile) -> Listing:
    """A file's listing; many pages ask for the same."""
    return tuple(map(Listed, map(line_html, find_tokens(file)), map(_indent, file.lines)))


@lru_cache(maxsize=512)
def find_tokens(file: SourceFile) -> tuple[TokenLine, ...]:
    """A file's tokens, line by line; lexing is the dearest step of making a page."""
    return tuple(tokenize(file.path.name, file.text))


@lru_cache(maxsize=256)
def highlight(language: str, code: str) -> Markup:
    """A piece of code in a text."""
    return Markup("\n").join(line_html(line) for line in tokenize_sample(language, code)) + Markup("\n")


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands around the lines of a file on its own page.

    `linked` are ranges that need an id; `ages` has the release in which each line first stood, line 1 first, or is
    empty; `careers` are strips by the line of a definition's name.
    """

    bars: Sequence[Bar]
    linked: Collection[Span]
    ages: Sequence[str]
    careers: Mapping[int, tuple[StopView, ...]]


def own_lines(listing: Listing, span: Span, margin: Margin) -> tuple[LineView, ...]:
    """Lines on the page of their own file."""
    lanes = max((bar.lane + 1 for bar in margin.bars), default=0)
    return tuple(
        LineView(
            line,
            _id(line),
            f"#{_id(line)}",
            listing[line - 1].html,
            _bars(line, margin.bars, lanes),
            listing[line - 1].indent,
            _ranges(line, margin.linked),
            _since(line, margin.ages),
            margin.careers.get(line, ()),
        )
        for line in range(span.first, span.last + 1)
    )


def quoted_lines(listing: Listing, span: Span, address: Callable[[Span], str]) -> tuple[LineView, ...]:
    """Lines on another page; `address` gives where a line stands on its own."""
    return tuple(
        LineView(line, "", address(Span(line, line)), listing[line - 1].html, (), listing[line - 1].indent, ())
        for line in range(span.first, span.last + 1)
    )


def _since(line: int, ages: Sequence[str]) -> str:
    """The age of a line whose neighbour above has another."""
    return ages[line - 1] if ages and (line == 1 or ages[line - 1] != ages[line - 2]) else ""


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
            row[bar.lane] = BarView(line == bar.span.first, line == bar.span.last)
    return tuple(row) if any(row) else ()
