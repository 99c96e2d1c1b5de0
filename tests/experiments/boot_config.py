"""Where settings come from while the server boots, and which of them counts."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="settings-precedence",
    title="The command line has the last word",
    question="One setting comes from several places at once: which one counts?",
    topic="boot",
)
def settings_precedence(lab: Lab) -> Observations:
    lab.write(
        "custom.py",
        """
        from gunicorn.app.base import Application

        class Custom(Application):
            def init(self, parser, opts, args):
                return {"workers": 2}

            def run(self):
                print(self.cfg.workers, "workers")

        Custom().run()
        """,
    )
    custom = ("custom.py",)
    default = {"WEB_CONCURRENCY": "1"}
    default_and_init = lab.start(program=custom, env=default).ended()
    lab.write("gunicorn.conf.py", "workers = 3")
    and_config_file = lab.start(program=custom, env=default).ended()
    variable = {**default, "GUNICORN_CMD_ARGS": "--workers 4"}
    and_variable = lab.start(program=custom, env=variable).ended()
    and_command_line = lab.start("--workers", "5", program=custom, env=variable).ended()
    return {
        "WEB_CONCURRENCY=1, init() returns 2": default_and_init.stdout,
        "and the config file says 3": and_config_file.stdout,
        "and GUNICORN_CMD_ARGS says 4": and_variable.stdout,
        "and the command line says 5": and_command_line.stdout,
    }


@experiment(
    slug="config-file-choice",
    title="Three config files, one is read",
    question="Are config files merged, or which of them is read?",
    topic="boot",
)
def config_file_choice(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    for name in ("line.conf.py", "variable.conf.py", "gunicorn.conf.py"):
        lab.write(name, f"print('read', {name!r})")
    variable = {"GUNICORN_CMD_ARGS": "-c variable.conf.py"}
    all_three = lab.start("-c", "line.conf.py", "--check-config", "app", env=variable).ended()
    two = lab.start("--check-config", "app", env=variable).ended()
    one = lab.start("--check-config", "app").ended()
    return {
        "-c on the command line, -c in GUNICORN_CMD_ARGS, ./gunicorn.conf.py": all_three.stdout,
        "-c in GUNICORN_CMD_ARGS, ./gunicorn.conf.py": two.stdout,
        "./gunicorn.conf.py": one.stdout,
    }


@experiment(
    slug="unknown-names-in-config-file",
    title="A misspelt setting is dropped without a word",
    question="What does a config file with a wrong name do, and what one with a wrong value?",
    topic="boot",
)
def unknown_names_in_config_file(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write(
        "gunicorn.conf.py",
        """
        worker = 4
        WORKERS = 4
        Timeout = 90

        def on_starting(server):
            print(server.cfg.workers, "workers, timeout", server.cfg.timeout)
        """,
    )
    checked = lab.start("--check-config", "app").ended()
    started = lab.start("app").listening()
    lab.write("gunicorn.conf.py", "workers = 'four'")
    refused = lab.start("app").ended()
    return {
        "wrong names, --check-config": checked.outcome,
        "wrong names, in use": started.stdout,
        "wrong value": refused.outcome,
    }


@experiment(
    slug="config-file-failures",
    title="A config file that cannot be read ends the boot",
    question="What does the operator see when the config file is missing or fails?",
    topic="boot",
)
def config_file_failures(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("syntax.py", "workers = = 2")
    lab.write("raises.py", "raise ValueError('no database')")
    lab.write("exits.py", "raise SystemExit(7)")
    lab.write("extension.conf", "print('read all the same')")
    observations = {}
    for file in ("missing.py", "syntax.py", "raises.py", "exits.py", "extension.conf"):
        server = lab.start("-c", file, "--check-config", "app").ended()
        observations[f"-c {file}"] = [*server.stdout, *server.outcome]
    return observations


@experiment(
    slug="chdir-and-the-config-file",
    title="--chdir comes after the config file",
    question="Against which folder is the config file resolved, and what can it import?",
    topic="boot",
)
def chdir_and_the_config_file(lab: Lab) -> Observations:
    report = """
        import os, sys
        known = "is" if "{there}" in sys.path else "is not"
        print("{name} runs in", os.getcwd(), "and {there}", known, "in sys.path")
        application = print
        """
    there = f"{lab.folder}/there"
    for name in ("conf.py", "there/conf.py", "there/gunicorn.conf.py", "there/app.py"):
        lab.write(name, report.format(name=name, there=there))
    named = lab.start("--chdir", "there", "-c", "conf.py", "--check-config", "app").ended()
    unnamed = lab.start("--chdir", "there", "--check-config", "app").ended()
    return {
        "--chdir there -c conf.py": named.stdout,
        "--chdir there, which has a gunicorn.conf.py": unnamed.stdout,
    }


@experiment(
    slug="pythonpath-comes-late",
    title="--check-config does not know --pythonpath",
    question="Who can import from the folders of --pythonpath?",
    topic="boot",
)
def pythonpath_comes_late(lab: Lab) -> Observations:
    lab.write("lib/helper.py", "")
    lab.write(
        "gunicorn.conf.py",
        """
        try:
            import helper
            print("config file: imported helper")
        except ImportError as error:
            print("config file:", error)
        """,
    )
    lab.write("app.py", f"import helper\nprint('application: imported helper')\n{APP}")
    server = lab.start("--pythonpath", "lib", "app").listening()
    server.ask()
    checked = lab.start("--pythonpath", "lib", "--check-config", "app").ended()
    return {"server": server.stdout, "--check-config": checked.outcome}
