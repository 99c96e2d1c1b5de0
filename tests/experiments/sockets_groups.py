"""Numbers of groups that are none."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_APP = """
    import os

    with open("new", "w") as file:
        file.write(str(os.getgid()))
    os.rename("new", "gid")

    def application(environ, start_response):
        return []
    """


@experiment(
    slug="groups-by-number",
    title="Up to 23.0.0 a group of -1 is 1, and a bit is cut from large numbers",
    question="A config file run by root gives the group as a number: which group do the workers get?",
    topic="sockets",
    where=("gunicorn.util.set_owner_process", "gunicorn.util.chown"),
    as_root=True,
)
def groups_by_number(lab: Lab) -> Observations:
    lab.write("app.py", _APP)
    return {f"group = {group}": _started_with(lab, group) for group in ("0", "-1", "2147483653")}


def _started_with(lab: Lab, group: str) -> list[str]:
    lab.write("conf.py", f"group = {group}\n")
    gid = lab.folder / "gid"
    gid.unlink(missing_ok=True)
    server = lab.start("-c", "conf.py", "app", bind=f"unix:{group}.sock").listening()
    owner = (lab.folder / f"{group}.sock").stat().st_gid
    server.wait_until(lambda: gid.exists() or server.has_ended, "boot a worker or end")
    workers = f"workers: gid {gid.read_text()}" if gid.exists() else f"no worker, {server.ending}"
    errors = [line for line in server.stderr + server.log if "Error: " in line]
    return [f"socket: gid {owner}", workers, *sorted(set(errors))]
