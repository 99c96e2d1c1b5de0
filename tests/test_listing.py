"""A line of tokens as HTML: read back by a parser, it is the line."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.listing import line_html
from render.source import SourceFile
from render.tokens import TokenLine, tokenize
from tests.upstream import read_upstream

ADVERSE = st.text("<>&\"'=/;#!-a\x0c\0{}% \u2028", min_size=1, max_size=6)
TOKENS = st.lists(st.tuples(st.sampled_from(["", "k", "s2", "nf"]), ADVERSE), max_size=5).map(tuple)


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


def joined(line: TokenLine) -> TokenLine:
    """The same line, with neighbours of plain text in one token."""
    tokens: list[tuple[str, str]] = []
    for css, text in line:
        if tokens and not css and not tokens[-1][0]:
            tokens[-1] = ("", tokens[-1][1] + text)
        else:
            tokens.append((css, text))
    return tuple(tokens)


@pytest.mark.parametrize("file", read_upstream().files.values(), ids=lambda file: str(file.path))
def test_a_browser_reads_upstream_s_text_to_the_letter(file: SourceFile) -> None:
    lines = tokenize(file.path.name, file.text)
    shown = [read_back(line_html(line)) for line in lines]
    assert shown == [joined(line) for line in lines]
    assert ["".join(text for _, text in line) for line in shown] == list(file.lines)


@given(TOKENS)
def test_no_text_is_taken_for_markup(line: TokenLine) -> None:
    assert read_back(line_html(line)) == joined(line)


def test_tokens_are_spans_and_plain_text_is_bare() -> None:
    line = (("k", "if"), ("", " a "), ("o", "<"), ("", " "), ("s1", "'&'"), ("p", ":"))
    assert line_html(line) == (
        '<span class="k">if</span> a <span class="o">&lt;</span> '
        '<span class="s1">&#39;&amp;&#39;</span><span class="p">:</span>'
    )
    assert line_html(()) == ""
