"""How old each line is: over small histories, over random ones whose truth is known, and over all that is vendored."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import PurePosixPath
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.ages import Ages, find_ages
from render.anchors import Ground
from tests.histories import compare_row, compare_vendored, make_grounds, read_vendored

A, B = "kettle/a.txt", "kettle/b.txt"

BLOCK = "one\ntwo\nthree\n"


def trace(grounds: Sequence[Ground]) -> Ages:
    return find_ages(grounds[0].tree, compare_row(grounds))


def ages(*releases: Mapping[str, str], path: str = A) -> str:
    """Of a file's lines in the last release."""
    found = trace(make_grounds(*releases))
    return " ".join(found[str(len(releases))][PurePosixPath(path)])


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param(["a\nb\n"], "1 1", id="there is one release"),
        pytest.param(["a\nb\n", "a\nb\n"], "1 1", id="nothing happens"),
        pytest.param(["a\nb\n", "a\nx\nb\n"], "1 2 1", id="a line comes between"),
        pytest.param(["a\nb\n", "a\nc\n", "a\nc\nd\n"], "1 2 3", id="each line by itself"),
        pytest.param(["a\nb\n", "a\n", "a\nb\n"], "1 3", id="a line that comes again is young"),
        pytest.param(["a\n", "a \n"], "2", id="a space is a change"),
        pytest.param(["a\n", "", ""], "", id="no line has no age"),
        pytest.param([f"a\nb\nc\nd\n{BLOCK}", f"{BLOCK}x\na\nb\nc\nd\n"], "1 1 1 2 1 1 1 1", id="a block moves"),
    ],
)
def test_a_line_is_as_old_as_it_stands_unbroken(texts: list[str], told: str) -> None:
    assert ages(*({A: text} for text in texts)) == told


def test_a_block_keeps_its_age_in_another_file() -> None:
    assert ages({A: f"{BLOCK}x\n", B: "y\n"}, {A: "x\n", B: f"y\nz\n{BLOCK}"}, path=B) == "1 2 1 1 1"


def test_lines_keep_their_age_in_a_renamed_file() -> None:
    text = "".join(f"{number}\n" for number in range(9))
    assert ages({A: text}, {A: f"{text}x\n"}, {B: f"{text}x\ny\n"}, path=B) == f"{'1 ' * 9}2 3"


def test_the_oldest_release_knows_nothing_older() -> None:
    found = trace(make_grounds({A: "a\nb\n", B: ""}, {A: ""}))
    assert found["1"] == {PurePosixPath(A): ("1", "1"), PurePosixPath(B): ()}


def block(number: int) -> list[str]:
    """Lines that stand nowhere else, enough of them to be known when they move."""
    return [f"{number}.{line}" for line in range(3 + number % 3)]


@given(st.randoms(use_true_random=False))
def test_every_line_is_as_old_as_in_the_history_that_made_it(random: Random) -> None:
    born: dict[str, str] = {}
    releases: list[dict[str, str]] = []
    blocks: list[int] = []
    numbers = count()
    for release in ("1", "2", "3", "4"):
        blocks = [one for one in blocks if random.random() < 0.8]
        fresh = [next(numbers) for _ in range(random.randrange(4))]
        born |= {line: release for one in fresh for line in block(one)}
        for one in fresh:
            blocks.insert(random.randint(0, len(blocks)), one)
        if random.random() < 0.5:
            random.shuffle(blocks)
        cut = random.randint(0, len(blocks))
        files = {A: blocks[:cut], B: blocks[cut:]}
        releases.append(
            {path: "".join(f"{line}\n" for one in some for line in block(one)) for path, some in files.items()}
        )
    grounds = make_grounds(*releases)
    found = trace(grounds)
    for ground in grounds:
        for path, file in ground.tree.files.items():
            assert found[ground.tree.release][path] == tuple(born[line] for line in file.lines)


def test_every_vendored_line_stood_somewhere_in_every_release_since_its_first() -> None:
    grounds = read_vendored()
    found = find_ages(grounds[0].tree, compare_vendored())
    names = [ground.tree.release for ground in grounds]
    texts = [{line for file in ground.tree.files.values() for line in file.lines} for ground in grounds]
    assert list(found) == names
    for number, ground in enumerate(grounds):
        assert found[names[number]].keys() == ground.tree.files.keys()
        for path, file in ground.tree.files.items():
            for line, since in zip(file.lines, found[names[number]][path], strict=True):
                assert all(line in texts[other] for other in range(names.index(since), number + 1))


def test_in_the_newest_release_there_are_lines_of_every_age() -> None:
    grounds = read_vendored()
    names = [ground.tree.release for ground in grounds]
    found = find_ages(grounds[0].tree, compare_vendored())[names[-1]]
    assert {since for lines in found.values() for since in lines} == set(names)
