"""Which hunks change nothing that is run, by examples and against the parser."""

import ast
from pathlib import PurePosixPath
from textwrap import dedent

import pytest

from render.diff import Run, pair_files
from render.layouthunks import find_layout_hunks
from render.source import SourceFile, Span, read_tree
from tests.upstream import REPOSITORY

ELSEWHERE = "\nchanged = {}\n"
"""A change of its own at the end, without which the pair as a whole would differ in layout only."""


def is_quiet(old: str, new: str, name: str = "a.py") -> bool:
    """Whether the first hunk counts as layout, in a pair that does not as a whole."""
    sides = [
        SourceFile(PurePosixPath(name), dedent(text) + "\nsame = 0\n" + ELSEWHERE.format(number))
        for number, text in enumerate((old, new))
    ]
    pair = pair_files(*sides)
    return pair.hunks[0] in find_layout_hunks(pair)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("a = 1\n", "a = 1  # one\n", id="a comment"),
        pytest.param("a = 1\n", "\n\na = 1\n", id="blank lines"),
        pytest.param("a = [1, 2]\n", "a = [\n  1,\n  2]\n", id="a line cut in three"),
        pytest.param("a = 'x'\n", 'a = "x"\n', id="quotes"),
        pytest.param("if a:\n  b\n", "if a:\n    b\n", id="a wider indent"),
        pytest.param('def f():\n    """One."""\n    return 1\n', "def f():\n    return 1\n", id="no docstring"),
        pytest.param('class A:\n    """One."""\n', 'class A:\n    """Two.\n\n    Three."""\n', id="another docstring"),
        pytest.param('"""One."""\n', '"""Two."""\n', id="the module's docstring"),
    ],
)
def test_comments_docstrings_and_layout_are_quiet(old: str, new: str) -> None:
    assert is_quiet(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("a = 1\n", "a = 2\n", id="a value"),
        pytest.param("if a:\n    b\n    c\n", "if a:\n    b\nc\n", id="a line that left its block"),
        pytest.param("a = 'x'\n", "a = b'x'\n", id="bytes"),
        pytest.param('a = """\nx\n"""\n', 'a = """\ny\n"""\n', id="a string of several lines"),
        pytest.param('def f(a="x"): "one"\n', 'def f(a="y"): "one"\n', id="a default on the docstring's line"),
        pytest.param('def f():\n    """One."""\n', "def f():\n    pass\n", id="a body instead of a docstring"),
        pytest.param('x = 1\n"""One."""\n', 'x = 1\n"""Two."""\n', id="a string that is no docstring"),
        pytest.param("a = 1; b = 2\n", "a = 1, b == 2\n", id="signs"),
    ],
)
def test_what_is_run_is_not_quiet(old: str, new: str) -> None:
    assert not is_quiet(old, new)


def test_what_is_not_python_is_never_quiet() -> None:
    assert not is_quiet("# one\n", "# two\n", name="a.txt")
    assert not is_quiet("print 1  # one\n", "print 1  # two\n")


def test_of_a_pair_that_differs_in_layout_only_every_hunk_is_quiet() -> None:
    old, new = (
        SourceFile(PurePosixPath("a.py"), text) for text in ("a = (1)\nb = 2\nc = 3\n", "a = 1\nb = 2\nc = (3)\n")
    )
    pair = pair_files(old, new)
    assert find_layout_hunks(pair) == frozenset(pair.hunks)


@pytest.mark.parametrize(("old", "new"), [("22.0.0", "23.0.0"), ("23.0.0", "24.1.1")])
def test_a_quiet_hunk_put_into_the_older_file_leaves_its_program_as_it_was(old: str, new: str) -> None:
    before, after = (
        read_tree(REPOSITORY.tree(name), name, "gunicorn", PurePosixPath(name)).files for name in (old, new)
    )
    tried = 0
    for path in before.keys() & after.keys():
        pair = pair_files(before[path], after[path])
        for hunk in find_layout_hunks(pair):
            tried += 1
            first = hunk.old.first if hunk.old else insertion(pair.runs, hunk.new)
            kept = before[path].lines
            come = after[path].cut(hunk.new) if hunk.new else ()
            lines = (*kept[: first - 1], *come, *kept[first - 1 + len(hunk.old or ()) :])
            assert program("\n".join(lines)) == program("\n".join(kept)), f"{path}: {hunk}"
    assert tried > 5


def insertion(runs: tuple[Run, ...], span: Span | None) -> int:
    """The line of the older file before which these newer lines were put."""
    ends = [run.old + run.length for run in runs if span and run.new + run.length == span.first]
    return ends[0] if ends else 1


def program(text: str) -> str:
    """The tree without docstrings."""
    module = ast.parse(text)
    for node in ast.walk(module):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() if ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
    return ast.dump(module)
