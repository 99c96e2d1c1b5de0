"""What `connect` says at the path of a Unix socket, as a proxy would log it."""

import errno
import socket
from signal import SIGKILL, SIGTERM

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server


@experiment(
    slug="what-connect-says",
    title="No file, a file without a listener, a full queue: three errors of connect, and HUP makes no file",
    question="Which error does a client of a Unix socket get: before the start, in the rush, after a crash?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.bind", "gunicorn.arbiter.Arbiter.reload"),
)
def what_connect_says(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    never = _connect(lab, "here.sock")
    server = lab.start("--backlog", "1", "app", bind="unix:here.sock").listening()
    server.ask()
    with server.frozen(server.worker):
        clients = [socket.socket(socket.AF_UNIX) for _ in range(10)]
        for client in clients:
            client.setblocking(False)
        rush = [client.connect_ex(str(lab.folder / "here.sock")) for client in clients]
        for client in clients:
            client.close()
    (lab.folder / "here.sock").unlink()
    server.reload()
    after_hup = _connect(lab, "here.sock")
    other = lab.start("app", bind="unix:other.sock").listening()
    other.ask()
    worker = other.worker
    other.send(SIGKILL)
    other.send(SIGKILL, worker)
    other.ended()
    other.wait_until_gone(worker)
    return {
        "before the start": never,
        "ten at once, the worker held still": sorted({_name(each) for each in rush}),
        "after a crash": _connect(lab, "other.sock"),
        "the file removed, then HUP": after_hup,
        "stopped then": _stopped(server),
    }


def _stopped(server: Server) -> list[str]:
    server.send(SIGTERM)
    return server.ended().outcome[-2:]


def _connect(lab: Lab, name: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        return _name(client.connect_ex(str(lab.folder / name)))


def _name(error: int) -> str:
    return errno.errorcode[error] if error else "connected"
