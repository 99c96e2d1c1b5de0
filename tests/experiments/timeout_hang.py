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
