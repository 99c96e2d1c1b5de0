"""What a server that is started as root gives up, and what it gives away."""

import os

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_NOBODY = "65534"


@experiment(
    slug="user-and-group",
    title="With --initgroups the workers keep the group of root",
    question="Started as root: who are the workers, and whose are socket, log and pidfile?",
    topic="sockets",
    where=(
        "gunicorn.util.set_owner_process",
        "gunicorn.workers.base.Worker.init_process",
        "gunicorn.sock.UnixSocket.bind",
        "gunicorn.glogging.Logger._set_handler",
    ),
    as_root=True,
)
def user_and_group(lab: Lab) -> Observations:
    lab.write("app.py", answering("f'{os.getuid()} {os.getgid()} {os.getgroups()}'"))
    user, group = ("--user", _NOBODY), ("--group", _NOBODY)
    choices = {
        "--user": user,
        "--user --group": (*user, *group),
        "--user --group --initgroups": (*user, *group, "--initgroups"),
    }
    observations: dict[str, str | list[str]] = {}
    for number, (label, options) in enumerate(choices.items()):
        files = {"socket": f"{number}.sock", "log": f"{number}.log", "pidfile": f"{number}.pid"}
        server = lab.start(
            "--preload", "--pid", files["pidfile"], *options, "app", bind=f"unix:{files['socket']}", log=files["log"]
        )
        uid, gid, groups = server.listening().ask()[-1].split(" ", 2)
        kept = "those of the master" if groups == str(os.getgroups()) else groups
        owners = {name: (lab.folder / file).stat() for name, file in files.items()}
        observations[label] = [
            f"workers: uid {uid}, gid {gid}, other groups {kept}",
            *(f"{name}: uid {owner.st_uid}, gid {owner.st_gid}" for name, owner in owners.items()),
        ]
    return observations
