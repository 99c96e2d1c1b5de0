"""The timeout of several workers at once: how long the second signal waits for what the first has begun."""

from time import sleep

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

HANGING = """\
import os, time

def application(environ, start_response):
    os.write(1, b"hanging\\n")
    time.sleep(60)
"""

TELLING = """\
import os, time

def worker_abort(worker):
    os.write(1, b"worker_abort of %d begins\\n" % worker.age)
    time.sleep(0.4 if worker.age == {slow} else 0)
    os.write(1, b"worker_abort of %d ends\\n" % worker.age)
"""


@experiment(
    slug="workers-that-hang-together",
    title="Of two workers that hang together, the first to end has the other killed at once",
    question="worker_abort takes 0.4 s: is it let finish, alone and beside another worker that hangs as well?",
    topic="timeout",
    where=(
        "gunicorn.arbiter.Arbiter.murder_workers",
        "gunicorn.arbiter.Arbiter.handle_chld",
        "gunicorn.arbiter.Arbiter.sleep",
    ),
)
def workers_that_hang_together(lab: Lab) -> Observations:
    lab.write("app.py", HANGING)
    return {
        "one worker hangs": _hooks(lab, workers=1, slow=1),
        "two workers hang": _hooks(lab, workers=2, slow=2),
    }


def _hooks(lab: Lab, workers: int, slow: int) -> list[str]:
    lab.write("telling.py", TELLING.format(slow=slow))
    server = lab.start("-c", "telling.py", "--workers", str(workers), "--timeout", "1", "app").listening()
    server.wait_for("Booting worker", times=workers)
    with server.connect() as one, server.connect() as two:
        for client in (one, two)[:workers]:
            client.send(GET)
            client.finish()  # From 26.2.0 on a worker would wait for its client's end before its own.
        server.wait_for_output("hanging", times=workers)
        with server.frozen():
            sleep(2)
        server.wait_for("Booting worker", times=2 * workers)
    return sorted(line for line in server.stdout if line.startswith("worker_abort"))
