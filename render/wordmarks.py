"""A line of tokens as HTML in which some of the characters are marked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup

from render.listing import line_html
from render.tokens import Token, TokenLine
from render.words import Piece

_Cut: TypeAlias = tuple[bool, TokenLine]
"""Tokens that stand side by side, and whether they are marked."""


def marked_html(line: TokenLine, pieces: Sequence[Piece]) -> Markup:
    """The line as `line_html` has it, its changed pieces each in a `mark`; the pieces spell what the tokens spell.

    Where pieces of white space alone part two changed ones, they are marked with them.
    """
    parts = (_part_html(marked, tokens) for marked, tokens in _cut(line, _joined(pieces)))
    return Markup("").join(parts)


def _part_html(marked: bool, tokens: TokenLine) -> Markup:
    html = line_html(tokens)
    return Markup("<mark>") + html + Markup("</mark>") if marked else html


def _joined(pieces: Sequence[Piece]) -> Iterator[tuple[bool, int]]:
    """Whether a piece is marked, and its length; neighbours that are both marked or both not are one."""
    marks = [piece.changed for piece in pieces]
    for at in range(1, len(pieces) - 1):
        marks[at] = marks[at] or (pieces[at - 1].changed and pieces[at + 1].changed and pieces[at].text.isspace())
    length = 0
    for at, piece in enumerate(pieces):
        length += len(piece.text)
        if at + 1 == len(pieces) or marks[at + 1] != marks[at]:
            yield marks[at], length
            length = 0


def _cut(line: TokenLine, lengths: Iterable[tuple[bool, int]]) -> Iterator[_Cut]:
    """The tokens of each length; one that goes on beyond its end is cut in two of the same class."""
    waiting: list[Token] = list(reversed(line))
    for marked, length in lengths:
        tokens: list[Token] = []
        left = length
        while left:
            css, text = waiting.pop()
            tokens.append((css, text[:left]))
            if text[left:]:
                waiting.append((css, text[left:]))
            left -= min(left, len(text))
        yield marked, tuple(tokens)
