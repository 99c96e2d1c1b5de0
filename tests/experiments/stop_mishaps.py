"""Ends that go wrong: signals and exceptions that meet the master in its stop, or a worker before its start."""

from signal import SIGTERM

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.waiting import Stopwatch, wait_until

FAILING = """\
import os

def tell(hook, server, worker):
    print(hook, "of", worker.age, "in the", "master" if os.getpid() == server.pid else "worker", flush=True)

def post_fork(server, worker):
    raise ValueError("no database")

def worker_exit(server, worker):
    tell("worker_exit", server, worker)

def child_exit(server, worker):
    tell("child_exit", server, worker)
"""

WAITING = """\
import signal, time

def post_fork(server, worker):
    inherited, heard = signal.getsignal(signal.SIGTERM), []

    def hear(*args):
        inherited(*args)
        heard.append(args)

    signal.signal(signal.SIGTERM, hear)
    print("in post_fork", flush=True)
    while not heard:
        time.sleep(0.01)

def post_worker_init(worker):
    print("worker.alive is", worker.alive, flush=True)
"""


@experiment(
    slug="ends-that-go-wrong",
    title="No socket file, no stop; a TERM in post_fork is lost; a hook's child is taken for a worker",
    question="What if the socket's file is gone, TERM comes in post_fork, a child of a hook or a worker exits with 3?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.arbiter.Arbiter.kill_worker",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.sock.close_sockets",
    ),
)
def ends_that_go_wrong(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("failing.py", FAILING)
    failing = lab.start("-c", "failing.py", "app").ended()
    gone = _without_its_socket(lab)
    left = [*(file.name for file in lab.folder.glob("gone.*")), f"processes: {len(lab.processes())}"]
    return {
        "a worker fails to boot": [*failing.stdout, failing.ending],
        "the socket's file is gone": [gone.stderr[-1], gone.ending],
        "left of that": left,
        "a child of when_ready exits with 3": _beside_a_helper(lab),
        "TERM amid post_fork": _told_too_early(lab),
    }


def _without_its_socket(lab: Lab) -> Server:
    gone = lab.start("--pid", "gone.pid", "app", bind="unix:gone.sock").listening()
    gone.ask()
    gone.wait_until_idle()
    (lab.folder / "gone.sock").unlink()
    gone.send(SIGTERM)
    return gone.ended()


def _beside_a_helper(lab: Lab) -> list[str]:
    lab.write(
        "helper.py",
        """
        import subprocess

        def when_ready(server):
            subprocess.Popen(["sh", "-c", "sleep 1; exit 3"])
        """,
    )
    server = lab.start("-c", "helper.py", "app")
    wait_until(lambda: server.has_ended, 5)
    return [*(event.message for event in server.events if "Reason" in event.message), server.ending]


def _told_too_early(lab: Lab) -> list[str]:
    lab.write("waiting.py", WAITING)
    server = lab.start("-c", "waiting.py", "--graceful-timeout", "3", "app")
    server.wait_for_output("in post_fork")
    watch = Stopwatch()
    server.send(SIGTERM)
    server.ended()
    return [*server.stdout[1:], f"ended {watch.compare(2.5, 10)}", server.ending]
