"""A line of tokens as HTML: read back by a parser, it is the line."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import STANDARD_TYPES

import render.theme
from render.listing import LOOKS, line_html
from render.source import SourceFile
from render.tokens import Token, TokenLine, tokenize
from tests.upstream import read_upstream

ADVERSE = st.text("<>&\"'=/;#!-a\x0c\0{}% \u2028", min_size=1, max_size=6)
TOKENS = st.lists(st.tuples(st.sampled_from(["", "n", "k", "s2", "nf"]), ADVERSE), max_size=5).map(tuple)

STYLE = Path(render.theme.__file__).parent / "static"


class _Reader(HTMLParser):
    """Turns markup back into tokens; a comment or the like would lose text, and any tag but `i` is refused."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[tuple[str, str]] = []
        self._classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ((name, css),) = attrs
        assert (tag, name, len(self._classes)) == ("i", "class", 0)
        self._classes.append(css or "")

    def handle_endtag(self, tag: str) -> None:
        assert tag == "i"
        self._classes.pop()

    def handle_data(self, data: str) -> None:
        self.tokens.append(("".join(self._classes), data))


def read_back(html: str) -> TokenLine:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.tokens)


def text_of(line: TokenLine) -> str:
    return "".join(text for _, text in line)


def looks(line: Iterable[Token]) -> list[tuple[str, str]]:
    """Every character that leaves ink, with the class that colours it."""
    return [(css, character) for css, text in line for character in text if not character.isspace()]


def assert_same_look(shown: TokenLine, line: TokenLine) -> None:
    assert text_of(shown) == text_of(line)
    assert looks(shown) == looks([(LOOKS.get(css, ""), text) for css, text in line])


@pytest.mark.parametrize("file", read_upstream().files.values(), ids=lambda file: str(file.path))
def test_a_browser_reads_upstream_s_text_to_the_letter_and_in_its_colours(file: SourceFile) -> None:
    lines = tokenize(file.path.name, file.text)
    shown = [read_back(line_html(line)) for line in lines]
    assert [text_of(line) for line in shown] == list(file.lines)
    for after, before in zip(shown, lines, strict=True):
        assert_same_look(after, before)


@given(TOKENS)
def test_no_text_is_taken_for_markup(line: TokenLine) -> None:
    assert_same_look(read_back(line_html(line)), line)


@given(TOKENS)
def test_neighbours_that_look_the_same_share_an_element(line: TokenLine) -> None:
    shown = read_back(line_html(line))
    assert {css for css, _ in shown} <= {*LOOKS.values(), ""}
    assert all(css != next_css for (css, _), (next_css, _) in pairwise(shown))
    inked = [css for css, text in shown if not text.isspace()]
    assert all(css != next_css for css, next_css in pairwise(inked))


def test_the_classes_of_tokens_are_those_that_the_style_sheets_colour() -> None:
    sheets = "".join(sheet.read_text("utf-8") for sheet in STYLE.glob("*.css"))
    assert set(STANDARD_TYPES.values()) & set(re.findall(r"\.([\w-]+)", sheets)) == {*LOOKS.values()}


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ((), ""),
        (
            (("k", "if"), ("", " "), ("n", "a"), ("", " "), ("o", "<"), ("", " "), ("s1", "'&'"), ("p", ":")),
            "<i class=k>if</i> a &lt; <i class=s>'&amp;'</i>:",
        ),
        ((("s2", '"'), ("s2", "a"), ("", "  "), ("s2", "b")), '<i class=s>"a  b</i>'),
        ((("k", "not"), ("", " "), ("ow", "in")), "<i class=k>not in</i>"),
        ((("", "  "), ("k", "if"), ("", " ")), "  <i class=k>if</i> "),
        ((("n", "a"), ("s2", " "), ("n", "b")), "a b"),
    ],
)
def test_only_what_has_a_look_is_in_an_element(line: TokenLine, html: str) -> None:
    assert line_html(line) == html
