"""SIGUSR2: a second master beside the first, what each keeps, and who is left in the end."""

import socket
from signal import SIGQUIT, SIGTERM, SIGUSR2, SIGWINCH

import psutil

from tests.experiments.applications import APP, answering
from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


def files(lab: Lab) -> list[str]:
    """The pidfiles and sockets that are there."""
    return sorted(file.name for file in lab.folder.iterdir() if file.name.startswith("server."))


@experiment(
    slug="usr2-step-by-step",
    title="The second master takes over the pidfile when the first has ended",
    question="SIGUSR2, SIGWINCH and SIGQUIT to a daemon: which pidfiles and sockets are there after each?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.reexec",
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.handle_winch",
        "gunicorn.arbiter.Arbiter.maybe_promote_master",
        "gunicorn.arbiter.Arbiter.stop",
    ),
)
def usr2_step_by_step(lab: Lab) -> Observations:
    lab.write("app.py", answering("'the old code'"))
    started = lab.start("--daemon", "--pid", "server.pid", "app", bind="unix:server.sock", log="error.log").ended()
    first = lab.find(started, "server.pid").listening()
    before = first.ask()[-1]
    first.wait_until_idle()
    lab.write("app.py", answering("'the new code'"))

    first.send(SIGUSR2)
    second = first.successor().listening()
    second.wait_for("Booting worker", times=2)
    lab.wait_until(lambda: len(second.workers) == 1, "the second master has no worker")
    beside = files(lab)

    first.send(SIGWINCH)
    first.wait_for_workers(0)
    after = second.ask()[-1]
    first.send(SIGQUIT)
    first.ended()
    second.wait_for("promoted")
    lab.wait_until(lambda: "server.pid" in files(lab), "the second master does not take the pidfile over")
    lab.wait_until(lambda: "server.pid.2" not in files(lab), "server.pid.2 is still there")
    promoted = files(lab)
    second.wait_until_idle()
    second.send(SIGTERM)
    second.ended()
    # How a worker ended that was told to more than once is another story on another run.
    masters = [str(event) for event in second.events if event.speaker != "worker" and "sent" not in event.message]
    return {
        "before": before,
        "files after SIGUSR2": beside,
        "after SIGWINCH to the first": after,
        "files after SIGQUIT to the first": promoted,
        "files after SIGTERM to the second": files(lab),
        "log of the masters": masters,
    }


@experiment(
    slug="usr2-taken-back",
    title="A second master that is stopped leaves the first as it was",
    question="SIGUSR2, then SIGTERM to the second master: what is left, and can SIGUSR2 come again?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.reexec",
    ),
)
def usr2_taken_back(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """
        import os

        def pre_exec(server):
            print("pre_exec in", "the master" if os.getpid() == server.pid else "a child of the master")
        """,
    )
    first = lab.start("--pid", "server.pid", "app", bind="unix:server.sock").listening()
    first.ask()
    first.wait_until_idle()
    first.send(SIGUSR2)
    second = first.successor().listening()
    first.wait_for("Booting worker", times=2)
    lab.wait_until(lambda: len(second.workers) == 1, "the second master has no worker")
    lab.wait_until(lambda: first.ask()[0] == second.ask()[0] == "HTTP/1.1 200 OK", "one of them does not answer")
    beside = files(lab)
    first.wait_until_idle()
    second.wait_until_idle()
    second.send(SIGTERM)
    lab.wait_until(lambda: not psutil.pid_exists(second.pid), "the first master does not notice the end of the second")
    stopped = files(lab)
    answer = first.ask()[0]
    first.send(SIGUSR2)
    third = first.successor().listening()
    first.wait_until_idle()
    return {
        "pre_exec": first.stdout,
        "files after SIGUSR2": beside,
        "files after SIGTERM to the second": stopped,
        "then a request": answer,
        "SIGUSR2 again": f"a second master is {'gone' if third.has_ended else 'there'}",
    }


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
