"""Which lines became which: by examples, on random texts, and on every file of every vendored release."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.diff import FilePair, Hunk, Move, Run, find_hunks, find_moves, match_lines, pair_files
from render.releases import read_releases
from render.source import SourceFile, Span, Tree, read_tree
from tests.upstream import REPOSITORY

RELEASES = [release.name for release in read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases)).all]

TEXTS = st.lists(st.sampled_from("abcdef") | st.just(""), max_size=25)


@pytest.fixture(scope="module")
def trees() -> Mapping[str, Tree]:
    return {name: read_tree(REPOSITORY.tree(name), name, "gunicorn", PurePosixPath(name)) for name in RELEASES}


def hunks(old: str, new: str) -> list[str]:
    """Those of two texts of one-character lines, as `diff` without options writes them: "2,3c2" and the like."""
    return [row(hunk) for hunk in find_hunks(match_lines(old, new), len(old), len(new))]


def row(hunk: Hunk) -> str:
    return f"{hunk.old or ''}>{hunk.new or ''}"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("", "abc", [">1-3"]),
        ("abc", "", ["1-3>"]),
        ("abc", "axc", ["2>2"]),
        ("abc", "ac", ["2>"]),
        ("ac", "abc", [">2"]),
        ("abcd", "bcda", ["1>", ">4"]),
        ("abcde", "xbcdy", ["1>1", "5>5"]),
        ("abab", "ab", ["3-4>"]),
        ("aaaa", "aa", ["3-4>"]),
        ("abc", "xyz", ["1-3>1-3"]),
    ],
)
def test_what_changed_lies_between_what_stayed(old: str, new: str, changed: list[str]) -> None:
    assert hunks(old, new) == changed


def test_lines_that_are_unique_hold_a_function_together() -> None:
    """The case that patience diff was made for: the braces of one function are not matched with another's."""
    old = ["int one()", "{", "  1", "}", "", "int two()", "{", "  2", "}"]
    new = ["int three()", "{", "  3", "}", "", *old]
    assert match_lines(old, new) == (Run(1, 6, 9),)


def check_runs(old: Sequence[str], new: Sequence[str]) -> None:
    """Runs are equal lines, increasing, and maximal; the hunks between them rebuild the newer text from the older."""
    runs = match_lines(old, new)
    for run in runs:
        assert run.length > 0
        assert list(old[run.old - 1 :][: run.length]) == list(new[run.new - 1 :][: run.length])
    for one, other in pairwise(runs):
        ends = one.old + one.length, one.new + one.length
        assert ends[0] <= other.old
        assert ends[1] <= other.new
        assert ends != (other.old, other.new), "two runs that are one"
    between = find_hunks(runs, len(old), len(new))
    for hunk in between:
        assert hunk.old or hunk.new
        assert not set(cut(old, hunk.old)) & set(cut(new, hunk.new)), "a line of both sides was not matched"
    assert rebuild(old, between, [cut(new, hunk.new) for hunk in between]) == list(new)


def cut(lines: Sequence[str], span: Span | None) -> Sequence[str]:
    return lines[span.first - 1 : span.last] if span else ()


def rebuild(old: Sequence[str], between: Sequence[Hunk], added: Sequence[Sequence[str]]) -> list[str]:
    """The newer text from the older one and from what the hunks added."""
    built: list[str] = []
    done = 0
    for hunk, lines in zip(between, added, strict=True):
        until = hunk.old.first - 1 if hunk.old else done + hunk.new.first - 1 - len(built) if hunk.new else done
        built += old[done:until]
        assert hunk.new is None or hunk.new.first == len(built) + 1
        built += lines
        done = hunk.old.last if hunk.old else until
    return built + list(old[done:])


@given(TEXTS, TEXTS)
def test_hunks_rebuild_the_newer_text_from_the_older(old: list[str], new: list[str]) -> None:
    check_runs(old, new)


@given(TEXTS, TEXTS)
def test_swapping_old_and_new_mirrors_the_runs(old: list[str], new: list[str]) -> None:
    assert [Run(run.new, run.old, run.length) for run in match_lines(old, new)] == list(match_lines(new, old))


@given(TEXTS)
def test_a_text_is_one_run_of_itself(lines: list[str]) -> None:
    assert match_lines(lines, lines) == ((Run(1, 1, len(lines)),) if lines else ())


@pytest.mark.parametrize(("old", "new"), list(combinations(RELEASES, 2)))
def test_hunks_rebuild_every_file_of_every_pair_of_releases(trees: Mapping[str, Tree], old: str, new: str) -> None:
    before, after = trees[old].files, trees[new].files
    for path in before.keys() | after.keys():
        sides = [files[path].lines if path in files else () for files in (before, after)]
        check_runs(*sides)
    pairs = [pair_files(before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())]
    check_moves(pairs)


def check_moves(pairs: Sequence[FilePair]) -> None:
    """What moved is the same text, was taken away there and put in here, and no line moved twice."""
    old = {pair.old.path: pair for pair in pairs if pair.old is not None}
    new = {pair.new.path: pair for pair in pairs if pair.new is not None}
    left: set[tuple[PurePosixPath, int]] = set()
    came: set[tuple[PurePosixPath, int]] = set()
    for move in find_moves(pairs):
        source, target = old[move.old_path], new[move.new_path]
        assert source.old is not None
        assert target.new is not None
        assert source.old.cut(move.old) == target.new.cut(move.new)
        assert sum(bool(line.strip()) for line in source.old.cut(move.old)) >= 3
        assert any(hunk.old and hunk.old.covers(move.old) for hunk in source.hunks)
        assert any(hunk.new and hunk.new.covers(move.new) for hunk in target.hunks)
        lines = {(move.old_path, line) for line in range(move.old.first, move.old.last + 1)}
        places = {(move.new_path, line) for line in range(move.new.first, move.new.last + 1)}
        assert not lines & left
        assert not places & came
        left |= lines
        came |= places


def moves(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What moved between texts of one-character lines, as "a:1-3>b:4-6"."""
    before, after = (
        {name: SourceFile(PurePosixPath(name), "".join(f"{line}\n" for line in text)) for name, text in side.items()}
        for side in (old, new)
    )
    pairs = [pair_files(before.get(name), after.get(name)) for name in sorted(old.keys() | new.keys())]
    check_moves(pairs)
    return [told(move) for move in find_moves(pairs)]


def told(move: Move) -> str:
    return f"{move.old_path}:{move.old}>{move.new_path}:{move.new}"


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        pytest.param({"a": "123abcdef"}, {"a": "abcdef123"}, ["a:1-3>a:7-9"], id="within a file"),
        pytest.param({"a": "x123y", "b": "z"}, {"a": "xy", "b": "z123"}, ["a:2-4>b:2-4"], id="between files"),
        pytest.param({"a": "x123y"}, {"a": "xy", "b": "123"}, ["a:2-4>b:1-3"], id="to a new file"),
        pytest.param({"a": "x12y", "b": "z"}, {"a": "xy", "b": "z12"}, [], id="two lines are too few"),
        pytest.param({"a": "x1 2y", "b": "z"}, {"a": "xy", "b": "z1 2"}, [], id="blank lines do not count"),
        pytest.param({"a": "x12 3y", "b": "z"}, {"a": "xy", "b": "z12 3"}, ["a:2-5>b:2-5"], id="but may be inside"),
        pytest.param({"a": "x 123 y", "b": "z"}, {"a": "xy", "b": "z 123 "}, ["a:3-5>b:3-5"], id="not at the ends"),
        pytest.param({"a": "x123y", "b": "123", "c": ""}, {"a": "xy", "b": "123", "c": "123"}, [], id="a copy is left"),
        pytest.param({"a": "x123", "b": ""}, {"a": "x", "b": "123z123"}, [], id="it came twice"),
        pytest.param({"a": "123x", "b": ""}, {"a": "123x", "b": "123"}, [], id="a copy is not a move"),
    ],
)
def test_blocks_that_moved(old: Mapping[str, str], new: Mapping[str, str], moved: list[str]) -> None:
    assert moves(old, new) == moved


@given(st.data())
def test_a_block_of_unique_lines_moved_to_another_file_is_found(data: st.DataObject) -> None:
    alphabet = [chr(code) for code in range(0x4E00, 0x4E00 + 40)]
    one, other = alphabet[:20], alphabet[20:]
    first = data.draw(st.integers(0, 17))
    length = data.draw(st.integers(3, 20 - first))
    at = data.draw(st.integers(0, 20))
    new = [*other[:at], *one[first : first + length], *other[at:]]
    expected = f"a:{first + 1}-{first + length}>b:{at + 1}-{at + length}"
    rest = one[:first] + one[first + length :]
    assert moves({"a": "".join(one), "b": "".join(other)}, {"a": "".join(rest), "b": "".join(new)}) == [expected]
