"""Stopping: which requests are finished, who is waited for, and for how long."""

from signal import SIGINT, SIGQUIT, SIGTERM

from tests.experiments.applications import HOLDING
from tests.experiments.client import GET, Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.waiting import Stopwatch

KEPT = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"


@experiment(
    slug="stop-amid-a-request",
    title="TERM lets a request end; QUIT does so with threads only",
    question="A request is running when the master is told to stop: what does the client get, by class of worker?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.workers.base.Worker.handle_exit",
        "gunicorn.workers.base.Worker.handle_quit",
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.handle_quit",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.handle_quit",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="20.1.0",
)
def stop_amid_a_request(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    seen = {}
    for worker in ("sync", "gthread", "gevent"):
        finished, quick = (lab.start("-k", worker, "--graceful-timeout", "20", "app").listening() for _ in range(2))
        with finished.connect() as one, quick.connect() as two:
            one.send(_asking_for(f"/gate-of-{worker}"))
            two.send(_asking_for(f"/later-{worker}"))
            finished.wait_for_output("holding")
            quick.wait_for_output("holding")
            quick.wait_until_idle()  # a QUIT that finds gthread handing out a request can hang it
            finished.send(SIGTERM)
            quick.send(SIGQUIT)
            finished.wait_for("Handling signal: term")
            lab.write(f"gate-of-{worker}")
            seen[f"{worker}, TERM, then the request ends"] = _end(finished, one)
            quick.wait_for("Worker exiting")
            lab.write(f"later-{worker}")
            seen[f"{worker}, QUIT, then the request ends"] = _end(quick, two)
    return seen


@experiment(
    slug="graceful-timeout-passed",
    title="A stop that outlasts graceful_timeout ends with exit code 0 all the same",
    question="A request hangs, and the master is told to stop with --graceful-timeout 2: what then?",
    topic="stop",
    where=(
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="20.1.0",
)
def graceful_timeout_passed(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    servers = {
        worker: lab.start("-k", worker, "--graceful-timeout", "2", "app").listening()
        for worker in ("sync", "gthread", "gevent")
    }
    clients = {worker: server.connect() for worker, server in servers.items()}
    for worker, server in servers.items():
        clients[worker].send(_asking_for("/never"))
        server.wait_for_output("holding never")
    watch = Stopwatch()
    for server in servers.values():
        server.send(SIGTERM)
    return {
        f"{worker}, TERM": [*_end(server, clients[worker]), f"ended {watch.compare(2, 8)}"]
        for worker, server in servers.items()
    }


@experiment(
    slug="stop-beside-an-idle-client",
    title="In 24.1.1 to 26.2.0 an idle keep-alive client holds up the stop of gthread",
    question="A keep-alive client is connected and says nothing: how long does TERM take?",
    topic="stop",
    where=("gunicorn.workers.gthread.ThreadWorker.run", "gunicorn.workers.ggevent.GeventWorker.run"),
    since="20.1.0",
)
def stop_beside_an_idle_client(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    arguments = ("--keep-alive", "60", "--graceful-timeout", "5", "app")
    threads, greenlets = (lab.start("-k", worker, *arguments) for worker in ("gthread", "gevent"))
    with threads.listening().connect() as one, greenlets.listening().connect() as two:
        one.ask(KEPT)
        two.ask(KEPT)
        watch = Stopwatch()
        threads.send(SIGTERM)
        greenlets.send(SIGTERM)
        return {
            "gthread, --graceful-timeout 5": f"ended {_when(threads, watch)}",
            "gevent, --graceful-timeout 5": f"ended {_when(greenlets, watch)}",
        }


@experiment(
    slug="second-signal-while-stopping",
    title="Until 24.1.1 nothing but SIGKILL hastens a graceful stop",
    question="TERM waits for a request that hangs; then comes INT or QUIT: does the master still wait?",
    topic="stop",
    where=("gunicorn.arbiter.Arbiter.stop",),
)
def second_signal_while_stopping(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    servers = {signal: lab.start("--graceful-timeout", "8", "app").listening() for signal in (SIGINT, SIGQUIT)}
    clients = {signal: server.connect() for signal, server in servers.items()}
    seen = {}
    for signal, server in servers.items():
        clients[signal].send(_asking_for("/never"))
        server.wait_for_output("holding never")
    watch = Stopwatch()
    for signal, server in servers.items():
        server.send(SIGTERM)
        server.wait_for("Handling signal: term")
        server.send(signal)
    for signal, server in servers.items():
        end = _end(server, clients[signal])
        said = [str(event) for event in server.events if "shutdown" in event.message]
        seen[f"TERM, then {signal.name[3:]}"] = [*said, *end, f"ended {watch.within(7)}"]
    return seen


def _asking_for(path: str) -> bytes:
    return GET.replace(b"/", path.encode(), 1)


def _end(server: Server, client: Connection) -> list[str]:
    """What the client gets, and how the server ends once the client has closed its side."""
    status = client.answer().status
    client.close()
    return [f"client: {status}", server.ended().ending]


def _when(server: Server, watch: Stopwatch) -> str:
    server.ended()
    return watch.within(4.5)
