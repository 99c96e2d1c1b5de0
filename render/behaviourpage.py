"""The page that tells how every release behaved in every experiment, and the same for machines."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from string import ascii_uppercase
from typing import Literal, TypeAlias

from render.behaviour import CANNOT, Group, find_contrast, find_turns, group_runs, runs_on
from render.links import experiment_page, href, topic_id
from render.observations import Cannot, Experiment, Run
from render.views import Choice, Frame

WORDS = 22
"""The most characters for each release of a row's narrowest cell; a row that would need more has letters."""

Cell: TypeAlias = Literal["seen", "alike", "cannot", "none"]
"""Releases showed one thing of several, or all showed the same; they could not run it; or they have no run."""


@dataclass(frozen=True, slots=True)
class CellView:
    """Neighbouring releases that behave alike, `width` of them; `turned` tells that the ones before do not."""

    kind: Cell
    words: str
    releases: str
    width: int
    turned: bool


@dataclass(frozen=True, slots=True)
class BehaviourRow:
    """One experiment; `label` is what its cells are the result of, "" where they say it themselves."""

    experiment: Choice
    label: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class TopicView:
    """The experiments on a topic; those in which releases differ come first."""

    name: str
    id: str
    href: str
    differing: int
    rows: tuple[BehaviourRow, ...]


@dataclass(frozen=True, slots=True)
class BehaviourPage:
    """Experiments by releases; `data` leads to the same for machines."""

    frame: Frame
    releases: tuple[Choice, ...]
    topics: tuple[TopicView, ...]
    total: int
    differing: int
    data: str


def make_behaviour_page(
    frame: Frame, releases: Sequence[Choice], experiments: Iterable[Experiment], data: str
) -> BehaviourPage:
    """`releases` are all of them in order of version, each with its own page."""
    names = [release.text for release in releases]
    topics = tuple(_topics(experiments, names, frame))
    return BehaviourPage(
        frame,
        tuple(releases),
        topics,
        sum(len(topic.rows) for topic in topics),
        sum(topic.differing for topic in topics),
        data,
    )


def behaviour_json(experiments: Iterable[Experiment], releases: Sequence[str]) -> str:
    """For every experiment what each release showed, in lists of texts, or why it could not, and which are alike."""
    told = [
        {
            "slug": one.slug,
            "title": one.title,
            "question": one.question,
            "topic": one.topic,
            "where": list(one.where),
            "since": one.since,
            "releases": {release: _run_json(run) for release, run in runs_on(one, releases).items()},
            "groups": [list(group.releases) for group in group_runs(runs_on(one, releases))],
        }
        for one in experiments
    ]
    return json.dumps({"releases": list(releases), "experiments": told}, indent=1, ensure_ascii=False) + "\n"


def _run_json(run: Run) -> Mapping[str, object]:
    if isinstance(run, Cannot):
        return {"cannot": run.reason}
    return {"observed": {label: list(texts) for label, texts in run.facts.items()}}


def _topics(experiments: Iterable[Experiment], names: Sequence[str], frame: Frame) -> Iterator[TopicView]:
    ordered = sorted(experiments, key=lambda one: (one.topic, not find_turns(runs_on(one, names)), one.title))
    for name, group in groupby(ordered, key=lambda one: one.topic):
        rows = tuple(_row(one, names, frame) for one in group)
        differing = sum(any(cell.turned for cell in row.cells) for row in rows)
        yield TopicView(name, topic_id(name), href(frame.here, topic_id(name), frame.here), differing, rows)


def _row(experiment: Experiment, names: Sequence[str], frame: Frame) -> BehaviourRow:
    runs = runs_on(experiment, names)
    groups = group_runs(runs)
    stretches = tuple(_stretches(names, runs))
    label, words = _name_groups(
        groups, WORDS * min((len(stretch) for stretch in stretches if stretch[0] in runs), default=1)
    )
    said = {release: word for group, word in zip(groups, words, strict=True) for release in group.releases}
    turns = {turn.new for turn in find_turns(runs)}
    cells = (
        CellView(
            _kind(runs.get(stretch[0]), len(groups)),
            said.get(stretch[0], ""),
            stretch[0] if len(stretch) == 1 else f"{stretch[0]} to {stretch[-1]}",
            len(stretch),
            stretch[0] in turns,
        )
        for stretch in stretches
    )
    link = Choice(experiment.title, href(experiment_page(experiment.slug), "", frame.here), False)
    return BehaviourRow(link, label, tuple(cells))


def _stretches(names: Sequence[str], runs: Mapping[str, Run]) -> Iterator[tuple[str, ...]]:
    """The releases cut wherever the behaviour changes, or runs begin or end."""
    turns = {turn.new for turn in find_turns(runs)}
    starts = [
        at for at, name in enumerate(names) if at == 0 or name in turns or (name in runs) != (names[at - 1] in runs)
    ]
    for first, end in pairwise((*starts, len(names))):
        yield tuple(names[first:end])


def _kind(run: Run | None, groups: int) -> Cell:
    if run is None:
        return "none"
    return "cannot" if isinstance(run, Cannot) else "alike" if groups == 1 else "seen"


def _name_all(group: Group) -> str:
    if isinstance(group.run, Cannot):
        return CANNOT
    return "alike" if len(group.releases) > 1 else "observed"


def _name_groups(groups: Sequence[Group], most: int) -> tuple[str, tuple[str, ...]]:
    """Words for each group and the label that they stand under; letters where they would take more than `most`."""
    if len(groups) < 2:
        return "", tuple(_name_all(group) for group in groups)
    contrast = find_contrast([group.run for group in groups], most)
    if contrast and max(map(len, contrast.words)) <= most:
        return contrast.label, contrast.words
    letters = iter(ascii_uppercase)
    return "", tuple(CANNOT if isinstance(group.run, Cannot) else next(letters) for group in groups)
