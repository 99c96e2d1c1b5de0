"""Clients in the listener's queue: one that leaves, and one that is there when the server stops."""

from signal import SIGTERM

from tests.experiments.applications import HOLDING
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_TELLING = """
import signal


def post_worker_init(worker):
    def told(number, frame):
        worker.handle_exit(number, frame)
        print("told to go", flush=True)

    signal.signal(signal.SIGTERM, told)
"""


def _get(path: str) -> bytes:
    return f"GET /{path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode()


@experiment(
    slug="clients-in-the-queue",
    title="A request whose client has left the queue is run; one still in the queue at a stop is reset",
    question="What becomes of a client that leaves the queue, and of one that is in it when the server stops?",
    topic="workers",
    where=("gunicorn.workers.sync.SyncWorker.run_for_one", "gunicorn.arbiter.Arbiter.stop"),
)
def clients_in_the_queue(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    lab.write("gunicorn.conf.py", _TELLING)
    lab.write("left")
    server = lab.start("--access-logfile", "access.log", "--access-logformat", "%(U)s %(s)s", "app").listening()
    with server.connect() as first:
        first.send(_get("first"))
        server.wait_for_output("holding first")
        with server.connect() as leaving:
            leaving.send(_get("left"))
        lab.write("first")
        first.answer()
    server.wait_for_output("holding left")
    server.wait_until_idle()
    with server.connect() as busy, server.connect() as queued:
        busy.send(_get("busy"))
        server.wait_for_output("holding busy")
        queued.send(GET)
        server.send(SIGTERM)
        server.wait_for_output("told to go")
        waiting = "answered" if queued.is_heard(within=0.5) else "waits"
        lab.write("busy")
        told = busy.answer().told()
        return {
            "access log, of one that left": [line for line in lab.read("access.log") if "left" in line] or "nothing",
            "at a TERM, the request under way": told,
            "one in the queue, meanwhile": waiting,
            "and then": queued.answer().told(),
            "the server": server.ended().ending,
        }
