"""From an experiment to its record, a JSON file that the site shows and the tests compare with."""

import json
import re
import sys
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any, TypeAlias

from render.output import write_file
from render.releases import version_key
from tests.experiments.experiment import Experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Cannot

Run: TypeAlias = dict[str, Any]
"""What one release showed: where it ran, and either `observed` or the reason why it `cannot`."""


def observe(experiment: Experiment, upstream: Path) -> Run:
    """Run an experiment on the release in the folder `upstream`.

    The version of gunicorn, wherever it is told, is recorded as VERSION: releases that differ in no more are alike.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    where = {"python": python, "platform": sys.platform}
    own = re.compile(rf"(?<![\d.]){re.escape(upstream.name)}(?!\.?\d)")

    def normalise(text: str) -> str:
        return own.sub("VERSION", text)

    try:
        with Lab(upstream) as lab:
            observed = experiment.run(lab)
    except Cannot as reason:
        return {**where, "cannot": normalise(str(reason))}
    return {
        **where,
        "observed": {
            label: normalise(seen) if isinstance(seen, str) else [normalise(line) for line in seen]
            for label, seen in observed.items()
        },
    }


def write_record(experiment: Experiment, release: str, run: Run, folder: Path) -> None:
    """Put a run into the record of its experiment, in one move; runs of other releases stay."""
    file = folder / f"{experiment.slug}.json"
    before = json.loads(file.read_text(encoding="utf-8"))["releases"] if file.exists() else {}
    runs = {name: each for name, each in {**before, release: run}.items() if experiment.is_about(name)}
    record = {
        "slug": experiment.slug,
        "title": experiment.title,
        "question": experiment.question,
        "topic": experiment.topic,
        **({"where": [*experiment.where]} if experiment.where else {}),
        **({"since": experiment.since} if experiment.since else {}),
        "source": experiment.source,
        "function": experiment.function,
        "releases": {name: runs[name] for name in sorted(runs, key=version_key)},
    }
    write_file(spell(record), file)


def difference(one: Run, other: Run, names: tuple[str, str]) -> str:
    """How two runs differ, wherever they happened, as a unified diff between these names; empty when they do not."""
    return "\n".join(unified_diff(_findings(one), _findings(other), *names, lineterm=""))


def _findings(run: Run) -> list[str]:
    return spell({key: value for key, value in run.items() if key not in {"python", "platform"}}).splitlines()


def spell(value: Mapping[str, Any]) -> str:
    """JSON with one fact to a line, in the order of the value."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
