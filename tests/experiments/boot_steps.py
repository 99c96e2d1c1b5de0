"""What stands at each step of a start, signals that come too early, and a child process of a hook."""

from signal import SIGHUP, SIGTERM

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

LOOKING = """\
import os
import signal
import socket

systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
systemd.bind("notify.sock")
systemd.setblocking(False)
os.environ["NOTIFY_SOCKET"] = "notify.sock"
os.environ.pop("LISTEN_PID", None)
told = []

def listens():
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("server.sock")
        except OSError:
            return False
        return True

def look(step):
    try:
        told.append(systemd.recv(1024))
    except BlockingIOError:
        pass
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    seen = [
        "a pidfile" if os.path.exists("server.pid") else "no pidfile",
        "TERM is handled by the " + type(owner).__name__ if owner else "TERM kills",
        "it listens" if listens() else "nobody listens",
        "READY=1 is sent" if told else "systemd knows nothing",
    ]
    with open("steps.txt", "a") as steps:
        steps.write(step + ": " + ", ".join(seen) + "\\n")
"""

STEPS = """\
from looking import look

pidfile = "server.pid"
preload_app = True

def nworkers_changed(server, new, old):
    look("nworkers_changed")

def on_starting(server):
    look("on_starting")

def when_ready(server):
    look("when_ready")

def pre_fork(server, worker):
    look("pre_fork")

def post_fork(server, worker):
    look("post_fork, in the worker")

def post_worker_init(worker):
    look("post_worker_init, in the worker")
"""

WAITING = """\
import os
import time

def wait(step):
    if step == os.environ["WHERE"]:
        open("waits in " + step, "w").close()
        while not os.path.exists("go"):
            time.sleep(0.01)
"""

HOOKS = """\
from waiting import wait

pidfile = "server.pid"
workers = 2

def on_starting(server):
    wait("on_starting")

def when_ready(server):
    wait("when_ready")

def pre_fork(server, worker):
    server.log.info("hook pre_fork of worker %s", worker.age)
"""

CHILD = """\
import os
import subprocess

workers = 2
pidfile = "server.pid"

def post_fork(server, worker):
    if worker.age == 2:
        while not os.path.exists("go"):
            os.sched_yield()
        child = subprocess.Popen(["sh", "-c", "exit 3"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        server.log.info("hook post_fork goes on")

def post_worker_init(worker):
    worker.log.info("worker %s is ready", worker.age)

def on_exit(server):
    server.log.info("hook on_exit in the master" if os.getpid() == server.pid else "hook on_exit in a worker")
"""


@experiment(
    slug="what-each-hook-finds",
    title="Pidfile, handlers, socket, READY=1, fork: in this order",
    question="At each hook of a start: is there a pidfile, are signals handled, does it listen, does systemd know?",
    topic="boot",
    where=(
        "gunicorn.arbiter.Arbiter.__init__",
        "gunicorn.arbiter.Arbiter.setup",
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.init_signals",
        "gunicorn.workers.base.Worker.init_process",
    ),
)
def what_each_hook_finds(lab: Lab) -> Observations:
    lab.write("looking.py", LOOKING)
    lab.write("app.py", "from looking import look\nlook('preloaded application')\n" + APP)
    lab.write("gunicorn.conf.py", STEPS)
    server = lab.start("app", bind="unix:server.sock").listening()
    lab.wait_until(lambda: "post_worker_init" in "".join(lab.read("steps.txt")), "no worker gets ready")
    server.ask()
    return dict(line.split(": ", 1) for line in lab.read("steps.txt"))


@experiment(
    slug="signals-before-the-loop",
    title="Before its handlers the master dies of HUP; with them, and before its loop, it does not hear TERM",
    question="What becomes of a signal that reaches the master while it starts?",
    topic="signals",
    where=(
        "gunicorn.arbiter.Arbiter.setup",
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.signal",
        "gunicorn.arbiter.Arbiter.run",
        "gunicorn.sock.create_sockets",
    ),
)
def signals_before_the_loop(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("waiting.py", WAITING)
    lab.write("slow.py", "from waiting import wait\nwait('import')\n" + APP)
    lab.write("gunicorn.conf.py", HOOKS)
    seen = {}
    for step, signal, arguments in (
        ("import", SIGHUP, ("--preload", "slow")),
        ("on_starting", SIGHUP, ("app",)),
        ("when_ready", SIGTERM, ("--graceful-timeout", "1", "app")),
    ):
        server = lab.start(*arguments, bind="unix:server.sock", env={"WHERE": step})
        lab.wait_for_file(f"waits in {step}")
        said = len(server.events)
        server.send(signal)
        if step == "when_ready":
            lab.write("go")
        seen[f"{signal.name} in {step}"] = [*_of_master(server.ended(), said), server.ending, *_left(lab)]
    _, port = lab.listen().getsockname()
    server = lab.start("app", bind=f"127.0.0.1:{port}", env={"WHERE": "nowhere"})
    server.wait_for("Connection in use")
    server.send(SIGTERM)
    tries = sum("Connection in use" in line for line in server.ended().log)
    seen["SIGTERM while a port in use is tried"] = [f"tried {tries} times", server.log[-1], server.ending, *_left(lab)]
    return seen


@experiment(
    slug="a-child-of-post-fork",
    title="Up to 23.0.0 a program that post_fork starts ends the server, if its status is 3",
    question="The second worker's post_fork starts a program, which exits with 3: who takes it for a failed worker?",
    topic="signals",
    where=(
        "gunicorn.arbiter.Arbiter.init_signals",
        "gunicorn.arbiter.Arbiter.handle_chld",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.run",
    ),
)
def a_child_of_post_fork(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", CHILD)
    server = lab.start("--graceful-timeout", "1", "app", bind="unix:server.sock").listening()
    server.wait_for("worker 1 is ready")
    first = next(event.pid for event in server.events if "worker 1 is ready" in event.message)
    lab.write("go")
    server.wait_until(lambda: "hook" in "".join(server.log), "run a hook to its end")
    if "goes on" in "".join(server.log):
        server.wait_for("worker 2 is ready")
        return {"second worker": "serves", "first worker": "serves", "master": server.ending}
    server.wait_until_gone(first)
    words = ("Shutting down", "Reason", "hook")
    told = [str(event) for event in server.events if event.speaker == "worker" and event.message.startswith(words)]
    reason = [line for line in server.ended().log if "Error" in line]
    return {"second worker": told, "first worker": "has ended", "master": [*reason, server.ending], "left": _left(lab)}


def _of_master(server: Server, said: int) -> list[str]:
    lines = [str(event) for event in server.events[said:] if event.speaker == "master"]
    return [line for line in lines if "exited with code" not in line and "was sent" not in line]


def _left(lab: Lab) -> list[str]:
    """The files that are left, of which the next server is to find none."""
    lab.wait_until_empty()
    left = [file for file in (lab.folder / "server.pid", lab.folder / "server.sock") if file.exists()]
    for file in left:
        file.unlink()
    return [f"left: {file.name}" for file in left]
