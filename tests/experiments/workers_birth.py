"""The birth of a worker and its clients: what is so at each stage, who gets a connection, what a silent one costs."""

from signal import SIGKILL, SIGTERM

from tests.experiments.applications import answering
from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

_STAGES = """\
import os
import signal

raw_env = ["COLOUR=green"]
known = {}

def tell(stage, worker=None):
    worker = known.setdefault("worker", worker)
    handler = getattr(signal.getsignal(signal.SIGTERM), "__qualname__", "none")
    try:
        beat = worker.tmp.last_update()
        heartbeat = "not yet" if known.setdefault("made", beat) == beat else "yes"
    except ValueError:
        heartbeat = "closed"
    pid = {"[booting]": worker.pid, os.getpid(): "its own"}.get(worker.pid, "a child's")
    words = (
        f"in {'the master' if os.getpid() == worker.ppid else 'the worker'}",
        f"worker.pid is {pid}",
        f"SIGTERM: {handler}",
        f"COLOUR is {os.environ['COLOUR']}",
        f"the listener is {'inheritable' if worker.sockets[0].get_inheritable() else 'not inheritable'}",
        f"heartbeat: {heartbeat}",
        f"booted: {worker.booted}",
    )
    print(stage, *words, sep="|", flush=True)

def pre_fork(server, worker):
    tell("pre_fork", worker)

def post_fork(server, worker):
    os.environ["COLOUR"] = "red"
    tell("post_fork")

def post_worker_init(worker):
    tell("post_worker_init")

def pre_request(worker, req):
    tell("pre_request")

def child_exit(server, worker):
    tell("child_exit")
"""

_TELLING = "import stages\nstages.tell('the import')\n"


@experiment(
    slug="birth-of-a-worker",
    title="Between fork and import a worker takes its own handlers, and the listener back from its children",
    question="From the object to the worker's end: which process runs what, and what is so at each stage?",
    topic="workers",
    where=(
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.workers.base.Worker.__init__",
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.workers.base.Worker.init_signals",
    ),
)
def birth_of_a_worker(lab: Lab) -> Observations:
    lab.write("stages.py", _STAGES)
    lab.write("gunicorn.conf.py", "from stages import *")
    lab.write("app.py", _TELLING + answering("os.getpid()"))
    server = lab.start("app").listening()
    server.ask()
    server.wait_until_idle()
    server.send(SIGTERM, server.worker)
    server.wait_for_output("child_exit")
    seen: dict[str, list[str]] = {}
    for stage, *words in (line.split("|") for line in server.stdout):
        seen.setdefault(stage, words)
    return seen


@experiment(
    slug="who-gets-the-next-client",
    title="A connection waits in the listener's queue, and outlives the death of every worker",
    question="Two workers, idle, busy, frozen or dead: which one answers the next client?",
    topic="workers",
    where=(
        "gunicorn.workers.sync.SyncWorker.run_for_one",
        "gunicorn.workers.sync.SyncWorker.accept",
        "gunicorn.sock.BaseSocket.set_options",
    ),
)
def who_gets_the_next_client(lab: Lab) -> Observations:
    lab.write("app.py", _GATED)
    lab.write("workers.py", "lives = []\ndef post_fork(server, worker): lives.append(worker)")
    lab.write("gunicorn.conf.py", "from workers import post_fork")
    server = lab.start("--workers", "2", "app").listening()
    server.wait_for_output("imported", times=2)
    server.wait_until_idle()
    one, two = sorted(server.wait_for_workers(2))
    seen: dict[str, list[str]] = {}
    with server.frozen(one):
        with server.frozen(two), server.connect() as client:
            client.send(GET)
            waits = [f"connection {client.ending}", "no answer" if not client.is_heard(within=0.5) else "answered"]
            seen["both workers frozen"] = waits
            with server.connect() as other:
                other.send(GET)
        answers = {server.ask()[-1] for _ in range(5)}
        seen["one let go, five clients"] = [_who(answers, {two: "all by it", one: "all by the other"})]
    server.wait_until_idle()
    with server.connect() as busy:
        busy.send(GET.replace(b"/", b"/gate", 1))
        server.wait_for_output("holding")
        held = next(int(line.split()[-1]) for line in server.stdout if "holding" in line)
        answers = {server.ask()[-1] for _ in range(5)}
        free = two if held == one else one
        seen["one busy, five clients"] = [_who(answers, {free: "all by the other", held: "all by it"})]
        lab.write("gate")
        busy.answer()
    server.wait_until_idle()
    seen["both frozen, then killed, with a client in the queue"] = _outlive(server, {one, two})
    seen["a stop, with a client in hand and one in the queue"] = _stop(lab)
    return seen


@experiment(
    slug="what-a-silent-client-costs",
    title="A client that says nothing costs a sync worker its life, and the log a traceback without a request",
    question="One sync worker, a client that says nothing, another that asks: what do both get, what do the logs say?",
    topic="workers",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.base.Worker.handle_abort",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def what_a_silent_client_costs(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.getpid()"))
    seen = {}
    for case, file in (("it waits", "waits.log"), ("it hangs up", "hangs-up.log")):
        server = lab.start("--timeout", "2", "--access-logfile", file, "app").listening()
        first = server.ask()[-1]
        server.wait_until_idle()
        said = len(server.log)
        with server.connect() as silent, server.connect() as client:
            client.send(GET)
            waits = "waits" if not client.is_heard(within=0.5) else "is answered"
            if case == "it hangs up":
                silent.close()
            answer = client.answer()
            fate = "the same worker" if answer.body == first else "another worker"
            got = "" if case == "it hangs up" else f": {silent.answer().status}"
        server.wait_until_idle()
        seen[case] = [
            *server.log[said:],
            f"the silent one{got or ' has gone'}",
            f"the other {waits}, then: {answer.status} from {fate}",
            f"lines in the access log: {len(lab.read(file)) - 1}",
        ]
    return seen


_GATED = """\
import os
import time
import workers

print("imported", flush=True)

def application(environ, start_response):
    gate = environ["PATH_INFO"].strip("/")
    if gate:
        print("holding", os.getpid(), flush=True)
    while gate == "until-told-to-go" and workers.lives[0].alive:
        time.sleep(0.01)
    while gate == "gate" and not os.path.exists(gate):
        time.sleep(0.01)
    answer = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""


def _who(answers: set[str], names: dict[int, str]) -> str:
    return names[int(answers.pop())] if len(answers) == 1 else "by both"


def _stop(lab: Lab) -> list[str]:
    server = lab.start("app").listening()
    with server.connect() as held, server.connect() as waiting:
        held.send(GET.replace(b"/", b"/until-told-to-go", 1))
        server.wait_for_output("holding")
        waiting.send(GET)
        server.send(SIGTERM)
        answers = [f"in hand: {held.answer().status}", f"in the queue: {waiting.answer().status}"]
    server.ended()
    return answers


def _outlive(server: Server, workers: set[int]) -> list[str]:
    one, two = workers
    with server.frozen(one), server.frozen(two):
        client: Connection = server.connect()
        client.send(GET)
        for worker in workers:
            server.send(SIGKILL, worker)
    with client:
        answer = client.answer()
        return [answer.status, "by a worker that came later" if int(answer.body) not in workers else "by one of them"]
