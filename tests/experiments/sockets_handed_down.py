"""Addresses in use, sockets from systemd and its notifications, and ports that workers share."""

import socket
from pathlib import Path
from signal import SIGTERM, SIGUSR2

import psutil

from tests.experiments.applications import APP
from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.waiting import Stopwatch


def sockets_at(port: int) -> int:
    """How many listening sockets there are at a port, whoever holds them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)


@experiment(
    slug="port-in-use",
    title="A port in use is tried five times, and then the exit code is 1",
    question="What does the server say, and how long does it try, when the port is taken?",
    topic="sockets",
    where=("gunicorn.sock.create_sockets",),
)
def port_in_use(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    _, port = lab.listen().getsockname()
    watch = Stopwatch()
    server = lab.start("app", bind=f"127.0.0.1:{port}").ended()
    first, *tries, last = server.log
    return {
        "at first": first,
        "then, five times": list(dict.fromkeys(tries)) if tries == 5 * tries[: len(tries) // 5] else tries,
        "at last": [last, server.ending, watch.compare(4.5, 15)],
    }


@experiment(
    slug="sockets-from-systemd",
    title="Sockets from systemd take the place of --bind, and their files stay",
    question="What becomes of --bind and of the socket's file when systemd hands down a socket, and what is it told?",
    topic="sockets",
    where=(
        "gunicorn.systemd.listen_fds",
        "gunicorn.systemd.sd_notify",
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.stop",
    ),
)
def sockets_from_systemd(lab: Lab) -> Observations:
    lab.write(
        "app.py", "import os; print(*sorted({'LISTEN_PID', 'LISTEN_FDS', 'NOTIFY_SOCKET'} & {*os.environ}))\n" + APP
    )
    systemd = lab.receive("notify")
    handed = [lab.listen(), lab.listen("handed.sock")]
    server = lab.start(
        "app", bind="unix:bound.sock", sockets=handed, env={"NOTIFY_SOCKET": systemd.address}
    ).listening()
    answers = [server.ask(at=at)[0] for at in (0, 1)]
    server.reload()
    server.wait_until_idle()
    server.send(SIGTERM)
    listening = [event.message for event in server.ended().events if "Listening" in event.message]
    return {
        "--bind unix:bound.sock, two sockets handed down": listening,
        "requests to these": answers,
        "variables that the application finds": server.stdout[0],
        "messages to systemd": [line for message in systemd.messages for line in message.splitlines()],
        "files after SIGTERM": sorted(file.name for file in lab.folder.glob("*.sock")),
        "LISTEN_FDS without LISTEN_PID": [
            line.partition("at: ")[2]
            for line in lab.start("app", bind="unix:own.sock", env={"LISTEN_FDS": "1"}).listening().log
            if "Listening" in line
        ],
    }


@experiment(
    slug="usr2-under-systemd",
    title="A socket handed down does not survive SIGUSR2",
    question="Does the second master of a SIGUSR2 find the socket that systemd handed to the first?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.reexec",
        "gunicorn.arbiter.Arbiter.init_signals",
        "gunicorn.sock.BaseSocket.__init__",
    ),
)
def usr2_under_systemd(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("app", bind=None, sockets=[lab.listen()]).listening()
    server.ask()
    server.wait_until_idle()
    log = len(server.log)
    server.send(SIGUSR2)
    server.wait_until(lambda: "Booting" in str(server.log[log:]) or "Error:" in str(server.log), "begin another")
    return {"SIGUSR2": server.log[log:], "then a request": server.ask()[0]}


@experiment(
    slug="who-listens-with-reuse-port",
    title="With --reuse-port all share one socket up to 23.0.0, later each worker has its own",
    question="Which processes hold the listening socket, and what does the log say of the address?",
    topic="sockets",
    where=(
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.sock.BaseSocket.set_options",
    ),
)
def who_listens_with_reuse_port(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    with socket.socket() as reserved:  # bound, but not listening: the port is free for all who share it
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        host, port = reserved.getsockname()
        server = lab.start("--reuse-port", "--workers", "2", "app", bind=f"{host}:{port}")
        server.wait_for("Booting worker", times=2)
        with Connection((host, port), patience=30) as client:
            answer = client.ask().status
        server.wait_until_idle()
        together = sockets_at(port)
        held = [each.status for each in psutil.Process(server.pid).net_connections("tcp") if each.laddr.port == port]
    return {
        "sockets at the port, of a master and two workers": str(together),
        "of these, the master holds": str(held.count(psutil.CONN_LISTEN)),
        "log": [line for line in server.log if "Listening" in line],
        "a request": answer,
    }
