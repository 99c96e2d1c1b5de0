"""Unix sockets and pidfiles: files that servers make, find in their way, and leave behind."""

import socket
from signal import SIGTERM

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="abstract-sockets",
    title="An abstract socket cannot be bound",
    question="Can bind name a socket of Linux's abstract namespace, which has no file?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.__init__", "gunicorn.sock.UnixSocket.bind", "gunicorn.sock.close_sockets"),
)
def abstract_sockets(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    name = str(lab.folder)
    lab.write("gunicorn.conf.py", f"bind = 'unix:\\0{name}'")
    server = lab.start("app", bind=None)
    server.wait_until(lambda: server.has_ended or "Booting" in "".join(server.log), "listen")
    if server.has_ended:
        return {"bind = 'unix:\\0name'": server.outcome[-2:]}
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{name}")
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.recv(4096).decode().splitlines()[0]
    server.wait_until_idle()
    server.send(SIGTERM)
    return {"bind = 'unix:\\0name'": answer, "then SIGTERM": server.ended().outcome[-3:]}
