"""Who may reopen a log that was renamed: workers under another user, in a folder that only root can write."""

import os
import tempfile
from signal import SIGUSR1

from tests.experiments.applications import answering
from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_NOBODY = 65534


@experiment(
    slug="reopening-as-another-user",
    title="A worker that may not reopen its log dies of SIGUSR1; its successor inherits the open file",
    question="SIGUSR1 to a server of root with --user: does the worker reopen the renamed log?",
    topic="logging",
    where=(
        "gunicorn.workers.base.Worker.handle_usr1",
        "gunicorn.glogging.Logger.reopen_files",
        "gunicorn.arbiter.Arbiter.handle_usr1",
    ),
    as_root=True,
)
def reopening_as_another_user(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.getpid()"))
    for folder in (lab.folder, *lab.folder.parents):
        if folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o055)
    return {
        "root's master creates the file": _reopen(lab, "root", is_created=False),
        "it is there, and the worker's": _reopen(lab, "nobody", is_created=True),
    }


def _reopen(lab: Lab, name: str, *, is_created: bool) -> list[str]:
    log, socket = lab.folder / f"{name}.log", lab.folder / f"{name}.sock"
    options = ("--user", str(_NOBODY), "--group", str(_NOBODY))
    server = lab.start(*options, "app", bind=f"unix:{socket.name}", log=log.name).listening()

    def ask() -> tuple[str, str]:
        with Connection(socket, patience=30) as client:
            answer = client.ask(GET)
            return answer.status, answer.body

    _, first = ask()
    log.rename(lab.folder / f"{name}.old")
    if is_created:
        lab.write(log.name)
        os.chown(log, _NOBODY, _NOBODY)
    server.send(SIGUSR1)
    lab.wait_until(log.exists, "there is no new file")
    if is_created:
        server.wait_until_idle()
    else:
        server.wait_for("Booting worker")
    status, last = ask()
    stderr = sorted({f"stderr: {line}" for line in server.stderr if "Error" in line})
    return [*stderr, *(f"new file: {line}" for line in server.log), f"then: {status}", _compare(first, last)]


def _compare(first: str, last: str) -> str:
    return "from the same worker" if first == last else "from another worker"
