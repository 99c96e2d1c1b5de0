"""Where the definitions stand that decide what an experiment shows, in each release."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from render.anchors import Ground
from render.behaviour import group_runs, runs_on
from render.observations import Experiment
from render.problems import Problem
from render.source import Span, Spot
from render.symbols import Symbol, find_named

Names: TypeAlias = Mapping[str, tuple[Symbol, ...]]
"""The definitions of a release by every name that a reference may give them."""


def find_spots(name: str, names: Names) -> tuple[Spot, ...]:
    """The lines of a definition; there are several where branches of an `if` define it, none where it is not there."""
    return tuple(Spot(symbol.path, symbol.span) for symbol in find_named(name, names))


def linked_spans(
    experiments: Iterable[Experiment], releases: Iterable[str], release: str, names: Names
) -> Mapping[PurePosixPath, tuple[Span, ...]]:
    """The lines of a release to which the experiments' pages lead; each needs an id on the page of its file."""
    found: dict[PurePosixPath, list[Span]] = defaultdict(list)
    names_of_all = tuple(releases)
    for experiment in experiments:
        firsts = {group.releases[0] for group in group_runs(runs_on(experiment, names_of_all))}
        for name in experiment.where if release in firsts else ():
            for spot in find_spots(name, names):
                found[spot.path].append(spot.span)
    return {path: tuple(sorted(set(spans))) for path, spans in found.items()}


def check_experiments(
    experiments: Iterable[Experiment], grounds: Mapping[str, Ground], documented: str
) -> Iterator[Problem]:
    """Names that no vendored release defines, or that are not enough to tell, and a `since` that is not vendored.

    The documented release is asked first, and the others, newest first, only for what it does not know.
    """
    order = (documented, *(name for name in reversed(tuple(grounds)) if name != documented))
    for experiment in experiments:
        for name, place in experiment.where.items():
            fault = _fault(name, (grounds[release].names for release in order))
            if fault:
                yield Problem(place, f"{fault}; mend `where` and run `make observe SLUGS={experiment.slug}`")
        if experiment.since is not None and experiment.since not in grounds:
            message = f"`since` is {experiment.since}, which is not vendored; name a release that is"
            yield Problem(experiment.since_place, message)


def _fault(name: str, indexes: Iterable[Names]) -> str | None:
    found = next(filter(None, (find_named(name, names) for names in indexes)), ())
    if not found:
        return f"no vendored release has a definition `{name}`"
    if len({symbol.path for symbol in found}) > 1:
        names = ", ".join(sorted({symbol.full_name for symbol in found}))
        return f"`{name}` is ambiguous, it may be {names}"
    return None
