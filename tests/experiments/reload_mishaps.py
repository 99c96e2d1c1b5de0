"""SIGHUP and SIGUSR2 that go wrong: masters that end, requests that wait, a child that takes itself for the master."""

import shutil
import socket
from signal import SIGHUP, SIGKILL, SIGTERM, SIGUSR2

from tests.experiments.applications import APP, HOLDING
from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="usr2-that-cannot-exec",
    title="The child of a SIGUSR2 that fails before exec stops the server that it was forked from",
    question="The folder of the start is gone when SIGUSR2 comes: what is left of the server?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.reexec",
        "gunicorn.arbiter.Arbiter.run",
        "gunicorn.arbiter.Arbiter.stop",
    ),
)
def usr2_that_cannot_exec(lab: Lab) -> Observations:
    program = (str(lab.folder.parent / "bin" / "gunicorn"),)
    lab.write("app.py", APP)
    lab.write("release/empty.py")
    pidfile, address = lab.folder / "server.pid", lab.folder / "server.sock"
    arguments = ("--pid", str(pidfile), "--pythonpath", str(lab.folder), "--graceful-timeout", "2", "app")
    server = lab.start(*arguments, "--bind", f"unix:{address}", folder="release", bind=None, program=program)
    server.wait_for("Booting worker")
    with Connection(address, patience=30) as client:
        before = client.ask().status
    server.wait_until_idle()
    said = len(server.log)
    shutil.rmtree(lab.folder / "release")
    server.send(SIGUSR2)
    lab.wait_until(lambda: not pidfile.exists(), "the pidfile is still there")
    server.wait_for("Booting worker", times=2)
    server.wait_until_idle()
    log = [line.split("] ", 1)[-1] for line in server.log[said:]]
    left = sorted(file.name for file in lab.folder.glob("server.*"))
    with Connection(address, patience=30) as client:
        after = client.ask().status
    server.send(SIGTERM)
    return {
        "a request before": before,
        "the folder of the start is gone": log,
        "pidfile and socket left": left,
        "a request after": after,
        "then SIGTERM": server.ended().ending,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@experiment(
    slug="sighup-with-one-more-address",
    title="A second TCP address ends the master at SIGHUP",
    question="SIGHUP finds one more TCP address in the config file: which of them are served?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.reload", "gunicorn.sock.create_sockets"),
)
def sighup_with_one_more_address(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    first, second = (f"127.0.0.1:{free_port()}" for _ in range(2))
    lab.write("conf.py", f"bind = ['{first}']")
    server = lab.start("-c", "conf.py", "app", bind=None).listening()
    server.ask()
    server.wait_until_idle()
    said = len(server.events)
    lab.write("conf.py", f"bind = ['{first}', '{second}']")
    server.send(SIGHUP)
    server.ended()
    errors = [event.message for event in server.events[said:] if event.level == "ERROR"]
    return {
        "errors": [*dict.fromkeys(errors)],
        "the master": server.ending,
        "processes left": str(len(lab.processes())),
        "a request": server.ask()[0],
        "--reuse-port and one more": _rebound(lab, ("first", "second"), "--reuse-port"),
        "another in its place": _rebound(lab, ("second",)),
    }


def _rebound(lab: Lab, names: tuple[str, ...], *arguments: str) -> list[str]:
    addresses = {name: ("127.0.0.1", free_port()) for name in ("first", "second")}
    binds = {name: f"{host}:{port}" for name, (host, port) in addresses.items()}
    lab.write("conf.py", f"bind = ['{binds['first']}']")
    server = lab.start("-c", "conf.py", *arguments, "app", bind=None)
    server.wait_for("Booting worker")
    lab.wait_until(lambda: _is_served(addresses["first"]), "nobody answers")
    server.wait_until_idle()
    old = server.worker
    lab.write("conf.py", f"bind = {[binds[name] for name in names]}")
    server.send(SIGHUP)
    server.wait_until_gone(old)
    if arguments:  # From 24.1.1 on the master then listens beside its workers: who is answered is chance.
        return [f"the master: {server.ending}"]
    told = []
    for name, address in addresses.items():
        with Connection(address, patience=30) as client:
            told.append(f"the {name}: {client.ask().status}")
    return told


def _is_served(address: tuple[str, int]) -> bool:
    with Connection(address, patience=30) as client:
        return client.ask().status == "HTTP/1.1 200 OK"


IMPORTING = """\
import os, time

while os.path.exists("slow"):
    time.sleep(0.01)
"""


@experiment(
    slug="sighup-without-waiting",
    title="SIGHUP waits neither for the new workers nor for the old",
    question="The new worker imports slowly, or dies while the old one still has a request: who answers?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.reload", "gunicorn.arbiter.Arbiter.manage_workers"),
)
def sighup_without_waiting(lab: Lab) -> Observations:
    lab.write("app.py", IMPORTING + APP)
    server = lab.start("app").listening()
    server.ask()
    server.wait_until_idle()
    lab.write("slow")
    server.send(SIGHUP)
    server.wait_for("Worker exiting")
    with server.connect() as client:
        client.send(GET)
        heard = client.is_heard(within=1)
        (lab.folder / "slow").unlink()
        slow = ["is answered" if heard else "waits", client.answer().status]

    lab.write("held.py", HOLDING)
    other = lab.start("--graceful-timeout", "1", "held", bind="unix:held.sock").listening()
    with other.connect() as held:
        held.send(GET.replace(b"/", b"/gate", 1))
        other.wait_for_output("holding gate")
        old = other.worker
        other.send(SIGHUP)
        other.wait_for("Booting worker", times=2)
        outlives = not held.is_heard(within=3)
        (new,) = {*other.workers} - {old}
        other.send(SIGKILL, new)
        other.wait_until_gone(new)
        with other.connect() as waiting:
            waiting.send(GET)
            alone = not waiting.is_heard(within=3)
            lab.write("gate")
            ends = [held.answer().status, f"the other: {waiting.answer().status}"]
        return {
            "the new worker imports: a request": slow,
            "--graceful-timeout 1, 3 s after SIGHUP": "the old worker works" if outlives else "its request has ended",
            "the new worker is killed: a request": "waits" if alone else "is answered",
            "the request of the old worker ends": ends,
        }
