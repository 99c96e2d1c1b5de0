"""A line of tokens as HTML."""

from markupsafe import Markup, escape

from render.tokens import TokenLine


def line_html(line: TokenLine) -> Markup:
    """The tokens of one line as `span`s with Pygments' short class names; the text survives to the letter."""
    return Markup("".join(_token_html(css, text) for css, text in line))


def _token_html(css: str, text: str) -> str:
    """`css` is one of Pygments' own names and needs no escape."""
    return f'<span class="{css}">{escape(text)}</span>' if css else str(escape(text))
