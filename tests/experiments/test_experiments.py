"""Every experiment, run again on the documented release and compared with its record."""

import json
from difflib import unified_diff

import pytest

from render.observations import read_experiments
from tests.experiments.checkout import PROJECT, RELEASES, UPSTREAM
from tests.experiments.experiment import find_experiments
from tests.experiments.recording import Run, observe, spell

EXPERIMENTS = find_experiments()


def findings(run: Run) -> list[str]:
    """The run as lines, without the Python and the platform that it happened on."""
    return spell({key: value for key, value in run.items() if key not in {"python", "platform"}}).splitlines()


@pytest.mark.parametrize("slug", sorted(EXPERIMENTS))
def test_an_experiment_shows_again_what_its_record_says(slug: str) -> None:
    record = json.loads((PROJECT.observations / f"{slug}.json").read_text(encoding="utf-8"))
    recorded = record["releases"][RELEASES.documented]
    seen = observe(EXPERIMENTS[slug], UPSTREAM)
    difference = "\n".join(unified_diff(findings(recorded), findings(seen), "recorded", "seen now", lineterm=""))
    if difference:
        pytest.fail(f"{difference}\nIf this is the new truth, record it: make observe SLUGS={slug}", pytrace=False)


def test_every_record_has_its_experiment_and_every_experiment_its_record() -> None:
    recorded = {
        record.slug: (record.title, record.question, record.topic, str(record.source), record.function)
        for record in read_experiments(PROJECT)
    }
    assert recorded == {
        slug: (experiment.title, experiment.question, experiment.topic, experiment.source, experiment.function)
        for slug, experiment in EXPERIMENTS.items()
    }
