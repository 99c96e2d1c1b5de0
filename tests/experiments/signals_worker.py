"""Signals to a worker, and what the master says of workers that die."""

from signal import (
    SIGABRT,
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGKILL,
    SIGQUIT,
    SIGTERM,
    SIGTTIN,
    SIGTTOU,
    SIGUSR1,
    SIGUSR2,
    SIGWINCH,
)

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

DYING = """\
import os
import resource
import signal

resource.setrlimit(resource.RLIMIT_CORE, (1, 1))  # no core file, wherever it would go

def application(environ, start_response):
    how = environ["PATH_INFO"].strip("/")
    if how.isdecimal():
        os._exit(int(how))
    if how:
        os.kill(os.getpid(), signal.Signals[how])
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""

READY = """\
def post_worker_init(worker):
    worker.log.info("worker is ready")
"""


@experiment(
    slug="signals-of-the-worker",
    title="HUP and USR2 kill a worker; TTIN, TTOU and WINCH pass it by",
    question="What does each signal do that is sent to a worker instead of the master?",
    topic="signals",
    where=(
        "gunicorn.workers.base.Worker.init_signals",
        "gunicorn.workers.base.Worker.handle_exit",
        "gunicorn.workers.base.Worker.handle_quit",
        "gunicorn.workers.base.Worker.handle_abort",
        "gunicorn.arbiter.Arbiter.reap_workers",
    ),
)
def signals_of_the_worker(lab: Lab) -> Observations:
    lab.write("app.py", DYING)
    lab.write(
        "gunicorn.conf.py",
        READY
        + """
def worker_int(worker):
    worker.log.info("hook worker_int")

def worker_abort(worker):
    worker.log.info("hook worker_abort")
""",
    )
    server = lab.start("app").listening()
    server.wait_for("worker is ready")
    seen: dict[str, list[str]] = {}
    for signal in (SIGCHLD, SIGTTIN, SIGTTOU, SIGUSR1, SIGWINCH):
        before, said = server.worker, len(server.log)
        server.send(signal, before)
        server.ask()
        seen[signal.name] = [*server.log[said:], "lives" if server.worker == before else "has been replaced"]
    for signal in (SIGTERM, SIGINT, SIGQUIT, SIGABRT, SIGHUP, SIGUSR2, SIGKILL):
        lives, said = sum("is ready" in line for line in server.log), len(server.log)
        server.send(signal, server.worker)
        server.wait_for("worker is ready", times=lives + 1)
        new = server.log[said:]
        seen[signal.name] = new[: next(at for at, line in enumerate(new) if "Booting worker" in line)]
    return {name: lines or ["(nothing in the log)"] for name, lines in seen.items()}


@experiment(
    slug="worker-that-dies",
    title="Exit status 3 or 4 of any worker ends the server, whatever it meant",
    question="A worker dies amid a request: what does the master say, what does it do, what does the client see?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.reap_workers",),
)
def worker_that_dies(lab: Lab) -> Observations:
    lab.write("app.py", DYING)
    lab.write("gunicorn.conf.py", READY)
    deaths = ("0", "1", "SIGSEGV", "SIGKILL", "3")
    first, second = lab.start("app"), lab.start("app")
    seen = {}
    for server, ways in ((first, deaths), (second, ("4",))):
        for lives, how in enumerate(ways, 1):
            server.wait_for("worker is ready", times=lives)
            said = len(server.events)
            with server.connect() as client:
                status = client.ask(GET.replace(b"/", f"/{how}".encode(), 1)).status
            if how in "34":
                server.ended()
            else:
                server.wait_for("worker is ready", times=lives + 1)
            words = [str(event) for event in server.events[said:] if event.speaker == "master"]
            cause = f"os._exit({how})" if how.isdecimal() else how
            seen[cause] = [f"client: {status}", *words, f"master: {server.ending}"]
    return seen


@experiment(
    slug="worker-that-ends-at-boot",
    title="sys.exit(1) at import is tried again for ever, sys.exit(3) is not",
    question="The application ends the process at its import: when does the master give up?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.spawn_worker", "gunicorn.arbiter.Arbiter.reap_workers"),
)
def worker_that_ends_at_boot(lab: Lab) -> Observations:
    seen = {}
    statuses = ("0", "1", "3", "4")
    for status in statuses:
        lab.write(f"exits{status}.py", f"import sys; sys.exit({status})")
    servers = {status: lab.start(f"exits{status}") for status in statuses}
    for status, server in servers.items():
        if status in "34":
            server.ended()
        else:
            server.wait_for("Booting worker", times=3)
        boot, *others = (at for at, line in enumerate(server.log) if "Booting worker" in line)
        tried = f"after {'three workers' if others else 'one worker'}: {server.ending}"
        seen[f"sys.exit({status})"] = [*server.log[boot : others[0] + 1 if others else None], tried]
    return seen
