"""The bench of one experiment: a fresh folder, one release of gunicorn, and the promise that nothing outlives it."""

import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType, TracebackType

import psutil

from render.releases import version_key
from tests.experiments.marks import MARK, kill, marked
from tests.experiments.receiver import Receiver
from tests.experiments.server import Server
from tests.experiments.transcript import normalise
from tests.experiments.waiting import wait_until

PATIENCE = 30.0
"""Seconds that anything may take before it counts as failed."""

CONSOLE_SCRIPT = ("../bin/gunicorn",)
MODULE = ("-m", "gunicorn")

_CONSOLE_SCRIPT_TEXT = """\
import sys
from gunicorn.app.wsgiapp import run
if __name__ == "__main__":
    sys.exit(run())
"""

_ACTIVATE = """\
import fcntl, os, sys

def move(descriptor):
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(descriptor)
    return moved

for place, descriptor in enumerate([move(int(each)) for each in sys.argv[1].split(",")], 3):
    os.dup2(descriptor, place)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Puts descriptors where systemd does, and becomes the program, which keeps the pid."""

_OUT_OF_THE_WAY = 64
"""Descriptors from here on are not among those that systemd hands down."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class StillAlive(Exception):
    """A process of a lab has not ended in time."""


class Lab:
    """A context: on leaving, every process begun in it is killed and its folder removed.

    `upstream` is the folder of a vendored release, and `release` its name; `patience` is the number of seconds to wait
    for anything. Files are named from `folder`, in which servers are started.
    """

    def __init__(self, upstream: Path, patience: float = PATIENCE) -> None:
        self.upstream = upstream.resolve()
        self.release = self.upstream.name
        self._patience = patience
        self._base = Path(tempfile.mkdtemp(prefix="lab-")).resolve()
        self._servers: list[subprocess.Popen[bytes]] = []
        self._watches: list[int] = []
        self._closing = ExitStack()
        self._closing.callback(shutil.rmtree, self._base)
        self.folder = self._base / "lab"
        self.folder.mkdir()
        self.write("../bin/gunicorn", _CONSOLE_SCRIPT_TEXT)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises StillAlive when a process cannot be ended."""
        with self._closing:
            self._wait_until(self._kill_all)
            for server in self._servers:
                server.wait()

    def is_since(self, release: str) -> bool:
        """Whether the release is this one or a later one."""
        return version_key(self.release) >= version_key(release)

    def write(self, name: str, text: str = "") -> None:
        """Write a file, and the folders above it, with its text freed of common indentation."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def read(self, name: str) -> list[str]:
        """The lines of a file, normalised as those of a log; none when there is no such file."""
        file = self.folder / name
        return normalise(file.read_text(encoding="utf-8"), str(self._base)) if file.exists() else []

    def wait_for_file(self, name: str) -> None:
        """Wait until a file is there. Raises TimeoutError."""
        self.wait_until((self.folder / name).exists, f"there is no {name}")

    def wait_until(self, done: Callable[[], bool], fault: str) -> None:
        """Wait until something is so. Raises TimeoutError, which tells the fault."""
        if not wait_until(done, self._patience):
            raise TimeoutError(f"after {self._patience:g} s {fault}")

    def start(
        self,
        *arguments: str,
        folder: str = ".",
        bind: str | None = "127.0.0.1:0",
        env: Mapping[str, str] = _NOTHING,
        program: tuple[str, ...] = CONSOLE_SCRIPT,
        log: str | None = None,
        sockets: Sequence[socket.socket] = (),
    ) -> Server:
        """Start gunicorn in the lab's folder or one beside it, on a free port unless `bind` names another address.

        With `bind=None` the command line names no address. `log` names a file for the error log, which is stderr
        otherwise. `sockets`, made by `listen`, are handed down as systemd does, with LISTEN_PID and LISTEN_FDS.
        """
        address = () if bind is None else ("--bind", bind)
        logging = () if log is None else ("--error-logfile", log)
        output = Path(tempfile.mkdtemp(prefix="output-", dir=self._base))
        environment = self._environment(output)
        descriptors = [each.fileno() for each in sockets]
        command = [*program, *address, *logging, *arguments]
        if sockets:
            command = ["-c", _ACTIVATE, ",".join(map(str, descriptors)), *command]
            environment["LISTEN_FDS"] = str(len(descriptors))
        begun = self._begin(command, folder, {**environment, **env}, output, descriptors)
        log_file = output / "stderr" if log is None else self.folder / folder / log
        return Server(begun.pid, begun, output, log_file, self.folder / folder, self._base, self._patience)

    def find(self, server: Server, pidfile: str) -> Server:
        """The master whose pid a file names, once it does: that of a daemon that `server` became."""
        file = self.folder / pidfile
        self.wait_until(lambda: file.exists() and file.read_text().strip().isdecimal(), f"{pidfile} names no process")
        return server.become(int(file.read_text()))

    def listen(self, file: str | None = None) -> socket.socket:
        """A listening socket, on a free port or at a file, for `start(sockets=…)`; closed with the lab."""
        listener = socket.socket(socket.AF_INET if file is None else socket.AF_UNIX)
        self._closing.callback(listener.close)
        listener.bind(("127.0.0.1", 0) if file is None else str(self.folder / file))
        listener.listen()
        return listener

    def receive(self, file: str | None = None) -> Receiver:
        """A receiver of datagrams, by UDP (statsd) or at a file (NOTIFY_SOCKET); closed with the lab."""
        receiver = Receiver(None if file is None else self.folder / file, self._patience)
        self._closing.callback(receiver.close)
        return receiver

    def processes(self) -> list[psutil.Process]:
        """All living processes that were begun in this lab, also those that left the session of their server."""
        return marked(str(self._base))

    def wait_until_empty(self) -> None:
        """Wait until every process has ended by itself. Raises StillAlive."""
        self._wait_until(self._is_empty)

    def _begin(
        self, command: Sequence[str], folder: str, environment: Mapping[str, str], output: Path, keep: Sequence[int]
    ) -> subprocess.Popen[bytes]:
        watch, end = os.pipe()  # `watch` can be read once no process holds the other end, which forks inherit
        self._closing.callback(os.close, watch)
        token = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        os.close(end)
        with (output / "stdout").open("ab") as stdout, (output / "stderr").open("ab") as stderr, _no_signal_ignored():
            begun = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder / folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                pass_fds=(token, *keep),
            )
        os.close(token)
        self._watches.append(watch)
        self._servers.append(begun)
        return begun

    def _environment(self, home: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),  # later releases put a socket there
            "TMPDIR": str(self._base),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.upstream),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",  # what a Python says of old code is that Python's
            "SPT_NOENV": "1",  # keeps setproctitle, where it is installed, from writing over the mark
            MARK: str(self._base),
        }

    def _wait_until(self, empty: Callable[[], bool]) -> None:
        if not wait_until(empty, self._patience):
            raise StillAlive(f"after {self._patience:g} s there are still {self.processes()}")

    def _is_empty(self) -> bool:
        """Whether all have ended; a list of processes alone may miss one that forks while it is made."""
        ended, _, _ = select.select(self._watches, [], [], 0)
        return len(ended) == len(self._watches) and not self.processes()

    def _kill_all(self) -> bool:
        """Whether nobody was left to kill."""
        kill(self.processes())
        return self._is_empty()


@contextmanager
def _no_signal_ignored() -> Iterator[None]:
    """What nohup or a shell's background ignores stays ignored in what is started; what has a handler does not."""
    ignored = [one for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT) if signal.getsignal(one) == signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, lambda *_: None)
    try:
        yield
    finally:
        for one in ignored:
            signal.signal(one, signal.SIG_IGN)
