"""Listeners in odd places: a folder that is made too late, and sockets that a number names."""

import socket
from signal import SIGTERM, SIGUSR2

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

HANDING_DOWN = """\
import os
import socket
import sys

kind = sys.argv.pop(1)
if kind == "tcp":
    handed = socket.create_server(("127.0.0.1", 0))
else:
    handed = socket.socket(socket.AF_UNIX)
    handed.bind("handed.sock" if kind == "file" else f"\\0{os.getcwd()}")
    handed.listen()
os.dup2(handed.fileno(), 50)
os.execv(sys.executable, [sys.executable, "../bin/gunicorn", *sys.argv[1:]])
"""
"""Becomes gunicorn, with a listening socket as descriptor 50."""


def free_ports(number: int) -> list[int]:
    """Ports at which nobody listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@experiment(
    slug="umask-after-a-failed-bind",
    title="A Unix socket whose folder comes late leaves the workers with umask 0",
    question="The folder of a Unix socket is made a moment after the start: what is different then?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.bind", "gunicorn.sock.create_sockets"),
)
def umask_after_a_failed_bind(lab: Lab) -> Observations:
    lab.write("app.py", answering("f'umask {os.umask(0o22):03o}'"))
    lab.write("launch.py", "import os; os.umask(0o22)\nfrom gunicorn.app.wsgiapp import run\nrun()")
    early, late = (
        lab.start("app", program=("launch.py",), bind=f"unix:{name}") for name in ("early.sock", "late/late.sock")
    )
    late.wait_until(lambda: len(late.log) > 1, "fail to bind")
    (lab.folder / "late").mkdir()
    return {
        "the folder is there": early.listening().ask()[-1],
        "the folder is made after the first attempt": late.listening().ask()[-1],
    }


@experiment(
    slug="bind-to-a-descriptor",
    title="gunicorn removes the file of a socket that fd:// handed to it",
    question="What becomes of a socket named as fd:// at the stop, and at SIGUSR2?",
    topic="sockets",
    where=(
        "gunicorn.sock.create_sockets",
        "gunicorn.sock.close_sockets",
        "gunicorn.sock.BaseSocket.__init__",
        "gunicorn.arbiter.Arbiter.stop",
    ),
    since="20.1.0",
)
def bind_to_a_descriptor(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("launch.py", HANDING_DOWN)
    tcp, file, abstract = (
        lab.start(kind, "--bind", "fd://50", "app", program=("launch.py",), bind=None)
        for kind in ("tcp", "file", "abstract")
    )
    files = []
    for server in (tcp, file, abstract):
        server.wait_for("Booting worker")
    answers = [server.listening().ask()[0] for server in (tcp, file)]
    tcp.wait_until_idle()
    file.wait_until_idle()
    files.append(f"before: {', '.join(each.name for each in lab.folder.glob('*.sock'))}")
    file.send(SIGTERM)
    files.append(f"{file.ended().ending}: {', '.join(each.name for each in lab.folder.glob('*.sock')) or 'none'}")
    abstract.send(SIGTERM)
    said = len(tcp.log)
    tcp.send(SIGUSR2)
    tcp.wait_until(lambda: "Booting" in str(tcp.log[said:]) or "Error:" in str(tcp.log), "begin another")
    return {
        "fd://50 is a TCP socket, fd://50 has a file": answers,
        "the file, and SIGTERM": files,
        "fd://50 is an abstract socket, SIGTERM": abstract.ended().outcome[-2:],
        "SIGUSR2": tcp.log[said:][-2:],
        "then a request": tcp.ask()[0],
    }
