"""The timeout: who is killed for not being heard of, with which signals, and what the client gets."""

from contextlib import ExitStack

from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.waiting import wait_until

HUNG = """\
import time

def application(environ, start_response):
    if environ["PATH_INFO"] == "/begun":
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"begun"
    while environ["PATH_INFO"] == "/busy":
        pass
    while environ["PATH_INFO"] == "/stubborn":
        try:
            time.sleep(60)
        except BaseException:
            pass
    time.sleep(60)
"""

HOOKS = """\
def worker_abort(worker):
    worker.log.info("hook worker_abort")

def worker_exit(server, worker):
    worker.log.info("hook worker_exit")

def child_exit(server, worker):
    worker.log.info("hook child_exit")
"""


@experiment(
    slug="timeout-of-sync",
    title="A hung sync worker gets SIGABRT; one that outlives it gets SIGKILL",
    question="The application hangs, or catches even SystemExit: who hears of the timeout, in which order?",
    topic="timeout",
    where=(
        "gunicorn.arbiter.Arbiter.murder_workers",
        "gunicorn.workers.base.Worker.handle_abort",
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.util.close_graceful",
    ),
)
def timeout_of_sync(lab: Lab) -> Observations:
    lab.write("app.py", HUNG)
    lab.write("gunicorn.conf.py", HOOKS)
    gone, stays, stubborn, free = (lab.start("--timeout", seconds, "app").listening() for seconds in "2220")
    with gone.connect() as one, stays.connect() as two, stubborn.connect() as three, free.connect() as four:
        for client, path in ((one, "/"), (two, "/"), (three, "/stubborn"), (four, "/")):
            client.send(_asking_for(path))
        one.answer()
        one.close()
        return {
            "--timeout 2, hangs": _ended_and_replaced(gone),
            "--timeout 2, hangs, the client keeps its side open": _ended_and_replaced(stays),
            "--timeout 2, catches BaseException": _until_replaced(stubborn),
            "--timeout 0, hangs, meanwhile": _standing(four, free),
        }


@experiment(
    slug="timeout-and-other-workers",
    title="A hung thread is no timeout, nor is a greenlet that waits",
    question="The application hangs in a thread or in a greenlet: does --timeout end it?",
    topic="timeout",
    where=(
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.handle_request",
    ),
    since="20.1.0",
)
def timeout_and_other_workers(lab: Lab) -> Observations:
    lab.write("app.py", HUNG)
    lab.write("gunicorn.conf.py", HOOKS)
    threads = lab.start("--timeout", "3", "-k", "gthread", "app")
    asleep, busy = (lab.start("--timeout", "3", "-k", "gevent", "app") for _ in range(2))
    with (
        threads.listening().connect() as one,
        asleep.listening().connect() as two,
        busy.listening().connect() as three,
    ):
        one.send(GET)
        two.send(GET)
        three.send(_asking_for("/busy"))
        return {
            "gevent, while True: pass, log": _ended_and_replaced(busy),
            "gevent, while True: pass, client": three.answer().status,
            "gevent, time.sleep(60), meanwhile": _standing(two, asleep),
            "gthread, time.sleep(60), meanwhile": _standing(one, threads),
        }


@experiment(
    slug="timeout-while-booting",
    title="From 22.0.0 on an import may take for ever",
    question="Is a worker killed whose application takes longer than --timeout to import?",
    topic="timeout",
    where=(
        "gunicorn.workers.workertmp.WorkerTmp.last_update",
        "gunicorn.workers.workertmp.WorkerTmp.notify",
        "gunicorn.arbiter.Arbiter.murder_workers",
    ),
)
def timeout_while_booting(lab: Lab) -> Observations:
    lab.write("app.py", "import time; time.sleep(60)")
    server = lab.start("--timeout", "1", "app").listening()
    server.wait_for("Booting worker")
    if wait_until(lambda: len(_boots(server)) > 1, 4):
        return {"--timeout 1": _until_replaced(server)}
    return {"--timeout 1": "after 4 s the worker still imports"}


@experiment(
    slug="timeout-and-the-client",
    title="From 22.0.0 on a timeout answers 500, until 26.2.0 even amid a response",
    question="What does a client of a sync worker read when the timeout strikes?",
    topic="timeout",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def timeout_and_the_client(lab: Lab) -> Observations:
    lab.write("app.py", HUNG)
    requests = {
        "said nothing": b"",
        "sent half a request": GET[:-2],
        "asked": GET,
        "had part of a response": _asking_for("/begun"),
    }
    servers = [lab.start("--timeout", "2", "app") for _ in requests]
    with ExitStack() as connections:
        clients = [connections.enter_context(server.listening().connect()) for server in servers]
        for client, request in zip(clients, requests.values(), strict=True):
            client.send(request)
        return {who: _outline(client) for who, client in zip(requests, clients, strict=True)}


def _asking_for(path: str) -> bytes:
    return GET.replace(b"/", path.encode(), 1)


def _outline(client: Connection) -> list[str]:
    """Status lines and the lines of the chunks, in their order, and how the connection ended."""
    lines = client.rest().splitlines()
    return [*(line for line in lines if line.startswith("HTTP/") or line in ("5", "begun", "0")), client.ending]


def _boots(server: Server) -> list[str]:
    return [line for line in server.log if "Booting worker" in line]


def _until_replaced(server: Server) -> list[str]:
    """The log behind the first worker's boot, to that of the second."""
    server.wait_for("Booting worker", times=2)
    log = server.log
    first = log.index(_boots(server)[0])
    second = log.index(_boots(server)[0], first + 1)
    return log[first + 1 : second + 1]


def _ended_and_replaced(server: Server) -> list[str]:
    """As `_until_replaced`, for a worker that ends when told; the master waits, and sends a slow one no SIGKILL."""
    server.wait_for("hook worker_abort")
    with server.frozen():
        server.wait_for("hook worker_exit")
    return _until_replaced(server)


def _standing(client: Connection, server: Server) -> list[str]:
    killed = [line for line in server.log if "WORKER TIMEOUT" in line]
    return ["answered" if client.is_heard(within=0) else "the client waits", *(killed or ["no WORKER TIMEOUT"])]
