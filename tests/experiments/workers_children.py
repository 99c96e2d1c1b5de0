"""Processes that an application starts: what they inherit from their worker, and whom they outlive."""

from signal import SIGKILL, SIGTERM

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.processes import is_alive
from tests.experiments.server import Server
from tests.experiments.waiting import wait_until

_STARTING = """
import multiprocessing
import subprocess
import time


def application(environ, start_response):
    if environ["PATH_INFO"] == "/start":
        program = subprocess.Popen(["sleep", "300"])
        fork = multiprocessing.get_context("fork").Process(target=time.sleep, args=(300,))
        fork.start()
        time.sleep(0.2)
        fork.terminate()
        fork.join(1)
        with open("pids", "w") as file:
            print(program.pid, fork.pid, fork.is_alive(), file=file)
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""
_PRELOADED = """
import multiprocessing
import time

daemon = multiprocessing.get_context("fork").Process(target=time.sleep, args=(300,), daemon=True)
daemon.start()
with open("daemon", "w") as file:
    print(daemon.pid, file=file)


def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""


@experiment(
    slug="children-of-a-worker",
    title="A forked child is deaf to SIGTERM, outlives its worker, and keeps client and port",
    question="What becomes of processes that an application starts, in a worker or, with --preload, in the master?",
    topic="workers",
    where=(
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.workers.base.Worker.init_signals",
        "gunicorn.arbiter.Arbiter.spawn_worker",
    ),
)
def children_of_a_worker(lab: Lab) -> Observations:
    lab.write("app.py", _STARTING)
    lab.write("preloaded.py", _PRELOADED)
    server = lab.start("app").listening()
    with server.connect() as asking:
        asking.ask(b"GET /start HTTP/1.1\r\nHost: lab\r\n\r\n")
        closed = "closed" if asking.is_closed(within=1) else "open"
    program, fork, survivor = lab.read("pids")[0].split()
    worker = server.worker
    server.send(SIGKILL, worker)
    server.wait_until_gone(worker)
    left = [name for name, pid in (("the program", program), ("the fork", fork)) if is_alive(int(pid))]
    server.ask()
    server.send(SIGTERM)
    server.ended()
    port = _at(server)
    server.send(SIGKILL, int(fork))
    wait_until(lambda: not is_alive(int(fork)), 5)
    return {
        "the fork: terminate()": "no effect" if survivor == "True" else "has ended it",
        "its client, answered": closed,
        "alive when the worker was killed": left,
        "the server stops": server.ending,
        "its port then": port,
        "its port, without the fork": _at(server),
        "a daemon process of the preloaded application, when a worker leaves": _end_of_a_daemon(lab),
    }


def _at(server: Server) -> str:
    with server.connect() as client:
        return client.ending


def _end_of_a_daemon(lab: Lab) -> list[str]:
    server = lab.start("--preload", "preloaded").listening()
    server.ask()
    daemon = int(lab.read("daemon")[0])
    (worker,) = server.wait_for_workers(2) - {daemon}
    server.send(SIGTERM, worker)
    wait_until(lambda: not is_alive(daemon), 5)
    server.wait_for("AssertionError")
    said = [line for line in server.stderr if line.startswith("AssertionError")]
    return ["still alive" if is_alive(daemon) else "ended", *said]
