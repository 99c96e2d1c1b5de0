"""What is left of gunicorn's log when the application configures logging and disables every logger it does not name."""

from signal import SIGTERM

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_CONFIGURING = """
import logging.config

logging.config.dictConfig({"version": 1})
"""
_FAILING = f"{_CONFIGURING}raise LookupError('no database')\n"
_RAISING = f"{_CONFIGURING}\ndef application(environ, start_response):\n    raise LookupError('no table')\n"
_READY = "def post_worker_init(worker):\n    open('ready', 'w').close()\n"


@experiment(
    slug="an-application-that-disables-loggers",
    title="An application that configures logging can silence gunicorn",
    question="What does gunicorn log when the application's dictConfig disables the loggers that it does not name?",
    topic="logging",
    where=("gunicorn.workers.base.Worker.load_wsgi", "gunicorn.arbiter.Arbiter.setup"),
)
def an_application_that_disables_loggers(lab: Lab) -> Observations:
    lab.write("failing.py", _FAILING)
    lab.write("raising.py", _RAISING)
    lab.write("gunicorn.conf.py", _READY)
    failing = lab.start("failing").ended()
    raising = lab.start("--access-logfile", "access.log", "raising").listening()
    lab.wait_for_file("ready")
    answer = raising.ask()[0]
    raising.send(SIGTERM)
    raising.ended()
    (lab.folder / "ready").unlink()
    preloaded = lab.start("--preload", "raising")
    lab.wait_for_file("ready")
    preloaded.send(SIGTERM)
    preloaded.ended()
    return {
        "the import fails after it": [*_messages(failing.log), failing.ending],
        "the application raises": answer,
        "the error log of that": _messages(raising.log),
        "the access log": lab.read("access.log") or "nothing",
        "with --preload": [*_messages(preloaded.log), preloaded.ending],
    }


def _messages(log: list[str]) -> list[str]:
    return [line for line in log if "Control socket" not in line] or ["nothing"]
