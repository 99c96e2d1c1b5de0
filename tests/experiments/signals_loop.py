"""What ends the master's loop and with which status, who else runs its last lines, and what a terminal does to it."""

from signal import SIGHUP, SIGTERM, SIGUSR2

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

ENDS = """\
import os

pidfile = "server.pid"
workers = int(os.environ.get("WORKERS", 1))

def post_fork(server, worker):
    os.environ["AGE"] = str(worker.age)

def on_reload(server):
    exec(os.environ.get("ON_RELOAD", "pass"))

def on_exit(server):
    server.log.info("hook on_exit in the master" if os.getpid() == server.pid else "hook on_exit in a worker")
"""


@experiment(
    slug="exceptions-in-the-main-loop",
    title="StopIteration in a hook is exit code 0, the second worker that fails to boot makes 1 of 3",
    question="The master's loop ends by an exception: what is said, called and left behind, and what is the exit code?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.run",
        "gunicorn.arbiter.Arbiter.handle_chld",
        "gunicorn.arbiter.Arbiter.halt",
        "gunicorn.arbiter.Arbiter.reload",
    ),
)
def exceptions_in_the_main_loop(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", ENDS)
    hook = ("next(iter([]))", "raise SystemExit(7)", "raise ValueError('in on_reload')")
    return {
        **{f"on_reload: {raising}": _reload(lab, raising) for raising in hook},
        "SIGHUP to a second master": _reload_second(lab),
        "two workers fail to boot": _fail_twice(lab),
    }


def _reload(lab: Lab, raising: str) -> list[str]:
    server = lab.start("app", bind="unix:server.sock", env={"ON_RELOAD": raising}).listening()
    server.ask()
    server.wait_until_idle()
    said = len(server.events)
    server.send(SIGHUP)
    return [*_of_master(server.ended(), said, "master"), server.ending, *_left(lab)]


def _reload_second(lab: Lab) -> list[str]:
    first = lab.start("app", bind="unix:server.sock").listening()
    first.ask()
    first.send(SIGUSR2)
    second = first.successor().listening()
    first.wait_for("Booting worker", times=2)
    said = len(first.events)
    first.send(SIGHUP, second.pid)
    first.wait_until_gone(second.pid)
    reason = [line for line in first.log if line.startswith("RuntimeError")]
    seen = [*_of_master(first, said, "second master"), *reason, f"the first master: {first.ending}"]
    first.send(SIGTERM)
    first.ended()
    return seen


def _fail_twice(lab: Lab) -> list[str]:
    lab.write(
        "failing.py",
        """
        import os, time

        mine, other, gate = {"1": ("one", "two", "gate"), "2": ("two", "one", "told")}[os.environ["AGE"]]
        open(mine, "w").close()
        while not (os.path.exists(other) and os.path.exists(gate)):
            time.sleep(0.01)
        raise ValueError("no database")
        """,
    )
    server = lab.start("failing", bind="unix:server.sock", env={"WORKERS": "2"})
    lab.wait_for_file("one")
    lab.wait_for_file("two")
    said = len(server.events)
    lab.write("gate")
    lab.wait_until(lambda: not (lab.folder / "server.sock").exists(), "the master does not stop")
    lab.write("told")
    last = [line for line in server.ended().log if line.startswith(("gunicorn.errors", "During"))]
    return [*_of_master(server, said, "master"), *last, server.ending, *_left(lab)]


def _of_master(server: Server, said: int, speaker: str) -> list[str]:
    lines = [str(event) for event in server.events[said:] if event.speaker == speaker]
    return [line for line in lines if "exited with code" not in line and "was sent" not in line]


def _left(lab: Lab) -> list[str]:
    """The files that are left, of which the next server is to find none."""
    lab.wait_until_empty()
    left = [file for file in (lab.folder / "server.pid", lab.folder / "server.sock") if file.exists()]
    for file in left:
        file.unlink()
    return [f"left: {file.name}" for file in left]


@experiment(
    slug="keyboard-interrupt-in-a-worker",
    title="KeyboardInterrupt in a worker makes it stop the server as if it were the master",
    question="The second of two workers raises KeyboardInterrupt while it boots: who is ended by whom?",
    topic="stop",
    where=("gunicorn.arbiter.Arbiter.run", "gunicorn.arbiter.Arbiter.spawn_worker", "gunicorn.arbiter.Arbiter.stop"),
    since="20.1.0",
)
def keyboard_interrupt_in_a_worker(lab: Lab) -> Observations:
    lab.write("app.py", "import os\nif os.environ['AGE'] == '2':\n    raise KeyboardInterrupt\n" + APP)
    lab.write("gunicorn.conf.py", ENDS)
    server = lab.start("--graceful-timeout", "2", "app", bind="unix:server.sock", env={"WORKERS": "2"}).listening()
    server.wait_for("hook on_exit")
    said = [str(event) for event in server.events if "Shutting down" in event.message or "hook" in event.message]
    return {
        "log": said,
        "the first worker": "has ended" if any(_has_exited(server, age=1)) else "goes on",
        "the master": server.ending,
        "files": [file for file in ("server.pid", "server.sock") if (lab.folder / file).exists()],
    }


@experiment(
    slug="terminal-read-in-the-background",
    title="An application that reads the terminal from the background breeds workers",
    question="gunicorn runs in the background of a terminal and the application wants input: what does the master do?",
    topic="signals",
    where=(
        "gunicorn.arbiter.Arbiter.handle_ttin",
        "gunicorn.arbiter.Arbiter.handle_ttou",
        "gunicorn.arbiter.Arbiter.init_signals",
    ),
)
def terminal_read_in_the_background(lab: Lab) -> Observations:
    lab.write("app.py", "import os\nif os.environ['AGE'] == '1':\n    exec(os.environ['ASKS'])\n" + APP)
    lab.write(
        "background.py",
        """
        import os, pty

        leader, terminal = pty.fork()
        if leader:
            os.waitpid(leader, 0)
        elif os.fork():
            os.wait()
        else:
            os.setpgid(0, 0)
            from gunicorn.app.wsgiapp import run
            run()
        """,
    )
    lab.write(
        "gunicorn.conf.py",
        """
        import os

        def post_fork(server, worker):
            os.environ["AGE"] = str(worker.age)

        def nworkers_changed(server, new, old):
            if old and new in (1, 5):
                raise StopIteration  # ends the server
        """,
    )
    return {"one worker, input()": _ask(lab, "input()", 1), "three workers, breakpoint()": _ask(lab, "breakpoint()", 3)}


def _ask(lab: Lab, asks: str, workers: int) -> list[str]:
    """The signals that the master handles until there were to be five workers, or one of several."""
    arguments = ("--workers", str(workers), "--graceful-timeout", "1", "app")
    log = f"{workers}.log"
    server = lab.start(*arguments, program=("background.py",), log=log, env={"ASKS": asks}).ended()
    messages = [event.message for event in server.events]
    return [message for message in messages if message.startswith(("Handling", "Shutting"))]


@experiment(
    slug="usr2-and-relative-paths",
    title="With --chdir, nothing relative on the command line survives SIGUSR2",
    question="Started in one folder, with --chdir to another: does the second master of a SIGUSR2 find its way?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.__init__", "gunicorn.arbiter.Arbiter.reexec"),
    since="20.1.0",
)
def usr2_and_relative_paths(lab: Lab) -> Observations:
    lab.write("there/app.py", answering("'there'"))
    lab.write("conf.py")
    lab.write("launch.py", "from gunicorn.app.wsgiapp import run\nrun()\n")
    lab.write("r1/app.py", answering("'r1'"))
    lab.write("r2/app.py", answering("'r2'"))
    (lab.folder / "current").symlink_to("r1")
    there = str(lab.folder / "there")
    script = str(lab.folder / "launch.py")
    return {
        "--chdir /…/there": _upgrade(lab, lab.start("--chdir", there, "app", program=(script,))),
        "--chdir there": _upgrade(lab, lab.start("--chdir", "there", "app", program=(script,))),
        "-c conf.py --chdir /…/there": _upgrade(
            lab, lab.start("-c", "conf.py", "--chdir", there, "app", program=(script,))
        ),
        "python launch.py --chdir /…/there": _upgrade(lab, lab.start("--chdir", there, "app", program=("launch.py",))),
        "in current, which comes to point to r2": _upgrade(
            lab, lab.start("app", folder="current", env={"PWD": str(lab.folder / "current")}, program=(script,))
        ),
    }


def _upgrade(lab: Lab, server: Server) -> list[str]:
    """What the second master says on stderr outside the log; if it lives, what its worker answers."""
    server.listening().ask()
    server.wait_until_idle()
    said = len(server.stderr)
    (lab.folder / "current").unlink()
    (lab.folder / "current").symlink_to("r2")
    server.send(SIGUSR2)
    server.wait_until(
        lambda: (
            "Booting" in str(server.stderr[said:]) or any(not line.startswith("[") for line in server.stderr[said:])
        ),
        "begin another",
    )
    words = [line for line in server.stderr[said:] if not line.startswith("[")]
    if words:
        return [line.rpartition("python: ")[2] for line in words]
    second = server.successor()
    server.send(SIGTERM)
    second.wait_for("promoted")
    return [f"answers {second.ask()[-1]}"]


def _has_exited(server: Server, age: int) -> list[bool]:
    """Whether the worker that booted as number `age` has said that it exits."""
    booted = [event.pid for event in server.events if event.message.startswith("Booting")]
    return [e.pid == booted[age - 1] and e.message.startswith("Worker exiting") for e in server.events]
