"""Runs the preview: gunicorn on loopback, with one worker that watches the authors' folders and builds anew."""

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker
from watchfiles import watch
from watchfiles.main import FileChange

from render.answers import Answers
from render.output import Draft
from render.preview import Preview

THREADS = 32
"""An open page holds one, and a page that is left keeps its own for up to two heartbeats more."""

_STEP = 50
"""Milliseconds: a change is taken up once the folders have been quiet for one such step."""


def serve(build: Callable[[], Draft], watched: Sequence[Path], bind: str, exposed: bool = False) -> None:
    """Show the site that `build` makes, and make it again whenever something in the watched folders changes.

    Ends the process on SIGINT, SIGTERM and SIGHUP. Raises OSError when a folder is missing or `listen` fails.
    """
    folders = tuple(folder.resolve(strict=True) for folder in watched)
    listener = listen(bind, exposed)
    _Master(_Application(build, folders, listener)).run()


def listen(bind: str, exposed: bool = False) -> socket.socket:
    """A socket that listens at "host:port", where port 0 takes a free one.

    Raises PermissionError for an address that other machines reach, unless `exposed` allows it, and OSError for one
    that is taken or not to be had.
    """
    try:
        parts = urlsplit(f"//{bind}")
        family, *_, address = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)[0]
    except (OSError, ValueError) as error:
        raise OSError(f"{bind}: {error}; give a host and a port, as in 127.0.0.1:8000") from None
    if not (exposed or ipaddress.ip_address(address[0]).is_loopback):
        raise PermissionError(f"{bind}: other machines reach it; choose 127.0.0.1, or add --exposed to mean it")
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        reason = os.strerror(error.args[0]).lower()
        raise OSError(f"{bind}: {reason}; free it or choose another") from None


class _Application(BaseApplication):
    """Everything gunicorn asks for: its settings, and in the worker the WSGI application."""

    def __init__(self, build: Callable[[], Draft], folders: Sequence[Path], listener: socket.socket) -> None:
        self._build = build
        self._folders = folders
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", f"fd://{self._listener.detach()}")
        self.cfg.set("worker_class", _Worker)
        self.cfg.set("workers", 1)
        self.cfg.set("threads", THREADS)
        self.cfg.set("timeout", 0)
        self.cfg.set("graceful_timeout", 1)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("when_ready", _announce)

    def load(self) -> Answers:
        preview = Preview(self._build)
        changes = watch(*self._folders, debounce=4 * _STEP, step=_STEP, rust_timeout=_STEP, yield_on_timeout=True)
        next(changes)  # it watches from here on, so that no change falls between the first build and the second
        threading.Thread(target=_keep_building, args=(preview, changes), daemon=True).start()
        return Answers(preview)


class _Master(Arbiter):
    """gunicorn's master, save that a closed terminal ends it: SIGHUP would only bring fresh workers."""

    handle_hup = Arbiter.handle_int


class _Worker(ThreadWorker):
    """gunicorn's threaded worker, save that it ends at once, without a thought for its threads.

    They are joined at exit otherwise, and one may wait for as long as a page is open, a build runs or a request comes
    in piecemeal.
    """

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        os._exit(0)

    handle_exit = handle_quit

    def run(self) -> None:
        super().run()  # returns when the master has died
        os._exit(0)


def _announce(master: Arbiter) -> None:
    print(f"The preview is at {master.LISTENERS[0]}/ (Ctrl-C ends it).", flush=True)


def _keep_building(preview: Preview, changes: Iterator[set[FileChange]]) -> None:
    _rebuild(preview)
    for changed in changes:
        if changed:  # an empty set only says that a step has passed
            _rebuild(preview)


def _rebuild(preview: Preview) -> None:
    failure = preview.rebuild()
    if failure:
        print(failure, file=sys.stderr, flush=True)
