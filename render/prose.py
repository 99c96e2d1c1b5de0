"""Markdown to HTML; `[[references]]` resolved through a function it is handed.

Knows nothing of notes or pages. Raw HTML, images and links to other than https are not rendered but reported.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline, backtick, image, link
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Reference:
    """`[[target|text]]`; `text` is None where the author left the wording to the target. `line` is 0 for the first."""

    target: str
    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Link:
    """Where a reference leads, and its wording when the author gave none; `code` sets that in the face of code."""

    href: str
    text: str
    code: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What may not stand in a text, and on which of its lines (0 for the first)."""

    line: int
    message: str


Resolve: TypeAlias = Callable[[str], Link]
"""From a reference's target to its link; called only with targets that were checked."""

Highlight: TypeAlias = Callable[[str, str], Markup]
"""From a language's name and a piece of code to HTML without the enclosing `pre`."""

_REFERENCE = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]")
_URL = re.compile(r"https://[\w-]+(\.[\w-]+)+([/?#].*)?")
_RULE = "reference"
_UNBROKEN = 24
"""Characters of inline code that are kept together on a line."""
_SIGNS: Mapping[str, str] = {
    "[[": "opens a reference and is none; write `[[target]]`",
    "]]": "closes a reference and is none; write `[[target]]`",
    "](": "looks like a link and is none; write `[text](https://…)`, or quote code",
    "`": "has a backquote without its second; close it",
}
"""What is left in running text only of markup that is not whole, and what to say of it."""
_DEFINITION = "a link's definition, which is not shown; write `[text](https://…)` where the link is to stand"


def find_references(markdown: str) -> tuple[Reference, ...]:
    """Every reference of a text, as the renderer would meet them: none inside code."""
    return tuple(
        Reference(token.meta["target"], token.meta["text"], line)
        for token, line in _placed(_parser().parse(markdown))
        if token.type == _RULE
    )


def find_faults(markdown: str) -> tuple[Fault, ...]:
    """Whatever of a text would not be rendered, or not as its author meant it."""
    env: dict[str, Any] = {}
    placed = _placed(_suspicious_parser().parse(markdown, env))
    found = [Fault(line, message) for token, line in placed if (message := _fault(token))]
    definitions = env.get("references", {}).values()
    return (*found, *(Fault(one["map"][0], _DEFINITION) for one in definitions))


def is_line(markdown: str) -> bool:
    """Whether a text is inline Markdown on one line, and holds neither a reference nor a link."""
    blocks = _suspicious_parser().parse(markdown)
    if [block.type for block in blocks] != ["paragraph_open", "inline", "paragraph_close"]:
        return False
    links = (token for token in blocks[1].children or [] if token.type in (_RULE, "link_open"))
    return "\n" not in blocks[1].content and not any(links)


def is_words(text: str) -> bool:
    """Whether a text reads the same with Markdown and without."""
    (inline,) = _suspicious_parser().parseInline(text)
    tokens = inline.children or []
    plain = "".join(token.content or " " for token in tokens)
    return {token.type for token in tokens} <= {"text", "softbreak"} and plain.split() == text.split()


def render(markdown: str, resolve: Resolve, highlight: Highlight) -> Markup:
    """The text as block-level HTML."""
    return Markup(_parser().render(markdown, {"resolve": resolve, "highlight": highlight}))


def render_line(markdown: str) -> Markup:
    """A title, for which `is_line` holds; no paragraph around it."""
    return Markup(_parser().renderInline(markdown.strip()))


@lru_cache(maxsize=16384)
def plain_text(markdown: str) -> str:
    """The words of a text without its markup, on one line."""
    pieces: list[str] = []
    for token, _ in _placed(_parser().parse(markdown)):
        if token.type == _RULE:
            pieces.append(token.meta["text"] or token.meta["target"])
        elif token.type in ("text", "code_inline", "fence", "code_block"):
            pieces.append(token.content)
        elif token.block or token.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
    return " ".join("".join(pieces).split())


def _placed(tokens: Iterable[Token]) -> Iterator[tuple[Token, int]]:
    """Every token, inline ones too, with the line it stands on; a block's closing token counts as on its last line."""
    line = 0
    for block in tokens:
        line = block.map[0] if block.map else line
        if block.type != "inline":
            yield block, line
        for token in block.children or []:
            yield token, line
            line += _breaks(token)


def _breaks(token: Token) -> int:
    """How many lines end in a token of running text."""
    passed: int = token.meta.get("breaks", 0)
    return passed + token.content.count("\n") + (token.type in ("softbreak", "hardbreak"))


def _fault(token: Token) -> str | None:
    match token.type:
        case "html_block" | "html_inline":
            return f"raw HTML `{token.content.split(chr(10))[0].strip()}`; write Markdown, or put it in backquotes"
        case "image":
            return "an image; pictures are drawn when the site is built, describe one in words or leave it out"
        case "heading_open":
            return "a heading; the title is the only heading, begin a new paragraph instead"
        case "link_open" if not _URL.fullmatch(str(token.attrs["href"])):
            return f"a link to `{token.attrs['href']}`; link to https://…, or write a [[reference]]"
        case "reference" if token.meta["text"] and not is_words(token.meta["text"]):
            return f"`{token.content}` has Markdown in its wording, which is shown as it stands; leave the markup out"
        case "text":
            text = token.content.strip()
            return next((f"`{text}` {what}" for sign, what in _SIGNS.items() if sign in text), None)
        case "fence" if not _is_closed(token):
            return f"code that begins with {token.markup} and never ends; close it with {token.markup}"
    return None


def _is_closed(fence: Token) -> bool:
    """Whether a fence has its last line; without one it takes all that follows."""
    first, end = fence.map or (0, 0)
    return end - first == len(fence.content.removesuffix("\n").split("\n")) * bool(fence.content) + 2


def _counted(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """One of the parser's own rules; the line breaks that it passes and no token shows are noted on its last token."""

    def parse(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.tokens)
        found = rule(state, silent)
        made = state.tokens[known:]
        if found and made:
            made[-1].meta["breaks"] = state.src.count("\n", start, state.pos) - sum(map(_breaks, made))
        return found

    return parse


def _parse_reference(state: StateInline, silent: bool) -> bool:
    found = _REFERENCE.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push(_RULE, "a", 0)
        token.content = found[0]
        token.meta = {"target": " ".join(found[1].split()), "text": found[2] and " ".join(found[2].split())}
    state.pos = found.end()
    return True


def _render_reference(_: RendererProtocol, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType) -> str:
    meta = tokens[index].meta
    link: Link = env["resolve"](meta["target"])
    text = escape(meta["text"] or link.text)
    shown = Markup("<code>{}</code>").format(text) if link.code and not meta["text"] else text
    return str(Markup('<a class="reference" href="{}">{}</a>').format(link.href, shown))


def _render_code(_: RendererProtocol, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    """Short code stays on one line: a browser would break `--preload` at its hyphens."""
    text = tokens[index].content
    opening = Markup('<code class="word">') if len(text) <= _UNBROKEN else Markup("<code>")
    return str(opening + escape(text) + Markup("</code>"))


def _render_fence(_: RendererProtocol, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    html = env["highlight"](token.info.split(" ")[0], token.content)
    return str(Markup('<pre class="sample" tabindex="0"><code>{}</code></pre>\n').format(html))


def _render_cell(_: RendererProtocol, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    """A cell that is aligned by a class: the site's security policy forbids the parser's `style`."""
    token = tokens[index]
    style = str(token.attrs.get("style", ""))
    return f'<{token.tag} class="{style.replace("text-align:", "align-")}">' if style else f"<{token.tag}>"


@cache
def _parser() -> MarkdownIt:
    parser = _reader(html=False)
    parser.add_render_rule(_RULE, _render_reference)
    parser.add_render_rule("code_inline", _render_code)
    parser.add_render_rule("fence", _render_fence)
    parser.add_render_rule("code_block", _render_fence)
    parser.add_render_rule("th_open", _render_cell)
    parser.add_render_rule("td_open", _render_cell)
    return parser


@cache
def _suspicious_parser() -> MarkdownIt:
    """Sees HTML and every link for what an author meant, so that it can be reported; never renders."""
    parser = _reader(html=True)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # the documented way to replace it
    return parser


def _reader(html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": html}).enable("table")
    parser.inline.ruler.before("link", _RULE, _parse_reference)
    for name, rule in (("backticks", backtick), ("link", link), ("image", image)):
        parser.inline.ruler.at(name, _counted(rule))
    return parser
