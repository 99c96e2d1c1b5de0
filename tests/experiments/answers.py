"""One HTTP response, read from bytes that come piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Framing: TypeAlias = Literal["none", "length", "chunked", "close"]
"""What tells the end of a body; with "none" there is no body."""

_BODILESS = ("204", "304")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent in answer to one request; bytes beyond ASCII are read as Latin-1.

    `status` is the status line, or in its place "connection refused", "no such socket", "closed without a word" or
    "reset". `headers` are in the server's order, with DATE for the date. `chunks` are those of a chunked body.
    `whole` is false when the connection ended before the end that head or chunks promised.
    """

    status: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    framing: Framing = "none"
    chunks: tuple[str, ...] = ()
    whole: bool = True

    def header(self, name: str) -> str:
        """The values of a header, joined by commas, or "absent"."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else "absent"

    def told(self, *names: str) -> list[str]:
        """The status line, the headers of these names in the server's order, the lines of the body."""
        wanted = {name.lower() for name in names}
        chosen = [f"{name}: {value}" for name, value in self.headers if name.lower() in wanted]
        return [self.status, *chosen, *self.body.splitlines(), *([] if self.whole else ["(cut off)"])]


class Buffer:
    """Bytes that came and were not read yet; `more` fetches some, and says whether there were any."""

    def __init__(self, more: Callable[[], bytes]) -> None:
        self._more = more
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self) -> bool:
        """Whether more came."""
        more = self._more()
        self._bytes += more
        return bool(more)

    def until(self, end: bytes) -> str | None:
        """What stands before the next `end`, both taken out; None, and all left, when the bytes end sooner."""
        while end not in self._bytes:
            if not self.add():
                return None
        return self.take(self._bytes.index(end) + len(end))[: -len(end)]

    def take(self, size: int) -> str:
        """So many bytes, or as many as come."""
        while len(self._bytes) < size and self.add():
            pass
        taken = self._bytes[:size].decode("latin-1")
        del self._bytes[:size]
        return taken

    def all(self) -> str:
        """All that come until there are no more."""
        while self.add():
            pass
        return self.take(len(self._bytes))


def read_answer(buffer: Buffer, method: str) -> Answer | None:
    """The next response to a request of this method; None when nothing comes."""
    head = buffer.until(b"\r\n\r\n")
    if head is None:
        rest = buffer.all()
        return Answer(rest.partition("\r\n")[0], whole=False) if rest else None
    status, *lines = head.split("\r\n")
    answer = Answer(status, tuple(_header(line) for line in lines))
    code = status.partition(" ")[2][:3]
    if method == "HEAD" or code in _BODILESS or code.startswith("1"):
        return answer
    if "chunked" in answer.header("Transfer-Encoding").lower():
        return _read_chunks(buffer, answer)
    length = answer.header("Content-Length")
    if length.isdecimal():
        body = buffer.take(int(length))
        return replace(answer, body=body, framing="length", whole=len(body) == int(length))
    return replace(answer, body=buffer.all(), framing="close")


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, "DATE" if name.lower() == "date" else value.strip()


def _read_chunks(buffer: Buffer, answer: Answer) -> Answer:
    chunks: list[str] = []
    whole = False
    while (line := buffer.until(b"\r\n")) is not None:
        size = int(line.partition(";")[0], 16)
        if size == 0:
            while trailer := buffer.until(b"\r\n"):
                pass
            whole = trailer is not None
            break
        chunks.append(buffer.take(size))
        buffer.take(2)
    return replace(answer, body="".join(chunks), framing="chunked", chunks=tuple(chunks), whole=whole)
