"""What is computed about the releases, each of it once, and kept by the content that it comes from."""

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations, pairwise
from pathlib import PurePosixPath
from typing import TypeAlias

from render.ages import Ages, find_ages
from render.behaviour import summary
from render.cache import Cache
from render.careers import Careers, find_careers
from render.carry import Carried, carry
from render.compare import Comparison, compare
from render.comparelinks import has_diff
from render.coverage import Coverage, measure_all
from render.crossings import Crossing, find_crossings
from render.digests import Digester
from render.edition import Edition
from render.lazily import Lazily
from render.renditions import Rendition, make_renditions

Pair: TypeAlias = tuple[str, str]
"""Two releases, the older one first."""

Names: TypeAlias = tuple[PurePosixPath, PurePosixPath]
"""What a file is called in the older release and in the newer."""


class Insights:
    """What the pages of an edition have to tell about its releases; each is made when it is first asked for.

    `comparisons` has every pair of releases, and `diffs` those of its files that have a page of their own; `crossings`
    has every ordered pair of different releases, and `figures` every release's files, in alphabetical order; `written`
    has the digest of the notes that stand on a release's file; `seen` tells by slug where an experiment was observed;
    `upstream` is the digest of all vendored files.
    """

    def __init__(self, edition: Edition, cache: Cache) -> None:
        self._edition = edition
        self._cache = cache
        self.digester = Digester()
        names = tuple(edition.volumes)
        self.comparisons: Mapping[Pair, Comparison] = Lazily(combinations(names, 2), self._compare)
        self.diffs: Mapping[Pair, tuple[Names, ...]] = Lazily(combinations(names, 2), self._find_diffs)
        self.crossings: Mapping[Pair, Mapping[PurePosixPath, Crossing]] = Lazily(
            ((one, other) for one in names for other in names if one != other), self._cross
        )
        self.renditions: Mapping[str, Rendition] = make_renditions(edition, self._carry_all())
        self.written: Mapping[tuple[str, PurePosixPath], str] = Lazily(
            ((name, path) for name, volume in edition.volumes.items() for path in volume.ground.tree.files),
            lambda place: self.digester.digest(self.renditions[place[0]].notes.get(place[1], ())),
        )
        self.figures: Mapping[str, tuple[Coverage, ...]] = Lazily(names, self._measure)
        self.seen: Mapping[str, str] = {slug: summary(one, names) for slug, one in edition.experiments.items()}
        self.upstream = self.digester.digest([volume.ground.tree for volume in edition.volumes.values()])

    @cached_property
    def careers(self) -> Careers:
        return self._cache.get("careers", self.upstream, self._find_careers)

    @cached_property
    def ages(self) -> Ages:
        return self._cache.get("ages", self.upstream, self._find_ages)

    def _find_ages(self) -> Ages:
        oldest = next(iter(self._edition.volumes.values()))
        return find_ages(oldest.ground.tree, self._steps())

    def _find_careers(self) -> Careers:
        return find_careers([volume.ground for volume in self._edition.volumes.values()], self._steps())

    def _steps(self) -> tuple[Comparison, ...]:
        return tuple(self.comparisons[pair] for pair in pairwise(self._edition.volumes))

    def _compare(self, pair: Pair) -> Comparison:
        old, new = (self._edition.volumes[name].ground.tree for name in pair)
        return compare(old, new)  # to read a kept one takes as long

    def _find_diffs(self, pair: Pair) -> tuple[Names, ...]:
        trees = (self._edition.volumes[name].ground.tree for name in pair)
        return self._cache.get(
            "diffs",
            self.digester.digest(*trees),
            lambda: tuple(
                (one.old.path, one.new.path)
                for one in self.comparisons[pair].pairs
                if one.old is not None and one.new is not None and has_diff(one)
            ),
        )

    def _cross(self, pair: Pair) -> Mapping[PurePosixPath, Crossing]:
        here, there = (self._edition.volumes[name].ground for name in pair)
        key = self.digester.digest(here.tree, there.tree)
        return self._cache.get("crossings", key, lambda: find_crossings(here, there))

    def _carry_all(self) -> Mapping[str, tuple[Carried, ...]]:
        others = (name for name in self._edition.volumes if name != self._edition.release)
        return {name: self._carry(name) for name in others}

    def _carry(self, name: str) -> tuple[Carried, ...]:
        documented, other = self._edition.ground, self._edition.volumes[name].ground
        notes = self._edition.all_notes
        anchors = [(note.id, note.anchor.path, note.anchor.span) for note in notes]
        key = self.digester.digest(anchors, documented.tree, other.tree)
        return self._cache.get("carried", key, lambda: carry(notes, documented, other))

    def _measure(self, name: str) -> tuple[Coverage, ...]:
        rendition = self.renditions[name]
        ground = rendition.volume.ground
        anchors = [(one.note.anchor.path, one.note.anchor.span, one.note.anchor.stamp) for one in rendition.all_notes]
        return self._cache.get(
            "figures",
            self.digester.digest(anchors, ground.tree),
            lambda: measure_all(ground.tree.files, ground.symbols, rendition.notes_on),
        )
