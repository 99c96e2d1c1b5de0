"""The names a Python file defines, and their lines."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from render.source import SourceFile, Span
from render.syntax import find_syntax

MODULE = "<module>"

Kind: TypeAlias = Literal["class", "function", "variable"]

_Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Symbol:
    """`name` is qualified inside its file ("Arbiter.run"); `span` includes decorators; `line` holds the name itself.

    `parent` is the name of the enclosing definition, or `<module>`.
    """

    path: PurePosixPath
    name: str
    kind: Kind
    span: Span
    line: int
    parent: str

    @property
    def module(self) -> str:
        return module_name(self.path)

    @property
    def full_name(self) -> str:
        return f"{self.module}.{self.name}"


@lru_cache(maxsize=1024)
def module_name(path: PurePosixPath) -> str:
    """The dotted name by which Python imports a file."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@lru_cache(maxsize=1024)
def find_symbols(file: SourceFile) -> tuple[Symbol, ...]:
    """Classes, functions, and the variables that modules and classes assign, in the order of their lines.

    A name defined twice in one scope (in the branches of an `if`, or a property and its setter) is there twice.
    A file that is not Python defines nothing; nor does one that this Python cannot parse.
    """
    syntax = find_syntax(file)
    found = _body(file.path, syntax.module, MODULE) if syntax else ()
    return tuple(sorted(found, key=lambda symbol: (symbol.span.first, -symbol.span.last)))


def index_symbols(symbols: Iterable[Symbol]) -> Mapping[str, tuple[Symbol, ...]]:
    """Every name by which a definition may be called: "Arbiter.run", and with its module before it."""
    index: dict[str, tuple[Symbol, ...]] = {}
    for symbol in symbols:
        for name in (symbol.name, symbol.full_name):
            index[name] = (*index.get(name, ()), symbol)
    return index


def find_named(name: str, index: Mapping[str, tuple[Symbol, ...]]) -> tuple[Symbol, ...]:
    """What a name may mean; a full name goes before one that ends like it."""
    found = index.get(name, ())
    return tuple(symbol for symbol in found if symbol.full_name == name) or found


def enclosing(symbols: tuple[Symbol, ...], span: Span) -> str:
    """The name of the innermost class or function that covers the whole span, or `<module>`."""
    around = (symbol for symbol in symbols if symbol.kind != "variable" and symbol.span.covers(span))
    return max(around, key=lambda symbol: (symbol.span.first, -symbol.span.last), default=_NOWHERE).name


_NOWHERE = Symbol(PurePosixPath(), MODULE, "class", Span(0, 0), 0, MODULE)


def _body(path: PurePosixPath, scope: ast.AST, parent: str) -> Iterator[Symbol]:
    for node in _statements(scope):
        if isinstance(node, _Definition):
            symbol = _definition(path, node, parent)
            yield symbol
            yield from _body(path, node, symbol.name)
        elif not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _variables(path, node, parent)


def _statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a scope, those inside its `if`, `try`, `with` and loops included."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, _Definition | ast.expr):
            yield from _statements(child)


def _definition(path: PurePosixPath, node: _Definition, parent: str) -> Symbol:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kind: Kind = "class" if isinstance(node, ast.ClassDef) else "function"
    return Symbol(path, _join(parent, node.name), kind, Span(first, node.end_lineno or first), node.lineno, parent)


def _variables(path: PurePosixPath, node: ast.stmt, parent: str) -> Iterator[Symbol]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    span = Span(node.lineno, node.end_lineno or node.lineno)
    for name in (name for target in targets for name in _bound(target)):
        yield Symbol(path, _join(parent, name.id), "variable", span, name.lineno, parent)


def _bound(target: ast.expr) -> Iterator[ast.Name]:
    """The names that an assignment to `target` binds; `a, (b, *c)` has three."""
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Starred):
        yield from _bound(target.value)
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _bound(part)


def _join(parent: str, name: str) -> str:
    return name if parent == MODULE else f"{parent}.{name}"
