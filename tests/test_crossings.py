"""Where a line leads in another release: the place that a reader looks for, and one that is there."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.anchors import Ground
from render.crossings import Crossing, Step, cross, find_crossings
from render.diff import match_lines
from render.source import Span
from render.symbols import enclosing
from tests.histories import make_grounds, read_vendored

A, B = PurePosixPath("kettle/a.py"), PurePosixPath("kettle/b.py")


def crossing(here: Mapping[PurePosixPath, str], there: Mapping[PurePosixPath, str]) -> Crossing:
    """Of the file A."""
    one, other = make_grounds(*({str(path): text for path, text in files.items()} for files in (here, there)))
    return find_crossings(one, other)[A]


def led(here: str, there: str) -> list[int]:
    """The lines of the same file that its lines lead to."""
    found = crossing({A: here}, {A: there})
    targets = [cross(found, line) for line in range(1, here.count("\n") + 1)]
    assert {target and target[0] for target in targets} == {A}
    return [target[1] for target in targets if target]


@pytest.mark.parametrize(
    ("line", "target"),
    [(1, (A, 5)), (2, (A, 6)), (3, (A, 6)), (9, (A, 6)), (10, (B, 1)), (99, (B, 1))],
)
def test_a_step_leads_on_as_far_as_it_is_long_and_stays_there(line: int, target: tuple[PurePosixPath, int]) -> None:
    assert cross(Crossing(A, (Step(1, 5, 2, None), Step(10, 1, 1, B))), line) == target


def test_without_steps_there_is_no_line_to_lead_to() -> None:
    assert cross(Crossing(A, ()), 1) is None
    assert cross(Crossing(None, ()), 1) is None


@pytest.mark.parametrize(
    ("here", "there", "lines"),
    [
        pytest.param("a\nb\n", "a\nb\n", [1, 2], id="the same text"),
        pytest.param("a\nb\n", "x\na\ny\nb\n", [2, 4], id="lines come"),
        pytest.param("a\nb\nc\nd\n", "a\nd\n", [1, 1, 1, 2], id="lines go"),
        pytest.param("a\nb\nc\nd\n", "a\nx\ny\nd\n", [1, 2, 3, 4], id="lines for lines"),
        pytest.param("a\nb\nc\nd\n", "a\nx\nd\n", [1, 2, 2, 3], id="fewer lines for more"),
        pytest.param("a\nb\n", "x\ny\nz\nb\n", [1, 4], id="the first line"),
        pytest.param("a\nb\nc\n", "a\nx\n", [1, 2, 2], id="the last lines"),
        pytest.param("a\nb\nc\n", "x\ny\n", [1, 2, 2], id="nothing is the same"),
        pytest.param(
            "def f():\n    a\n    b\ndef g():\n    c\n",
            "def g():\n    c\ndef f():\n    a\n    x\n    b\n",
            [3, 4, 6, 1, 2],
            id="a function goes to another place of its file",
        ),
        pytest.param(
            "def f():\n    a\n    b\ndef g():\n    c\n    d\n    e\n",
            "def g():\n    c\n    d\n    e\ndef f():\n    a\n    x\n    b\n",
            [5, 6, 8, 1, 2, 3, 4],
            id="and has one line more there",
        ),
        pytest.param(
            "class A:\n    def f(self):\n        a\n        b\ndef g():\n    c\n    d\n    e\n    z\n",
            "def g():\n    c\n    d\n    e\n    z\nclass A:\n    x\n    def h(self):\n        a\n        b\n",
            [6, 7, 9, 10, 1, 2, 3, 4, 5],
            id="a class does so, and its method has another name",
        ),
        pytest.param(
            "def f():\n    a\n    b\nx\n", "def f(y):\n    c\nx\n", [1, 2, 2, 3], id="a function that is all new"
        ),
        pytest.param(
            "def f():\n    a\ndef g():\n    b\n",
            "def f():\n    z\n\ndef h():\n    a\ndef g():\n    b\n",
            [1, 2, 6, 7],
            id="a line that another function has now stays in its own",
        ),
        pytest.param(
            "class A:\n    def f(self):\n        a\n        b\n    def g(self):\n        c\n",
            "class A:\n    def g(self):\n        c\n",
            [1, 1, 1, 1, 2, 3],
            id="a method that is not there leads to where it stood",
        ),
        pytest.param(
            "def f():\n    a\n    b\n", "def g():\n    a\n    b\n", [1, 2, 3], id="another name, the same lines"
        ),
    ],
)
def test_a_line_leads_to_its_equal_or_near_where_that_would_be(here: str, there: str, lines: list[int]) -> None:
    assert led(here, there) == lines


def test_changed_lines_within_a_file_cost_no_step() -> None:
    assert crossing({A: "a\nb\nc\nd\n"}, {A: "a\nx\ny\nd\n"}).steps == (Step(1, 1, 4, None),)
    assert crossing({A: "a\nb\nc\nd\n"}, {A: "a\nd\n"}).steps == (Step(1, 1, 1, None), Step(4, 2, 1, None))


def test_a_definition_is_found_in_another_file() -> None:
    found = crossing({A: "x\ndef f():\n    a\n", B: "y\n"}, {A: "x\n", B: "y\ndef f():\n    a\n"})
    assert [cross(found, line) for line in (1, 2, 3)] == [(A, 1), (B, 2), (B, 3)]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        pytest.param({B: "def f(): pass\n"}, {B: "def f(): pass\n"}, id="the other file had one before"),
        pytest.param({}, {PurePosixPath(name): "def f(): pass\n" for name in "bc"}, id="two files have one"),
    ],
)
def test_a_name_that_two_files_have_is_not_followed_to_another(
    here: Mapping[PurePosixPath, str], there: Mapping[PurePosixPath, str]
) -> None:
    found = crossing({A: "x\ndef f(): pass\n", **here}, {A: "x\n", **there})
    assert [cross(found, line) for line in (1, 2)] == [(A, 1), (A, 1)]


@pytest.mark.parametrize(
    ("here", "there", "path"),
    [
        pytest.param("def f(): a\ndef g(): b\nx\n", "def f(): c\ndef g(): d\ny\n", B, id="all of its definitions"),
        pytest.param("def f(): a\ndef g(): b\n", "def f(): a\n", None, id="half of its definitions"),
        pytest.param("def f(): a\ndef g(): b\ndef h(): c\n", "def f(): a\ndef g(): b\n", B, id="most of them"),
        pytest.param("a\nb\nc\nd\n", "a\nb\nc\nd\n\n", B, id="all of its lines"),
        pytest.param("a\nb\nc\nd\n", "a\nx\ny\nd\n", None, id="half of its lines"),
        pytest.param("", "", None, id="nothing to tell by"),
    ],
)
def test_a_file_that_went_is_known_again_by_most_that_is_in_it(
    here: str, there: str, path: PurePosixPath | None
) -> None:
    found = crossing({A: here}, {B: there})
    assert found.path == path
    assert bool(found.steps) == (path is not None)


def test_a_file_that_two_new_ones_are_like_is_neither() -> None:
    assert crossing({A: "a\nb\n"}, {B: "a\nb\n", PurePosixPath("kettle/c.py"): "a\nb\n"}).path is None


def test_a_file_that_went_is_not_one_that_was_beside_it() -> None:
    assert crossing({A: "a\nb\n", B: "a\nb\n"}, {B: "a\nb\n"}).path is None


@pytest.mark.parametrize(("here", "there"), [("", "a\n"), ("a\n", ""), ("", "")])
def test_a_file_without_lines_has_no_steps(here: str, there: str) -> None:
    assert crossing({A: here}, {A: there}) == Crossing(A, ())


def test_a_file_that_cannot_be_parsed_is_crossed_by_its_lines() -> None:
    assert led("def f(:\n    a\n", "def f():\n    x\n    a\n") == [1, 3]


def lines_of(ground: Ground) -> Iterator[tuple[PurePosixPath, int]]:
    for path, file in ground.tree.files.items():
        yield from ((path, line) for line in range(1, len(file) + 1))


def names_of(ground: Ground, path: PurePosixPath) -> set[str]:
    return {symbol.name for symbol in ground.symbols[path] if symbol.kind != "variable"}


def is_inside(name: str, target: tuple[PurePosixPath, int], ground: Ground) -> bool:
    return any(symbol.name == name and target[1] in symbol.span for symbol in ground.symbols[target[0]])


def hold_all(here: Ground, there: Ground) -> None:
    """What is true of every crossing, whatever the releases."""
    crossings = find_crossings(here, there)
    files = there.tree.files
    assert crossings.keys() == here.tree.files.keys()
    for path, file in here.tree.files.items():
        found = crossings[path]
        assert found.path == path or path not in files
        if found.path is None or not len(file) or not len(files[found.path]):
            assert not found.steps
            continue
        assert found.steps[0].first == 1
        assert all(one.first + one.length <= two.first for one, two in pairwise(found.steps))
        equals: dict[int, int] = {}
        for run in match_lines(file.lines, files[found.path].lines):
            equals |= {run.old + offset: run.new + offset for offset in range(run.length)}
        names = names_of(there, found.path)
        for line in range(1, len(file) + 1):
            target = cross(found, line)
            assert target
            assert 1 <= target[1] <= len(files[target[0]])
            name = enclosing(here.symbols[path], Span(line, line))
            is_there = name in names
            if is_there:
                assert target[0] == found.path
                assert is_inside(name, target, there)
            same = found.path, equals.get(line, 0)
            if same[1] and (is_inside(name, same, there) or (not is_there and target[0] == found.path)):
                assert target == same


def test_the_vendored_releases_lead_to_each_other_line_by_line() -> None:
    grounds = read_vendored()
    for old, new in [*pairwise(grounds), (grounds[0], grounds[-1])]:
        hold_all(old, new)
        hold_all(new, old)


def test_a_release_leads_to_itself() -> None:
    ground = read_vendored()[-1]
    crossings = find_crossings(ground, ground)
    assert all(cross(crossings[path], line) == (path, line) for path, line in lines_of(ground))


def module(random: Random) -> str:
    """A module of few names and few lines, so that many of both come again."""
    parts: list[str] = []
    for _ in range(random.randrange(6)):
        indent = random.choice(["", "", "    "])
        if indent:
            parts.append(f"class {random.choice('AB')}:\n")
        for _ in range(random.randint(1, 3)):
            parts.append(f"{indent}def {random.choice('fgh')}():\n")
            parts += [f"{indent}    {random.choice('xyz')}\n" for _ in range(random.randint(1, 5))]
        parts += ["z = 1\n"] * random.randrange(2)
    return "".join(parts)


@given(st.randoms(use_true_random=False))
def test_any_two_releases_lead_to_each_other_line_by_line(random: Random) -> None:
    paths = [str(path) for path in (A, B, PurePosixPath("kettle/c.py"))]
    old, new = make_grounds(*({path: module(random) for path in paths if random.random() < 0.8} for _ in range(2)))
    hold_all(old, new)
    hold_all(new, old)
    hold_all(old, old)
