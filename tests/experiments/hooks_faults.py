"""Server hooks that fail: the old master's at an upgrade, the worker's on signals and at its end, a request's."""

from signal import SIGABRT, SIGQUIT, SIGTERM, SIGUSR2

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


def _saying(statement: str) -> str:
    return f"def pre_exec(server):\n    {statement}\n"


@experiment(
    slug="pre-exec-that-raises",
    title="A pre_exec that raises stops the workers of the old server, and takes its socket away",
    question="pre_exec fails on SIGUSR2: what becomes of the server that was to be replaced?",
    topic="hooks",
    where=("gunicorn.arbiter.Arbiter.reexec", "gunicorn.arbiter.Arbiter.run", "gunicorn.arbiter.Arbiter.stop"),
)
def pre_exec_that_raises(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    observations = {}
    for name, statement in (("error", "raise ValueError('in pre_exec')"), ("exit", "raise SystemExit(7)")):
        lab.write(f"{name}.py", _saying(f"open('{name}.called', 'w').close(); {statement}"))
        server = lab.start(
            *("--pid", f"{name}.pid", "--graceful-timeout", "1", "-c", f"{name}.py", "app"), bind=f"unix:{name}.sock"
        ).listening()
        server.ask()
        worker = server.worker
        server.wait_until_idle()
        server.send(SIGUSR2)
        lab.wait_for_file(f"{name}.called")
        if name == "error":
            server.wait_until_gone(worker)
            lab.wait_until(lambda: not (lab.folder / "error.pid").exists(), "the pidfile is still there")
        server.wait_for_workers(1)
        files = sorted(file.name for file in lab.folder.iterdir() if file.suffix in (".pid", ".sock"))
        observations[statement] = [
            *(f"log: {event.message}" for event in server.events if "Unhandled" in event.message),
            f"master: {server.ending}",
            f"its worker: {'the same' if server.worker == worker else 'another'}",
            f"files: {', '.join(file for file in files if file.startswith(name)) or 'none'}",
            f"next request: {server.ask()[0]}",
        ]
    return observations


@experiment(
    slug="hooks-of-a-worker-that-raise",
    title="An exception in a signal's hook ends the worker with 255, an exit with 3 in worker_exit the server",
    question="What do exceptions do in worker_int, worker_abort, post_worker_init and worker_exit?",
    topic="hooks",
    where=(
        "gunicorn.workers.base.Worker.handle_quit",
        "gunicorn.workers.base.Worker.handle_abort",
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.reap_workers",
    ),
)
def hooks_of_a_worker_that_raise(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "signals.py",
        """
        def worker_int(worker): raise ValueError("in worker_int")
        def worker_abort(worker): raise ValueError("in worker_abort")
        """,
    )
    lab.write(
        "init.py",
        """
        def post_worker_init(worker): raise ValueError("in post_worker_init")
        def child_exit(server, worker): print("child_exit", flush=True)
        """,
    )
    lab.write("exit.py", "def worker_exit(server, worker): raise SystemExit(3)\n")
    server = lab.start("-c", "signals.py", "app").listening()
    observations: dict[str, str | list[str]] = {}
    for hook, signal in (("worker_int", SIGQUIT), ("worker_abort", SIGABRT)):
        server.ask()
        server.wait_until_idle()
        worker = server.worker
        server.send(signal, worker)
        server.wait_until_gone(worker)
        server.wait_for_workers(1)
        said = [line for line in server.log if line == f"ValueError: in {hook}"]
        observations[f"{hook}, {signal.name}"] = [*said, f"master: {server.ending}"]
    booting = lab.start("-c", "init.py", "app").ended()
    observations["post_worker_init"] = booting.ending
    observations["child_exit of that worker"] = "called" if "child_exit" in booting.stdout else "not called"
    leaving = lab.start("-c", "exit.py", "app").listening()
    leaving.ask()
    leaving.wait_until_idle()
    first = leaving.worker
    leaving.send(SIGTERM, first)
    leaving.wait_until(lambda: leaving.has_ended or bool(leaving.workers - {first}), "end or fork another worker")
    return {**observations, "SystemExit(3) in worker_exit": f"master: {leaving.ending}"}


@experiment(
    slug="pre-request-that-raises",
    title="An OSError in pre_request closes the connection without an answer",
    question="Which exceptions in pre_request are answered, and is post_request called after them?",
    topic="hooks",
    where=("gunicorn.workers.sync.SyncWorker.handle_request", "gunicorn.workers.sync.SyncWorker.handle"),
)
def pre_request_that_raises(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """
        def pre_request(worker, req):
            if req.path != "/":
                raise {"/value": ValueError, "/os": OSError, "/stop": StopIteration}[req.path]("in pre_request")

        def post_request(worker, req, environ, resp):
            print("post_request", req.path, len(environ) > 0, resp and resp.status, flush=True)
        """,
    )
    server = lab.start("app").listening()
    observations = {}
    for path in ("/", "/value", "/os", "/stop", "no version"):
        told, logged = len(server.stdout), len(server.log)
        with server.connect() as client:
            line = "GET /" if path == "no version" else f"GET {path} HTTP/1.1"
            status = client.ask(f"{line}\r\nHost: lab\r\n\r\n".encode()).status
        server.ask()  # the worker is done with the request before, when it answers this one
        told_now = [line for line in server.stdout[told:] if line != "post_request / True 200 OK"]
        said = [event for event in server.log[logged:] if "[ERROR]" in event or "[WARNING]" in event]
        observations[path] = [status, *said, *told_now]
    return observations


@experiment(
    slug="how-a-hook-can-tell-an-end",
    title="child_exit can tell a timeout, worker_exit its status, on_exit a failed boot",
    question="What do hooks find out about the end that they are called for, and what if nworkers_changed assigns?",
    topic="hooks",
    where=(
        "gunicorn.arbiter.Arbiter.murder_workers",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.halt",
    ),
)
def how_a_hook_can_tell_an_end(lab: Lab) -> Observations:
    telling = """
import sys

def child_exit(server, worker):
    print("child_exit: aborted", worker.aborted, "nr", worker.nr, flush=True)

def worker_exit(server, worker):
    print("worker_exit:", repr(sys.exc_info()[1]), "booted", worker.booted, "nr", worker.nr, flush=True)

def on_exit(server):
    print("on_exit:", repr(sys.exc_info()[1]), flush=True)
"""
    lab.write("app.py", APP)
    lab.write("hanging.py", "import time\n\ndef application(environ, start_response):\n    time.sleep(60)\n")
    lab.write("telling.py", telling)
    lab.write("failing.py", f"{telling}\ndef post_fork(server, worker):\n    raise ValueError('in post_fork')\n")
    lab.write(
        "assigning.py", "def nworkers_changed(server, new_value, old_value):\n    server.num_workers = new_value\n"
    )
    server = lab.start("-c", "telling.py", "app").listening()
    server.ask()
    server.wait_until_idle()
    server.send(SIGTERM, server.worker)
    server.wait_for_output("child_exit")
    server.wait_for("Booting worker", times=2)
    of_a_worker = list(server.stdout)
    server.ask()
    server.wait_until_idle()
    server.send(SIGTERM)
    hanging = lab.start("-c", "telling.py", "--timeout", "1", "hanging").listening()
    hanging.ask()
    hanging.wait_for_output("child_exit")
    failing = lab.start("-c", "failing.py", "app").ended()
    return {
        "SIGTERM to a worker": of_a_worker,
        "SIGTERM to the master": [line for line in server.ended().stdout if line.startswith("on_exit")],
        "a timeout": [line for line in hanging.stdout if line.startswith("child_exit")][:1],
        "a failed boot": [line for line in failing.stdout if not line.startswith("worker_exit: ProcessLookup")],
        "nworkers_changed assigns": lab.start("-c", "assigning.py", "app").ended().outcome,
    }
