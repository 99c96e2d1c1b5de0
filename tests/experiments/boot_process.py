"""Launch scripts, config files and applications: in which process their code runs, and who hears when it ends."""

from signal import SIGTERM

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="abstract-methods-not-written",
    title="An unwritten method is an error without a word",
    question="What does a subclass say that lacks one of the methods that it has to supply?",
    topic="boot",
)
def abstract_methods_not_written(lab: Lab) -> Observations:
    lab.write(
        "load_config.py",
        """
        from gunicorn.app.base import BaseApplication

        class Custom(BaseApplication):
            def load(self):
                return print

        Custom().run()
        """,
    )
    lab.write(
        "load.py",
        """
        from gunicorn.app.base import BaseApplication

        class Custom(BaseApplication):
            def load_config(self):
                self.cfg.set("preload_app", True)

        Custom().run()
        """,
    )
    lab.write(
        "init.py",
        """
        from gunicorn.app.base import Application

        class Custom(Application):
            def load(self):
                return print

        Custom().run()
        """,
    )
    return {
        "BaseApplication without load_config": lab.start(program=("load_config.py",)).ended().outcome,
        "BaseApplication without load, preload_app": lab.start(program=("load.py",)).ended().outcome,
        "Application without init": lab.start(program=("init.py",)).ended().outcome,
    }


@experiment(
    slug="code-after-run",
    title="Nothing comes after run(), and finally comes in every process",
    question="A launch script goes on after run(): which of its lines are reached, and in which processes?",
    topic="boot",
)
def code_after_run(lab: Lab) -> Observations:
    lab.write(
        "launch.py",
        """
        import os, sys
        from gunicorn.app.base import Application

        class Launch(Application):
            def init(self, parser, opts, args):
                return {"workers": 2}

            def load(self):
                return print

        launched = os.getpid()
        try:
            Launch().run()
            sys.stdout.write("after run()\\n")
        finally:
            process = "the master" if os.getpid() == launched else "a worker"
            sys.stdout.write(f"finally, in {process}\\n")
        """,
    )
    server = lab.start(program=("launch.py",)).listening()
    server.wait_for("Booting worker", times=2)
    server.wait_until_idle()
    server.send(SIGTERM)
    return {"2 workers, SIGTERM": [*server.ended().stdout, server.ending]}


@experiment(
    slug="daemon-fails-in-silence",
    title="A daemon that fails has already said that all is well",
    question="What does the shell hear of a start that fails under --daemon?",
    topic="boot",
)
def daemon_fails_in_silence(lab: Lab) -> Observations:
    observations = {}
    for arguments in (
        ("-c", "missing.py", "app"),
        ("--preload", "missing"),
        ("--enable-stdio-inheritance", "--preload", "missing"),
        ("--worker-class", "missing", "--error-logfile", "error.log", "app"),
    ):
        server = lab.start("--daemon", *arguments).ended()
        lab.wait_until_empty()
        left = f"processes left: {len(lab.processes())}"
        observations[" ".join(("gunicorn --daemon", *arguments))] = [*server.outcome, left]
    return {**observations, "error.log": f"{(lab.folder / 'error.log').stat().st_size} bytes"}


@experiment(
    slug="application-parses-argv",
    title="An application that parses sys.argv starts an endless loop",
    question="What if the application parses gunicorn's command line when it is imported?",
    topic="boot",
)
def application_parses_argv(lab: Lab) -> Observations:
    lab.write("app.py", f"import argparse\nargparse.ArgumentParser().parse_args()\n{APP}")
    server = lab.start("app").listening()
    server.wait_for("Booting worker", times=3)
    first, second, *_ = (at for at, line in enumerate(server.stderr) if "Booting worker" in line)
    return {
        "gunicorn app": server.stderr[first : second + 1],
        "after three workers": server.ending,
        "gunicorn --preload app": lab.start("--preload", "app").ended().outcome,
        "gunicorn --check-config app": lab.start("--check-config", "app").ended().outcome,
    }


@experiment(
    slug="config-function-in-a-spawned-child",
    title="A spawned child cannot import the config file",
    question="Can a process of multiprocessing run a function of the config file?",
    topic="boot",
)
def config_function_in_a_spawned_child(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """
        import multiprocessing

        def work():
            print(__name__, "is here")

        def on_starting(server):
            for method in ("fork", "spawn"):
                print("child by", method)
                child = multiprocessing.get_context(method).Process(target=work)
                child.start()
                child.join()
                print("exit code", child.exitcode)
        """,
    )
    server = lab.start("app").listening()
    return {"stdout": server.stdout, "stderr": [line for line in server.stderr if not line.startswith("[")]}


@experiment(
    slug="server-name-patched-in-the-config-file",
    title="A config file can rename the server",
    question="The config file assigns gunicorn.SERVER and gunicorn.SERVER_SOFTWARE: who sees the new names?",
    topic="boot",
)
def server_name_patched_in_the_config_file(lab: Lab) -> Observations:
    lab.write("gunicorn.conf.py", "import gunicorn\ngunicorn.SERVER = 'web'\ngunicorn.SERVER_SOFTWARE = 'web/1.0'")
    lab.write("app.py", "import os; print(os.environ['SERVER_SOFTWARE'])\n" + answering("environ['SERVER_SOFTWARE']"))
    server = lab.start("app").listening()
    answer = server.ask()
    return {
        "response": answer[1],
        "environ['SERVER_SOFTWARE']": answer[-1],
        "os.environ['SERVER_SOFTWARE']": server.stdout,
    }
