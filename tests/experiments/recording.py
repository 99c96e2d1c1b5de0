"""From an experiment to its record, a JSON file that the site shows and the tests compare with."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from render.output import write_file
from render.releases import version_key
from tests.experiments.experiment import Experiment
from tests.experiments.lab import Lab
from tests.experiments.server import NeverListened

Run: TypeAlias = dict[str, Any]
"""What one release showed: where it ran, and either `observed` or the reason why it `cannot`."""


def observe(experiment: Experiment, upstream: Path) -> Run:
    """Run an experiment on the release in the folder `upstream`."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    where = {"python": python, "platform": sys.platform}
    try:
        with Lab(upstream) as lab:
            return {**where, "observed": dict(experiment.run(lab))}
    except NeverListened as reason:
        return {**where, "cannot": str(reason)}


def write_record(experiment: Experiment, release: str, run: Run, folder: Path) -> None:
    """Put a run into the record of its experiment, in one move; runs of other releases stay."""
    file = folder / f"{experiment.slug}.json"
    before = json.loads(file.read_text(encoding="utf-8"))["releases"] if file.exists() else {}
    runs = {**before, release: run}
    record = {
        "slug": experiment.slug,
        "title": experiment.title,
        "question": experiment.question,
        "topic": experiment.topic,
        "source": experiment.source,
        "function": experiment.function,
        "releases": {name: runs[name] for name in sorted(runs, key=version_key)},
    }
    write_file(spell(record), file)


def spell(value: Mapping[str, Any]) -> str:
    """JSON with one fact to a line, in the order of the value."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
