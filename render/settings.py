"""gunicorn's settings: the classes of `config.py` read as data."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import dedent

from render.source import SourceFile, Span, Tree
from render.syntax import find_syntax

CONFIG = PurePosixPath("gunicorn/config.py")
_BASE = "Setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` is the key in a configuration file; `line` (1-based) is where its class begins in `config.py`."""

    name: str
    definition: str
    line: int


@dataclass(frozen=True, slots=True)
class Option:
    """What a setting's class says; a value that it computes is given as source text, and None is what it leaves out.

    `flags` are its names on the command line; `text` is its documentation, without indentation. `hook` holds the
    parameters of a setting whose default is a function of its own, as in "server, worker".
    """

    name: str
    span: Span
    section: str | None
    flags: tuple[str, ...]
    default: str | None
    action: str | None
    type: str | None
    validator: str | None
    text: str
    hook: str | None


def find_settings(tree: Tree) -> tuple[Setting, ...]:
    """Every setting that a release defines, in the order of `config.py`; none for a package without one."""
    config = tree.files.get(CONFIG)
    return tuple(Setting(name, node.name, node.lineno) for name, node in _classes(config)) if config else ()


def find_options(config: SourceFile) -> tuple[Option, ...]:
    """The settings of `config.py` with what their classes say of them, in the order of the file."""
    return tuple(_option(name, node) for name, node in _classes(config))


def _classes(config: SourceFile) -> Iterator[tuple[str, ast.ClassDef]]:
    syntax = find_syntax(config)
    for node in syntax.module.body if syntax else ():
        name = _constant(node, "name") if isinstance(node, ast.ClassDef) and _is_setting(node) else None
        if isinstance(node, ast.ClassDef) and name:
            yield name, node


def _is_setting(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == _BASE for base in node.bases)


def _constant(node: ast.ClassDef, name: str) -> str | None:
    """The text that a class assigns to a name in its own body."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            targets = (target.id for target in statement.targets if isinstance(target, ast.Name))
            if name in targets and isinstance(statement.value.value, str):
                return statement.value.value
    return None


def _option(name: str, node: ast.ClassDef) -> Option:
    flags = _assigned(node.body, "cli", None)
    default = _assigned(node.body, "default", None)
    return Option(
        name,
        Span(node.lineno, node.end_lineno or node.lineno),
        _text(_assigned(node.body, "section", None)),
        tuple(filter(None, map(_text, flags.elts))) if isinstance(flags, ast.List | ast.Tuple) else (),
        _source(default),
        _text(_assigned(node.body, "action", None)),
        _source(_assigned(node.body, "type", None)),
        _source(_assigned(node.body, "validator", None)),
        dedent(_text(_assigned(node.body, "desc", None)) or "").strip(),
        _parameters(node, default),
    )


def _assigned(body: Sequence[ast.stmt], name: str, before: ast.expr | None) -> ast.expr | None:
    """What a name holds after some statements; a conditional expression where an `if` chooses between two values."""
    value = before
    for statement in body:
        if isinstance(statement, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == name for target in statement.targets):
                value = statement.value
        elif isinstance(statement, ast.If):
            yes, no = _assigned(statement.body, name, value), _assigned(statement.orelse, name, value)
            if yes is not no:
                value = ast.IfExp(statement.test, yes or ast.Constant(None), no or ast.Constant(None))
    return value


def _parameters(node: ast.ClassDef, default: ast.expr | None) -> str | None:
    """Those of the function that a default wraps, if the class defines that function."""
    wrapped = default.args[0] if isinstance(default, ast.Call) and default.args else None
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and isinstance(wrapped, ast.Name) and wrapped.id == statement.name:
            return ast.unparse(statement.args)
    return None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _source(node: ast.expr | None) -> str | None:
    return ast.unparse(node) if node else None
