"""A line of tokens as HTML: read back by a parser, it is the line."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import STANDARD_TYPES

import render.theme
from render.listing import COLOURED, line_html
from render.source import SourceFile
from render.tokens import TokenLine, tokenize
from tests.upstream import read_upstream

ADVERSE = st.text("<>&\"'=/;#!-a\x0c\0{}% \u2028", min_size=1, max_size=6)
TOKENS = st.lists(st.tuples(st.sampled_from(["", "n", "k", "s2", "nf"]), ADVERSE), max_size=5).map(tuple)

STYLE = Path(render.theme.__file__).parent / "static"


class _Reader(HTMLParser):
    """Turns spans and text back into tokens; a comment or the like would lose text, and any other tag is refused."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[tuple[str, str]] = []
        self._classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ((name, css),) = attrs
        assert (tag, name, len(self._classes)) == ("span", "class", 0)
        self._classes.append(css or "")

    def handle_endtag(self, tag: str) -> None:
        assert tag == "span"
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


def looks(line: TokenLine) -> list[tuple[str, str]]:
    """Every character that leaves ink, with the class that colours it."""
    return [
        (css if css in COLOURED else "", character)
        for css, text in line
        for character in text
        if not character.isspace()
    ]


def assert_same_look(shown: TokenLine, line: TokenLine) -> None:
    assert text_of(shown) == text_of(line)
    assert looks(shown) == looks(line)


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
def test_neighbours_that_look_the_same_share_a_span(line: TokenLine) -> None:
    shown = read_back(line_html(line))
    assert {css for css, _ in shown} <= COLOURED | {""}
    assert all(css != next_css for (css, _), (next_css, _) in pairwise(shown))
    inked = [css for css, text in shown if not text.isspace()]
    assert all(css != next_css for css, next_css in pairwise(inked))


def test_the_classes_of_spans_are_those_that_the_style_sheets_colour() -> None:
    sheets = "".join(sheet.read_text("utf-8") for sheet in STYLE.glob("*.css"))
    assert set(STANDARD_TYPES.values()) & set(re.findall(r"\.([\w-]+)", sheets)) == COLOURED


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ((), ""),
        (
            (("k", "if"), ("", " "), ("n", "a"), ("", " "), ("o", "<"), ("", " "), ("s1", "'&'"), ("p", ":")),
            '<span class="k">if</span> a &lt; <span class="s1">&#39;&amp;&#39;</span>:',
        ),
        ((("s2", '"'), ("s2", "a"), ("", "  "), ("s2", "b")), '<span class="s2">&#34;a  b</span>'),
        ((("k", "not"), ("", " "), ("ow", "in")), '<span class="k">not</span> <span class="ow">in</span>'),
        ((("", "  "), ("k", "if"), ("", " ")), '  <span class="k">if</span> '),
        ((("n", "a"), ("s2", " "), ("n", "b")), "a b"),
    ],
)
def test_only_what_has_a_colour_is_a_span(line: TokenLine, html: str) -> None:
    assert line_html(line) == html
