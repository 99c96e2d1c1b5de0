"""What operators meet in a release, read from its source: settings, hooks, exceptions, log messages, environment.

Only what stands literally in the source counts: a text that is put together while the program runs is not seen.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeAlias

from render.changes import Change, Fact
from render.settings import CONFIG, Option, find_options
from render.source import SourceFile, Span, Spot
from render.symbols import module_name
from render.syntax import find_syntax

Files: TypeAlias = Mapping[PurePosixPath, SourceFile]

_Nodes: TypeAlias = Mapping[PurePosixPath, Sequence[ast.AST]]
"""All nodes of each file, a module's outer ones first."""

_LEVELS = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "exception": "error",
    "critical": "critical",
    "fatal": "critical",
}
_LOGGERS = ("log", "logger", "logging")

_Scope: TypeAlias = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_Assigned: TypeAlias = Sequence[ast.Assign]
"""The assignments of one function, or of a module's top."""


def find_facts(files: Files) -> tuple[Fact, ...]:
    """Each once: what stands in several places is told at the first of them."""
    return _find(tuple(files.values()))


@lru_cache(maxsize=64)
def _find(files: tuple[SourceFile, ...]) -> tuple[Fact, ...]:
    """Kept, because a release is compared with all others."""
    nodes = {file.path: tuple(ast.walk(syntax.module)) for file in files if (syntax := find_syntax(file))}
    options = (option for file in files if file.path == CONFIG for option in find_options(file))
    found: dict[tuple[str, str], Fact] = {}
    for fact in (*map(_option, options), *_exceptions(nodes), *_messages(nodes), *_variables(nodes)):
        found.setdefault((fact.subject, fact.name), fact)
    return tuple(found.values())


def compare_facts(old: tuple[Fact, ...], new: tuple[Fact, ...]) -> Iterator[Change]:
    """What the older release lacks, what the newer one lacks, and what each says otherwise."""
    before, after = ({(fact.subject, fact.name): fact for fact in facts} for facts in (old, new))
    for (subject, name), fact in before.items():
        if (subject, name) not in after:
            yield Change(subject, "removed", name, None, None, fact.spot, None)
    for (subject, name), fact in after.items():
        was = before.get((subject, name))
        if was is None:
            yield Change(subject, "added", name, None, None, None, fact.spot)
            continue
        for kind, value in fact.values.items():
            if was.values[kind] != value:
                yield Change(subject, kind, name, was.values[kind], value, was.spot, fact.spot)


def _option(option: Option) -> Fact:
    spot = Spot(CONFIG, option.span)
    told = {"section": option.section, "text": option.text}
    if option.hook is not None:
        return Fact("hook", option.name, {"parameters": option.hook, **told}, spot)
    values = {
        "default": option.default,
        "command line": " ".join(option.flags) or None,
        "action": option.action,
        "type": option.type,
        "validator": option.validator,
    }
    return Fact("setting", option.name, {**values, **told}, spot)


def _exceptions(files: _Nodes) -> Iterator[Fact]:
    """Classes below an exception of Python's, of which only the last name is looked at, or below one of these."""
    classes = [(path, node) for path, nodes in files.items() for node in nodes if isinstance(node, ast.ClassDef)]
    names = {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)}
    while True:
        known = {node.name for _, node in classes if names.intersection(map(_last, node.bases))}
        if known <= names:
            break
        names |= known
    for path, node in classes:
        if names.intersection(map(_last, node.bases)):
            name = f"{module_name(path)}.{node.name}"
            yield Fact("exception", name, {"bases": ", ".join(map(ast.unparse, node.bases))}, _spot(path, node))


def _messages(files: _Nodes) -> Iterator[Fact]:
    levels: dict[str, set[str]] = {}
    spots: dict[str, Spot] = {}
    for path, nodes in files.items():
        for scope in (node for node in nodes if isinstance(node, _Scope)):
            own = tuple(_own_nodes(scope))
            assigned = [node for node in own if isinstance(node, ast.Assign)]
            for call, level in _log_calls(own, assigned):
                for text in _literals(call.args[0], assigned):
                    levels.setdefault(text, set()).add(level)
                    spots.setdefault(text, _spot(path, call))
    for text, found in levels.items():
        yield Fact("log message", text, {"level": ", ".join(sorted(found))}, spots[text])


def _log_calls(nodes: Sequence[ast.AST], assigned: _Assigned) -> Iterator[tuple[ast.Call, str]]:
    """Calls like `self.log.error(…)`, also where the method goes by a name of its own, and their levels."""
    for node in nodes:
        if isinstance(node, ast.Call) and node.args:
            for method in _values(node.func, assigned):
                if isinstance(method, ast.Attribute) and _last(method.value).lower().endswith(_LOGGERS):
                    level = _LEVELS.get(method.attr)
                    if level:
                        yield node, level


def _literals(expression: ast.expr, assigned: _Assigned) -> Iterator[str]:
    """The texts that an expression may be, before values are put in; what is put in reads {…}."""
    for node in _values(expression, assigned):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            yield from _literals(node.left, assigned)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            ends = tuple(_literals(node.right, assigned))
            yield from (start + end for start in _literals(node.left, assigned) for end in ends)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from _literals(node.func.value, assigned)


def _values(node: ast.expr, assigned: _Assigned) -> Iterator[ast.expr]:
    """What an expression may be: both ends of a conditional one, for a name what its function assigns to it above."""
    if isinstance(node, ast.IfExp):
        yield from _values(node.body, assigned)
        yield from _values(node.orelse, assigned)
    elif isinstance(node, ast.Name):
        for statement in assigned:
            if node.id in map(_last, statement.targets) and (statement.end_lineno or node.lineno) < node.lineno:
                yield from _values(statement.value, assigned)
    else:
        yield node


def _own_nodes(scope: _Scope) -> Iterator[ast.AST]:
    """What is inside a function or module and not inside a further function."""
    waiting: list[ast.AST] = [scope]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            yield child
            if not isinstance(child, _Scope):
                waiting.append(child)


def _variables(files: _Nodes) -> Iterator[Fact]:
    """Names that the source looks up in `os.environ`, sets there or takes out."""
    for path, nodes in files.items():
        for node in nodes:
            key = _environment_key(node)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield Fact("environment variable", key.value, {}, _spot(path, key))


def _environment_key(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and _is_environment(node.value):
        return node.slice
    if isinstance(node, ast.Compare) and _is_environment(node.comparators[0]):
        return node.left
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    looks_up = _is_environment(node.func.value) or node.func.attr in {"getenv", "putenv", "unsetenv"}
    return node.args[0] if looks_up else None


def _is_environment(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ" and _last(node.value).lstrip("_") == "os"


def _last(node: ast.expr) -> str:
    """The last name of a dotted one, as in `self.log`; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _spot(path: PurePosixPath, node: ast.expr | ast.ClassDef) -> Spot:
    return Spot(path, Span(node.lineno, node.end_lineno or node.lineno))
