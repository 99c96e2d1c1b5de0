import json
from pathlib import Path

from tests.experiments.checkout import UPSTREAM
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.recording import difference, observe, write_record
from tests.experiments.server import Cannot


@experiment(slug="example", title="A title", question="A question?", topic="tests")
def example(lab: Lab) -> Observations:
    return {"one": "fact", "more": ["facts", "¾ and more"]}


@experiment(slug="refused", title="A title", question="A question?", topic="tests")
def refused(lab: Lab) -> Observations:
    lab.start("--no-such-option", "app").listening()
    return {}


@experiment(
    slug="placed",
    title="A title",
    question="A question?",
    topic="tests",
    where=("gunicorn.sock.Socket",),
    since="22.0.0",
)
def placed(lab: Lab) -> Observations:
    return {"version": f"gunicorn/{lab.release}, 1{lab.release}, {lab.release}.1", "more": [f"gunicorn {lab.release}"]}


@experiment(slug="declined", title="A title", question="A question?", topic="tests")
def declined(lab: Lab) -> Observations:
    raise Cannot(f"gunicorn {lab.release} has no such option")


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


def test_the_version_of_the_release_is_not_told() -> None:
    assert observe(placed, UPSTREAM)["observed"] == {
        "version": f"gunicorn/VERSION, 1{UPSTREAM.name}, {UPSTREAM.name}.1",
        "more": ["gunicorn VERSION"],
    }
    assert observe(declined, UPSTREAM)["cannot"] == "gunicorn VERSION has no such option"


def test_a_record_says_where_the_outcome_is_decided_and_only_of_releases_that_it_is_about(tmp_path: Path) -> None:
    for release in ("21.2.0", "22.0.0", "23.0.0"):
        write_record(placed, release, RUN, tmp_path)
    record = json.loads((tmp_path / "placed.json").read_text(encoding="utf-8"))
    assert (record["where"], record["since"], [*record["releases"]]) == (
        ["gunicorn.sock.Socket"],
        "22.0.0",
        ["22.0.0", "23.0.0"],
    )


def test_two_runs_differ_in_what_they_saw_and_not_in_where_they_ran() -> None:
    assert difference(RUN, {**RUN, "python": "3.14", "platform": "darwin"}, ("one", "other")) == ""
    found = difference(RUN, {**RUN, "observed": {"one": "lie"}}, ("one", "other")).splitlines()
    assert found[:2] == ["--- one", "+++ other"]
    assert {'-    "one": "fact"', '+    "one": "lie"'} <= set(found)


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
