"""A socket for what a server says to others: statsd's datagrams, the words for systemd."""

import os
import socket
from pathlib import Path

from tests.experiments.waiting import wait_until


class Receiver:
    """Made by `Lab.receive`; `address` is what a setting or NOTIFY_SOCKET takes."""

    def __init__(self, file: Path | None, patience: float) -> None:
        self._socket = socket.socket(socket.AF_INET if file is None else socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0) if file is None else os.fspath(file))
        self._socket.setblocking(False)
        self._patience = patience
        self._messages: list[str] = []
        self.address = ":".join(map(str, self._socket.getsockname())) if file is None else os.fspath(file)

    @property
    def messages(self) -> list[str]:
        """What came so far, a datagram each."""
        while True:
            try:
                self._messages.append(self._socket.recv(65536).decode("utf-8", "replace"))
            except BlockingIOError:
                return [*self._messages]

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until the words stand in so many datagrams. Raises TimeoutError."""
        if not wait_until(lambda: sum(words in message for message in self.messages) >= times, self._patience):
            raise TimeoutError(f"no {words!r} came within {self._patience:g} s, but {self._messages}")

    def close(self) -> None:
        self._socket.close()
