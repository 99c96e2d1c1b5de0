"""Experiments that nobody ran."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from hypothesis import strategies as st

from render.observations import Cannot, Experiment, Observed, Run
from render.problems import Place
from render.project import Project

Seen: TypeAlias = Mapping[str, Sequence[str]] | str
"""What a run showed: texts by label, or the reason why it could not."""

RELEASES = ("1.0", "1.5", "2.0", "3.0", "10.0")
PLACE = Place(PurePosixPath("annotations/observations/lamp.json"), 7)


def make_run(seen: Seen) -> Run:
    if isinstance(seen, str):
        return Cannot("3.11", "linux", seen)
    return Observed("3.11", "linux", {label: tuple(texts) for label, texts in seen.items()})


def make_experiment(
    runs: Mapping[str, Seen],
    slug: str = "lamp",
    topic: str = "light",
    where: Sequence[str] = (),
    since: str | None = None,
) -> Experiment:
    return Experiment(
        slug,
        slug.capitalize(),
        "Does it?",
        topic,
        dict.fromkeys(where, PLACE),
        since,
        PurePosixPath("tests/experiments/light.py"),
        "switch",
        "def switch(lab):\n    pass\n",
        {release: make_run(seen) for release, seen in runs.items()},
        PLACE,
    )


def write_record(project: Project, runs: Mapping[str, Seen], slug: str, topic: str, where: Sequence[str] = ()) -> None:
    """Record an experiment of the tiny project's one function."""
    where_run = {"python": "3.11", "platform": "linux"}
    record = {
        "slug": slug,
        "title": slug.capitalize(),
        "question": "Does it?",
        "topic": topic,
        "where": list(where),
        "source": "tests/experiments/heat.py",
        "function": "boiling",
        "releases": {
            release: {**where_run, **({"cannot": seen} if isinstance(seen, str) else {"observed": seen})}
            for release, seen in runs.items()
        },
    }
    (project.observations / f"{slug}.json").write_text(json.dumps(record, indent=2), encoding="utf-8")


_texts = st.lists(st.sampled_from(("", "on", "off", "on and on", "on and off")), max_size=3)
_seen = st.sampled_from(("no lamp", "no power")) | st.dictionaries(st.sampled_from(("lamp", "fuse")), _texts)

records = st.dictionaries(st.sampled_from(RELEASES), _seen, min_size=1).map(
    lambda runs: make_experiment({release: runs[release] for release in RELEASES if release in runs})
)
"""Experiments that some releases ran and some could not, in order of version."""
