"""Processes that work through tasks side by side, and of which nothing is left, however the run ends."""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from tests.experiments.marks import kill, marked
from tests.experiments.waiting import wait_until

_PATIENCE = 30.0


def work_through(work: Callable[[Any], Any], tasks: Iterable[Any], size: int) -> Generator[tuple[Any, Any]]:
    """Tasks and what `work` returned for them, as they come; `size` processes work, each at one task at a time.

    The next task is taken when a process is free for it. `work` is a function of a module. When the iteration ends or
    is closed, temporary files of the processes are removed, and processes of their labs are killed. Call it in the
    main thread. Raises EOFError when a process of the crew dies.
    """
    remaining = iter(tasks)
    with _folder() as folder, _crew(work, folder, size) as free:
        busy: dict[Connection, Any] = {}
        while True:
            while free and (task := next(remaining, None)) is not None:
                connection = free.pop()
                connection.send(task)
                busy[connection] = task
            if not busy:
                return
            ready = wait([*busy])
            for connection in [each for each in busy if each in ready]:
                result = connection.recv()
                yield busy.pop(connection), result
                free.append(connection)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for all temporary files; on leaving, labs in it are cleared away even when nobody was left to do it."""
    folder = Path(tempfile.mkdtemp(prefix="experiments-")).resolve()
    try:
        yield folder
    finally:
        with _undisturbed():
            wait_until(lambda: _is_cleared(folder), _PATIENCE)
            shutil.rmtree(folder)


def _is_cleared(folder: Path) -> bool:
    left = marked(str(folder))
    kill(left)
    return not left


@contextmanager
def _crew(work: Callable[[Any], Any], folder: Path, size: int) -> Iterator[list[Connection]]:
    """Connections to so many processes."""
    context = multiprocessing.get_context("spawn")
    crew: list[SpawnProcess] = []
    connections: list[Connection] = []
    try:
        for _ in range(size):
            here, there = context.Pipe()
            connections.append(here)
            member = context.Process(target=_serve, args=(there, work, str(folder)))
            crew.append(member)
            _start_undisturbed(member)
            there.close()
        yield [*connections]
    finally:
        with _undisturbed():
            begun = [member for member in crew if member.pid is not None]
            for member in begun:
                member.terminate()
            for member in begun:
                member.join()
            for connection in connections:
                connection.close()


def _start_undisturbed(member: SpawnProcess) -> None:
    """Start a process that no Ctrl-C reaches before it ignores it; one that comes meanwhile is heard afterwards."""
    resource_tracker.ensure_running()  # it begins a process of its own, and takes away what is blocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        member.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """While the context lasts, nobody who has lost patience can keep it from clearing away."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _serve(connection: Connection, work: Callable[[Any], Any], folder: str) -> None:
    """What a process of the crew does; Ctrl-C is the business of the one that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    tempfile.tempdir = folder
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(work(task))


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
