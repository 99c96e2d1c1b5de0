"""One gunicorn, from its start to its end: what it says, what it answers, how it ends."""

import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGHUP, Signals

import psutil

from tests.experiments.client import GET, Address, Connection
from tests.experiments.processes import ending, frozen, is_alive, successors_of, workers_of
from tests.experiments.transcript import Event, normalise, read_events
from tests.experiments.waiting import wait_until

_LISTENING = re.compile(r"Listening at: (\S+) \((\d+)\)\n")
_DATE = re.compile(r"^Date: .*")
_TCP = re.compile(r"https?://\[?(.+?)\]?:(\d+)")


class TooLate(Exception):
    """A server did not do in time what an experiment waits for; the message ends with what it said."""


class Cannot(Exception):
    """A release cannot run an experiment; the message is the reason that is recorded. Experiments may raise it."""


class NeverListened(Cannot):
    """A server ended before it listened; the message is the last thing that it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A master and its workers; made by `Lab.start`, `Lab.find` and `successor`.

    `pid` is the master's; `begun` is the process that the lab began, where that is the master. `output` holds the
    files of its two streams, and `log_file` is where its log stands. `folder` is where it was started, `base` is cut
    from the paths in what it says, `patience` is in seconds.
    """

    pid: int
    begun: subprocess.Popen[bytes] | None
    output: Path
    log_file: Path
    folder: Path
    base: Path
    patience: float

    def listening(self) -> "Server":
        """Itself, once its log says that it listens. Raises NeverListened when it ends first, and TooLate."""
        self.wait_until(lambda: bool(self._addresses) or self.has_ended, "listen")
        if not self._addresses:
            raise NeverListened(([*self.stdout, *self.stderr] or [self.ending])[-1])
        return self

    def ended(self) -> "Server":
        """Itself, once the master has ended. Raises TooLate."""
        self.wait_until(lambda: self.has_ended, "end")
        return self

    def wait_until(self, done: Callable[[], bool], aim: str) -> None:
        """Wait until something is so; `aim` completes "the server did not …". Raises TooLate."""
        if not wait_until(done, self.patience):
            fault = f"the server did not {aim} within {self.patience:g} s; it said:"
            raise TooLate("\n    ".join([fault, *self.stdout, *self.stderr]))

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until the words stand in so many lines of the log. Raises TooLate."""
        self.wait_until(lambda: sum(words in line for line in self.log) >= times, f"say {words!r}")

    def wait_for_output(self, words: str, times: int = 1) -> None:
        """Wait until the words stand in so many lines of stdout. Raises TooLate."""
        self.wait_until(lambda: sum(words in line for line in self.stdout) >= times, f"print {words!r}")

    def wait_for_workers(self, number: int) -> set[int]:
        """The pids of its workers, once there are so many. Raises TooLate."""
        self.wait_until(lambda: len(self.workers) == number, f"have {number} workers")
        return self.workers

    def wait_until_gone(self, pid: int) -> None:
        """Wait until a worker has ended. Raises TooLate."""
        self.wait_until(lambda: not is_alive(pid), "lose a worker")

    def wait_until_idle(self) -> None:
        """Wait until master and workers all sleep in their loops. Raises TooLate."""
        master = psutil.Process(self.pid)
        self.wait_until(lambda: {each.status() for each in (master, *master.children())} == {"sleeping"}, "idle")

    def send(self, signal: Signals, pid: int | None = None) -> None:
        """Send a signal to the master, or to the worker of that pid."""
        psutil.Process(self.pid if pid is None else pid).send_signal(signal)

    def frozen(self, pid: int | None = None) -> AbstractContextManager[None]:
        """Hold the master still, or the worker of that pid, while the context lasts; signals to it wait."""
        return frozen(self.pid if pid is None else pid, self.patience)

    def reload(self) -> None:
        """Send SIGHUP, and wait until none of the workers of before is left. Raises TooLate."""
        before = self.workers
        self.send(SIGHUP)
        self.wait_until(lambda: before.isdisjoint(self.workers), "replace its workers")

    def successor(self) -> "Server":
        """The master that this one began upon SIGUSR2, once it is there. Raises TooLate."""
        self.wait_until(lambda: bool(successors_of(self.pid)), "begin another master")
        return self.become(successors_of(self.pid)[0])

    def become(self, pid: int) -> "Server":
        """The same place and log, with another process as the master."""
        return replace(self, pid=pid, begun=None)

    def connect(self, at: int = 0, *, receive_buffer: int | None = None) -> Connection:
        """A connection to the first of the addresses that it listened at, or to the one of that index.

        With a small `receive_buffer`, in bytes, a client that does not read soon blocks the server's sending.
        """
        return Connection(self._address(at), self.patience, receive_buffer)

    def ask(self, request: bytes = GET, at: int = 0) -> list[str]:
        """All lines that come in answer to one request on a connection of its own, or how it failed."""
        with self.connect(at) as connection:
            connection.send(request)
            lines = [_DATE.sub("Date: DATE", line) for line in connection.rest().splitlines()]
            return lines or [connection.answer().status]

    @property
    def workers(self) -> set[int]:
        """The pids of the master's workers. Raises psutil.NoSuchProcess when the master has gone."""
        return workers_of(self.pid)

    @property
    def worker(self) -> int:
        """The pid of its one worker, once it has just one. Raises TooLate."""
        (pid,) = self.wait_for_workers(1)
        return pid

    @property
    def stdout(self) -> list[str]:
        """What master and workers wrote so far, normalised."""
        return self._read(self.output / "stdout")

    @property
    def stderr(self) -> list[str]:
        """What master and workers wrote so far, normalised; the log is there too, unless a file was named for it."""
        return self._read(self.output / "stderr")

    @property
    def log(self) -> list[str]:
        """The lines of the file where the log stands, normalised: those of stderr, unless a file was named."""
        return self._read(self.log_file)

    @property
    def events(self) -> list[Event]:
        """The log, line by line, without what else stands in its file."""
        return read_events(_text(self.log_file), str(self.base), self.pid)

    @property
    def has_ended(self) -> bool:
        """Whether the master has ended; workers may be left."""
        return not is_alive(self.pid) if self.begun is None else self.begun.poll() is not None

    @property
    def ending(self) -> str:
        """How the master ended, in words: "exit code 3", "killed by SIGKILL", or "still running".

        Just "gone" for one that the lab did not begin itself.
        """
        if self.begun is None:
            return "gone" if self.has_ended else "still running"
        return ending(self.begun.poll())

    @property
    def outcome(self) -> list[str]:
        """What it wrote to stderr, and how it ended."""
        return [*self.stderr, self.ending]

    @property
    def _addresses(self) -> list[str]:
        said = _LISTENING.findall(_text(self.log_file))
        return next((addresses.split(",") for addresses, pid in said if int(pid) == self.pid), [])

    def _address(self, at: int) -> Address:
        assert self._addresses, "only a server that listened can be asked"
        address = self._addresses[at]
        if tcp := _TCP.fullmatch(address):
            return tcp[1], int(tcp[2])
        here = self.folder if self.has_ended else Path(psutil.Process(self.pid).cwd())
        return here / address.removeprefix("unix:")

    def _read(self, file: Path) -> list[str]:
        return normalise(_text(file), str(self.base), self.pid)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
