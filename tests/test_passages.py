"""A pair of files as rows: every line is there once, and what is left out did not change."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from render.diff import pair_files
from render.passages import CONTEXT, Row, cut_passages
from render.source import SourceFile

TEXTS = st.lists(st.sampled_from(["a b", "a c", "d", "", "e", "f g h"]), max_size=40)


def passages(old: list[str], new: list[str]) -> list[list[str]]:
    """As `diff -u` writes them, without its headings."""
    return [[f"{mark(row)}{row.text}" for row in passage] for passage in cut_passages(pair_files(*sides(old, new)))]


def sides(old: list[str], new: list[str]) -> list[SourceFile]:
    return [SourceFile(PurePosixPath("a.py"), "".join(f"{line}\n" for line in lines)) for lines in (old, new)]


def mark(row: Row) -> str:
    return "+" if row.old is None else "-" if row.new is None else " "


def test_a_change_is_shown_with_the_lines_around_it() -> None:
    old = [str(number) for number in range(20)]
    new = [*old[:1], "new", *old[1:8], *old[9:19], "last"]
    assert passages(old, new) == [
        [" 0", "+new", " 1", " 2", " 3"],
        [" 5", " 6", " 7", "-8", " 9", " 10", " 11"],
        [" 16", " 17", " 18", "-19", "+last"],
    ]


def test_equal_files_have_no_passages() -> None:
    assert passages(["a"], ["a"]) == []


def test_words_of_an_edited_line_are_told_apart() -> None:
    (passage,) = cut_passages(pair_files(*sides(["return 1"], ["return 2"])))
    assert [[(piece.text, piece.changed) for piece in row.pieces] for row in passage] == [
        [("return ", False), ("1", True)],
        [("return ", False), ("2", True)],
    ]


@given(TEXTS, TEXTS)
def test_rows_carry_the_lines_that_their_numbers_say(old: list[str], new: list[str]) -> None:
    rows = [row for passage in cut_passages(pair_files(*sides(old, new))) for row in passage]
    shown_old = [(row.old, row.text) for row in rows if row.old is not None]
    shown_new = [(row.new, row.text) for row in rows if row.new is not None]
    for lines, shown in ((old, shown_old), (new, shown_new)):
        assert shown == sorted(set(shown))
        assert all(lines[number - 1] == text for number, text in shown)
    hidden_old = [line for number, line in enumerate(old, 1) if number not in {row.old for row in rows}]
    hidden_new = [line for number, line in enumerate(new, 1) if number not in {row.new for row in rows}]
    assert hidden_old == hidden_new


@given(TEXTS, TEXTS)
def test_context_is_never_longer_than_it_may_be(old: list[str], new: list[str]) -> None:
    for passage in cut_passages(pair_files(*sides(old, new))):
        marks = "".join(map(mark, passage))
        assert marks.strip()
        assert len(marks) - len(marks.lstrip()) <= CONTEXT
        assert len(marks) - len(marks.rstrip()) <= CONTEXT
        assert " " * (2 * CONTEXT + 1) not in marks.strip()
