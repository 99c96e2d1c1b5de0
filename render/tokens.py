"""Pygments tokens, one tuple per line; lexes whole files only and knows no HTML."""

from functools import cache
from pathlib import PurePosixPath
from typing import TypeAlias

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, Text, _TokenType
from pygments.util import ClassNotFound

Token: TypeAlias = tuple[str, str]
"""A short Pygments class ("k", "nf", or "" for plain text) and its text, free of newlines."""

TokenLine: TypeAlias = tuple[Token, ...]


def tokenize(name: str, text: str) -> tuple[TokenLine, ...]:
    """The tokens of a whole file, line by line; `name` chooses the language.

    Joined again, with a newline after each line that had one, they are `text` to the letter; a final newline opens
    no further line. Text that Pygments would not give back to the letter is plain.
    """
    return _lines(_file_lexer(f"_{PurePosixPath(name).suffix}" if "." in name else name), text)


def tokenize_sample(language: str, text: str) -> tuple[TokenLine, ...]:
    """The same for a piece of code in a text, whose language is named as in Markdown; an unknown one is plain."""
    return _lines(_sample_lexer(language), text)


_TO_THE_LETTER = {"stripnl": False, "ensurenl": False}


@cache
def _file_lexer(name: str) -> Lexer:
    """Pygments tries the patterns of all its lexers on a name, which takes as long as lexing a short file."""
    try:
        return get_lexer_for_filename(name, None, **_TO_THE_LETTER)
    except ClassNotFound:
        return TextLexer(**_TO_THE_LETTER)


@cache
def _sample_lexer(language: str) -> Lexer:
    try:
        return get_lexer_by_name(language, **_TO_THE_LETTER)
    except ClassNotFound:
        return TextLexer(**_TO_THE_LETTER)


def _lines(lexer: Lexer, text: str) -> tuple[TokenLine, ...]:
    lines: list[list[Token]] = [[]]
    for kind, value in _pieces(lexer, text):
        css = _css_class(kind)
        if value and "\n" not in value:
            lines[-1].append((css, value))
            continue
        first, *others = value.split("\n")
        if first:
            lines[-1].append((css, first))
        for other in others:
            lines.append([(css, other)] if other else [])
    if not lines[-1]:
        lines.pop()
    return tuple(map(tuple, lines))


def _pieces(lexer: Lexer, text: str) -> list[tuple[_TokenType, str]]:
    """Lexers of console sessions drop a last line without its newline, and all drop carriage returns."""
    pieces = list(lexer.get_tokens(text))
    return pieces if "".join(value for _, value in pieces) == text else [(Text, text)]


@cache
def _css_class(kind: _TokenType) -> str:
    """The short class of the nearest standard kind; every kind descends from `Token`, which is standard."""
    while kind not in STANDARD_TYPES:
        assert kind.parent is not None, kind
        kind = kind.parent
    return STANDARD_TYPES[kind]
