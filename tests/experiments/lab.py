"""The bench of one experiment: a fresh folder, one release of gunicorn, and the promise that nothing outlives it."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType, TracebackType

import psutil

from tests.experiments.server import Server, wait_until

PATIENCE = 30.0
"""Seconds that anything may take before it counts as failed."""

CONSOLE_SCRIPT = ("../bin/gunicorn",)
MODULE = ("-m", "gunicorn")

APP = """\
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""

_ANSWER = """\
import os
import sys

def application(environ, start_response):
    answer = str({expression}).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""

_CONSOLE_SCRIPT_TEXT = """\
import sys
from gunicorn.app.wsgiapp import run
if __name__ == "__main__":
    sys.exit(run())
"""

_MARK = "GUNICORN_LAB"
_NOTHING: Mapping[str, str] = MappingProxyType({})


def answering(expression: str) -> str:
    """The text of an application that answers with the value of an expression."""
    return _ANSWER.format(expression=expression)


class StillAlive(Exception):
    """A process of a lab has not ended in time."""


class Lab:
    """A context: on leaving, every process begun in it is killed and its folder removed.

    `upstream` is the folder of a vendored release; `patience` is the number of seconds to wait for anything.
    """

    def __init__(self, upstream: Path, patience: float = PATIENCE) -> None:
        self.upstream = upstream.resolve()
        self._patience = patience
        self._base = Path(tempfile.mkdtemp(prefix="lab-")).resolve()
        self._servers: list[Server] = []
        self._watches: list[int] = []
        self.folder = self._base / "lab"
        self.folder.mkdir()
        self.write("../bin/gunicorn", _CONSOLE_SCRIPT_TEXT)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises StillAlive when a process cannot be ended."""
        self._wait_until(self._kill_all)
        for server in self._servers:
            server.process.wait()
        for watch in self._watches:
            os.close(watch)
        shutil.rmtree(self._base)

    def write(self, name: str, text: str) -> None:
        """Write a file, and the folders above it, with its text freed of common indentation."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def start(
        self,
        *arguments: str,
        folder: str = ".",
        bind: str | None = "127.0.0.1:0",
        env: Mapping[str, str] = _NOTHING,
        program: tuple[str, ...] = CONSOLE_SCRIPT,
    ) -> Server:
        """Start gunicorn in the lab's folder or one beside it, on a free port unless `bind` names another address.

        With `bind=None` the command line names no address.
        """
        address = () if bind is None else ("--bind", bind)
        output = Path(tempfile.mkdtemp(prefix="output-", dir=self._base))
        watch, token = os.pipe()  # `watch` can be read once no process holds `token`, which forks inherit
        with (output / "stdout").open("ab") as stdout, (output / "stderr").open("ab") as stderr:
            process = subprocess.Popen(
                [sys.executable, *program, *address, *arguments],
                cwd=self.folder / folder,
                env={**self._environment(), **env},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                pass_fds=(token,),
            )
        os.close(token)
        self._watches.append(watch)
        server = Server(process, output, self._base, self._patience)
        self._servers.append(server)
        return server

    def processes(self) -> list[psutil.Process]:
        """All living processes that were begun in this lab, also those that left the session of their server."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def wait_until_empty(self) -> None:
        """Wait until every process has ended by itself. Raises StillAlive."""
        self._wait_until(self._is_empty)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._base),
            "TMPDIR": str(self._base),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.upstream),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "SPT_NOENV": "1",  # keeps setproctitle, where it is installed, from writing over the mark
            _MARK: str(self._base),
        }

    def _owns(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == str(self._base)
        except psutil.Error:  # it ended meanwhile, or is another user's
            return False

    def _wait_until(self, empty: Callable[[], bool]) -> None:
        if not wait_until(empty, self._patience):
            raise StillAlive(f"after {self._patience:g} s there are still {self.processes()}")

    def _is_empty(self) -> bool:
        """Whether all have ended; a list of processes alone may miss one that forks while it is made."""
        ended, _, _ = select.select(self._watches, [], [], 0)
        return len(ended) == len(self._watches) and not self.processes()

    def _kill_all(self) -> bool:
        """Whether nobody was left to kill."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return self._is_empty()
