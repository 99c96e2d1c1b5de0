"""Where the words of an arrow stand: beside its line, clear of boxes, of other lines and of other words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from render.geometry import Line, Point, Rectangle
from render.lettering import Block

_AIR = 5
"""Between words and all else."""

_NEAR = 12
"""Nearer than this, another arrow's line draws words to itself."""

_PARTS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
"""How far along the line, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Captions:
    """The place of each arrow's words, and how often they cover something."""

    places: tuple[Rectangle, ...]
    covered: int


def place_captions(words: Sequence[Block], lines: Sequence[Line], boxes: Sequence[Rectangle]) -> Captions:
    """Where nothing is clear, words stand where they cover least."""
    placed: list[Rectangle] = []
    covered = 0
    for block, line in zip(words, lines, strict=True):
        places = [block.area(middle) for middle in _candidates(block, line)]
        ranked = [(*_faults(place, line, lines, (*boxes, *placed)), index) for index, place in enumerate(places)]
        hard, _, index = min(ranked)
        placed.append(places[index])
        covered += hard
    return Captions(tuple(placed), covered)


def _faults(place: Rectangle, own: Line, lines: Sequence[Line], areas: Sequence[Rectangle]) -> tuple[int, int]:
    """How much a place covers, and how many lines are so near that its words might seem to be theirs."""
    room = place.grown(_AIR - 1)
    hard = sum(room.crossed(line) for line in lines) + 2 * sum(room.meets(area) for area in areas)
    return hard, sum(place.grown(_NEAR).crossed(line) for line in lines if line is not own)


def _candidates(block: Block, line: Line) -> Iterator[Point]:
    """Middles of places on both sides of the line: nearest to the line's own middle first, above before below."""
    for part in _PARTS:
        (x, y), (dx, dy) = _at(line, part)
        across, down = block.width / 2, block.height / 2
        reach = abs(dy) * across + abs(dx) * down + _AIR
        sides = ((dy, -dx), (-dy, dx))
        for normal in sorted(sides, key=lambda side: (round(side[1], 3), -side[0])):
            yield round(x + normal[0] * reach, 1), round(y + normal[1] * reach, 1)


def _at(line: Line, part: float) -> tuple[Point, Point]:
    """A point of the line, so far along it, and the direction there, one unit long."""
    lengths = [((x - u) ** 2 + (y - v) ** 2) ** 0.5 for (x, y), (u, v) in pairwise(line)]
    way = sum(lengths) * part
    for (x, y), (u, v), length in zip(line, line[1:], lengths, strict=False):
        if way <= length and length:
            share = way / length
            return (x + (u - x) * share, y + (v - y) * share), ((u - x) / length, (v - y) / length)
        way -= length
    return line[-1], (1.0, 0.0)
