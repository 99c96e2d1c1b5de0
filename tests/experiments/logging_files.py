"""The access log's atoms, the files of both logs, levels, and what else ends up in them."""

import re
from signal import SIGHUP, SIGUSR1

from tests.experiments.applications import APP
from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_REQUEST = (
    b"GET /caf%C3%A9%0Anext?q=1 HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n"
    b'Referer: http://elsewhere/\r\nUser-Agent: a "quoted" agent\r\nX-Id: 7\r\n\r\n'
)


@experiment(
    slug="atoms-of-the-access-log",
    title="%0A in a path is a line feed in %(U)s, and stays %0A in %(r)s",
    question="What does each atom of access_log_format stand for?",
    topic="logging",
    where=("gunicorn.glogging.Logger.atoms", "gunicorn.glogging.Logger.access", "gunicorn.glogging.SafeAtoms"),
)
def atoms_of_the_access_log(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response("200 Very Well", [("Content-Length", "5"), ("X-Answer", "yes")])
            return [b"hello"]
        """,
    )
    names = [*"hlutrmUqHsBbfaTMDLp", "{x-id}i", "{X-ID}i", "{x-answer}o", "{raw_uri}e", "{x-missing}i", "z"]
    lab.write("gunicorn.conf.py", f"access_log_format = {'|'.join(f'%({name})s' for name in names)!r}")
    server = lab.start("--access-logfile", "-", "app").listening()
    server.ask(_REQUEST)
    server.wait_for_output("GET")
    server.wait_until_idle()
    values = "\\n".join(server.stdout).split("|")
    numbers = {"T", "M", "D", "L", "p"}
    return {
        f"%({name})s": re.sub(r"\d+", "N", value) if name in numbers else value
        for name, value in zip(names, values, strict=True)
    }


@experiment(
    slug="reopening-by-usr1",
    title="SIGUSR1 reopens both logs in master and workers",
    question="The log files were renamed: who writes where, before and after SIGUSR1?",
    topic="logging",
    where=(
        "gunicorn.glogging.Logger.reopen_files",
        "gunicorn.arbiter.Arbiter.handle_usr1",
        "gunicorn.workers.base.Worker.handle_usr1",
    ),
)
def reopening_by_usr1(lab: Lab) -> Observations:
    lab.write("app.py", f"print('the application is imported')\n{APP}")
    lab.write("gunicorn.conf.py", "access_log_format = '%(m)s %(U)s'\ncapture_output = True")
    logs = ("access", "error")
    server = lab.start("--access-logfile", "access.log", "app", bind="unix:server.sock", log="error.log").listening()

    def ask(path: str) -> None:
        with Connection(lab.folder / "server.sock", patience=30) as client:
            client.ask(f"GET {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".encode())

    ask("/first")
    for name in logs:
        (lab.folder / f"{name}.log").rename(lab.folder / f"{name}.old")
    ask("/renamed")
    lab.wait_until(lambda: len(lab.read("access.old")) == 2, "the second request is not logged")
    server.wait_until_idle()
    server.send(SIGUSR1)
    lab.wait_until(lambda: all((lab.folder / f"{name}.log").exists() for name in logs), "there are no new files")
    server.wait_until_idle()
    ask("/reopened")
    lab.wait_until(lambda: bool(lab.read("access.log")), "the third request is not logged")
    server.send(SIGHUP)
    server.wait_for("is imported")
    server.wait_for("Hang up")
    return {
        "access.log, renamed": lab.read("access.old"),
        "access.log, new": lab.read("access.log"),
        "error.log, renamed, its end": lab.read("error.old")[-1:],
        "error.log, new, after SIGHUP": [line for line in server.log if "Hang up" in line or "imported" in line],
    }


@experiment(
    slug="what-capture-output-takes",
    title="--capture-output does nothing without --error-logfile",
    question="Where do print and stderr of config file, application and hooks go with --capture-output?",
    topic="logging",
    where=("gunicorn.glogging.Logger.setup",),
)
def what_capture_output_takes(lab: Lab) -> Observations:
    lab.write("gunicorn.conf.py", "print('config')\ndef when_ready(server): print('when_ready')")
    lab.write("app.py", f"import sys\nprint('application')\nprint('its stderr', file=sys.stderr)\n{APP}")
    servers = {
        "--capture-output --error-logfile error.log": lab.start("--capture-output", "app", log="error.log"),
        "--capture-output": lab.start("--capture-output", "app"),
        "--error-logfile other.log": lab.start("app", log="other.log"),
    }
    observations = {}
    for options, server in servers.items():
        server.listening().ask()
        in_file = [] if server.log == server.stderr else server.log
        streams = {"stdout": server.stdout, "stderr": server.stderr, "the file": in_file}
        observations[options] = [
            f"{line}: {name}" for name, lines in streams.items() for line in lines if not line.startswith("[")
        ]
    return observations
