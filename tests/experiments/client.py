"""A client that sends what it is told when it is told: half requests, several on one connection, none at all."""

import select
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from tests.experiments.answers import Answer, Buffer, read_answer

GET = b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"

Address: TypeAlias = tuple[str, int] | Path
"""Host and port, or the file of a Unix socket."""


class Silence(Exception):
    """A server neither sent what an experiment waits for nor closed the connection in time."""


class Connection:
    """A context; made by `Server.connect`. Never raises for what the server does: `ending` and answers tell it.

    Nothing waits longer than `patience` seconds: then Silence is raised.
    """

    def __init__(self, address: Address, patience: float, receive_buffer: int | None = None) -> None:
        self._socket = socket.socket(_family(address))
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(patience)
        self._patience = patience
        self._buffer = Buffer(self._receive)
        self._methods: list[str] = []
        self._ending = "open"
        self._was_reset = False
        try:
            self._socket.connect(str(address) if isinstance(address, Path) else address)
        except ConnectionRefusedError:
            self._ending = "connection refused"
        except FileNotFoundError:
            self._ending = "no such socket"

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ending(self) -> str:
        """How the server's side stands, as far as was read: "open", "closed", "reset", "connection refused" …"""
        return self._ending

    def send(self, data: bytes) -> None:
        """Send bytes, at once and as they are; whether the server was still there, reading tells."""
        try:
            self._socket.sendall(data)
        except ConnectionResetError:
            self._was_reset = True  # told once: what had come before can still be read, then comes a plain end
        except BrokenPipeError:
            pass
        except OSError:
            if self._ending == "open":
                raise

    def finish(self) -> None:
        """Shut down the sending side; the server sees the end of the input, and may still answer."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, method: str = "GET") -> Answer:
        """The next whole response, to a request of this method; an interim one (100) counts as one."""
        answer = read_answer(self._buffer, method)
        if answer is not None:
            return answer
        return Answer("closed without a word" if self._ending == "closed" else self._ending)

    def ask(self, request: bytes = GET, method: str = "GET") -> Answer:
        """Send a request, and read its response."""
        self.send(request)
        return self.answer(method)

    def rest(self) -> str:
        """All that the server sends until its side ends."""
        return self._buffer.all()

    def is_heard(self, within: float) -> bool:
        """Whether the server sent anything that was not read yet, or ended, within so many seconds."""
        return bool(len(self._buffer)) or self._ending != "open" or self._is_readable(within)

    def is_closed(self, within: float) -> bool:
        """Whether the server's side has ended within so many seconds; what it sends meanwhile can still be read."""
        end = time.monotonic() + within
        while self._ending == "open" and self._is_readable(max(0, end - time.monotonic())):
            self._buffer.add()
        return self._ending != "open"

    def close(self) -> None:
        """Close it; what was not read by either side may turn this into a reset."""
        self._socket.close()

    def reset(self) -> None:
        """End it with a TCP reset, as a client that crashed."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _is_readable(self, within: float) -> bool:
        return bool(select.select([self._socket], [], [], within)[0])

    def _receive(self) -> bytes:
        if self._ending != "open":
            return b""
        try:
            received = self._socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            self._ending = "reset"
            return b""
        except TimeoutError:
            raise Silence(f"the server neither sent anything more nor closed within {self._patience:g} s") from None
        if not received:
            self._ending = "reset" if self._was_reset else "closed"
        return received


def _family(address: Address) -> socket.AddressFamily:
    if isinstance(address, Path):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET
