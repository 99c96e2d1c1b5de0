"""Which workers keep a connection for the next request, for how long, and what they say of themselves."""

from contextlib import ExitStack

from tests.experiments.applications import APP, HOLDING, answering
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.waiting import Stopwatch


@experiment(
    slug="keep-alive-by-worker",
    title="The sync worker closes after every answer, whatever was asked",
    question="Which workers keep a connection open for the next request, and how long?",
    topic="workers",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base_async.AsyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.murder_keepalived",
        "gunicorn.http.message.Message.should_close",
        "gunicorn.http.wsgi.Response.should_close",
    ),
    since="20.1.0",
)
def keep_alive_by_worker(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    workers = ("sync", "gthread", "gevent")
    servers = {worker: lab.start("--worker-class", worker, "--keep-alive", "1", "app") for worker in workers}
    observations = {}
    for worker, server in servers.items():
        server.listening().ask()
        seen = []
        for asked in ("HTTP/1.1", "HTTP/1.1, Connection: close", "HTTP/1.0", "HTTP/1.0, Connection: keep-alive"):
            request = f"GET / {asked}\r\nHost: lab\r\n\r\n".replace(", ", "\r\n").encode()
            with server.connect() as client:
                told = client.ask(request).header("Connection")
                if told == "close":
                    then = "closed" if client.is_closed(within=9) else "open after 9 s"
                else:
                    then = f"the next request: {client.ask(request).status}"
            seen.append(f"{asked}: Connection: {told}, {then}")
        if worker != "sync":
            with server.connect() as client:
                client.ask(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
                watch = Stopwatch()
                client.is_closed(within=9)
                seen.append(f"HTTP/1.1, then idle: {client.ending} {watch.compare(0.3, 9)}")
        observations[f"{worker}, --keep-alive 1"] = seen
    return observations


@experiment(
    slug="flags-by-worker",
    title="wsgi.multithread is true under gthread and gevent; wsgi.multiprocess counts --workers",
    question="What do the environ's flags tell an application of the worker that calls it?",
    topic="workers",
    where=(
        "gunicorn.http.wsgi.base_environ",
        "gunicorn.workers.gthread.ThreadWorker.handle_request",
        "gunicorn.workers.base_async.AsyncWorker.handle_request",
    ),
    since="20.1.0",
)
def flags_by_worker(lab: Lab) -> Observations:
    flags = ("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once")
    lab.write("app.py", answering(f"{{name: environ[name] for name in {flags}}}"))
    cases = ("--workers 1", "--workers 2", "--threads 2", "--worker-class gevent")
    servers = {arguments: lab.start(*arguments.split(), "app") for arguments in cases}
    observations = {}
    for arguments, server in servers.items():
        with server.listening().connect() as client:
            observations[arguments] = client.ask().body
    return observations


@experiment(
    slug="two-listeners-on-a-sync-worker",
    title="With two listeners a sync worker takes one client of each in turn",
    question="Clients wait at both listeners of a sync worker: who is served first?",
    topic="workers",
    where=("gunicorn.workers.sync.SyncWorker.run_for_multiple",),
)
def two_listeners_on_a_sync_worker(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    server = lab.start("--bind", "unix:here.sock", "app").listening()
    with ExitStack() as stack:
        clients = []
        for at, name in ((0, "held"), (0, "first-1"), (0, "first-2"), (0, "first-3"), (1, "second-1"), (1, "second-2")):
            client = stack.enter_context(server.connect(at))
            client.send(f"GET /{name} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
            client.finish()
            clients.append(client)
            if name == "held":
                server.wait_for_output("holding held")
            else:
                lab.write(name)
        lab.write("held")
        for client in clients:
            client.answer()
    return {"served": [line.removeprefix("holding ") for line in server.stdout]}


@experiment(
    slug="a-client-that-does-not-close",
    title="Until 25.3.0 a worker closes and goes on; later ones wait two seconds for the client to close",
    question="A client has its answer, with Connection: close, and leaves its side open: who waits for it?",
    topic="workers",
    where=(
        "gunicorn.util.close_graceful",
        "gunicorn.util.close",
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.finish_request",
    ),
    since="20.1.0",
)
def a_client_that_does_not_close(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    observations = {}
    for arguments in ("--worker-class sync", "--worker-class gthread --threads 4"):
        server = lab.start(*arguments.split(), "app").listening()
        server.ask()
        with server.connect() as lingering:
            lingering.ask(GET)
            lingering.is_closed(within=10)  # it hears the end of the answer, and does not close in its turn
            with server.connect() as other:
                watch = Stopwatch()
                status = other.ask(GET).status
                observations[arguments] = f"the next client: {status} {watch.compare(1.2, 12)}"
    return observations
