"""Clients that say nothing, or not all: how long a worker holds them, and who waits meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.experiments.applications import APP
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.waiting import Stopwatch

HALF = b"GET / HTTP/1.1\r\nHost:"


def ask_beside(server: Server, beginning: bytes, clients: int, patience: float) -> list[str]:
    """How a client fares beside some that have sent the beginning of a request and no more, and how they fare."""
    server.listening().ask()
    with ExitStack() as stack:
        quiet = [stack.enter_context(server.connect()) for _ in range(clients)]
        for client in quiet:
            client.send(beginning)
        other = stack.enter_context(server.connect())
        other.send(GET)
        watch = Stopwatch()
        if other.is_heard(patience):
            after = watch.compare(2.5, 13)
            first = quiet[0].answer().status if quiet[0].is_closed(within=4) else "still held after 4 s"
            return [f"the next client: answered {after}", f"the first: {first}"]
        for client in quiet:
            client.close()
        then = "answered" if other.is_heard(within=5) else "not answered within 5 s"
        return [f"the next client: not answered within {patience:g} s", f"once the first have gone: {then}"]


@experiment(
    slug="silent-clients",
    title="A silent client stops a sync worker, half a request a thread, and too many silent ones gthread for good",
    question="Clients connect and say nothing, or send half a request line: is the next one answered?",
    topic="workers",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.arbiter.Arbiter.murder_workers",
        "gunicorn.workers.gthread.ThreadWorker.accept",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.gthread.ThreadWorker.handle",
        "gunicorn.workers.gthread.TConn.wait_for_data",
        "gunicorn.workers.ggevent.GeventWorker.timeout_ctx",
    ),
    since="20.1.0",
)
def silent_clients(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    threads = "--worker-class gthread --threads"
    cases = {
        "sync, --timeout 3: a silent one": ("--timeout 3", b"", 1, 10.0),
        "gthread, 1 thread: a silent one": (f"{threads} 1 --keep-alive 1", b"", 1, 8.0),
        "gthread, 1 thread: half a request": (f"{threads} 1 --keep-alive 1", HALF, 1, 3.0),
        "gthread, 4 threads, 2 worker connections: 2 silent ones": (f"{threads} 4 --worker-connections 2", b"", 2, 3.0),
        "gevent, --keep-alive 1: half a request": ("--worker-class gevent --keep-alive 1", HALF, 1, 8.0),
    }
    servers = {case: lab.start(*arguments.split(), "app") for case, (arguments, *_) in cases.items()}
    with ThreadPoolExecutor() as pool:  # side by side, since most of it is waiting
        seen = {
            case: pool.submit(ask_beside, servers[case], beginning, number, patience)
            for case, (_, beginning, number, patience) in cases.items()
        }
        return {case: future.result() for case, future in seen.items()}
