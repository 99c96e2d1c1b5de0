import json
import subprocess
import sys
from pathlib import Path

from tests.experiments.checkout import PROJECT, UPSTREAM
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.recording import observe, write_record


@experiment(slug="example", title="A title", question="A question?", topic="tests")
def example(lab: Lab) -> Observations:
    return {"one": "fact", "more": ["facts", "¾ and more"]}


@experiment(slug="refused", title="A title", question="A question?", topic="tests")
def refused(lab: Lab) -> Observations:
    lab.start("--no-such-option", "app").listening()
    return {}


RUN = {"python": "3.11", "platform": "linux", "observed": {"one": "fact"}}


RECORD = """\
{
  "slug": "example",
  "title": "A title",
  "question": "A question?",
  "topic": "tests",
  "source": "tests/experiments/test_recording.py",
  "function": "example",
  "releases": {
    "23.0.0": {
      "python": "3.11",
      "platform": "linux",
      "observed": {
        "one": "fact",
        "more": [
          "facts",
          "¾ and more"
        ]
      }
    }
  }
}
"""


def test_what_an_experiment_returns_is_observed() -> None:
    assert observe(example, UPSTREAM)["observed"] == {"one": "fact", "more": ["facts", "¾ and more"]}


def test_a_release_that_does_not_start_gives_its_reason() -> None:
    run = observe(refused, UPSTREAM)
    assert "observed" not in run
    assert run["cannot"] == "gunicorn: error: unrecognized arguments: --no-such-option"


def test_a_record_is_json_in_the_order_of_the_experiment(tmp_path: Path) -> None:
    write_record(example, "23.0.0", {**RUN, "observed": {"one": "fact", "more": ["facts", "¾ and more"]}}, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["example.json"]
    assert (tmp_path / "example.json").read_text(encoding="utf-8") == RECORD


def test_releases_are_recorded_one_by_one_and_stand_in_order(tmp_path: Path) -> None:
    for release in ("23.0.0", "20.1.0", "19.10.0"):
        write_record(example, release, RUN, tmp_path)
    write_record(example, "20.1.0", {"python": "3.11", "platform": "linux", "cannot": "why"}, tmp_path)
    releases = json.loads((tmp_path / "example.json").read_text(encoding="utf-8"))["releases"]
    assert list(releases) == ["19.10.0", "20.1.0", "23.0.0"]
    assert [run.get("cannot") for run in releases.values()] == [None, "why", None]


def test_an_unknown_slug_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "tests.experiments", "boot-order", "nowhere"]
    done = subprocess.run(command, cwd=PROJECT.root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no experiment is called nowhere; there are " in done.stderr
    assert " boot-order," in done.stderr
