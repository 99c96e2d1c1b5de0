"""A line of tokens as HTML."""

from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from render.tokens import Token, TokenLine

_LOOKS: Mapping[str, str] = {
    "k": "k kn kd kr kt kp ow nd",
    "s": "s s1 s2 sa sb sc sh sr ss sx dl",
    "m": "mi mf mh mo mb il kc se si",
    "c": "c c1 ch cm cp cs sd",
    "nf": "nf nc fm",
}
LOOKS: Mapping[str, str] = {css: look for look, several in _LOOKS.items() for css in several.split()}
"""The class that the style sheet has for a token, by Pygments' own; the others look like plain text, and are shown as
such."""


def line_html(line: TokenLine) -> Markup:
    """The tokens of one line, those that have a look in an `i` of its class; the text survives to the letter."""
    return Markup("".join(_token_html(css, text) for css, text in _joined(line)))


def _joined(line: TokenLine) -> list[Token]:
    """As few tokens as look the same; white space has no look, and does not part two tokens that have one."""
    tokens: list[Token] = []
    for css, text in line:
        look = "" if text.isspace() else LOOKS.get(css, "")
        joined = text
        if len(tokens) > 1 and tokens[-2][0] == look and tokens[-1][1].isspace():
            joined = tokens.pop()[1] + joined
        if tokens and tokens[-1][0] == look:
            joined = tokens.pop()[1] + joined
        tokens.append((look, joined))
    return tokens


def _token_html(look: str, text: str) -> str:
    """Nothing repeats so often in the site, so it is short: no quotes are needed here, and none are escaped."""
    shown = escape(text, quote=False)
    return f"<i class={look}>{shown}</i>" if look else shown
