"""Which brackets, strings, decorators and continued lines are open between two lines of a Python file."""

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from render.source import SourceFile, Span
from render.syntax import find_syntax

_STRING_STARTS = ("FSTRING_START", "TSTRING_START")  # Python 3.12 and 3.14
_STRING_ENDS = ("FSTRING_END", "TSTRING_END")


@dataclass(frozen=True, slots=True, order=True)
class Structure:
    """Something that a span must take whole or leave: `kind` in words, and the lines it takes."""

    span: Span
    kind: str


def open_structures(file: SourceFile, line: int) -> tuple[Structure, ...]:
    """What is open between `line` and the next, from the outermost inwards; nothing in what is not Python."""
    return tuple(one for one in _structures(file) if one.span.first <= line < one.span.last)


@lru_cache(maxsize=256)
def _structures(file: SourceFile) -> tuple[Structure, ...]:
    """All structures of more than one line, wider ones first."""
    syntax = find_syntax(file)
    if syntax is None:
        return ()
    found = {*_strings_and_brackets(syntax.tokens), *_continued(syntax.tokens), *_decorators(syntax.module)}
    return tuple(sorted(found, key=lambda one: (one.span.first, -one.span.last, one.kind)))


def _strings_and_brackets(tokens: Sequence[tokenize.TokenInfo]) -> Iterator[Structure]:
    opened: list[int] = []
    for token in tokens:
        if token.type == tokenize.STRING and token.end[0] > token.start[0]:
            yield Structure(Span(token.start[0], token.end[0]), "string")
        elif _opens(token):
            opened.append(token.start[0])
        elif _closes(token):
            first = opened.pop()
            if token.end[0] > first:
                kind = "bracket" if token.type == tokenize.OP else "string"
                yield Structure(Span(first, token.end[0]), kind)


def _opens(token: tokenize.TokenInfo) -> bool:
    return (token.type == tokenize.OP and token.string in "([{") or tokenize.tok_name[token.type] in _STRING_STARTS


def _closes(token: tokenize.TokenInfo) -> bool:
    return (token.type == tokenize.OP and token.string in ")]}") or tokenize.tok_name[token.type] in _STRING_ENDS


def _decorators(module: ast.Module) -> Iterator[Structure]:
    """From a definition's first decorator to its `def` or `class`."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
            yield Structure(Span(min(one.lineno for one in node.decorator_list), node.lineno), "decorator")


def _continued(tokens: Sequence[tokenize.TokenInfo]) -> Iterator[Structure]:
    """Lines joined by a backslash: tokens on two lines with no line end between them."""
    for one, following in pairwise(tokens):
        if one.type not in (tokenize.NEWLINE, tokenize.NL) and one.end[0] < following.start[0]:
            yield Structure(Span(one.end[0], following.start[0]), "continued line")
