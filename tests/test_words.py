"""What changed within a line, and which line of a hunk became which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.words import match_words, pair_lines

LINES = st.lists(st.sampled_from(["self", "log", ".", "(", ")", " ", "  ", "error", "é"]), max_size=12).map("".join)


def marked(old: str, new: str) -> tuple[str, str]:
    """Both lines with what changed in brackets."""
    one, other = (
        "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in side) for side in match_words(old, new)
    )
    return one, other


@pytest.mark.parametrize(
    ("old", "new", "one", "other"),
    [
        ("same", "same", "same", "same"),
        ("", "new", "", "[new]"),
        ("class A(object):", "class A:", "class A[(object)]:", "class A:"),
        ("log.error('x')", "log.debug('x')", "log.[error]('x')", "log.[debug]('x')"),
        ("worker", "workers", "[worker]", "[workers]"),
        ("    x = 1", "x = 1", "[    ]x = 1", "x = 1"),
    ],
)
def test_words_that_changed_are_marked(old: str, new: str, one: str, other: str) -> None:
    assert marked(old, new) == (one, other)


@given(LINES, LINES)
def test_pieces_make_up_the_lines_and_agree_on_what_stayed(old: str, new: str) -> None:
    sides = match_words(old, new)
    assert ["".join(piece.text for piece in side) for side in sides] == [old, new]
    one, other = ("".join(piece.text for piece in side if not piece.changed) for side in sides)
    assert one == other
    assert all(piece.text for side in sides for piece in side)
    assert match_words(new, old) == sides[::-1]


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ([], ["a b c"], []),
        (["a b c"], ["a b d"], [(0, 0)]),
        (["a b c"], ["x y z"], []),
        (["a b c"], ["x y z", "a b d"], [(0, 1)]),
        (["a b c", "d e f"], ["d e g", "a b d"], [(0, 1)]),
        (["a b c", "", "d e f"], ["a b", "", "d f"], [(0, 0), (2, 2)]),
        (["a b"] * 51, ["a b"] * 50, []),
    ],
)
def test_lines_of_a_hunk_are_paired_by_their_words(
    old: list[str], new: list[str], pairs: list[tuple[int, int]]
) -> None:
    assert list(pair_lines(old, new)) == pairs
