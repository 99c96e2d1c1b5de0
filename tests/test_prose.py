"""Markdown: every reference at its line, every fault told, and no tag that Markdown did not make."""

from collections.abc import Mapping
from html.parser import HTMLParser
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from render.prose import (
    Link,
    find_faults,
    find_references,
    is_line,
    is_words,
    plain_text,
    render,
    render_line,
)

PLANTED = "[[planted]]"


def resolve(target: str) -> Link:
    return Link(f"there.html#{target}", f"the {target}", code=target.startswith("c"))


def highlight(language: str, code: str) -> Markup:
    return Markup('<span class="k">{}</span>{}').format(language, code)


def html(markdown: str) -> str:
    return str(render(markdown, resolve, highlight))


def found(markdown: str) -> list[tuple[str, str | None, int]]:
    return [(one.target, one.text, one.line) for one in find_references(markdown)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a [[b]] c", [("b", None, 0)]),
        ("[[b]][[c|d]]", [("b", None, 0), ("c", "d", 0)]),
        ("[[ b  c |\n d\n e ]]", [("b c", "d e", 0)]),
        ("[[a\nb]] [[c]]\n[[d]]", [("a b", None, 0), ("c", None, 1), ("d", None, 2)]),
        ("*[[b]]* **[[c]]** _[[d]]_", [("b", None, 0), ("c", None, 0), ("d", None, 0)]),
        ("*a\n[[b]]*", [("b", None, 1)]),
        ("- a\n- [[b]]\n  1. [[c]]\n\n     [[d]]", [("b", None, 1), ("c", None, 2), ("d", None, 4)]),
        ("> [[b]]\n> > [[c]]\nlazily [[d]]", [("b", None, 0), ("c", None, 1), ("d", None, 2)]),
        (
            "| [[a]] | b |\n|---|:-:|\n| c | [[d]] |\n| [[e\\|f]] | g |\n",
            [("a", None, 0), ("d", None, 2), ("e", "f", 3)],
        ),
        ("# [[b]]\n\nc\n[[d]]\n===\n", [("b", None, 0), ("d", None, 3)]),
        ("a\\\n[[b]]  \n[[c]]", [("b", None, 1), ("c", None, 2)]),
        ("`a\nb` [[c]]", [("c", None, 1)]),
        ("[a\nb](https://c.d\n'e\nf') [[g]]\n[[h]]", [("g", None, 3), ("h", None, 4)]),
        ("![a](b\n'c\nd') [[e]]", [("e", None, 2)]),
        ("[[[a]]]", [("a", None, 0)]),
        ("[[a]](https://b.c)", [("a", None, 0)]),
        ("```\nx\n```\n[[a]]", [("a", None, 3)]),
        ("[[rfc:9112#6.3]] [[man:accept(2)]]", [("rfc:9112#6.3", None, 0), ("man:accept(2)", None, 0)]),
    ],
)
def test_references_are_found_in_every_position(markdown: str, expected: list[tuple[str, str | None, int]]) -> None:
    assert found(markdown) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "`[[a]]`",
        "``a ` [[b]]``",
        "```sh\n[[ -f a ]]\n```",
        "~~~\n[[a]]\n~~~",
        "    [[a]]",
        "- a\n\n      [[b]]",
        "> ```\n> [[a]]\n> ```",
    ],
)
def test_there_are_no_references_in_code(markdown: str) -> None:
    assert found(markdown) == []
    assert find_faults(markdown) == ()
    assert "[[" in html(markdown)


@pytest.mark.parametrize(
    "markdown", ["[[]]", "[[|a]]", "[[a|]]", "[a]", "\\[[a]]", "[[a]b]", "[[a[b]]", "&#91;[a]]", "[\n[a]]"]
)
def test_what_only_looks_like_a_reference_is_none(markdown: str) -> None:
    assert found(markdown) == []


WORDS = st.sampled_from(["a", "b.c", "d_e", "(f)", "50 %", "x < y", "&amp;", "\\[", "g\u00a0h\x0ci\u2028j"])
MARKUP = st.sampled_from(
    [
        "`a\nb`",
        "``a\n`\nb``",
        "*a\nb*",
        "**a**",
        "_a [[other]]\nb_",
        "a\\\nb",
        "a  \nb",
        "[[other\nname|its\ntext]]",
        "[a\nb](https://x.y\n(c\nd))",
        "[a](\nhttps://x.y\n)",
        "[a `b\nc`\nd](<https://x.y>)",
        "<https://x.y>",
        "![a\n[[other]]](b\n'c\nd')",
        "<i\nj='k'>",
        "k<!-- l\nm -->",
    ]
)
PARAGRAPH = st.lists(WORDS | MARKUP, min_size=1, max_size=6)
CONTAINERS = st.lists(st.sampled_from([("> ", "> "), ("- ", "  "), ("12. ", "    "), ("* ", "  ")]), max_size=3)
OTHERS = st.sampled_from(
    [
        "```py\n[[code]]\n\n```",
        "~~~\n~~~",
        "    [[code]]\n\n    code",
        "# a",
        "a\n===",
        "---",
        "- a\n- b\n\n\n  c",
        "> a\nb",
        "| a | b |\n|---|---|\n| [[c]] | d |",
        "<div>\n[[a]]\n</div>",
        "[a]: https://b.c\n'd\ne'",
    ]
)


@st.composite
def planted_texts(draw: st.DrawFn) -> str:
    """Blocks of all kinds, one of them a paragraph, a table or a heading that holds the planted reference."""
    pieces = draw(PARAGRAPH)
    pieces.insert(draw(st.integers(0, len(pieces))), PLANTED)
    paragraph = draw(st.sampled_from([" ", "\n"])).join(pieces)
    table = f"| a | b |\n|---|---|\n| c | d |\n| e | f {PLANTED} |"
    block = draw(st.sampled_from([paragraph, table, f"## a {PLANTED}", f"a {PLANTED}\n---"]))
    for first, rest in draw(CONTAINERS):
        block = first + block.replace("\n", f"\n{rest}")
    before, after = draw(st.lists(OTHERS, max_size=3)), draw(st.lists(OTHERS, max_size=2))
    space = draw(st.sampled_from(["\n\n", "\n\n\n"]))
    return space.join([*before, "Next.", block, *after])


@given(planted_texts())
def test_a_reference_is_reported_at_its_line(markdown: str) -> None:
    line = markdown.count("\n", 0, markdown.index(PLANTED))
    assert [one.line for one in find_references(markdown) if one.target == "planted"] == [line]


@given(st.text("a -+*>#|:=_&;!()<'\"\\\n\t12.", max_size=60), st.integers(1, 3))
def test_a_reference_below_any_text_is_reported_at_its_line(above: str, space: int) -> None:
    markdown = above + "\n\n" + "\n" * space + PLANTED
    assert [one.line for one in find_references(markdown)] == [markdown.count("\n")]


@given(planted_texts())
def test_a_fault_is_reported_at_its_line(markdown: str) -> None:
    broken = markdown.replace(PLANTED, "planted ]] too")
    line = broken.count("\n", 0, broken.index("]] too"))
    assert [one.line for one in find_faults(broken) if "too" in one.message] == [line]


@pytest.mark.parametrize(
    ("markdown", "line", "said"),
    [
        ("a <b>c", 0, "raw HTML `<b>`"),
        ("a\n</b>", 1, "raw HTML `</b>`"),
        ("a\n\n<div class=b>\nc\n</div>", 2, "raw HTML `<div class=b>`"),
        ("a <!-- b\nc --> d", 0, "raw HTML `<!-- b`"),
        ("<script>\n\nalert(1)</script>", 0, "raw HTML `<script>`"),
        ("a <?php ?>", 0, "raw HTML `<?php ?>`"),
        ("a\n![b](https://c.d/e.png)", 1, "an image"),
        ("![b][c]\n\n[c]: https://d.e", 0, "an image"),
        ("a\n\n# b", 2, "a heading"),
        ("a\n- ###### b", 1, "a heading"),
        ("a\n\nb\n===", 2, "a heading"),
        ("a\nb\n---", 0, "a heading"),
        ("a [[b", 0, "`a [[b` opens a reference and is none"),
        ("a\nb]] c", 1, "`b]] c` closes a reference and is none"),
        ("[[]]", 0, "opens a reference"),
        ("a\n[[b|]]", 1, "opens a reference"),
        ("*a [[b*", 0, "opens a reference"),
        ("- a\n- b\n  [[c", 2, "opens a reference"),
        ("| a | b |\n|---|---|\n| c | [[d", 2, "opens a reference"),
        ("| a |\n|---|\n| [[b|c]] |", 2, "opens a reference"),
        ("a\n[b [[c]]](https://d.e)", 1, "looks like a link and is none"),
        ("a [b](https://c d)", 0, "looks like a link and is none"),
        ("a\n`b", 1, "``b` has a backquote without its second"),
        ("a\n```\nb", 1, "code that begins with ``` and never ends"),
        ("- ~~~\n  a\n\nb", 0, "code that begins with ~~~ and never ends"),
        ("a\n\n[b]: https://c.d", 2, "a link's definition"),
        ("a\n[[b|`c`]]", 1, "`[[b|`c`]]` has Markdown in its wording"),
        ("[[a|*b*]]", 0, "has Markdown in its wording"),
    ],
)
def test_what_would_not_be_rendered_as_meant_is_a_fault_at_its_line(markdown: str, line: int, said: str) -> None:
    assert line in [fault.line for fault in find_faults(markdown) if said in fault.message]


@pytest.mark.parametrize(
    "markdown",
    [
        'Plain, *leaning*, **bold** and `code [[x` with [[a]], [[b|its *]] and [c](https://d.e/f?g=h#i "j").',
        "<https://a.b>",
        "1 < 2 & 3 > 2, a * b, a_b_c, 5 %, [d], (e), f!",
        "- a\n- b\n\n1. c\n2. d\n\n> e\n\n***\n\n| a |\n|--:|\n| b |\n",
        "```\n# a\n<b>\n![c](d)\n```\n\n~~~~ text\n~~~\n~~~~\n\n    [[e\n",
        "```\n```\n\n```\n\n```\n\n- ```\n  a\n\n  ```\n\n> ~~~\n> ~~~\n",
        "a\\\nb  \nc",
        "",
    ],
)
def test_what_is_rendered_as_meant_has_no_fault(markdown: str) -> None:
    assert find_faults(markdown) == ()


@pytest.mark.parametrize(
    "destination",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        " javascript:x",
        "\njavascript:x",
        "\u00a0javascript:x",
        "<java\tscript:x>",
        "&Tab;javascript:x",
        "\\javascript:x",
        "data:text/html,x",
        "data:image/png;base64,x",
        "vbscript:x",
        "file:///etc/passwd",
        "http://a.b",
        "HTTPS://a.b",
        "ftp://a.b",
        "mailto:a@b.c",
        "//a.b",
        "/a",
        "a.html",
        "#a",
        "",
        "https:",
        "https:a.b",
        "https:/a.b",
        "https://",
        "https:///a.b",
        "https:\\\\a.b",
        "https://a",
        "https://a.b:443",
        "https://a@b.c",
        "<https://a b.c>",
        "https://a&#46;b@c.d",
    ],
)
def test_a_link_to_other_than_an_https_host_is_a_fault(destination: str) -> None:
    defined = destination.strip() or "<>"
    for markdown in (f"a\n[b]({destination})", f"a\n[b]({destination} 'c')", f"a\n[b][c]\n\n[c]: {defined}"):
        assert [fault.line for fault in find_faults(markdown) if "a link to `" in fault.message] == [1]


@pytest.mark.parametrize(
    "markdown", ["<http://a.b>", "<mailto:a@b.c>", "<a@b.c>", "<javascript:alert(1)>", "<HTTPS://a.b>"]
)
def test_an_address_in_angles_is_a_link_too(markdown: str) -> None:
    (fault,) = find_faults(markdown)
    assert "a link to `" in fault.message


ALLOWED: Mapping[str, set[str]] = MappingProxyType(
    {
        **{tag: set() for tag in ("p", "em", "strong", "br", "hr", "ul", "li", "blockquote")},
        **{tag: set() for tag in ("table", "thead", "tbody", "tr")},
        "a": {"href", "title", "class"},
        "code": {"class"},
        "ol": {"start"},
        "pre": {"class", "tabindex"},
        "span": {"class"},
        "td": {"class"},
        "th": {"class"},
    }
)
"""What a text without faults may become, and with which attributes."""

FAULTY: Mapping[str, set[str]] = MappingProxyType(
    {**ALLOWED, **{f"h{level}": set() for level in range(1, 7)}, "img": {"src", "alt", "title"}}
)
"""What a text with faults becomes, should it be rendered all the same."""

CLASSES = {"reference", "word", "sample", "k", "align-left", "align-center", "align-right", None}
VOID = {"br", "hr", "img"}


class _Judge(HTMLParser):
    """Refuses every tag and attribute that is not on the list, and what is not closed in order."""

    def __init__(self, allowed: Mapping[str, set[str]]) -> None:
        super().__init__(convert_charrefs=True)
        self._allowed = allowed
        self.open: list[str] = []
        self.hrefs: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert given.keys() <= self._allowed[tag]
        assert given.get("class") in CLASSES
        self.hrefs += [given["href"] or ""] if tag == "a" else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def judge(markup: str, allowed: Mapping[str, set[str]] = FAULTY) -> _Judge:
    parser = _Judge(allowed)
    parser.feed(markup)
    parser.close()
    assert parser.open == []
    return parser


PIECES = (
    "< > & ; ' \" = / ! ? \\ * _ ` ``` ~~~ | |-| |:-: - + 1. # === --- [ ] ( ) [[ ]] ]( ![ : a B {} {0} %s "
    "\0 \u2028 \x0c \u00a0 &lt; &quot; &#60; <script> </p> </a> <!-- --> <![CDATA[ <?x onload= <img "
    "javascript: JaVaScRiPt: &#106;avascript: data:text/html, https://a.b <https:// [[a]] [[c|d]] [a](https://b.c"
)
SPACES = ["\n", "\n\n", " ", "    ", "\t", "> ", "- "]
ADVERSE = st.lists(st.sampled_from([*PIECES.split(" "), *SPACES]), max_size=24).map("".join)


@given(ADVERSE)
def test_no_text_makes_a_tag_that_markdown_does_not(markdown: str) -> None:
    for href in judge(html(markdown)).hrefs:
        assert not href.strip().lower().startswith(("javascript:", "vbscript:", "data:", "file:"))
    judge(f"<p>{render_line(markdown.replace('[[', ''))}</p>")


@given(ADVERSE)
def test_a_text_without_faults_becomes_only_what_it_may(markdown: str) -> None:
    if not find_faults(markdown):
        for href in judge(html(markdown), ALLOWED).hrefs:
            assert href.startswith(("https://", "there.html#"))


@given(ADVERSE)
def test_whatever_the_renderer_resolves_was_found_before(markdown: str) -> None:
    asked: list[str] = []

    def note_down(target: str) -> Link:
        asked.append(target)
        return resolve(target)

    render(markdown, note_down, highlight)
    if not any("image" in fault.message for fault in find_faults(markdown)):
        assert asked == [one.target for one in find_references(markdown)]


@given(st.text("<>&\"'{}a", min_size=1, max_size=9))
def test_the_words_of_a_link_are_escaped(text: str) -> None:
    for link in (Link(f"?{text}", text, code=False), Link(f"?{text}", text, code=True)):
        shown = judge(str(render("[[a]]", {"a": link}.__getitem__, highlight)))
        assert shown.text == f"{text}\n"
        assert shown.hrefs == [f"?{text}"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[[a]]", '<p><a class="reference" href="there.html#a">the a</a></p>\n'),
        ("[[c]]", '<p><a class="reference" href="there.html#c"><code>the c</code></a></p>\n'),
        ("[[c|d e]]", '<p><a class="reference" href="there.html#c">d e</a></p>\n'),
        ("[[a| ]]", '<p><a class="reference" href="there.html#a">the a</a></p>\n'),
        ("`--a`", '<p><code class="word">--a</code></p>\n'),
        (f"`{'a ' * 15}`", f"<p><code>{'a ' * 15}</code></p>\n"),
        ("```py x\n<\n```", '<pre class="sample" tabindex="0"><code><span class="k">py</span>&lt;\n</code></pre>\n'),
        ("    a", '<pre class="sample" tabindex="0"><code><span class="k"></span>a\n</code></pre>\n'),
        ("<b>", "<p>&lt;b&gt;</p>\n"),
        (
            "|a|b|\n|-|-:|\n|c|d|",
            '<table>\n<thead>\n<tr>\n<th>a</th>\n<th class="align-right">b</th>\n</tr>\n</thead>\n'
            '<tbody>\n<tr>\n<td>c</td>\n<td class="align-right">d</td>\n</tr>\n</tbody>\n</table>\n',
        ),
    ],
)
def test_markdown_becomes_html(markdown: str, expected: str) -> None:
    assert html(markdown) == expected


def test_a_title_has_no_paragraph_around_it() -> None:
    assert render_line(" 1. `a` & *b* \n") == '1. <code class="word">a</code> &amp; <em>b</em>'


@pytest.mark.parametrize("markdown", ["a", "a *b* `c`", " a\n", "1 < 2", "a & b", "(1. a)", "`[[a]]`", "a#b"])
def test_one_line_of_inline_markdown_is_a_line(markdown: str) -> None:
    assert is_line(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        *("", "a\nb", "a\n\nb", "# a", "- a", "1. a", "> a", "    a", "~~~ a", "```", "---", "<div>", "[a]: b"),
        *("[[a]]", "a [b](https://c.d)", "<https://a.b>", "[a](x)"),
    ],
)
def test_blocks_references_and_links_are_no_line(markdown: str) -> None:
    assert not is_line(markdown)


@pytest.mark.parametrize("text", ["a", "a_b c", "50 % & 1 < 2", "2 * 3", " a\nb ", "(see c)", "f(x)[0]"])
def test_text_without_markup_is_words(text: str) -> None:
    assert is_words(text)
    assert " ".join(judge(html(text)).text.split()) == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["*a*", "`a`", "a **b**", "[[a]]", "[a](b)", "<b>", "&amp;", "\\*", "<https://a.b>", "a\\\nb"]
)
def test_text_with_markup_is_not_words(text: str) -> None:
    assert not is_words(text)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("*a* **b** `c`  d\ne\\\nf", "a b c d e f"),
        ("[a *b*](https://c.d) [[e]] [[f|g h]]", "a b e g h"),
        ("- a\n- b\n\n> c", "a b c"),
        ("| a | b |\n|---|---|\n| c | d |", "a b c d"),
        ("a\n\n```py\nb = 1\n```\n    c", "a b = 1 c"),
        ("1 &lt; 2 \\* 3", "1 < 2 * 3"),
        ("", ""),
    ],
)
def test_plain_text_is_the_words_of_a_text_on_one_line(markdown: str, expected: str) -> None:
    assert plain_text(markdown) == expected


@given(ADVERSE)
def test_plain_text_has_the_words_that_a_reader_sees(markdown: str) -> None:
    if not find_faults(markdown) and not find_references(markdown):
        seen = judge(str(render(markdown, resolve, lambda _, code: escape(code)))).text
        assert "".join(plain_text(markdown).split()) == "".join(seen.split())
