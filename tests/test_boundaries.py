"""What is open between two lines, against two oracles: a scanner of characters, and Python's own parser on prefixes."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from render.boundaries import open_structures
from render.source import SourceFile

PACKAGE = Path(__file__).resolve().parents[1] / "upstream" / "23.0.0" / "gunicorn"
FILES = tuple(sorted(PACKAGE.rglob("*.py")))

Found = tuple[int, int, str]


def opened(text: str, line: int) -> list[Found]:
    file = SourceFile(PurePosixPath("a.py"), dedent(text))
    return [(one.span.first, one.span.last, one.kind) for one in open_structures(file, line)]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a = 1\nb = 2\n", 1, []),
        ("f(\n    1,\n)\n", 1, [(1, 3, "bracket")]),
        ("f(\n    1,\n)\n", 2, [(1, 3, "bracket")]),
        ("f(\n    1,\n)\n", 3, []),
        ("f(\n    g[\n        1\n    ],\n)\n", 2, [(1, 5, "bracket"), (2, 4, "bracket")]),
        ("'''a\nb\n'''\nc = 1\n", 2, [(1, 3, "string")]),
        ("'''a\nb\n'''\nc = 1\n", 3, []),
        ("a = f'''{1}\nb\n'''\nc = 1\n", 1, [(1, 3, "string")]),
        ("a = rb'''\n\\''''\n", 1, [(1, 2, "string")]),
        ("a = 'b\\\nc'\n", 1, [(1, 2, "string")]),
        ("a = 1 + \\\n    2\n", 1, [(1, 2, "continued line")]),
        ("a = 1 + \\\n  \\\n    2\n", 2, [(1, 3, "continued line")]),
        ("@a\ndef b():\n    pass\n", 1, [(1, 2, "decorator")]),
        ("@a\n@b(\n    1\n)\nclass C:\n    pass\n", 3, [(1, 5, "decorator"), (2, 4, "bracket")]),
        ("@a\n# why\nasync def b():\n    pass\n", 2, [(1, 3, "decorator")]),
        ("class A:\n    @b\n    def c(self):\n        pass\n", 2, [(2, 3, "decorator")]),
        ("def a(\n    b,\n):\n    pass\n", 3, []),
        ("if a:\n    b = '''(\n    [{'''  # ('''\n    c = 1\n", 3, []),
        ("", 1, []),
    ],
)
def test_what_is_open_is_told_from_the_outermost_inwards(text: str, line: int, found: list[Found]) -> None:
    assert opened(text, line) == found


def test_nothing_is_open_before_the_first_line_or_after_the_last() -> None:
    text = "f(\n    1,\n)"
    assert opened(text, 0) == opened(text, 3) == []


@pytest.mark.parametrize("name", ["a.txt", "py", "a.pyi.md"])
def test_nothing_is_open_in_what_is_not_python(name: str) -> None:
    assert open_structures(SourceFile(PurePosixPath(name), "f(\n1\n)\n"), 1) == ()


@pytest.mark.parametrize("text", ["f(\n", "'''\n", "def a(:\n    (\n)\n", "if a:\n        b\n    c\n"])
def test_nothing_is_open_in_python_that_does_not_parse(text: str) -> None:
    assert open_structures(SourceFile(PurePosixPath("a.py"), text), 1) == ()


def test_every_boundary_of_upstream_is_as_a_scanner_of_characters_finds_it() -> None:
    boundaries = cut = 0
    for path in FILES:
        file = SourceFile(PurePosixPath(path.name), path.read_text(encoding="utf-8"))
        expected = set(scan(file.text))
        for line in range(len(file) + 1):
            found = open_structures(file, line)
            told = [(one.span.first, one.span.last, one.kind) for one in found]
            assert set(told) == {one for one in expected if one[0] <= line < one[1]}, f"{path}:{line}"
            assert all(outer.span.covers(inner.span) for outer, inner in pairwise(found))
            boundaries += 1
            cut += bool(found)
    assert boundaries > 8400
    assert cut > 1400


def test_a_prefix_of_upstream_parses_just_where_nothing_is_open() -> None:
    boundaries = 0
    for path in FILES:
        file = SourceFile(PurePosixPath(path.name), path.read_text(encoding="utf-8"))
        if len(file) > 240:
            continue  # each prefix is parsed from its beginning
        for line in range(1, len(file)):
            assert bool(open_structures(file, line)) == is_incomplete(file.lines[:line]), f"{path}:{line}"
            boundaries += 1
    assert boundaries > 1900


def is_incomplete(lines: tuple[str, ...]) -> bool:
    """Whether Python misses the end of a bracket, string, continued line or decorator; a missing body is no matter."""
    try:
        ast.parse("".join(f"{line}\n" for line in lines))
    except SyntaxError as error:
        return not re.match("expected (an indented block|'except')", error.msg)
    return False


def scan(text: str) -> Iterator[Found]:
    """All structures of more than one line, found in the characters alone, without tokens or trees."""
    yield from _decorators(text)
    opened: list[int] = []
    at, line = 0, 1
    for part in _PARTS.finditer(text):
        line += text.count("\n", at, part.start())
        at, last = part.end(), line + part[0].count("\n")
        if part.lastgroup == "open":
            opened.append(line)
        elif part.lastgroup == "close" and (first := opened.pop()) < line:
            yield first, line, "bracket"
        elif last > line:
            yield line, last, "string" if part["string"] else "continued line"
        line = last


_PARTS = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>(?P<quote>'''|\"\"\"|'|\")(?:\\.|(?!(?P=quote)).)*(?P=quote))
    |(?P<continued>(?:\\\n[^\S\n]*)+)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])""",
    re.DOTALL | re.VERBOSE,
)


def _decorators(text: str) -> Iterator[Found]:
    """From a line that begins with `@` to the next one that begins a definition."""
    first = None
    for number, line in enumerate(text.split("\n"), 1):
        if first is None and line.lstrip().startswith("@"):
            first = number
        elif first is not None and re.match(r" *(async def|def|class) ", line):
            yield first, number, "decorator"
            first = None
