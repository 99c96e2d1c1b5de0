"""How much of a release is annotated."""

import ast
import tokenize
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeAlias

from render.notes import Note
from render.source import SourceFile
from render.symbols import MODULE, Symbol
from render.syntax import find_syntax

MAX_SPAN = 40
"""A line counts as covered when a span of at most so many lines holds it."""

_Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Coverage:
    """One file's figures, or with an empty `path` those of several.

    `definitions` are classes, functions and module-level variables; `noted` are those with a note of their own.
    `code_lines` are neither blank nor comment or docstring alone; `covered` of them lie inside a note's short span.
    """

    path: PurePosixPath
    notes: int
    definitions: int
    noted: int
    code_lines: int
    covered: int

    @property
    def percent(self) -> int:
        """Covered code lines in the hundred, rounded down, so that 100 means all; 100 where there is no code."""
        return 100 * self.covered // self.code_lines if self.code_lines else 100


def measure(file: SourceFile, symbols: Sequence[Symbol], notes: Sequence[Note]) -> Coverage:
    """One file's figures."""
    code = find_code_lines(file)
    short = [note.anchor.span for note in notes if len(note.anchor.span) <= MAX_SPAN]
    own = [symbol for symbol in symbols if is_definition(symbol)]
    return Coverage(
        file.path,
        len(notes),
        len(own),
        sum(is_noted(symbol, notes) for symbol in own),
        len(code),
        sum(any(line in span for span in short) for line in code),
    )


def measure_all(
    files: Mapping[PurePosixPath, SourceFile],
    symbols: Mapping[PurePosixPath, Sequence[Symbol]],
    notes_on: Callable[[PurePosixPath], Sequence[Note]],
) -> tuple[Coverage, ...]:
    """The figures of every file, in their order."""
    return tuple(measure(file, symbols[path], notes_on(path)) for path, file in files.items())


def total(figures: Iterable[Coverage]) -> Coverage:
    """The sum of several files' figures."""
    rows = tuple(figures)
    return Coverage(
        PurePosixPath(),
        sum(row.notes for row in rows),
        sum(row.definitions for row in rows),
        sum(row.noted for row in rows),
        sum(row.code_lines for row in rows),
        sum(row.covered for row in rows),
    )


def is_definition(symbol: Symbol) -> bool:
    """Whether a note of its own is expected: classes, functions, and variables of the module."""
    return symbol.kind != "variable" or symbol.parent == MODULE


def is_noted(symbol: Symbol, notes: Iterable[Note]) -> bool:
    """Whether a note is about this definition itself: it lies inside it, or holds its name at the same level."""
    for note in notes:
        inside = note.anchor.stamp.inside if note.anchor.stamp else None
        if symbol.kind == "variable" and inside == symbol.parent and symbol.line in note.anchor.span:
            return True
        if symbol.kind != "variable" and inside == symbol.name and symbol.span.covers(note.anchor.span):
            return True
    return False


@lru_cache(maxsize=1024)
def find_code_lines(file: SourceFile) -> frozenset[int]:
    """The lines of a Python file that hold code; none in what is not Python."""
    syntax = find_syntax(file)
    if syntax is None:
        return frozenset()
    empty = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    docstrings = _docstring_lines(syntax.module)
    lines: set[int] = set()
    for token in syntax.tokens:
        is_docstring = token.type == tokenize.STRING and token.start[0] in docstrings
        if token.type not in empty and not is_docstring:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return frozenset(line for line in lines if file.line(line).strip())


def _docstring_lines(module: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, _Documented) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            lines |= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return lines
