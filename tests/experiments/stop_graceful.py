"""Stopping: which requests are finished."""

from signal import SIGQUIT, SIGTERM

from tests.experiments.applications import HOLDING
from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server


@experiment(
    slug="stop-amid-a-request",
    title="TERM lets a request end; QUIT does so with threads only",
    question="A request is running when the master is told to stop: what does the client get, by class of worker?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.workers.base.Worker.handle_exit",
        "gunicorn.workers.base.Worker.handle_quit",
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.handle_quit",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.handle_quit",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="20.1.0",
)
def stop_amid_a_request(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    seen = {}
    for worker in ("sync", "gthread", "gevent"):
        finished, quick = (lab.start("-k", worker, "--graceful-timeout", "20", "app").listening() for _ in range(2))
        with finished.connect() as one, quick.connect() as two:
            one.send(_asking_for(f"/gate-of-{worker}"))
            two.send(_asking_for(f"/later-{worker}"))
            finished.wait_for_output("holding")
            quick.wait_for_output("holding")
            quick.wait_until_idle()  # a QUIT that finds gthread handing out a request can hang it
            finished.send(SIGTERM)
            quick.send(SIGQUIT)
            finished.wait_for("Handling signal: term")
            lab.write(f"gate-of-{worker}")
            seen[f"{worker}, TERM, then the request ends"] = _end(finished, one)
            quick.wait_for("Worker exiting")
            lab.write(f"later-{worker}")
            seen[f"{worker}, QUIT, then the request ends"] = _end(quick, two)
    return seen


def _asking_for(path: str) -> bytes:
    return GET.replace(b"/", path.encode(), 1)


def _end(server: Server, client: Connection) -> list[str]:
    """What the client gets, and how the server ends once the client has closed its side."""
    status = client.answer().status
    client.close()
    return [f"client: {status}", server.ended().ending]
