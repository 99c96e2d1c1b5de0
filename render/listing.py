"""A line of tokens as HTML."""

from markupsafe import Markup, escape

from render.tokens import Token, TokenLine

COLOURED = frozenset(
    {"k", "kn", "kd", "kr", "kt", "kp", "ow", "nd"}
    | {"s", "s1", "s2", "sa", "sb", "sc", "sh", "sr", "ss", "sx", "dl"}
    | {"mi", "mf", "mh", "mo", "mb", "il", "kc", "se", "si"}
    | {"c", "c1", "ch", "cm", "cp", "cs", "sd"}
    | {"nf", "nc", "fm"}
)
"""The classes that the style sheet tells apart; the others look like plain text, and are shown as such."""


def line_html(line: TokenLine) -> Markup:
    """The tokens of one line, those of a class in `COLOURED` in `span`s; the text survives to the letter."""
    return Markup("".join(_token_html(css, text) for css, text in _joined(line)))


def _joined(line: TokenLine) -> list[Token]:
    """As few tokens as look the same; white space has no colour, and does not part two tokens that have one."""
    tokens: list[Token] = []
    for css, text in line:
        colour = css if css in COLOURED and not text.isspace() else ""
        joined = text
        if len(tokens) > 1 and tokens[-2][0] == colour and tokens[-1][1].isspace():
            joined = tokens.pop()[1] + joined
        if tokens and tokens[-1][0] == colour:
            joined = tokens.pop()[1] + joined
        tokens.append((colour, joined))
    return tokens


def _token_html(css: str, text: str) -> str:
    """`css` is one of Pygments' own names and needs no escape."""
    return f'<span class="{css}">{escape(text)}</span>' if css else str(escape(text))
