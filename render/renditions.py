"""The notes as they stand on each release: carried from the documented one, or written for it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from render.anchors import make_stamp
from render.carry import Carried, State
from render.edition import Edition, Volume
from render.indexes import index_release
from render.links import Links
from render.notes import Anchor, Note
from render.source import Spot

Standing: TypeAlias = State | Literal["written", "absent"]
"""How a note stands on a release: carried there, written for it, or neither."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One release on a note's way: `spot` is its place there, None where it has none."""

    release: str
    standing: Standing
    spot: Spot | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A note on a release: its anchor is its place there; `written` is where it stands on the release `home`.

    `before` are its lines there, `now` those here.
    """

    note: Note
    standing: Standing
    home: str
    written: Spot
    before: tuple[str, ...]
    now: tuple[str, ...]
    journey: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A note that has no honest place on a release; `fits` is the nearest release on which it stands, at `place`."""

    note: Note
    carried: Carried
    fits: str
    place: Spot


@dataclass(frozen=True, slots=True)
class Rendition:
    """A release and the notes that stand on it, per file in the order of their lines."""

    volume: Volume
    notes: Mapping[PurePosixPath, tuple[Placed, ...]]
    lost: tuple[Lost, ...]
    links: Links

    @property
    def name(self) -> str:
        return self.volume.release.name

    @property
    def all_notes(self) -> tuple[Placed, ...]:
        return tuple(placed for group in self.notes.values() for placed in group)

    @property
    def standings(self) -> Mapping[Standing, int]:
        """How many notes stand in which way, none of them in a way in which no note does."""
        counts = Counter[Standing](one.standing for one in self.all_notes)
        counts["lost"] = len(self.lost)
        order: tuple[Standing, ...] = ("written", "kept", "moved", "edited", "lost")
        return {standing: counts[standing] for standing in order if counts[standing]}

    def notes_on(self, path: PurePosixPath) -> tuple[Note, ...]:
        return tuple(placed.note for placed in self.notes.get(path, ()))


def make_renditions(edition: Edition, carried: Mapping[str, Sequence[Carried]]) -> Mapping[str, Rendition]:
    """`carried` tells for every release but the documented one what became of each of its notes, in their order.

    A note written for a release stands there in place of the carried one that has its id.
    """
    journeys = _find_journeys(edition, carried)
    return {name: _make_rendition(edition, name, carried.get(name, ()), journeys) for name in edition.volumes}


def _find_journeys(edition: Edition, carried: Mapping[str, Sequence[Carried]]) -> Mapping[str, tuple[Stop, ...]]:
    stops: dict[str, dict[str, Stop]] = defaultdict(dict)
    for name, volume in edition.volumes.items():
        for one in carried.get(name, ()):
            stops[one.note][name] = Stop(name, one.state, one.spot)
        for note in volume.all_notes:
            stops[note.id][name] = Stop(name, "written", _spot(note.anchor))
    return {
        note: tuple(known.get(name, Stop(name, "absent", None)) for name in edition.volumes)
        for note, known in stops.items()
    }


def _make_rendition(
    edition: Edition, name: str, carried: Sequence[Carried], journeys: Mapping[str, tuple[Stop, ...]]
) -> Rendition:
    volume = edition.volumes[name]
    own = {note.id for note in volume.all_notes}
    placed: list[Placed] = []
    for note in volume.all_notes:
        text = _cut(volume, _spot(note.anchor))
        placed.append(Placed(note, "written", name, _spot(note.anchor), text, text, journeys[note.id]))
    lost: list[Lost] = []
    for note, one in zip(edition.all_notes, carried, strict=bool(carried)):
        if note.id in own or not carried:
            continue
        if one.spot is None:
            lost.append(Lost(note, one, *_nearest(name, journeys[note.id])))
        else:
            stamp = make_stamp(volume.ground, one.spot.path, one.spot.span)
            there = replace(note, anchor=replace(note.anchor, path=one.spot.path, span=one.spot.span, stamp=stamp))
            written = _spot(note.anchor)
            before, now = _cut(edition.documented, written), _cut(volume, one.spot)
            placed.append(Placed(there, one.state, edition.release, written, before, now, journeys[note.id]))
    if volume is edition.documented:
        links = edition.links
    else:
        links = index_release(volume.ground, [one.note for one in placed], edition.links)
    return Rendition(volume, dict(_by_file(placed)), tuple(lost), links)


def _by_file(placed: Sequence[Placed]) -> Iterator[tuple[PurePosixPath, tuple[Placed, ...]]]:
    groups: dict[PurePosixPath, list[Placed]] = defaultdict(list)
    for one in placed:
        groups[one.note.anchor.path].append(one)
    for path in sorted(groups):
        spans = sorted(groups[path], key=lambda one: (one.note.anchor.span.first, -one.note.anchor.span.last))
        yield path, tuple(spans)


def _nearest(name: str, journey: Sequence[Stop]) -> tuple[str, Spot]:
    """The release fewest steps away on which a note stands; it stands on the documented one at least."""
    here = next(at for at, stop in enumerate(journey) if stop.release == name)
    standing = [(abs(at - here), at, stop.spot) for at, stop in enumerate(journey) if stop.spot is not None]
    _, at, spot = min(standing)
    return journey[at].release, spot


def _cut(volume: Volume, spot: Spot) -> tuple[str, ...]:
    return volume.ground.tree.files[spot.path].cut(spot.span)


def _spot(anchor: Anchor) -> Spot:
    return Spot(anchor.path, anchor.span)
