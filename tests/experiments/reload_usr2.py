"""SIGUSR2: a second master beside the first, what each keeps, and who is left in the end."""

import socket
from signal import SIGUSR2

from tests.experiments.applications import APP
from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


def files(lab: Lab) -> list[str]:
    """The pidfiles and sockets that are there."""
    return sorted(file.name for file in lab.folder.iterdir() if file.name.startswith("server."))


@experiment(
    slug="usr2-with-reuse-port",
    title="From 24.1.1 on, SIGUSR2 and --reuse-port do not go together",
    question="Does the second master of a SIGUSR2 start when --reuse-port is given?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.reexec",
        "gunicorn.arbiter.Arbiter.spawn_worker",
    ),
)
def usr2_with_reuse_port(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    with socket.socket() as reserved:  # bound, but not listening: the port is free for all who share it
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        address = reserved.getsockname()
        server = lab.start("--reuse-port", "app", bind=f"{address[0]}:{address[1]}")
        server.wait_for("Booting worker")
        with Connection(address, patience=30) as client:
            client.ask()
        server.wait_until_idle()
        log = len(server.log)
        server.send(SIGUSR2)
        server.wait_until(lambda: "Booting" in str(server.log[log:]) or "Error:" in str(server.log), "begin another")
        with Connection(address, patience=30) as client:
            answer = client.ask().status
    return {"SIGUSR2": server.log[log:], "then a request": answer}
