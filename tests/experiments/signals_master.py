"""Signals to the master: what each does, which come first, how many are kept."""

from signal import (
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGTERM,
    SIGTTIN,
    SIGTTOU,
    SIGUSR1,
    SIGUSR2,
    SIGWINCH,
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
    slug="signals-of-the-master",
    title="TTOU ends the oldest worker, HUP restores the number that was set",
    question="What do TTIN, TTOU, USR1, WINCH, HUP do to a master with one worker?",
    topic="signals",
    where=(
        "gunicorn.arbiter.Arbiter.handle_ttin",
        "gunicorn.arbiter.Arbiter.handle_ttou",
        "gunicorn.arbiter.Arbiter.handle_usr1",
        "gunicorn.arbiter.Arbiter.handle_winch",
        "gunicorn.arbiter.Arbiter.handle_hup",
        "gunicorn.arbiter.Arbiter.manage_workers",
    ),
)
def signals_of_the_master(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", READY)
    server = lab.start("app").listening()
    server.wait_for("worker is ready")
    seen: dict[str, list[str]] = {}
    names = {server.worker: "first"}
    for signal, workers in ((SIGTTOU, 1), (SIGTTIN, 2), (SIGTTIN, 3), (SIGTTOU, 2), (SIGUSR1, 2), (SIGWINCH, 2)):
        said = len(server.events)
        server.send(signal)
        server.wait_for("Handling signal", times=len(seen) + 1)
        for pid in sorted(server.wait_for_workers(workers) - names.keys()):
            names[pid] = "another"
            server.wait_for("worker is ready", times=len(names))
        living = ", ".join(name for pid, name in names.items() if pid in server.workers)
        seen[f"{len(seen) + 1}. {signal.name}"] = [*_of_the_master(server, said), f"workers: {living}"]
    said = len(server.events)
    server.reload()
    new = len(server.wait_for_workers(1) - names.keys())
    return {**seen, "7. SIGHUP": [*_of_the_master(server, said), f"workers: {new} new"]}


@experiment(
    slug="signals-that-stop-the-master",
    title="TERM, INT, QUIT: three ways to exit code 0",
    question="Which hooks and lines follow SIGTERM, SIGINT, SIGQUIT to the master, and what is its exit code?",
    topic="signals",
    where=(
        "gunicorn.arbiter.Arbiter.handle_term",
        "gunicorn.arbiter.Arbiter.handle_int",
        "gunicorn.arbiter.Arbiter.handle_quit",
        "gunicorn.arbiter.Arbiter.halt",
        "gunicorn.workers.base.Worker.handle_quit",
    ),
)
def signals_that_stop_the_master(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        READY
        + """
def worker_int(worker):
    worker.log.info("hook worker_int")

def worker_exit(server, worker):
    worker.log.info("hook worker_exit")

def child_exit(server, worker):
    server.log.info("hook child_exit")

def on_exit(server):
    server.log.info("hook on_exit")
""",
    )
    seen = {}
    servers = {signal: lab.start("app") for signal in (SIGTERM, SIGINT, SIGQUIT)}
    for signal, server in servers.items():
        server.wait_for("worker is ready")
        said = len(server.log)
        server.send(signal)
        seen[signal.name] = [*server.ended().log[said:], server.ending]
    return seen


@experiment(
    slug="signals-at-once",
    title="Signals that come together are taken by number, and equal ones are one",
    question="A master is held still while signals are sent to it: which does it handle, in which order?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.signal", "gunicorn.arbiter.Arbiter.run"),
)
def signals_at_once(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", READY)
    server = lab.start("app").listening()
    server.wait_for("worker is ready")
    with server.frozen():
        for _ in range(7):
            server.send(SIGUSR1)
    server.wait_for("Handling signal: usr1")
    with server.frozen():
        for signal in (SIGWINCH, SIGHUP):
            server.send(signal)
    server.wait_for("Handling signal: winch")
    first, *others = _handled(server)
    return {"seven times USR1": first, "WINCH, then HUP": others}


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


@experiment(
    slug="winch-of-a-daemon",
    title="WINCH empties a daemon, and HUP fills it again",
    question="What does SIGWINCH do to a daemon, and how does it get workers again?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.handle_winch", "gunicorn.arbiter.Arbiter.reload"),
)
def winch_of_a_daemon(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", READY)
    arguments = ("--workers", "2", "--pid", "daemon.pid", "app")
    server = lab.find(lab.start("--daemon", *arguments, log="error.log"), "daemon.pid")
    server.wait_for("worker is ready", times=2)
    said = len(server.events)
    server.send(SIGWINCH)
    server.wait_for_workers(0)
    emptied = _of_the_master(server, said)
    with server.connect() as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        waits = "a client waits" if not client.is_heard(within=0.5) else "a client is answered"
        server.send(SIGHUP)
        server.wait_for_workers(2)
        return {
            "SIGWINCH": [*emptied, "workers: 0", waits],
            "then SIGHUP": [f"workers: {len(server.workers)}", client.answer().status],
        }


@experiment(
    slug="usr2-to-a-master-with-a-successor",
    title="A second USR2 is ignored, by the old master and by the new",
    question="What does SIGUSR2 do while an upgrade is under way?",
    topic="signals",
    where=("gunicorn.arbiter.Arbiter.reexec",),
)
def usr2_to_a_master_with_a_successor(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("app").listening()
    server.wait_for("Booting worker")
    said = len(server.events)
    server.send(SIGUSR2)
    server.wait_for("Booting worker", times=2)
    first = _of_the_master(server, said)
    said = len(server.events)
    server.send(SIGUSR2)
    server.wait_for("USR2 signal ignored")
    server.send(SIGUSR2, server.successor().pid)
    server.wait_for("USR2 signal ignored", times=2)
    return {"SIGUSR2": first, "again, to the old master, then to the new": list(map(str, server.events[said:]))}


def _of_the_master(server: Server, said: int) -> list[str]:
    """What the master says of itself; how each worker ended is another matter."""
    events = (event for event in server.events[said:] if event.speaker == "master")
    return [str(event) for event in events if not event.message.startswith("Worker ")]


def _handled(server: Server) -> list[str]:
    return [event.message for event in server.events if event.message.startswith("Handling signal")]
