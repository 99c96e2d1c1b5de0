"""A raw request, and in one line what became of it."""

import html
import re

from tests.experiments.answers import Answer
from tests.experiments.applications import answering
from tests.experiments.server import Server

CHUNKS = "3\r\nabc\r\n0\r\n\r\n"
"""A body of three bytes in one chunk."""

READING = answering("environ['wsgi.input'].read()")
"""The text of an application that answers with the body of the request."""

_VERSION = re.compile(r"HTTP/\S+ ")
_REASON = re.compile(r"</h1>\s*(.*?)\s*</body>", re.DOTALL)


def request(line: str, *fields: str, body: str = "") -> str:
    """A request of these lines, with a Host before the fields."""
    return "\r\n".join([line, "Host: lab", *fields, "", body])


def verdict(server: Server, raw: str, at: int = 0) -> str:
    """What a server answers to a request, sent as Latin-1 by a client that sends no more after it."""
    with server.connect(at) as client:
        client.send(raw.encode("latin-1"))
        client.finish()
        return sum_up(client.answer())


def sum_up(answer: Answer) -> str:
    """The status without its version, and what the application said or the reason on gunicorn's own page."""
    page = _REASON.search(answer.body)
    words = html.unescape(page[1]) if page else answer.body
    visible = "".join(each if each.isprintable() else spell(each) for each in words)
    return ": ".join(filter(None, [_VERSION.sub("", answer.status), visible]))


def spell(text: str) -> str:
    r"""A text as a label: what cannot be seen in it is written as in Python, \r\n and \x00."""
    return ascii(text)[1:-1]
