"""How releases behave: those that showed the same in an experiment, where it changes, and that in a few words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TypeAlias

from render.links import experiment_page, href
from render.observations import Cannot, Experiment, Observed, Run
from render.views import Choice

CANNOT = "cannot run"
"""What is said in short of a release that could not run an experiment."""

RUNS = "runs"
"""What is said in short of the one group that could run it, where another could not."""

NOTHING = "nothing"
"""What is said in short where the others showed more."""

_BRIEF = 90
"""The most characters of a result that is told among others."""

_Texts: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Releases that showed the same, in order of version, and the run of the first of them."""

    releases: tuple[str, ...]
    run: Run


@dataclass(frozen=True, slots=True)
class Turn:
    """Two releases that follow each other among those that have a run, and did not show the same."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """What tells some runs apart: a label under which no two of them showed the same, and a few words for each run.

    `label` is empty where the runs are told apart by whether they were possible.
    """

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DifferingView:
    """An experiment whose result is another in the newer of two releases, and what each of the two showed in short."""

    experiment: Choice
    label: str
    was: str
    now: str


def runs_on(experiment: Experiment, releases: Iterable[str]) -> Mapping[str, Run]:
    """The runs of an experiment on some releases, in their order; the record need not have all of them."""
    return {name: experiment.runs[name] for name in releases if name in experiment.runs}


def group_runs(runs: Mapping[str, Run]) -> tuple[Group, ...]:
    """Every release in the one group whose releases showed the same, neighbours or not, by the first of each group."""
    groups: list[Group] = []
    for release, run in runs.items():
        at = next((at for at, group in enumerate(groups) if is_alike(group.run, run)), None)
        if at is None:
            groups.append(Group((release,), run))
        else:
            groups[at] = Group((*groups[at].releases, release), groups[at].run)
    return tuple(groups)


def find_turns(runs: Mapping[str, Run]) -> tuple[Turn, ...]:
    """Where the behaviour changes, in the order of the runs."""
    return tuple(Turn(old, new) for old, new in pairwise(runs) if not is_alike(runs[old], runs[new]))


def is_alike(one: Run, other: Run) -> bool:
    """Whether two runs showed the same, on whatever Python and platform."""
    if isinstance(one, Observed) and isinstance(other, Observed):
        return one.facts == other.facts
    return isinstance(one, Cannot) and isinstance(other, Cannot) and one.reason == other.reason


def summary(experiment: Experiment, releases: Iterable[str]) -> str:
    """An experiment's outcome on some releases, as in "differs from 22.0.0 and 24.1.1 on"."""
    runs = runs_on(experiment, releases)
    turns = [turn.new for turn in find_turns(runs)]
    if turns:
        return f"differs from {join_words(turns)} on"
    verb = "could not be run" if any(isinstance(run, Cannot) for run in runs.values()) else "observed"
    return f"{verb} on {join_words(tuple(runs))}" if len(runs) == 1 else f"{verb} on {len(runs) or 'no'} releases"


def join_words(words: Sequence[str]) -> str:
    """As in "one, two and three"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def shared_facts(runs: Sequence[Observed]) -> Mapping[str, _Texts]:
    """What all runs showed, in the order of the first."""
    first = runs[0].facts
    return {label: first[label] for label in first if all(run.facts.get(label) == first[label] for run in runs)}


def find_contrast(runs: Sequence[Run], most: int) -> Contrast | None:
    """The shortest way to tell runs apart of which no two are alike; None where no single label does.

    Texts of more than `most` characters lose the words with which all of them begin, and may still be longer.
    """
    facts = [run.facts for run in runs if isinstance(run, Observed)]
    if len(facts) < 2:
        found: Contrast | None = Contrast("", (RUNS,) * len(facts))
    else:
        labels = dict.fromkeys(label for one in facts for label in one)
        contrasts = (one for label in labels for one in _contrasts(label, [one.get(label, ()) for one in facts], most))
        found = min(contrasts, key=lambda one: max(map(len, one.words)), default=None)
    if found is None:
        return None
    words = iter(found.words)
    return Contrast(found.label, tuple(CANNOT if isinstance(run, Cannot) else next(words) for run in runs))


def differing(experiments: Iterable[Experiment], old: str, new: str) -> tuple[tuple[Experiment, Contrast], ...]:
    """The experiments run on both releases whose results differ, each with what tells them apart."""
    return tuple(
        (one, _contrast_two(one.runs[old], one.runs[new]))
        for one in experiments
        if {old, new} <= one.runs.keys() and not is_alike(one.runs[old], one.runs[new])
    )


def differing_views(
    experiments: Iterable[Experiment], old: str, new: str, here: PurePosixPath
) -> tuple[DifferingView, ...]:
    """What `differing` finds, as seen from a page."""
    return tuple(
        DifferingView(
            Choice(one.title, href(experiment_page(one.slug), "", here), False),
            found.label,
            *(_shorten(words) for words in found.words),
        )
        for one, found in differing(experiments, old, new)
    )


def _contrast_two(old: Run, new: Run) -> Contrast:
    if isinstance(old, Cannot) and isinstance(new, Cannot):
        return Contrast("", (old.reason, new.reason))
    found = find_contrast((old, new), _BRIEF)
    if found is None:  # empty texts, which no line tells apart
        facts = [run.facts for run in (old, new) if isinstance(run, Observed)]
        label = next(one for one in {**facts[0], **facts[1]} if facts[0].get(one) != facts[1].get(one))
        found = Contrast(label, tuple(" / ".join(one.get(label, ())) or NOTHING for one in facts))
    return found


def _shorten(words: str) -> str:
    return words if len(words) <= _BRIEF else f"{words[: _BRIEF - 1].rstrip()}…"


def _contrasts(label: str, variants: Sequence[_Texts], most: int) -> Iterator[Contrast]:
    """The texts under a label told apart by one line of each: one that not all have, or else the one in that place."""
    kept = set(variants[0]).intersection(*variants)
    by_line = [next((text for text in texts if text not in kept and _has_words(text)), "") for texts in variants]
    width = min(map(len, variants))
    at = next((at for at in range(width) if len({texts[at] for texts in variants}) > 1), width)
    by_place = [texts[at] if at < len(texts) else "" for texts in variants]
    for lines in (by_line, by_place):
        if len(set(lines)) == len(lines):
            words = lines if max(map(len, lines)) <= most else _drop_shared_words(lines)
            yield Contrast(label, tuple(text or NOTHING for text in words))
            return


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _drop_shared_words(lines: Sequence[str]) -> list[str]:
    """The lines without the words with which all of them begin, as long as something is left of each."""
    words = [line.split(" ") for line in lines]
    shared = 0
    while all(len(one) > shared + 1 and one[shared] == words[0][shared] for one in words):
        shared += 1
    return [f"… {' '.join(one[shared:])}" for one in words] if shared else list(lines)
