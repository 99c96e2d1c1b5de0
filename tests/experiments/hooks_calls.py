"""Server hooks: in which process and in which order they are called, and what becomes of one that fails."""

from collections.abc import Iterable, Mapping
from signal import SIGABRT, SIGKILL, SIGQUIT, SIGTERM

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_TELLING = """
def tell(process, *words):
    print(f"{process}:", *words, flush=True)

def on_starting(server): tell("master", "on_starting")
def when_ready(server): tell("master", "when_ready")
def on_reload(server): tell("master", "on_reload")
def on_exit(server): tell("master", "on_exit")
def nworkers_changed(server, new, old): tell("master", "nworkers_changed from", old, "to", new)
def pre_fork(server, worker): tell("master", "pre_fork of worker", worker.age, worker.pid)
def child_exit(server, worker): tell("master", "child_exit of worker", worker.age)
def post_fork(server, worker): tell(f"worker {worker.age}", "post_fork, booted is", worker.booted)
def post_worker_init(worker): tell(f"worker {worker.age}", "post_worker_init, booted is", worker.booted)
def pre_request(worker, req): tell(f"worker {worker.age}", "pre_request", req.path)
def post_request(worker, req, environ, resp): tell(f"worker {worker.age}", "post_request", req.path, resp.status)
def worker_int(worker): tell(f"worker {worker.age}", "worker_int")
def worker_abort(worker): tell(f"worker {worker.age}", "worker_abort")
def worker_exit(server, worker): tell(f"worker {worker.age}", "worker_exit")
"""


def by_process(lines: Iterable[str]) -> Mapping[str, list[str]]:
    """What each process told: one has its order, several have none among each other."""
    told = [line.partition(": ") for line in lines]
    processes = sorted({process for process, _, _ in told})
    return {process: [words for each, _, words in told if each == process] for process in processes}


@experiment(
    slug="order-of-the-hooks",
    title="A worker's end is told twice: worker_exit in the worker, child_exit in the master",
    question="Which hooks are called at boot, for a request, on SIGHUP and on SIGTERM, and in which process?",
    topic="hooks",
    where=(
        "gunicorn.arbiter.Arbiter.start",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.reload",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.workers.sync.SyncWorker.handle_request",
    ),
)
def order_of_the_hooks(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", _TELLING)
    server = lab.start("app").listening()
    server.ask()
    server.reload()
    server.wait_for_output("worker 2: post_worker_init")
    server.wait_for_output("child_exit")
    server.wait_until_idle()
    server.send(SIGTERM)
    return by_process(server.ended().stdout)


@experiment(
    slug="hooks-of-a-forced-end",
    title="A killed worker calls no hook; the master still calls child_exit",
    question="Which hooks are called when a worker gets SIGTERM, SIGQUIT, SIGABRT (as at a timeout) or SIGKILL?",
    topic="hooks",
    where=(
        "gunicorn.workers.base.Worker.handle_quit",
        "gunicorn.workers.base.Worker.handle_abort",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.reap_workers",
    ),
)
def hooks_of_a_forced_end(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", _TELLING)
    server = lab.start("app").listening()
    observations = {}
    for age, signal in enumerate((SIGTERM, SIGQUIT, SIGABRT, SIGKILL), 1):
        server.wait_for_output(f"worker {age}: post_worker_init")
        server.wait_until_idle()
        server.send(signal, server.worker)
        server.wait_for_output(f"worker {age + 1}: post_worker_init")
        told = [line for line in server.stdout if f"worker {age}" in line]
        observations[signal.name] = [line for line in told if "_exit" in line or "_int" in line or "_abort" in line]
    return observations


@experiment(
    slug="hooks-that-raise",
    title="An exception in child_exit ends the server, one in worker_exit is only logged",
    question="What does an exception do in a hook of the master, of the worker, of a request?",
    topic="hooks",
    where=(
        "gunicorn.arbiter.Arbiter.run",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.workers.sync.SyncWorker.handle_request",
    ),
)
def hooks_that_raise(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("on_starting.py", "def on_starting(server): raise ValueError('in on_starting')")
    lab.write("post_fork.py", "def post_fork(server, worker): raise ValueError('in post_fork')")
    lab.write(
        "later.py",
        """
        def pre_request(worker, req):
            if req.path == "/pre":
                raise ValueError("in pre_request")

        def post_request(worker, req, environ, resp):
            raise ValueError("in post_request")

        def worker_exit(server, worker):
            raise ValueError("in worker_exit")

        def child_exit(server, worker):
            raise ValueError("in child_exit")
        """,
    )
    on_starting = lab.start("-c", "on_starting.py", "app")
    post_fork = lab.start("-c", "post_fork.py", "app")
    server = lab.start("-c", "later.py", "app").listening()
    pre_request, post_request = (
        server.ask(f"GET /{path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".encode())[0]
        for path in ("pre", "post")
    )
    server.wait_until_idle()
    requests = len(server.stderr)
    server.send(SIGTERM, server.worker)
    said = server.ended().outcome[requests:]
    return {
        "on_starting": on_starting.ended().outcome,
        "post_fork": post_fork.ended().outcome,
        "pre_request": pre_request,
        "post_request": post_request,
        "worker_exit, then child_exit": said,
    }
