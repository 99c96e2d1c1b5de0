"""The polling reloader: which changes it sees, and which it does not."""

import os
import py_compile
import time
from itertools import count

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

IMPORTING = """\
import contextlib
import bare
with contextlib.suppress(ImportError):
    import gone

def application(environ, start_response):
    if environ["PATH_INFO"] == "/late":
        import late
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""

TWO_LOOKS = 2.5
"""Seconds in which a thread that looks every second has looked twice."""


@experiment(
    slug="changes-that-polling-sees",
    title="A file that gets an older date, or goes away, is no change",
    question="Which changes of files does --reload-engine poll see?",
    topic="reload",
    where=("gunicorn.reloader.Reloader.run", "gunicorn.reloader.Reloader.get_files"),
)
def changes_that_polling_sees(lab: Lab) -> Observations:
    for name in ("gunicorn.conf.py", "bare.py", "gone.py", "late.py", "data.txt"):
        lab.write(name)
    lab.write("app.py", IMPORTING)
    py_compile.compile(str(lab.folder / "bare.py"), str(lab.folder / "bare.pyc"))
    (lab.folder / "bare.py").unlink()
    options = ("--reload", "--reload-engine", "poll", "--reload-extra-file", "data.txt")
    server = lab.start(*options, "app").listening()
    server.ask()
    time.sleep(TWO_LOOKS)
    _date(lab, "app.py", 1)
    (lab.folder / "gone.py").unlink()
    _date(lab, "bare.pyc", 2_000_000_000)
    first = _made_younger(lab, server, "data.txt")
    time.sleep(TWO_LOOKS)
    _date(lab, "gunicorn.conf.py", 2_000_000_000)
    second = _made_younger(lab, server, "data.txt")
    server.ask(GET.replace(b"/ ", b"/late "))
    time.sleep(TWO_LOOKS)
    return {
        "app.py gets an older date, gone.py is deleted, bare.pyc has no source and a newer date; then data.txt": first,
        "gunicorn.conf.py gets a newer date, then data.txt": second,
        "late.py, imported by a request, gets a newer date": _made_younger(lab, server, "late.py"),
    }


def _date(lab: Lab, name: str, moment: int) -> None:
    os.utime(lab.folder / name, (moment, moment))


def _made_younger(lab: Lab, server: Server, name: str) -> list[str]:
    """What the reloader says first, while a file gets younger and younger."""
    moments = count(int(os.stat(lab.folder / name).st_mtime) + 1)
    before, said = server.workers, len(server.log)

    def is_seen() -> bool:
        _date(lab, name, next(moments))
        return "Worker reloading" in str(server.log[said:])

    server.wait_until(is_seen, "see the change")
    server.wait_until(lambda: before.isdisjoint(server.workers), "replace its worker")
    server.ask()
    return [line for line in server.log[said:] if "Worker reloading" in line]
