"""What a config file, the environment, the command line and an application can each say, and what is heard of it."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Cannot, Server


def printed_settings(server: Server, *names: str) -> list[str]:
    """What --print-config said about some settings. Raises Cannot for a release that has no such option."""
    if refused := [line for line in server.stderr if "unrecognized arguments: --print-config" in line]:
        raise Cannot(refused[0])
    pairs = [line.partition("=") for line in server.stdout]
    return [f"{name.strip()} = {value.strip()}" for name, _, value in pairs if name.strip() in names]


@experiment(
    slug="absent-flags",
    title="A flag can switch on, but not off",
    question="Can the command line take back what the config file has switched on?",
    topic="boot",
)
def absent_flags(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("gunicorn.conf.py", "preload_app = True")
    left_out = lab.start("--print-config", "app").ended()
    switched_off = lab.start("--print-config", "--preload=False", "app").ended()
    lab.write("gunicorn.conf.py", "preload_app = False")
    given = lab.start("--print-config", "--preload", "app").ended()
    return {
        "True in the config file, no --preload": printed_settings(left_out, "preload_app"),
        "True in the config file, --preload=False": switched_off.outcome,
        "False in the config file, --preload": printed_settings(given, "preload_app"),
    }


@experiment(
    slug="lists-replace-lists",
    title="A list replaces the lists before it",
    question="Addresses come from several sources: are they added up, or does the last list count?",
    topic="boot",
)
def lists_replace_lists(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("gunicorn.conf.py", "bind = ['unix:file-1', 'unix:file-2']")
    variable = {"GUNICORN_CMD_ARGS": "--bind unix:variable-1 --bind unix:variable-2"}
    line = ("--bind", "unix:line-1", "--bind", "unix:line-2")
    config_file = lab.start("--print-config", "app", bind=None).ended()
    and_variable = lab.start("--print-config", "app", bind=None, env=variable).ended()
    and_command_line = lab.start("--print-config", *line, "app", bind=None, env=variable).ended()
    return {
        "two in the config file": printed_settings(config_file, "bind"),
        "and two in GUNICORN_CMD_ARGS": printed_settings(and_variable, "bind"),
        "and two on the command line": printed_settings(and_command_line, "bind"),
    }


@experiment(
    slug="arguments-in-the-environment",
    title="GUNICORN_CMD_ARGS is parsed as a command line",
    question="What do --version, an unknown flag and an application's name do in GUNICORN_CMD_ARGS?",
    topic="boot",
)
def arguments_in_the_environment(lab: Lab) -> Observations:
    for place in ("variable", "line"):
        lab.write(f"{place}.py", f"application = print('imported {place}.py') or print")
    observations = {}
    for variable in ("--version", "--foo", "variable"):
        for arguments in ((), ("line",)):
            server = lab.start("--check-config", *arguments, env={"GUNICORN_CMD_ARGS": variable}).ended()
            label = " ".join((f"GUNICORN_CMD_ARGS={variable} gunicorn", *arguments))
            observations[label] = [*server.stdout, *server.outcome]
    return observations


@experiment(
    slug="config-named-by-the-application",
    title="A config file that init() names is never read",
    question="What becomes of a config file, an upper-case name and an unknown name in what init() returns?",
    topic="boot",
)
def config_named_by_the_application(lab: Lab) -> Observations:
    lab.write("cc.py", "workers = 2")
    observations = {}
    for returned in ("{'config': 'cc.py'}", "{'WORKERS': 4}", "{'nosuch': 1}"):
        lab.write(
            "custom.py",
            f"""
            from gunicorn.app.base import Application

            class Custom(Application):
                def init(self, parser, opts, args):
                    return {returned}

                def load(self):
                    return print

            Custom().run()
            """,
        )
        server = lab.start("--print-config", program=("custom.py",)).ended()
        observations[f"init() returns {returned}"] = [*printed_settings(server, "config", "workers"), *server.outcome]
    return observations


@experiment(
    slug="default-process-name",
    title="wsgi_app does not name the process",
    question="From which of the places for the application's name does the process take its own?",
    topic="boot",
)
def default_process_name(lab: Lab) -> Observations:
    lab.write("line.py", "application = print")
    lab.write("file.py", "application = print")
    on_line = lab.start("--print-config", "line").ended()
    lab.write("gunicorn.conf.py", "wsgi_app = 'file'")
    in_file = lab.start("--print-config").ended()
    in_both = lab.start("--print-config", "line").ended()
    return {
        "on the command line": printed_settings(on_line, "default_proc_name"),
        "wsgi_app in the config file": printed_settings(in_file, "default_proc_name"),
        "wsgi_app in the config file, another on the command line": printed_settings(in_both, "default_proc_name"),
    }


@experiment(
    slug="paste-outside-the-command-line",
    title="Outside the command line --paste names no application",
    question="What is Paste asked to load when --paste does not stand on the command line?",
    topic="boot",
)
def paste_outside_the_command_line(lab: Lab) -> Observations:
    lab.write("stub/paste/deploy.py", "def loadapp(uri, **options): return print('asked for', uri) or print")
    lab.write("dev.ini", "[app:main]")
    stub = {"PYTHONPATH": f"{lab.folder}/stub:{lab.upstream}"}
    variable = {**stub, "GUNICORN_CMD_ARGS": "--paste dev.ini"}
    on_line = lab.start("--check-config", "--paste", "dev.ini", env=stub).ended()
    in_variable = lab.start("--check-config", env=variable).ended()
    in_variable_with_name = lab.start("--check-config", "app:app", env=variable).ended()
    lab.write("gunicorn.conf.py", "paste = 'dev.ini'")
    in_file = lab.start("--check-config", env=stub).ended()
    in_file_with_name = lab.start("--check-config", "app:app", env=stub).ended()
    return {
        "on the command line": on_line.stdout,
        "in GUNICORN_CMD_ARGS": in_variable.outcome,
        "in GUNICORN_CMD_ARGS, app:app on the command line": in_variable_with_name.stdout,
        "in the config file": in_file.outcome,
        "in the config file, app:app on the command line": in_file_with_name.stdout,
    }


@experiment(
    slug="check-config-blind-spots",
    title="--check-config and the server disagree",
    question="What passes --check-config and then does not start, and what starts that does not pass?",
    topic="boot",
)
def check_config_blind_spots(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("lib/elsewhere.py", APP)
    lab.write("reads_foo.py", f"import os\nos.environ['FOO']\n{APP}")
    lab.write("exits.py", "raise SystemExit(7)")
    observations = {}
    for broken in ("-k nosuch app", "-b 127.0.0.1:99999 app", "--logger-class nosuch app", "--log-config nosuch app"):
        checked = lab.start("--check-config", *broken.split()).ended()
        started = lab.start(*broken.split()).ended()
        observations[broken] = [f"checked: {checked.ending}", f"started: {started.ending}"]
    for sound in ("--pythonpath lib elsewhere", "--env FOO=bar reads_foo"):
        checked = lab.start("--check-config", *sound.split()).ended()
        started = lab.start(*sound.split()).listening()
        observations[sound] = [f"checked: {checked.stderr[-1]}, {checked.ending}", f"started: {started.ask()[0]}"]
    exiting = lab.start("--check-config", "exits").ended()
    return {**observations, "an application that exits with 7": f"checked: {exiting.ending}"}


@experiment(
    slug="names-that-happen-to-be-settings",
    title="An import can be taken for a setting",
    question="What if a config file imports something that has the name of a setting?",
    topic="boot",
)
def names_that_happen_to_be_settings(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("config.py", "")
    observations = {}
    for line in ("import config", "from importlib import reload"):
        lab.write("gunicorn.conf.py", line)
        observations[line] = lab.start("app").ended().outcome
    return observations


@experiment(
    slug="config-module-failure",
    title="A config module fails without a traceback",
    question="Does an error in a config module show as the same error in a config file does?",
    topic="boot",
)
def config_module_failure(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("conf.py", "raise ValueError('no database')")
    return {
        f"-c {location}": lab.start("-c", location, "app").ended().outcome
        for location in ("conf.py", "python:conf", "python:missing")
    }
