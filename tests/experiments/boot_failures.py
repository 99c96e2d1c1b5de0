"""More than one worker that cannot boot."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_FAILING = """
    import os
    import time

    def wait_until(condition):
        while not condition():
            time.sleep(0.01)

    def is_gone(pid):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    if os.environ["WORKERS"] == "2":
        try:
            os.mkdir("first")
        except FileExistsError:
            with open("first/other", "w"):
                pass
            wait_until(lambda: os.path.exists("first/pid"))
            with open("first/pid") as file:
                first = int(file.read())
            wait_until(lambda: is_gone(first))
            time.sleep(0.5)
        else:
            wait_until(lambda: os.path.exists("first/other"))
            with open("first/new", "w") as file:
                file.write(str(os.getpid()))
            os.rename("first/new", "first/pid")
    raise ValueError("no database")
    """


@experiment(
    slug="two-workers-that-fail-to-boot",
    title="The second worker that fails to boot interrupts the halt: a traceback, status 1, a pidfile left behind",
    question="Two workers fail to boot, the second while the master is stopping because of the first: how does it end?",
    topic="boot",
    where=(
        "gunicorn.errors.HaltServer",
        "gunicorn.arbiter.Arbiter.reap_workers",
        "gunicorn.arbiter.Arbiter.halt",
        "gunicorn.arbiter.Arbiter.run",
    ),
)
def two_workers_that_fail_to_boot(lab: Lab) -> Observations:
    lab.write("app.py", _FAILING)
    lab.write("conf.py", "def on_exit(server):\n    print('on_exit runs', flush=True)\n")
    observations = {}
    for number in ("1", "2"):
        server = lab.start("-c", "conf.py", "--workers", number, "--pid", "it.pid", "app", env={"WORKERS": number})
        server.ended()
        pidfile = lab.folder / "it.pid"
        observations[f"{number} of {number} workers"] = [
            *[each for each in server.log if "[master]" in each and "ERROR" in each],
            *server.stdout,
            *[each for each in server.stderr if "HaltServer" in each],
            server.ending,
            "the pidfile is left" if pidfile.exists() else "no pidfile is left",
        ]
        pidfile.unlink(missing_ok=True)
    return observations
