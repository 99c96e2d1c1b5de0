"""The sync worker: signals while it boots, its heartbeat and its file, and exceptions that nobody answers."""

import time
from signal import SIGKILL, SIGQUIT, SIGTERM, Signals

from tests.experiments.applications import APP
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

WAITING = """\
import os
import time

def wait(stage):
    if os.environ["STAGE"] == stage:
        print("waits in", stage, flush=True)
        while not os.path.exists("gate"):
            time.sleep(0.01)
"""

RAISING = """\
def application(environ, start_response):
    exec(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""

TELLING = """\
access_log_format = "%(s)s"

def post_request(worker, req, environ, resp):
    worker.log.info("post_request sees %s", resp.status)
"""

CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgf28wdjPZknX+ePtc
jbMsW7pZBIoHR80ZWzqz4ZGwbCmhRANCAAQGwuUr+53mrWClWYDerC7cjLnDFSOS
UzML5yNRXGagKq0uLJdZ9Q4HBO6sjgpN1KSiBTPEqoIrMs1uIKbUDv/p
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUFkoTlCZMVac5KXbRzHQL+vUQufIwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDbGFiMCAXDTI2MTEyMjE0NTAzMFoYDzIxMjYxMDI5MTQ1MDMw
WjAOMQwwCgYDVQQDDANsYWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQGwuUr
+53mrWClWYDerC7cjLnDFSOSUzML5yNRXGagKq0uLJdZ9Q4HBO6sjgpN1KSiBTPE
qoIrMs1uIKbUDv/po1MwUTAdBgNVHQ4EFgQUoqKIq68Q9ElSEQXYxscXAPTOOyEw
HwYDVR0jBBgwFoAUoqKIq68Q9ElSEQXYxscXAPTOOyEwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiABa8UBYdI6gC0Zp8Oft9MkHBK3biCs2lIDR31k
+a2E+wIhAPyjJX8YPQ8FFTj3jfAMMCWL0Ta7EnUuMoeE8WaTfLU/
-----END CERTIFICATE-----
"""


@experiment(
    slug="exceptions-without-an-answer",
    title="An OSError or StopIteration of the application is taken for a broken connection",
    question="Which exceptions of an application, or of TLS, end a request without a word to the client or the log?",
    topic="response",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def exceptions_without_an_answer(lab: Lab) -> Observations:
    lab.write("app.py", RAISING)
    lab.write("gunicorn.conf.py", TELLING)
    lab.write("both.pem", CERTIFICATE)
    server = lab.start("--access-logfile", "access.log", "app").listening()
    server.wait_for("Booting worker")
    secured = lab.start("--certfile", "both.pem", "--keyfile", "both.pem", "app", log="tls.log").listening()
    seen: dict[str, list[str]] = {}
    for text in (
        "raise ValueError('no database')",
        "open('missing')",
        "raise TimeoutError('no database')",
        "raise ConnectionResetError(104, 'no database')",
        "raise BrokenPipeError(32, 'no database')",
        "next(iter([]))",
    ):
        said, noted = len(server.log), len(lab.read("access.log"))
        with server.connect() as client:
            status = client.ask(_posting(text)).status
        server.ask()  # the worker is done with the first request, when it answers the second
        new = server.log[said:]
        access = lab.read("access.log")[noted:-1] or ["nothing"]
        seen[text] = [f"client: {status}", f"access log: {', '.join(access)}", *new[: _last(new, "post_request sees")]]
    with secured.connect() as client, secured.connect() as next_one:
        status = client.ask(GET).status
        next_one.ask(GET)
    warned = [line.split(" (_ssl.c")[0] for line in secured.log if "Invalid request" in line]
    seen["plain HTTP to a TLS port"] = [f"client: {status}", *(warned[:1] or ["nothing in the log"])]
    return seen


@experiment(
    slug="signals-while-a-worker-boots",
    title="In post_fork a worker is deaf to SIGTERM; at its import it hears it, and imports on",
    question="What do signals do to a worker that is in post_fork, or still importing its application?",
    topic="signals",
    where=(
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.workers.base.Worker.init_signals",
        "gunicorn.arbiter.Arbiter.spawn_worker",
        "gunicorn.arbiter.Arbiter.signal",
    ),
)
def signals_while_a_worker_boots(lab: Lab) -> Observations:
    lab.write("stages.py", WAITING)
    lab.write("gunicorn.conf.py", "from stages import wait\ndef post_fork(server, worker):\n    wait('post_fork')\n")
    lab.write("app.py", "from stages import wait\nwait('the import')\nprint('imported', flush=True)\n" + APP)
    cases = [(stage, sign) for stage in ("post_fork", "the import") for sign in (SIGTERM, SIGQUIT)]
    servers = [lab.start("app", env={"STAGE": stage}).listening() for stage, _ in cases]
    firsts = [_worker_that_waits(server) for server in servers]
    for server, first, case in zip(servers, firsts, cases, strict=True):
        server.send(case[1], first)
        if case == ("the import", SIGQUIT):
            server.wait_for("Booting worker", times=2)
    lab.write("gate")
    return {
        f"{Signals(sign).name} in {stage}": _what_became(server, first)
        for server, first, (stage, sign) in zip(servers, firsts, cases, strict=True)
    }


@experiment(
    slug="timeout-with-two-listeners",
    title="With two listeners, the time a sync worker has been idle counts against the next request",
    question="With --timeout 6, is a request of 5 seconds killed that comes after 2.5 idle seconds?",
    topic="timeout",
    where=(
        "gunicorn.workers.sync.SyncWorker.wait",
        "gunicorn.workers.sync.SyncWorker.run_for_one",
        "gunicorn.workers.sync.SyncWorker.run_for_multiple",
        "gunicorn.arbiter.Arbiter.murder_workers",
    ),
)
def timeout_with_two_listeners(lab: Lab) -> Observations:
    lab.write("app.py", RAISING)
    one = lab.start("--timeout", "6", "app").listening()
    two = lab.start("--timeout", "6", "--bind", "unix:other.sock", "app").listening()
    for server in (one, two):
        server.ask()
    time.sleep(2.5)
    with one.connect() as first, two.connect() as second:
        for client in (first, second):
            client.send(_posting("import time; time.sleep(5)"))
        answers = {"one listener": (first.answer(), one), "two listeners": (second.answer(), two)}
    return {
        name: [f"client: {answer.status}", *(str(event) for event in server.events if event.level == "CRITICAL")]
        for name, (answer, server) in answers.items()
    }


@experiment(
    slug="heartbeat-file-that-cannot-be-made",
    title="When the folder of the heartbeat files is gone, the next fork ends the server",
    question="--worker-tmp-dir does not exist, or no longer exists when a worker has to be replaced: what happens?",
    topic="workers",
    where=("gunicorn.workers.workertmp.WorkerTmp.__init__", "gunicorn.arbiter.Arbiter.spawn_worker"),
)
def heartbeat_file_that_cannot_be_made(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    (lab.folder / "made").mkdir()
    missing = lab.start("--worker-tmp-dir", "missing", "app")
    removed = lab.start("--worker-tmp-dir", "made", "app").listening()
    removed.ask()
    left = [path.name for path in (lab.folder / "made").iterdir()]
    (lab.folder / "made").rmdir()
    answer = removed.ask()[0]
    removed.send(SIGKILL, removed.worker)
    return {
        "missing from the start": _end(missing),
        "files in it, while a worker lives": str(len(left)),
        "removed, a request": answer,
        "removed, and the worker is killed": _end(removed),
    }


def _last(lines: list[str], words: str) -> int:
    return max(at for at, line in enumerate(lines) if words in line)


def _posting(text: str) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def _worker_that_waits(server: Server) -> int:
    server.wait_for_output("waits in")
    return server.worker


def _what_became(server: Server, first: int) -> list[str]:
    """What was printed and logged until the server answers, and whether it is the first worker that does."""
    status = server.ask()[0]
    fate = "the same worker" if server.worker == first else "another worker"
    booted = next(at for at, line in enumerate(server.log) if "Booting worker" in line)
    return [*server.log[booted:], f"printed: {', '.join(server.stdout)}", f"{status} from {fate}"]


def _end(server: Server) -> list[str]:
    server.ended()
    return [*(line for line in server.log if "ERROR" in line or "Error:" in line), server.ending]
