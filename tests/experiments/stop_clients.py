"""Stopping, as clients see it: one that comes while the server stops, and those of a master that is killed."""

from signal import SIGKILL, SIGTERM
from time import monotonic, sleep

from tests.experiments.applications import HOLDING
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

WORKERS = ("sync", "gthread", "gevent")


@experiment(
    slug="a-client-that-comes-during-the-stop",
    title="A stopping sync worker holds the port open for clients it will not serve; from 24.1.1 on gthread too",
    question="TERM waits for a request, and a client comes: can it connect, and what becomes of it?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.sock.close_sockets",
        "gunicorn.workers.sync.SyncWorker.run_for_one",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="20.1.0",
)
def a_client_that_comes_during_the_stop(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    seen: dict[str, list[str]] = {}
    for worker in WORKERS:
        server = lab.start("-k", worker, "--graceful-timeout", "20", "app").listening()
        with server.connect() as first:
            first.send(GET.replace(b"/", f"/gate-of-{worker}".encode(), 1))
            server.wait_for_output("holding")
            server.send(SIGTERM)
            server.wait_for("Handling signal: term")
            refused = _is_refused(server, within=3)
            with server.connect() as second:
                second.send(GET)
                lab.write(f"gate-of-{worker}")
                status = second.answer().status
            answer = first.answer().status
        seen[f"{worker}, TCP"] = [
            f"the first: {answer}",
            "cannot connect" if refused else "can connect for as long as the first is served",
            f"its request: {status}",
            server.ended().ending,
        ]
    seen["sync, a Unix socket"] = _behind_a_file(lab)
    return seen


@experiment(
    slug="a-master-that-is-killed",
    title="The workers of a killed master finish what they have; those of gevent cut it off",
    question="SIGKILL ends the master amid a request: what does the client get, what is left, can one start again?",
    topic="stop",
    where=(
        "gunicorn.workers.sync.SyncWorker.is_parent_alive",
        "gunicorn.workers.gthread.ThreadWorker.is_parent_alive",
        "gunicorn.workers.ggevent.GeventWorker.notify",
        "gunicorn.pidfile.Pidfile.validate",
    ),
    since="20.1.0",
)
def a_master_that_is_killed(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    seen: dict[str, list[str]] = {}
    for worker in WORKERS:
        pidfile = f"{worker}.pid"
        server = lab.start("-k", worker, "--timeout", "60", "--pid", pidfile, "app").listening()
        with server.connect() as client:
            client.send(GET.replace(b"/", f"/gate-of-{worker}".encode(), 1))
            server.wait_for_output("holding")
            server.send(SIGKILL)
            server.ended()
            cut = client.is_heard(within=3)
            lab.write(f"gate-of-{worker}")
            status = client.answer().status
        left = [pidfile] if (lab.folder / pidfile).exists() else []
        seen[worker] = [
            server.ending,
            f"client, {'before its request is over' if cut else 'when its request is over'}: {status}",
            *(f"left: {name}" for name in left),
        ]
        lab.wait_until_empty()
    again = lab.start("--pid", "sync.pid", "app").listening()
    seen["another start with that pidfile"] = [again.ask()[0]]
    return seen


def _is_refused(server: Server, within: float) -> bool:
    """Whether the port is closed before the time is over; clients that come too early hang up again."""
    deadline = monotonic() + within
    while monotonic() < deadline:
        with server.connect() as client:
            if client.ending == "connection refused":
                return True
        sleep(0.2)
    return False


def _behind_a_file(lab: Lab) -> list[str]:
    server = lab.start("--graceful-timeout", "20", "app", bind="unix:here.sock").listening()
    with server.connect() as first:
        first.send(GET.replace(b"/", b"/gate", 1))
        server.wait_for_output("holding")
        server.send(SIGTERM)
        lab.wait_until(lambda: not (lab.folder / "here.sock").exists(), "the socket's file is still there")
        with server.connect() as second:
            ending = second.ending
        lab.write("gate")
        return [f"the first: {first.answer().status}", f"the second: {ending}", server.ended().ending]
