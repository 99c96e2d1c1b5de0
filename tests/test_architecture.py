"""The ladder of ARCHITECTURE.md holds for `render`, and its few other rules do too."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 250

Rungs: TypeAlias = Mapping[str, int]
"""The rung on which each module stands, counted from the lowest."""

Sources: TypeAlias = Mapping[PurePosixPath, str]
"""The text of every Python file of the package, by its place below the package's folder."""


def parse_ladder(text: str) -> Rungs:
    found = re.findall(r"^```ladder\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, "there must be one ladder"
    lines = found[0].splitlines()
    names = [name for line in lines for name in line.split()]
    assert len(names) == len(set(names)), "a module stands twice on the ladder"
    return {name: len(lines) - number for number, line in enumerate(lines) for name in line.split()}


def read_sources(folder: Path) -> Sources:
    return {PurePosixPath(file.relative_to(folder)): file.read_text("utf-8") for file in sorted(folder.rglob("*.py"))}


def find_faults(sources: Sources, rungs: Rungs) -> Iterator[str]:
    modules = {module_of(path) for path in sources} - {""}
    yield from (f"{module} is not on the ladder" for module in modules - rungs.keys())
    yield from (f"{module} is on the ladder and nowhere else" for module in rungs.keys() - modules)
    for path, text in sources.items():
        yield from (f"{path} {fault}" for fault in file_faults(path, text, rungs))


def file_faults(path: PurePosixPath, text: str, rungs: Rungs) -> Iterator[str]:
    tree = ast.parse(text)
    module = module_of(path)
    lines = text.count("\n")
    if lines > LONGEST:
        yield f"has {lines} lines, which is more than {LONGEST}"
    if not ast.get_docstring(tree):
        yield "has no docstring"
    for imported in sorted(imported_modules(path, tree) - {module}):
        if imported in rungs and rungs[imported] >= rungs.get(module, 0):
            yield f"imports {imported}, which is not on a lower rung"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and imports_in(node):
            yield f"imports inside the function {node.name}"
        if isinstance(node, ast.alias) and node.name == "TYPE_CHECKING":
            yield "imports TYPE_CHECKING"
        if isinstance(node, ast.Attribute) and node.attr == "TYPE_CHECKING":
            yield "asks for TYPE_CHECKING"


def module_of(path: PurePosixPath) -> str:
    """The name on the ladder: that of a package stands for all files in it, and "" is the root."""
    return path.parts[0].removesuffix(".py").removeprefix("__init__")


def imports_in(node: ast.AST) -> list[ast.Import | ast.ImportFrom]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]


def imported_modules(path: PurePosixPath, tree: ast.Module) -> set[str]:
    """The names on the ladder that a file's imports lead to."""
    package = ".".join(("render", *path.parent.parts))
    names: set[str] = set()
    for node in imports_in(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        else:
            origin = resolve_name("." * node.level + (node.module or ""), package)
            names |= {f"{origin}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("render.")}


def test_the_code_keeps_to_the_ladder() -> None:
    rungs = parse_ladder((ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    assert sorted(find_faults(read_sources(ROOT / "render"), rungs)) == []


def test_the_table_tells_of_every_module_on_the_ladder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(parse_ladder(text))


LADDER = dedent(
    """\
    Words before.

    ```ladder
    cli
    pages theme
    notes links
    ```
    """
)


def sources(**changed: str) -> Sources:
    """A faultless package, but for the files given as `stem="text"` or `package__stem="text"`."""
    files = {
        "__init__": '"""A package."""\n',
        "cli": '"""Prints."""\n\nimport sys\n\nfrom render import notes\nfrom render.pages import page\n',
        "pages": '"""Pages."""\n\nimport render.notes\nfrom render.links import href\n',
        "theme__init": '"""Looks."""\n\nfrom render.links import href\nfrom render.theme.colours import blue\n',
        "theme__colours": '"""Colours."""\n\nfrom ..notes import Note\nfrom . import fonts\n',
        "theme__fonts": '"""Fonts."""\n',
        "notes": '"""Notes."""\n',
        "links": '"""Links."""\n',
        **changed,
    }
    return {PurePosixPath(path_of(name)): text for name, text in files.items()}


def path_of(name: str) -> str:
    return {"__init__": "__init__.py", "theme__init": "theme/__init__.py"}.get(name, name.replace("__", "/") + ".py")


def test_a_package_that_keeps_to_the_ladder_has_no_faults() -> None:
    assert list(find_faults(sources(), parse_ladder(LADDER))) == []


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("notes", "from render.pages import page\n", "notes.py imports pages, which is not on a lower rung"),
        ("notes", "import render.pages\n", "notes.py imports pages, which is not on a lower rung"),
        ("notes", "from render import pages\n", "notes.py imports pages, which is not on a lower rung"),
        ("notes", "from . import pages\n", "notes.py imports pages, which is not on a lower rung"),
        ("notes", "from .pages import page\n", "notes.py imports pages, which is not on a lower rung"),
        ("notes", "from render.theme.fonts import x\n", "notes.py imports theme, which is not on a lower rung"),
        ("notes", "if True:\n    import render.cli\n", "notes.py imports cli, which is not on a lower rung"),
        ("notes", "from render.links import href\n", "notes.py imports links, which is not on a lower rung"),
        ("theme__fonts", "from ..cli import x\n", "theme/fonts.py imports cli, which is not on a lower rung"),
        ("__init__", "from render.notes import Note\n", "__init__.py imports notes, which is not on a lower rung"),
        ("notes", "def read():\n    import os\n", "notes.py imports inside the function read"),
        ("notes", "class A:\n    async def b(self):\n        import os\n", "notes.py imports inside the function b"),
        ("notes", "from typing import TYPE_CHECKING\n", "notes.py imports TYPE_CHECKING"),
        ("notes", "import typing as t\n\nt.TYPE_CHECKING\n", "notes.py asks for TYPE_CHECKING"),
        ("notes", "#\n" * LONGEST, f"notes.py has {LONGEST + 1} lines, which is more than {LONGEST}"),
        ("helpers", "", "helpers is not on the ladder"),
    ],
)
def test_each_kind_of_fault_is_found(name: str, text: str, fault: str) -> None:
    changed = sources(**{name: f'"""Says what it is for."""\n{text}'})
    assert list(find_faults(changed, parse_ladder(LADDER))) == [fault]


@pytest.mark.parametrize("text", ["", "import os\n", '"""   """\n'])
def test_a_module_without_a_docstring_is_a_fault(text: str) -> None:
    assert list(find_faults(sources(notes=text), parse_ladder(LADDER))) == ["notes.py has no docstring"]


def test_a_rung_without_a_module_is_a_fault() -> None:
    rungs = parse_ladder(LADDER.replace("cli\n", "cli\nattic\n"))
    assert list(find_faults(sources(), rungs)) == ["attic is on the ladder and nowhere else"]


def test_a_module_may_stand_on_the_ladder_only_once() -> None:
    with pytest.raises(AssertionError, match="twice"):
        parse_ladder(LADDER.replace("pages theme", "pages theme notes"))


@pytest.mark.parametrize("text", ["No ladder.\n", LADDER + LADDER])
def test_there_is_one_ladder(text: str) -> None:
    with pytest.raises(AssertionError, match="one ladder"):
        parse_ladder(text)
