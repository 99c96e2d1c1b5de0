"""What a daemon keeps of the process that it was."""

from signal import SIGTERM

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_CONF = """
    import os

    print("a line of the config file")
    lock = os.open("lock", os.O_CREAT)
    os.dup2(lock, 60)
    os.close(lock)
    """

_APP = """
    import os

    def held(number):
        try:
            target = os.readlink(f"/proc/self/fd/{number}").split(":")[0]
        except FileNotFoundError:
            return f"{number}: closed"
        state = "inheritable" if os.get_inheritable(number) else "close-on-exec"
        return f"{number}: {os.path.basename(target)}, {state}"

    def application(environ, start_response):
        umask = os.umask(0)
        os.umask(umask)
        master = os.getppid()
        told = [held(number) for number in (0, 1, 2, 60)]
        told.append("3: null" if os.readlink("/proc/self/fd/3") == os.devnull else "3: something else")
        told.append(f"umask {umask:03o}")
        told.append("leads" if os.getsid(master) == master else "does not lead")
        answer = chr(10).join(told).encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]
    """


@experiment(
    slug="what-a-daemon-keeps",
    title="A daemon keeps every descriptor above 2; from 21.2.0 on programs that it starts have a stdin",
    question="Which descriptors, umask and session has the worker of a daemon?",
    topic="boot",
    where=("gunicorn.util.daemonize",),
)
def what_a_daemon_keeps(lab: Lab) -> Observations:
    lab.write("conf.py", _CONF)
    lab.write("app.py", _APP)
    observations: dict[str, str | list[str]] = {}
    for label, options in (("--daemon", ()), ("--daemon --enable-stdio-inheritance", ("-R",))):
        arguments = ("-c", "conf.py", "--daemon", *options, "--pid", "daemon.pid", "app")
        started = lab.start(*arguments, bind="unix:here.sock", log="error.log", env={"PYTHONUNBUFFERED": ""}).ended()
        daemon = lab.find(started, "daemon.pid").listening()
        *descriptors, third, umask, session = daemon.ask()[-7:]
        daemon.send(SIGTERM)
        daemon.ended()
        observations[f"{label}, descriptors"] = [*descriptors, third]
        observations[f"{label}, its umask and session"] = [umask, f"the master {session} its session"]
        observations[f"{label}, stdout of the start"] = started.stdout or "nothing"
        (lab.folder / "error.log").unlink()
    return observations
