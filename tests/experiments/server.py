"""One gunicorn, from its start to its end: what it says, what it answers, how it ends."""

import re
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGHUP, Signals

import psutil

from tests.experiments.transcript import normalise

GET = b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"

_LISTENING = re.compile(r"Listening at: http://([\d.]+):(\d+).*\n")


class TooLate(Exception):
    """A server did not do in time what an experiment waits for; the message ends with what it said."""


class NeverListened(Exception):
    """A server ended before it listened; the message is the last thing that it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """`output` holds the files of its two streams; `base` is cut from the paths in them; `patience` is in seconds."""

    process: subprocess.Popen[bytes]
    output: Path
    base: Path
    patience: float

    def listening(self) -> "Server":
        """Itself, once it listens. Raises NeverListened when it ends first, and TooLate."""
        self._wait_until(lambda: self._address is not None or self._code is not None, "listen")
        if self._address is None:
            raise NeverListened(([*self.stdout, *self.stderr] or [self.ending])[-1])
        return self

    def ended(self) -> "Server":
        """Itself, once the master has ended. Raises TooLate."""
        self._wait_until(lambda: self._code is not None, "end")
        return self

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until the words stand in so many lines of the log. Raises TooLate."""
        self._wait_until(lambda: sum(words in line for line in self.stderr) >= times, f"say {words!r}")

    def wait_until_idle(self) -> None:
        """Wait until master and workers all sleep in their loops. Raises TooLate."""
        master = psutil.Process(self.process.pid)
        self._wait_until(lambda: {each.status() for each in (master, *master.children())} == {"sleeping"}, "idle")

    def send(self, signal: Signals) -> None:
        """Send a signal to the master."""
        self.process.send_signal(signal)

    def reload(self) -> None:
        """Send SIGHUP, and wait until none of the workers of before is left. Raises TooLate."""
        before = self.workers
        self.send(SIGHUP)
        self._wait_until(lambda: before.isdisjoint(self.workers), "replace its workers")

    def ask(self, request: bytes = GET) -> list[str]:
        """The lines of the answer to one request on a connection of its own."""
        assert self._address is not None, "only a listening server can be asked"
        try:
            with socket.create_connection(self._address, self.patience) as connection:
                connection.sendall(request)
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionRefusedError:
            return ["connection refused"]
        return answer.decode("latin-1").splitlines()

    @property
    def workers(self) -> set[int]:
        """The pids of the master's children."""
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    @property
    def stdout(self) -> list[str]:
        """What master and workers wrote so far, normalised."""
        return self._said("stdout")

    @property
    def stderr(self) -> list[str]:
        """What master and workers wrote so far, normalised; the log is there too."""
        return self._said("stderr")

    @property
    def ending(self) -> str:
        """How the master ended, in words."""
        code = self._code
        if code is None:
            return "still running"
        return f"killed by {Signals(-code).name}" if code < 0 else f"exit code {code}"

    @property
    def outcome(self) -> list[str]:
        """What it wrote to stderr, and how it ended."""
        return [*self.stderr, self.ending]

    @property
    def _code(self) -> int | None:
        return self.process.poll()

    @property
    def _address(self) -> tuple[str, int] | None:
        found = _LISTENING.search(self._text("stderr"))
        return (found[1], int(found[2])) if found else None

    def _wait_until(self, done: Callable[[], bool], aim: str) -> None:
        if not wait_until(done, self.patience):
            fault = f"the server did not {aim} within {self.patience:g} s; it said:"
            raise TooLate("\n    ".join([fault, *self.stdout, *self.stderr]))

    def _said(self, stream: str) -> list[str]:
        return normalise(self._text(stream), self.process.pid, str(self.base))

    def _text(self, stream: str) -> str:
        return (self.output / stream).read_text(encoding="utf-8", errors="replace")


def wait_until(done: Callable[[], bool], patience: float) -> bool:
    """Whether it came true within so many seconds; it is asked often, since a process tells nobody that it changes."""
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
