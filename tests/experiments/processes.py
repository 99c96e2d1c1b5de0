"""Processes of a server, by their pids: who is alive, whose child is whose, holding one still."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIGCONT, SIGSTOP, Signals

import psutil

from tests.experiments.waiting import wait_until


def is_alive(pid: int) -> bool:
    """Whether it has not ended; one that ended and that its parent has not asked after is dead."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def workers_of(master: int) -> set[int]:
    """The children of a master, but for the master that SIGUSR2 made of one of them. Raises psutil.NoSuchProcess."""
    return {child.pid for child in psutil.Process(master).children() if not _succeeds(child, master)}


def successors_of(master: int) -> list[int]:
    """The masters that SIGUSR2 made a master begin."""
    return [child.pid for child in psutil.Process(master).children() if _succeeds(child, master)]


@contextmanager
def frozen(pid: int, patience: float) -> Iterator[None]:
    """While the context lasts, a process does nothing; signals to it wait, one of each kind. Raises TimeoutError."""
    os.kill(pid, SIGSTOP)
    try:
        if not wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, patience):
            raise TimeoutError(f"process {pid} did not stop within {patience:g} s")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, SIGCONT)


def ending(code: int | None) -> str:
    """How a child ended, in words; `code` is what Popen gives."""
    if code is None:
        return "still running"
    return f"killed by {Signals(-code).name}" if code < 0 else f"exit code {code}"


def _succeeds(child: psutil.Process, master: int) -> bool:
    try:
        return child.environ().get("GUNICORN_PID") == str(master)
    except psutil.Error:  # it ended meanwhile
        return False
