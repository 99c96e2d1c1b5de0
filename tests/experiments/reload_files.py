"""The reloader: which changes of files it sees, and which mistakes a server with --reload survives."""

import os
from itertools import count

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="mistakes-under-reload",
    title="--reload survives a syntax error, and no other",
    question="A module and an extra file change, then the module has a syntax error, then another error: what happens?",
    topic="reload",
    where=(
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.workers.base.Worker.load_wsgi",
        "gunicorn.reloader.Reloader.run",
        "gunicorn.util.make_fail_app",
    ),
)
def mistakes_under_reload(lab: Lab) -> Observations:
    lab.write("app.py", answering("'first'"))
    lab.write("data.txt", "first")
    server = lab.start("--reload", "--reload-engine", "poll", "--reload-extra-file", "data.txt", "app").listening()
    moments = count(2_000_000_000)

    def change(name: str, text: str) -> str:
        """Write a file, and make it younger until the reloader, which looks once a second, says so."""
        before, log = server.workers, len(server.log)
        lab.write(name, text)

        def is_seen() -> bool:
            if "Worker reloading" in str(server.log[log:]):
                return True
            moment = next(moments)
            os.utime(lab.folder / name, (moment, moment))
            return False

        server.wait_until(is_seen, "see the change")
        server.wait_until(lambda: server.has_ended or before.isdisjoint(server.workers), "replace its worker")
        return next(line for line in server.log[log:] if "Worker reloading" in line)

    server.ask()
    changed = change("app.py", answering("'second'"))
    second = server.ask()[-1]
    extra = change("data.txt", "second")
    server.ask()
    change("app.py", "def application(:")
    broken = server.ask()
    change("app.py", answering("'third'"))
    third = server.ask()[-1]
    change("app.py", "raise ValueError('no database')")
    return {
        "app.py changes": [changed, second],
        "data.txt changes": extra,
        "app.py has a syntax error": broken[0],
        "the page tells the error": "yes" if "SyntaxError" in str(broken) else "no",
        "the error is mended": third,
        "app.py raises ValueError": server.ended().ending,
    }
