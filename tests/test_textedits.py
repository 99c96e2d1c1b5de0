"""Texts as an edit of others."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from render.textedits import edit_texts

TEXTS = st.lists(st.sampled_from(("", "on", "on and on", "on and off", "200 OK", "400 Bad Request")), max_size=6)


def told(old: Sequence[str], new: Sequence[str]) -> list[str]:
    return [
        edit.sign + "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in edit.pieces)
        for edit in edit_texts(old, new)
    ]


def test_the_words_of_an_edited_line_are_told_apart() -> None:
    assert told(["boot", "closed after 2 s"], ["boot", "closed after 5 s"]) == [
        " boot",
        "-closed after [2] s",
        "+closed after [5] s",
    ]


def test_a_line_that_was_written_anew_is_not_cut_into_words() -> None:
    assert told(["200 OK"], ["refused at once", "closed"]) == ["-200 OK", "+refused at once", "+closed"]


@given(TEXTS, TEXTS)
def test_an_edit_holds_both_texts_to_the_letter(old: list[str], new: list[str]) -> None:
    edits = [(edit.sign, "".join(piece.text for piece in edit.pieces)) for edit in edit_texts(old, new)]
    assert [text for sign, text in edits if sign != "+"] == old
    assert [text for sign, text in edits if sign != "-"] == new


@given(TEXTS)
def test_what_is_the_same_has_no_edit(texts: list[str]) -> None:
    assert all(
        edit.sign == " " and not any(piece.changed for piece in edit.pieces) for edit in edit_texts(texts, texts)
    )
