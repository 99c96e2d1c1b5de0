"""Take notes to another release; say which need a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from render.anchors import Ground
from render.likeness import Likeness, find_alike, find_regions, find_widest
from render.notes import Note
from render.places import LEAST_BLOCK, Passage, Terrain
from render.source import Spot
from render.symbols import MODULE

LIKE_ENOUGH = 0.75
"""The likeness by which an edited text is known again wherever it stands."""

AHEAD = 0.1
"""By how much the best place must surpass the second."""

NEIGHBOURS = 4
"""So many lines on each side of a text must have gone with it to where it stands now."""

State: TypeAlias = Literal["kept", "moved", "edited", "lost"]
Evidence: TypeAlias = Literal["identical file", "unchanged run", "same name", "moved block", "similar text", "none"]


@dataclass(frozen=True, slots=True)
class Carried:
    """A note on another release: `spot` is where it stands there, None when it is lost.

    `score` is how much the text there, or that of the best candidate, is like its own: from 0 to 1. Only a lost note
    has `candidates`, at most three, best first.
    """

    note: str
    state: State
    spot: Spot | None
    score: float
    evidence: Evidence
    candidates: tuple[Likeness, ...]


def carry(notes: Iterable[Note], documented: Ground, other: Ground) -> tuple[Carried, ...]:
    """What becomes of each note, in their order; all must stand beside their lines in the documented release.

    The first that holds decides: the file is the same; the very text stands in its place between lines that are there
    still, or in the definition so named; it stands elsewhere, where a block came that left its place; text much like
    it stands in its place, or anywhere. What could as well be another text's is nobody's: then the note is lost.
    """
    way = Passage(Terrain(documented.tree, documented.symbols), Terrain(other.tree, other.symbols))
    return tuple(_carry(note.id, Spot(note.anchor.path, note.anchor.span), way) for note in notes)


def _carry(note: str, spot: Spot, way: Passage) -> Carried:
    theirs = way.new.tree.files.get(spot.path)
    if theirs and theirs.text == way.old.file(spot).text:
        return Carried(note, "kept", spot, 1.0, "identical file", ())
    place, named = way.find_place(spot), way.find_named_place(spot)
    same = _find_same(spot, place, named, way)
    if same is None:
        return _follow_edit(note, spot, (place, named), way)
    left = None if _is_in_place(same, spot, place, way) else _find_left(spot, same, way)
    if left:
        return Carried(note, "lost", None, 1.0, "none", (Likeness(1.0, same), left))
    return Carried(note, "kept" if same == spot else "moved", same, 1.0, _evidence(spot, same, place, way), ())


def _find_same(spot: Spot, place: Spot | None, named: Spot | None, way: Passage) -> Spot | None:
    """Where the very text of a spot stands, if no other text of either release can be taken for it."""
    text = way.old.cut(spot)
    ones, others = way.old.find_text(text), way.new.find_text(text)
    for here in others:
        is_home = _is_in_place(here, spot, place, way) or _is_in(here, named)
        if not (_is_enough(spot, here, way) if is_home else way.has_moved(spot, here)):
            continue
        around = way.agreement(spot, here)
        rivals = [
            *(way.agreement(spot, other) for other in others if other != here),
            *(way.agreement(one, here) for one in ones if one != spot),
        ]
        if all(_beats(around, rival, is_home) for rival in rivals):
            return here
    return None


def _beats(around: tuple[int, int], rival: tuple[int, int], is_home: bool) -> bool:
    """Whether a text is known from another such by how many lines above and below agree: more must on both sides.

    In its place more on one side are enough, unless the other may be a copy of it with its neighbours.
    """
    further = [one > other for one, other in zip(around, rival, strict=True)]
    if is_home and min(rival) < NEIGHBOURS:
        return any(further) and all(one >= other for one, other in zip(around, rival, strict=True))
    return all(further)


def _is_in_place(here: Spot, spot: Spot, place: Spot | None, way: Passage) -> bool:
    return _is_in(here, place) or way.has_stayed(spot, here)


def _is_in(here: Spot, place: Spot | None) -> bool:
    return place is not None and here.path == place.path and place.span.covers(here.span)


def _is_enough(spot: Spot, here: Spot, way: Passage) -> bool:
    """Whether a text in its place is more than some line that occurs everywhere."""
    if spot.path == here.path and way.old.name(spot) == way.new.name(here):
        return True
    return len(way.old.filled_in(spot)) + sum(way.agreement(spot, here)) >= LEAST_BLOCK


def _find_left(spot: Spot, same: Spot, way: Passage) -> Likeness | None:
    """Text like a note's in its place: that may be the note's, edited, and the other a copy."""
    block, _ = way.widen(spot, same, NEIGHBOURS)
    place = way.find_place(block)
    here = place and find_widest(way.old.cut(block), place, way.new)
    return here if here and here.score >= LIKE_ENOUGH else None


def _evidence(spot: Spot, same: Spot, place: Spot | None, way: Passage) -> Evidence:
    if _is_in_place(same, spot, place, way):
        return "unchanged run"
    return "same name" if way.old.name(spot) == way.new.name(same) != MODULE else "moved block"


def _follow_edit(note: str, spot: Spot, places: Sequence[Spot | None], way: Passage) -> Carried:
    """Find text that is like the note's, or say that it is lost."""
    text = way.old.cut(spot)
    homes = [one for place in places if place and (one := find_widest(text, place, way.new))]
    alike = (
        *find_alike(text, [*find_regions(text, way.new), *filter(None, places)], way.new),
        *(Likeness(1.0, here) for here in way.new.find_text(text)),
    )
    elsewhere = (one for one in alike if not any(one.spot.overlaps(home.spot) for home in homes))
    everything = sorted({*homes, *elsewhere}, key=lambda one: (-one.score, one.spot))
    found = [one for one in everything if not way.is_taken(one.spot, spot)]
    if found and way.new.cut(found[0].spot) != text and _is_sure(spot, found, homes, way):
        best = found[0]
        return Carried(note, "edited", best.spot, best.score, "same name" if best in homes else "similar text", ())
    return Carried(note, "lost", None, everything[0].score if everything else 0.0, "none", _apart(everything)[:3])


def _is_sure(spot: Spot, found: Sequence[Likeness], homes: Sequence[Likeness], way: Passage) -> bool:
    """Whether the best place found is like enough, has no rival in either release, and nothing of the text stayed."""
    best = found[0]
    if best.score < LIKE_ENOUGH or not (best in homes or way.has_left(spot)):
        return False
    text = way.new.cut(best.spot)
    origins = find_alike(text, find_regions(text, way.old), way.old)
    rivals = [
        *(one for one in found if not one.spot.overlaps(best.spot)),
        *(one for one in origins if not one.spot.overlaps(spot)),
    ]
    return not any(one.score > best.score - AHEAD for one in rivals)


def _apart(found: Iterable[Likeness]) -> tuple[Likeness, ...]:
    apart: list[Likeness] = []
    for one in found:
        if not any(one.spot.overlaps(other.spot) for other in apart):
            apart.append(one)
    return tuple(apart)
