"""Marks laid over coloured code: they spell the changed words, and the text survives to the letter."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from render.listing import line_html
from render.tokens import tokenize
from render.wordmarks import marked_html
from render.words import Piece, match_words

CODE = st.text(st.sampled_from("ab=1 <&\"'#.()"), min_size=1, max_size=30)


def marked(code: str, *pieces: tuple[str, bool]) -> str:
    (line,) = tokenize("a.py", code)
    return str(marked_html(line, [Piece(*piece) for piece in pieces]))


def test_a_mark_goes_around_tokens_and_keeps_their_colours() -> None:
    assert marked("return 1", ("return ", False), ("1", True)) == "<i class=k>return</i> <mark><i class=m>1</i></mark>"


def test_a_token_that_is_marked_in_part_is_cut_in_two_of_its_colour() -> None:
    assert (
        marked("# one two", ("# one ", False), ("two", True)) == "<i class=c># one </i><mark><i class=c>two</i></mark>"
    )


def test_white_space_between_two_marks_is_marked_with_them() -> None:
    assert marked("a b c", ("a", True), (" ", False), ("b", True), (" c", False)) == "<mark>a b</mark> c"


def test_a_line_without_a_change_is_as_it_would_be_elsewhere() -> None:
    (line,) = tokenize("a.py", "return 1")
    assert marked("return 1", ("return 1", False)) == line_html(line)


@given(CODE, CODE)
def test_marks_spell_what_changed_and_the_text_survives(old: str, new: str) -> None:
    (line, *_) = tokenize("a.py", new)
    _, pieces = match_words(old, new)
    shown = str(marked_html(line, pieces))
    assert html.unescape(re.sub(r"<[^>]+>", "", shown)) == new
    spelt = "".join(html.unescape(re.sub(r"<[^>]+>", "", text)) for text in re.findall(r"<mark>(.*?)</mark>", shown))
    assert spelt.replace(" ", "") == "".join(piece.text for piece in pieces if piece.changed).replace(" ", "")
