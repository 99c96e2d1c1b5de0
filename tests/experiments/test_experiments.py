"""Every experiment, run again and compared with its record; every release's turn comes with EVERY_RELEASE=1."""

import json
import os
from typing import Any

import pytest

from render.observations import read_experiments
from tests.experiments.checkout import PROJECT, RELEASES
from tests.experiments.experiment import find_experiments
from tests.experiments.recording import difference, observe

EXPERIMENTS = find_experiments()
ALL = [release.name for release in RELEASES.all]
CHOSEN = ALL if os.environ.get("EVERY_RELEASE") else [RELEASES.documented, ALL[-1]]
RUNNABLE = [experiment for _, experiment in sorted(EXPERIMENTS.items()) if experiment.can_run]
RUNS = [(experiment.slug, release) for experiment in RUNNABLE for release in CHOSEN if experiment.is_about(release)]


def read_record(slug: str) -> Any:
    return json.loads((PROJECT.observations / f"{slug}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("slug", "release"), RUNS)
def test_an_experiment_shows_again_what_its_record_says(slug: str, release: str) -> None:
    remedy = f"annotated observe {slug} --release {release}"
    recorded = read_record(slug)["releases"].get(release)
    if recorded is None:
        pytest.fail(f"it is not recorded; do so: {remedy}", pytrace=False)
    found = difference(recorded, observe(EXPERIMENTS[slug], PROJECT.tree(release)), ("recorded", "seen now"))
    if found:
        pytest.fail(f"{found}\nIf this is the new truth, record it: {remedy}", pytrace=False)


@pytest.mark.parametrize("slug", sorted(EXPERIMENTS))
def test_an_experiment_is_recorded_on_every_release_that_it_is_about(slug: str) -> None:
    assert [*read_record(slug)["releases"]] == [name for name in ALL if EXPERIMENTS[slug].is_about(name)]


def test_every_record_has_its_experiment_and_every_experiment_its_record() -> None:
    recorded = {
        record.slug: (record.title, record.question, record.topic, str(record.source), record.function)
        for record in read_experiments(PROJECT)
    }
    assert recorded == {
        slug: (experiment.title, experiment.question, experiment.topic, experiment.source, experiment.function)
        for slug, experiment in EXPERIMENTS.items()
    }


@pytest.mark.parametrize("slug", sorted(EXPERIMENTS))
def test_a_record_tells_where_its_outcome_is_decided_and_since_when(slug: str) -> None:
    record = read_record(slug)
    assert (tuple(record.get("where", ())), record.get("since")) == (EXPERIMENTS[slug].where, EXPERIMENTS[slug].since)
