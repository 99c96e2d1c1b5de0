"""Signals to the master: what each does, which come first, how many are kept."""

from signal import (
    SIGHUP,
    SIGTTIN,
    SIGUSR1,
)

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

READY = """\
def post_worker_init(worker):
    worker.log.info("worker is ready")
"""


@experiment(
    slug="signals-beyond-the-queue",
    title="Until 23.0.0 the sixth signal is lost",
    question="The master is busy while seven TTIN come, one after another: how many does it handle?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.signal", "gunicorn.arbiter.Arbiter.wait_for_signals"),
)
def signals_beyond_the_queue(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """
        import os, signal, time

        def when_ready(server):
            def hear(number, frame):
                server.signal(number, frame)
                os.write(1, b"heard\\n")

            signal.signal(signal.SIGTTIN, hear)

        def on_reload(server):
            os.write(1, b"busy\\n")
            while not os.path.exists("gate"):
                time.sleep(0.01)
        """,
    )
    server = lab.start("app").listening()
    server.wait_for("Booting worker")
    server.send(SIGHUP)
    server.wait_for_output("busy")
    for count in range(1, 8):
        server.send(SIGTTIN)
        server.wait_for_output("heard", times=count)
    lab.write("gate")
    server.wait_for("Handling signal: ttin", times=5)
    server.send(SIGUSR1)
    server.wait_for("Handling signal: usr1")
    return {"while on_reload runs": [f"TTIN heard: {server.stdout.count('heard')}", *_handled(server)[1:-1]]}


def _handled(server: Server) -> list[str]:
    return [event.message for event in server.events if event.message.startswith("Handling signal")]
