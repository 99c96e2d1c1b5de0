"""What a server section of a Paste file can tell gunicorn, when a Paste runner such as pserve reads it."""

import json

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server

LAUNCH = """\
import json
import os

from app import application
from gunicorn.app.pasterapp import serve

print("the application is there", flush=True)
serve(application, {"__file__": os.path.abspath("dev.ini")}, **json.loads(os.environ["SECTION"]))
"""


@experiment(
    slug="paste-server-section",
    title="In a Paste section a port without a host is lost, and a host alone takes the place of bind",
    question="Which keys of a server section reach gunicorn, and what else does it read beside them?",
    topic="boot",
    where=("gunicorn.app.pasterapp.serve",),
    since="20.1.0",  # 19.10.0 needs Paste itself
)
def paste_server_section(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.path.basename(os.getcwd()) == 'there'"))
    lab.write("there/empty", "")
    lab.write("dev.ini", "[app:main]")
    lab.write("launch.py", LAUNCH)
    lab.write("stub/paste/deploy.py", "loadapp = None")
    path = {"PYTHONPATH": f"{lab.folder}/stub:{lab.upstream}"}

    def serve(**section: str) -> Server:
        env = {**path, "SECTION": json.dumps(section), "GUNICORN_CMD_ARGS": "--workers 7"}
        return lab.start(program=("launch.py",), bind=None, env=env)

    def told(**section: str) -> list[str]:
        server = serve(print_config="true", **section).ended()
        kept = [" ".join(line.split()) for line in server.stdout if line.startswith(("bind ", "workers "))]
        return kept or server.outcome

    observations: dict[str, str | list[str]] = {
        "host, port, workers": told(host="lab", port="5000", workers="2"),
        "port": told(port="5000"),
        "host, bind": told(host="lab", bind="other:5000"),
        "host with commas": told(host="lab:5000,lab:5001"),
        "an unknown key": told(wrokers="2"),
    }
    lab.write("gunicorn.conf.py", "bind = 'other:5000'\nworkers = 3")
    observations["host, port, and ./gunicorn.conf.py with bind and workers"] = told(host="lab", port="5000")
    lab.write("gunicorn.conf.py")
    server = serve(bind="unix:here.sock", chdir="there").listening()
    observations["chdir: the application stands in the folder"] = server.ask()[-1]
    server.reload()
    observations["after SIGHUP"] = server.stdout
    return observations
