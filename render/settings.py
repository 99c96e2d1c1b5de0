"""gunicorn's settings: the classes of `config.py` read as data."""

import ast
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.source import Tree
from render.syntax import find_syntax

CONFIG = PurePosixPath("gunicorn/config.py")
_BASE = "Setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` is the key in a configuration file; `line` (1-based) is where its class begins in `config.py`."""

    name: str
    definition: str
    line: int


def find_settings(tree: Tree) -> tuple[Setting, ...]:
    """Every setting that a release defines, in the order of `config.py`; none for a package without one."""
    config = tree.files.get(CONFIG)
    syntax = find_syntax(config) if config else None
    if syntax is None:
        return ()
    classes = (node for node in syntax.module.body if isinstance(node, ast.ClassDef))
    return tuple(
        Setting(name, node.name, node.lineno)
        for node in classes
        if any(isinstance(base, ast.Name) and base.id == _BASE for base in node.bases)
        and (name := _constant(node, "name"))
    )


def _constant(node: ast.ClassDef, name: str) -> str | None:
    """The text that a class assigns to a name in its own body."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            targets = (target.id for target in statement.targets if isinstance(target, ast.Name))
            if name in targets and isinstance(statement.value.value, str):
                return statement.value.value
    return None
