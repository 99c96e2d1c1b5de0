"""Where the text goes that an application writes to wsgi.errors."""

from signal import SIGUSR1

from tests.experiments.client import Connection
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

GET_AND_CLOSE = b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"

APPLICATION = """\
def application(environ, start_response):
    try:
        environ["wsgi.errors"].write(b"bytes")
    except TypeError as error:
        answer = f"TypeError: {error}".encode()
    environ["wsgi.errors"].write("told to wsgi.errors\\n")
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""

LOGGERS = """\
[loggers]
keys=root,error
[handlers]
keys=one,two,terminal
[formatters]
keys=generic
[logger_root]
handlers=terminal
level=INFO
[logger_error]
qualname=gunicorn.error
handlers=one,two
[handler_one]
class=FileHandler
args=('one.log',)
[handler_two]
class=FileHandler
args=('two.log',)
[handler_terminal]
class=StreamHandler
formatter=generic
args=(sys.stderr,)
[formatter_generic]
format=%(asctime)s [%(process)d] [%(levelname)s] %(message)s
datefmt=[%Y-%m-%d %H:%M:%S %z]
"""


@experiment(
    slug="where-wsgi-errors-goes",
    title="wsgi.errors passes over the first handler of --log-config, and under gevent_pywsgi fails after SIGUSR1",
    question="Where does text end that an application writes to wsgi.errors, also after the log was reopened?",
    topic="logging",
    where=("gunicorn.http.wsgi.WSGIErrorsWrapper", "gunicorn.glogging.Logger.setup"),
)
def where_wsgi_errors_goes(lab: Lab) -> Observations:
    lab.write("app.py", APPLICATION)
    lab.write("log.ini", LOGGERS)
    observations: dict[str, str | list[str]] = {}
    refused = ""
    for case, arguments, log in (
        ("the defaults", [], None),
        ("--error-logfile e.log", [], "e.log"),
        ("--log-config log.ini, two handlers", ["--log-config", "log.ini"], None),
        ("the two together", ["--log-config", "log.ini", "--error-logfile", "e.log"], None),
    ):
        for name in ("one.log", "two.log", "e.log"):
            lab.write(name)
        server = lab.start(*arguments, "app", log=log).listening()
        refused = server.ask()[-1]
        places = {"stderr": server.stderr, **{name: lab.read(name) for name in ("one.log", "two.log", "e.log")}}
        observations[case] = [name for name, text in places.items() if "told to wsgi.errors" in text]
    for workers in ("sync", "gevent_pywsgi"):
        address = f"{workers}.sock"
        server = lab.start("--worker-class", workers, "app", bind=f"unix:{address}", log=f"{workers}.log").listening()
        server.wait_for("Booting worker")
        server.wait_until_idle()
        (lab.folder / f"{workers}.log").rename(lab.folder / f"{workers}.old")
        server.send(SIGUSR1, server.worker)  # of it alone, so that the new file is its own
        lab.wait_for_file(f"{workers}.log")
        server.wait_until_idle()
        with Connection(lab.folder / address, patience=30) as client:
            observations[f"{workers}, then SIGUSR1: a request"] = client.ask(GET_AND_CLOSE).status
    return {**observations, "bytes": refused}
