"""SIGUSR2 to an application that does not import: what the second master costs the first."""

from signal import SIGTERM, SIGUSR2

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="usr2-to-a-broken-application",
    title="SIGUSR2 to a broken application leaves the first server as it was",
    question="The application on the disk is broken when SIGUSR2 comes: how does the second master end?",
    topic="reload",
    where=(
        "gunicorn.arbiter.Arbiter.reexec",
        "gunicorn.arbiter.Arbiter.setup",
        "gunicorn.arbiter.Arbiter.stop",
        "gunicorn.arbiter.Arbiter.reap_workers",
    ),
)
def usr2_to_a_broken_application(lab: Lab) -> Observations:
    return {
        "gunicorn plain": _upgraded(lab, "plain"),
        "gunicorn --preload preloaded": _upgraded(lab, "preloaded", "--preload"),
    }


def _upgraded(lab: Lab, name: str, *arguments: str) -> list[str]:
    lab.write(f"{name}.py", APP)
    server = lab.start(
        *arguments, "--pid", f"{name}.pid", name, bind=f"unix:{name}.sock", log=f"{name}.log"
    ).listening()
    server.ask()
    server.wait_until_idle()
    said = len(server.events)
    lab.write(f"{name}.py", "raise ValueError('the new code')")
    server.send(SIGUSR2)
    server.wait_until(lambda: _told(server.stderr, server.log), "begin a second master that fails")
    server.wait_until(lambda: len(lab.processes()) == 2, "get rid of the second master")
    events = [event for event in server.events[said:] if event.speaker != "worker"]
    told = [str(event) for event in events if event.speaker == "master" or "with code" not in event.message]
    left = sorted(file.name for file in lab.folder.glob(f"{name}.[ps][io]*"))
    answer = server.ask()[0]
    server.send(SIGTERM)
    server.ended()
    aside = [f"stderr: {line}" for line in server.stderr if "the new code" in line]
    return [*told, *aside, *(f"left: {file}" for file in left), f"the first: {answer}"]


def _told(*places: list[str]) -> bool:
    return any("the new code" in line for lines in places for line in lines)
