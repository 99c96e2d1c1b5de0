"""SIGHUP while the server is at work: which settings it applies, and what becomes of requests and of failures."""

from signal import SIGHUP, SIGTTIN

from tests.experiments.applications import APP, HOLDING, answering
from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.waiting import wait_until


@experiment(
    slug="settings-that-sighup-applies",
    title="Up to 25.3.0 SIGHUP leaves the logs as they were",
    question="A config file changes everything at once: what of it does SIGHUP apply?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.reload", "gunicorn.arbiter.Arbiter.setup", "gunicorn.glogging.Logger.setup"),
)
def settings_that_sighup_applies(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.environ['GREETING']"))
    lab.write("another.py", "from gunicorn.workers.sync import SyncWorker\nclass Another(SyncWorker): pass")
    config = """
        name = "old"
        bind = f"unix:{name}.sock"
        workers = {"old": 1, "new": 2}[name]
        worker_class = {"old": "sync", "new": "another.Another"}[name]
        raw_env = [f"GREETING={name}"]
        pidfile = f"{name}.pid"
        proc_name = name
        loglevel = {"old": "info", "new": "debug"}[name]
        errorlog = f"{name}-error.log"
        accesslog = f"{name}-access.log"
        access_log_format = f"{name} format"

        def on_reload(server):
            server.log.error("a line of the master")
            server.log.debug("a line for debugging")
            print("proc_name:", server.proc_name)

        def post_worker_init(worker):
            print("worker_class:", type(worker).__name__)
        """

    def ask(socket: str) -> list[str]:
        with Connection(lab.folder / socket, patience=30) as client:
            return client.ask().told()

    def files_with(words: str, pattern: str) -> str:
        found = [file.name for file in sorted(lab.folder.glob(pattern)) if words in file.read_text(encoding="utf-8")]
        return ", ".join(found) or "none"

    lab.write("gunicorn.conf.py", config)
    server = lab.start("app", bind=None)
    server.wait_for_output("worker_class")
    ask("old.sock")
    server.wait_until_idle()
    lab.write("gunicorn.conf.py", config.replace('name = "old"', 'name = "new"'))
    server.reload()
    server.wait_for_output("worker_class", times=3)
    answer = ask("new.sock")
    server.wait_until_idle()
    return {
        "bind": f"old.sock: {ask('old.sock')[0]}, new.sock: {answer[0]}",
        "workers": str(len(server.workers)),
        "raw_env": answer[-1],
        "pidfile": ", ".join(sorted(file.name for file in lab.folder.glob("*.pid"))),
        "worker_class and proc_name": list(dict.fromkeys(server.stdout[1:])),
        "errorlog, file of the master's line": files_with("a line of the master", "*-error.log"),
        "loglevel, files with the line for debugging": files_with("a line for debugging", "*-error.log"),
        "accesslog and access_log_format": [
            *lab.read("old-access.log"),
            "new-access.log:",
            *lab.read("new-access.log"),
        ],
    }


@experiment(
    slug="request-in-flight-at-sighup",
    title="A request in flight outlives SIGHUP; from 24.1.1 on the master is deaf meanwhile",
    question="A request hangs while SIGHUP comes: is it answered, are others, and does the master hear SIGTTIN?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.reload", "gunicorn.arbiter.Arbiter.manage_workers"),
)
def request_in_flight_at_sighup(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    server = lab.start("app", bind="unix:server.sock").listening()
    with server.connect() as held:
        held.send(b"GET /gate HTTP/1.1\r\nHost: lab\r\n\r\n")
        server.wait_for_output("holding gate")
        server.send(SIGHUP)
        server.wait_for("Booting worker", times=2)
        other = server.ask()[0]
        server.send(SIGTTIN)
        heard = wait_until(lambda: "ttin" in str(server.log), patience=3)
        lab.write("gate")
        finished = held.answer().told()
    server.wait_for("ttin")
    return {
        "another request": other,
        "SIGTTIN": "is handled at once" if heard else "waits for the request",
        "the request in flight": finished,
    }


@experiment(
    slug="sighup-with-a-broken-application",
    title="SIGHUP to a broken application ends the server",
    question="The application on disk cannot be imported any more: does the server go on with the old one?",
    topic="reload",
    where=("gunicorn.arbiter.Arbiter.reload", "gunicorn.arbiter.Arbiter.reap_workers", "gunicorn.arbiter.Arbiter.halt"),
)
def sighup_with_a_broken_application(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("--pid", "server.pid", "app", bind="unix:server.sock").listening()
    server.ask()
    server.wait_until_idle()
    log = len(server.events)
    lab.write("app.py", "raise ValueError('no database')")
    server.send(SIGHUP)
    server.ended()
    lab.wait_until_empty()
    return {
        "master": [*(event.message for event in server.events[log:] if "Reason: " in event.message), server.ending],
        "next request": server.ask()[0],
        "files left": [file.name for file in sorted(lab.folder.glob("server.*"))],
    }
