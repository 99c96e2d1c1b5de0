"""What SIGHUP reads anew, what it leaves as it was, and where it can no longer find its files."""

from pathlib import Path
from signal import SIGHUP

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


def point(link: Path, target: str) -> None:
    """Make a symbolic link point to a target, whatever it pointed to before."""
    link.unlink(missing_ok=True)
    link.symlink_to(target)


@experiment(
    slug="hup-and-relative-paths",
    title="SIGHUP counts from the folder of the start",
    question="Are a relative -c and a relative --chdir still found when the server stands in another folder?",
    topic="boot",
)
def hup_and_relative_paths(lab: Lab) -> Observations:
    lab.write("conf.py", "import os; print('conf.py runs in', os.getcwd())")
    lab.write("there/app.py", f"import os; print('app.py is imported in', os.getcwd())\n{APP}")
    server = lab.start("-c", "conf.py", "--chdir", "there", "app").listening()
    server.ask()
    boot = len(server.stdout)
    server.reload()
    server.ask()
    return {"boot": server.stdout[:boot], "SIGHUP": server.stdout[boot:]}


@experiment(
    slug="hup-with-paste-and-chdir",
    title="With --chdir, a relative --paste does not survive SIGHUP",
    question="Is the file of --paste still found when --chdir has led the server to another folder?",
    topic="boot",
)
def hup_with_paste_and_chdir(lab: Lab) -> Observations:
    lab.write("dev.ini", "")
    lab.write("there/empty", "")
    lab.write("stub/paste/deploy.py", f"{APP}\ndef loadapp(uri, **options):\n    return application")
    stub = {"PYTHONPATH": f"{lab.folder}/stub:{lab.upstream}"}
    absolute = lab.start("--paste", f"{lab.folder}/dev.ini", "--chdir", "there", env=stub).listening()
    absolute.ask()
    absolute.reload()
    relative = lab.start("--paste", "dev.ini", "--chdir", "there", env=stub).listening()
    before = relative.ask()[0]
    relative.wait_until_idle()
    log = len(relative.stderr)
    relative.send(SIGHUP)
    return {
        "absolute path, after SIGHUP": absolute.ask()[0],
        "relative path, before SIGHUP": before,
        "relative path, after SIGHUP": relative.ended().outcome[log:],
    }


@experiment(
    slug="hup-follows-a-symlink",
    title="SIGHUP follows a symlink that it knows by name",
    question="The symlink current points to r1, later to r2: which of the two do the workers serve after SIGHUP?",
    topic="boot",
)
def hup_follows_a_symlink(lab: Lab) -> Observations:
    lab.write("../r1/app.py", answering("'r1'"))
    lab.write("../r2/app.py", answering("'r2'"))
    current = lab.folder.parent / "current"
    point(current, "r1")
    servers = {
        "started in current, PWD names it": lab.start("app", folder="../current", env={"PWD": f"{current}"}),
        "started in current, without PWD": lab.start("app", folder="../current"),
        "started elsewhere with --chdir": lab.start("--chdir", "../current", "app"),
    }
    before = {start: server.listening().ask()[-1] for start, server in servers.items()}
    point(current, "r2")
    for server in servers.values():
        server.reload()
    return {start: f"{before[start]}, after SIGHUP {server.ask()[-1]}" for start, server in servers.items()}


@experiment(
    slug="hup-and-the-config-module",
    title="SIGHUP rereads a config file, not a config module",
    question="In conf.py, workers = 1 becomes workers = 2: how many workers are there after SIGHUP?",
    topic="boot",
)
def hup_and_the_config_module(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    observations = {}
    for location in ("conf.py", "python:conf"):
        lab.write("conf.py", "workers = 1")
        server = lab.start("-c", location, "app").listening()
        server.ask()
        lab.write("conf.py", "workers = 2")
        server.reload()
        observations[f"-c {location}"] = f"workers: {len(server.workers)}"
    return observations


@experiment(
    slug="hup-with-preload",
    title="Under --preload, SIGHUP serves the old code",
    question="The application has changed on disk: which code do the workers serve after SIGHUP?",
    topic="boot",
)
def hup_with_preload(lab: Lab) -> Observations:
    observations = {}
    for arguments in (("app",), ("--preload", "app")):
        lab.write("app.py", "print('imported')\n" + answering("'the old code'"))
        server = lab.start(*arguments).listening()
        before = server.ask()[-1]
        lab.write("app.py", "print('imported')\n" + answering("'the new code'"))
        server.reload()
        observations[" ".join(("gunicorn", *arguments))] = [
            f"before SIGHUP: {before}",
            f"after SIGHUP: {server.ask()[-1]}",
            f"times imported: {len(server.stdout)}",
        ]
    return observations


@experiment(
    slug="spew-survives-hup",
    title="SIGHUP begins a trace and ends none",
    question="Is a trace ended by spew = False and SIGHUP, and can SIGHUP begin one?",
    topic="boot",
)
def spew_survives_hup(lab: Lab) -> Observations:
    lab.write("app.py", answering("'traced' if sys.gettrace() else 'not traced'"))
    lab.write("gunicorn.conf.py", "spew = True")
    command = lab.start("app").listening()
    command_before = command.ask()[-1]
    command.wait_until_idle()
    lab.write(
        "gunicorn.conf.py",
        """
        spew = False

        def on_reload(server):
            print("spew is", server.cfg.spew)
        """,
    )
    command.reload()
    command_after = command.ask()[-1]

    lab.write(
        "embedded.py",
        """
        from app import application
        from gunicorn.app.base import BaseApplication

        class Embedded(BaseApplication):
            def load_config(self):
                self.cfg.set("bind", "127.0.0.1:0")
                self.cfg.set("spew", True)

            def load(self):
                return application

        Embedded().run()
        """,
    )
    embedded = lab.start(program=("embedded.py",)).listening()
    embedded_before = embedded.ask()[-1]
    embedded.reload()
    return {
        "gunicorn, spew = True": f"the worker is {command_before}",
        "then spew = False and SIGHUP, master": [
            line for line in command.stdout if line.startswith(("__config__:", "spew is"))
        ],
        "then spew = False and SIGHUP, worker": f"the worker is {command_after}",
        "subclass of BaseApplication, spew = True": f"the worker is {embedded_before}",
        "then SIGHUP": f"the worker is {embedded.ask()[-1]}",
    }


@experiment(
    slug="hup-with-a-broken-config",
    title="A reload that fails leaves an orphan",
    question="What becomes of a running server whose config file is broken when SIGHUP comes?",
    topic="boot",
)
def hup_with_a_broken_config(lab: Lab) -> Observations:
    config = """
        timeout = 120  # an idle worker looks for its master after half of it

        def on_exit(server):
            print("on_exit is called")
        """
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", config)
    server = lab.start("--pid", "server.pid", "--bind", "unix:server.sock", "app").listening()
    server.ask()
    server.wait_until_idle()
    boot = len(server.stderr)
    lab.write("gunicorn.conf.py", "timeout = = 120")
    server.send(SIGHUP)
    master = server.ended().outcome
    orphans = len(lab.processes())
    next_request = server.ask()[0]
    lab.wait_until_empty()

    lab.write("gunicorn.conf.py", config)
    started = lab.start("--daemon", "--pid", "daemon.pid", "app", log="daemon.log").ended()
    daemon = lab.find(started, "daemon.pid")
    daemon.wait_for("Booting worker")
    lab.write("gunicorn.conf.py", "timeout = = 120")
    daemon.send(SIGHUP)
    daemon.ended()
    logged = [line for line in daemon.log if line.startswith("[master]")]

    return {
        "master": master[boot:],
        "on_exit": "called" if server.stdout else "not called",
        "processes left": f"{orphans}",
        "next request": next_request,
        "then": server.stderr[len(master) - 1 :],
        "request after that": server.ask()[0],
        "files left": [name for name in ("server.pid", "server.sock") if (lab.folder / name).exists()],
        "under --daemon, the master's last words in its log": logged[-2:],
    }
