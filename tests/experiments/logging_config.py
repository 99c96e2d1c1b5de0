"""Levels and logging configurations: what they silence, replace, and refuse."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="levels-of-the-log",
    title="An unknown --log-level counts as info",
    question="Which lines does each --log-level let through?",
    topic="logging",
    where=("gunicorn.glogging.Logger.setup", "gunicorn.glogging.Logger.LOG_LEVELS"),
)
def levels_of_the_log(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """
        def when_ready(server):
            for level in ("debug", "info", "warning", "error", "critical"):
                getattr(server.log, level)("a line")
            print("ready")
        """,
    )
    observations = {}
    servers = {level: lab.start("--log-level", level, "app") for level in ("DEBUG", "warning", "critical", "verbose")}
    for level, server in servers.items():
        server.wait_for_output("ready")
        observations[f"--log-level {level}"] = [event.level for event in server.events if event.message == "a line"]
    return observations


@experiment(
    slug="logging-by-dictionary",
    title="A logconfig_dict alone writes every line twice",
    question="Where do error log and access log go with the defaults of logconfig_dict, and with own loggers?",
    topic="logging",
    where=("gunicorn.glogging.Logger.setup", "gunicorn.glogging.CONFIG_DEFAULTS", "gunicorn.glogging.Logger.access"),
)
def logging_by_dictionary(lab: Lab) -> Observations:
    lab.write("app.py", APP)

    def lines_with(logconfig_dict: dict[str, object]) -> list[str]:
        lab.write("gunicorn.conf.py", f"access_log_format = 'GET is answered'\n{logconfig_dict = }")
        server = lab.start("app")
        lab.wait_until(lambda: server.has_ended or "Listening" in str(server.stderr), "it does not listen")
        if server.has_ended:
            return server.outcome
        server.ask()
        server.wait_until_idle()
        return [
            f"{words}: {sum(words in line for line in lines)} on {stream}"
            for words in ("Starting gunicorn", "GET is answered")
            for stream, lines in (("stdout", server.stdout), ("stderr", server.stderr))
        ]

    error = {"level": "INFO", "handlers": ["error_console"], "propagate": False}
    return {
        "no loggers, the defaults count": lines_with({"version": 1}),
        "a logger for gunicorn.error only": lines_with({"loggers": {"gunicorn.error": error}}),
        "an unknown handler": lines_with({"root": {"handlers": ["unknown"]}}),
    }
