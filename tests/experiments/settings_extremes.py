"""Settings at their extremes: nothing and zero, a class that is not there, a start folder that is gone."""

import shutil
from contextlib import ExitStack
from signal import SIGHUP

from tests.experiments.applications import APP, HOLDING
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.waiting import Stopwatch


@experiment(
    slug="class-that-the-module-lacks",
    title="A class that its module lacks is a str that is not callable",
    question="What does the operator see who misspells a class, and one who misspells a module?",
    topic="settings",
    where=(
        "gunicorn.config.Config.worker_class",
        "gunicorn.config.Config.logger_class",
        "gunicorn.config.Config.__getattr__",
        "gunicorn.util.load_class",
    ),
)
def class_that_the_module_lacks(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    classes = {
        "-k gunicorn.workers.sync.NoSuch": ("-k", "gunicorn.workers.sync.NoSuch"),
        "-k gunicorn.nosuch.SyncWorker": ("-k", "gunicorn.nosuch.SyncWorker"),
        "--logger-class gunicorn.glogging.NoSuch": ("--logger-class", "gunicorn.glogging.NoSuch"),
    }
    observations: dict[str, str | list[str]] = {}
    for label, arguments in classes.items():
        server = lab.start(*arguments, "app", bind="unix:server.sock", log=None).ended()
        told = [line for line in server.outcome if line.strip()]
        listening = "listens first" if any("Listening at" in line for line in told) else "never listens"
        observations[label] = [listening, *_last(told, "Error"), server.ending]
    return observations


@experiment(
    slug="nothing-and-zero",
    title="Zero is accepted everywhere, and an empty bind as well",
    question="bind is empty, or workers, threads or worker_connections is zero: does the server start and answer?",
    topic="settings",
    where=(
        "gunicorn.config.validate_pos_int",
        "gunicorn.config.validate_list_string",
        "gunicorn.workers.sync.SyncWorker.run_for_one",
        "gunicorn.workers.gthread.ThreadWorker.get_thread_pool",
        "gunicorn.workers.gthread.ThreadWorker.run",
    ),
    since="20.1.0",
)
def nothing_and_zero(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("nowhere.py", "bind = ''")
    nowhere = lab.start("-c", "nowhere.py", "app", bind=None)
    workers = lab.start("--workers", "0", "app", bind="unix:workers.sock").listening()
    connections = lab.start("-k", "gthread", "--worker-connections", "0", "app", bind="unix:connections.sock")
    threads = lab.start("-k", "gthread", "--threads", "0", "app", bind="unix:threads.sock").ended()
    connections.listening().wait_for("Booting worker")
    nowhere.wait_for("Booting worker", times=3)
    return {
        "bind = ''": [*_last(nowhere.log, "Error: "), nowhere.ending],
        "--workers 0": [_fare(workers), f"workers: {len(workers.workers)}", workers.ending],
        "-k gthread --threads 0": [*_last(threads.log, "Error: ", "Reason: "), threads.ending],
        "-k gthread --worker-connections 0": [_fare(connections), connections.ending],
    }


@experiment(
    slug="start-folder-gone",
    title="Without the folder of its start a server does not survive SIGHUP",
    question="The folder that the server was started in is removed: what does SIGHUP do, with and without --chdir?",
    topic="settings",
    where=("gunicorn.config.Chdir", "gunicorn.config.validate_chdir", "gunicorn.config.make_settings"),
)
def start_folder_gone(lab: Lab) -> Observations:
    observations: dict[str, str | list[str]] = {}
    for label, options in {"no --chdir": (), "--chdir current": ("--chdir", str(lab.folder / "current"))}.items():
        for folder in ("../release", "current"):
            lab.write(f"{folder}/app.py", APP)
        server = lab.start(*options, "app", folder="../release").listening()
        server.ask()
        server.wait_until_idle()
        before = len(server.stderr)
        shutil.rmtree(lab.folder / "../release")
        server.send(SIGHUP)
        observations[label] = [line for line in server.ended().outcome[before:] if line.strip()]
    return observations


@experiment(
    slug="graceful-timeout-and-sighup",
    title="On SIGHUP --graceful-timeout is for greenlets only",
    question="A request hangs, and SIGHUP comes with --graceful-timeout 1: is the request answered after 5 s?",
    topic="settings",
    where=(
        "gunicorn.arbiter.Arbiter.manage_workers",
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.workers.gthread.ThreadWorker.run",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="20.1.0",
)
def graceful_timeout_and_sighup(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    servers = {
        worker: lab.start("-k", worker, "--graceful-timeout", "1", "app").listening()
        for worker in ("sync", "gthread", "gevent")
    }
    with ExitStack() as stack:
        clients = {worker: stack.enter_context(server.connect()) for worker, server in servers.items()}
        for worker, server in servers.items():
            clients[worker].send(GET.replace(b"/", b"/gate", 1))
            server.wait_for_output("holding gate")
        watch = Stopwatch()
        for server in servers.values():
            server.send(SIGHUP)
        patience = dict.fromkeys(servers, 0.5) | {"sync": 5}  # the first is waited for, the others meanwhile
        ended = {worker: client.is_heard(within=patience[worker]) for worker, client in clients.items()}
        when = watch.compare(4, 30)
        lab.write("gate")
        return {
            worker: [f"{'ended' if ended[worker] else 'waits'} {when}", f"then: {client.answer().status}"]
            for worker, client in clients.items()
        }


def _fare(server: Server) -> str:
    with server.connect() as client:
        client.send(GET)
        return "answers" if client.is_heard(within=2) else "connects, no answer within 2 s"


def _last(lines: list[str], *words: str) -> list[str]:
    """The last line with each of the words, if there is one."""
    found = ([line for line in lines if word in line][-1:] for word in words)
    return [line for lines in found for line in lines]
