"""Which hunks of a pair of files change comments, docstrings or layout only."""

import ast
import tokenize
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from render.definitions import is_layout
from render.diff import FilePair, Hunk
from render.source import SourceFile, Span
from render.syntax import Syntax, find_syntax

_Position: TypeAlias = tuple[int, int]
_Scope: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

_SILENT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})
"""Tokens that are not counted: how deep a line stands is told beside each of the others."""


def find_layout_hunks(pair: FilePair) -> frozenset[Hunk]:
    """The hunks whose two sides are the same tokens at the same depth, but for comments, docstrings and quotes.

    So a program that differs in such a hunk only does the same. In a pair that differs in layout alone, all are.
    """
    if pair.old is None or pair.new is None:
        return frozenset()
    before, after = find_syntax(pair.old), find_syntax(pair.new)
    if before is None or after is None:
        return frozenset()
    if is_layout(pair.old, pair.new):
        return frozenset(pair.hunks)
    old, new = _read(pair.old, before), _read(pair.new, after)
    return frozenset(hunk for hunk in pair.hunks if _said(old, hunk.old) == _said(new, hunk.new))


@dataclass(frozen=True, slots=True)
class _Program:
    """A file's tokens with the number of blocks around each; `docstrings` are where the docstrings begin."""

    tokens: Sequence[tokenize.TokenInfo]
    depths: Sequence[int]
    ends: Sequence[int]
    docstrings: frozenset[_Position]


def _read(file: SourceFile, syntax: Syntax) -> _Program:
    depths: list[int] = []
    ends: list[int] = []
    depth = last = 0
    for token in syntax.tokens:
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        depths.append(depth)
        last = max(last, token.end[0])
        ends.append(last)
    return _Program(syntax.tokens, depths, ends, frozenset(_docstrings(file, syntax.module)))


def _docstrings(file: SourceFile, scope: ast.AST) -> Iterator[_Position]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _docstrings(file, node)
    if isinstance(scope, _Scope) and ast.get_docstring(scope, clean=False) is not None:
        first = scope.body[0]
        opening = file.line(first.lineno).encode()[: first.col_offset]
        yield first.lineno, len(opening.decode())


def _said(program: _Program, span: Span | None) -> list[tuple[int, str]]:
    """The tokens that have a part in these lines, each with its depth; a docstring and the end of its line are none."""
    said: list[tuple[int, str]] = []
    silent = False
    for at in range(bisect_left(program.ends, span.first), len(program.tokens)) if span else ():
        token = program.tokens[at]
        if span is None or token.start[0] > span.last:
            break
        if token.end[0] < span.first or token.type in _SILENT:
            continue
        docstring = token.start in program.docstrings
        if not docstring and not (silent and token.type in (tokenize.NEWLINE, tokenize.STRING)):
            said.append((program.depths[at], _spelling(token)))
        silent = docstring or (silent and token.type == tokenize.STRING)
    return said


def _spelling(token: tokenize.TokenInfo) -> str:
    """A string by its value, so that its quotes do not matter."""
    if token.type == tokenize.NEWLINE:
        return "\n"
    if token.type == tokenize.STRING and token.string[0] in "'\"":
        return repr(ast.literal_eval(token.string))
    return token.string
