"""Where in a tree lines stand that are like given ones, and how much they are."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from render.places import Terrain
from render.source import Span, Spot

_COMMON = 40
"""A line that a tree has more often than this tells nothing about where a text may stand."""

_LIKE = 0.5
"""Lines less alike than this are not the same line edited."""


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """How much a spot's text is like a given one: from 0 to 1, which is the same but for indentation."""

    score: float
    spot: Spot


def find_alike(text: Sequence[str], regions: Iterable[Spot], terrain: Terrain) -> tuple[Likeness, ...]:
    """The places most like a text, at most two in each region, best first; none overlaps a better one.

    A region that does not hold half of the text's words is not looked at.
    """
    found: list[Likeness] = []
    for region in regions:
        if not _shares_half(text, region, terrain):
            continue
        best = align(text, region, terrain)
        if best is None:
            continue
        found.append(best)
        span = best.spot.span
        rests = (Span(region.span.first, span.first - 1), Span(span.last + 1, region.span.last))
        seconds = [align(text, Spot(region.path, rest), terrain) for rest in rests if len(rest) > 0]
        found += [one for one in seconds if one]
    apart: list[Likeness] = []
    for one in sorted(found, key=lambda one: (-one.score, one.spot)):
        if not any(one.spot.overlaps(other.spot) for other in apart):
            apart.append(one)
    return tuple(apart)


def _shares_half(text: Sequence[str], region: Spot, terrain: Terrain) -> bool:
    """Whether the words of a region hold half of a text's, which is quickly told; if not, nothing there is like it."""
    ours, theirs = (sum(map(_words, lines), Counter[str]()) for lines in (text, terrain.cut(region)))
    return 2 * sum(len(word) * count for word, count in (ours & theirs).items()) >= sum(
        len(word) * count for word, count in ours.items()
    )


def find_regions(text: Sequence[str], terrain: Terrain, limit: int = 12) -> tuple[Spot, ...]:
    """Where lines of a text stand close together, most of them first; whole lines that are common do not count."""
    votes: Counter[tuple[PurePosixPath, int]] = Counter()
    bucket = len(text) + 4
    for at, line in enumerate(text):
        places = terrain.lines.get(line.strip(), ()) if line.strip() else ()
        if len(places) <= _COMMON:
            for path, there in places:
                votes[path, max(0, there - at) // bucket] += len(line.strip())
    found = []
    for (path, number), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))[:limit]:
        last = min(len(terrain.tree.files[path]), (number + 2) * bucket + len(text))
        found.append(Spot(path, Span(max(1, (number - 1) * bucket), last)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """Lines `first` to `last` of those given, counted from 0; `head` and `tail` lines of the text are beyond them."""

    score: float
    first: int
    last: int
    head: int
    tail: int


def align(text: Sequence[str], region: Spot, terrain: Terrain) -> Likeness | None:
    """The part of a region that is most like a text; None when no line is."""
    numbers = terrain.filled_in(region)
    found = _align(text, region, terrain)
    return Likeness(found.score, Spot(region.path, Span(numbers[found.first], numbers[found.last]))) if found else None


def find_widest(text: Sequence[str], region: Spot, terrain: Terrain) -> Likeness | None:
    """As `align`, with as many lines of the region at either end as the text has there that became others."""
    numbers = terrain.filled_in(region)
    found = _align(text, region, terrain)
    if found is None:
        return None
    first, last = max(0, found.first - found.head), min(len(numbers) - 1, found.last + found.tail)
    return Likeness(found.score, Spot(region.path, Span(numbers[first], numbers[last])))


def _align(text: Sequence[str], region: Spot, terrain: Terrain) -> _Alignment | None:
    """Smith and Waterman's local alignment (1981) over lines that are not blank.

    Two lines count by the words they share, and a line passed over costs half its length. The score is that of Dice
    (1945): twice what is shared, by the whole.
    """
    file = terrain.file(region)
    wanted = [line.strip() for line in text if line.strip()]
    given = [file.line(line).strip() for line in terrain.filled_in(region)]
    # For each end of an alignment: its worth, what it shares, and where it begins in both.
    above = [(0.0, 0.0, at, 0) for at in range(len(given) + 1)]
    best, end, last = (0.0, 0.0, 0, 0), 0, 0
    for number, line in enumerate(wanted):
        row = [(0.0, 0.0, 0, number + 1)]
        for at, other in enumerate(given):
            worth, shared, begin, head = above[at]
            like = _line_likeness(line, other)
            weight = like * (len(line) + len(other))
            if worth == 0:
                begin, head = at, number
            ways = [(0.0, 0.0, at + 1, number + 1), (above[at + 1][0] - len(line) / 2, *above[at + 1][1:])]
            ways.append((row[at][0] - len(other) / 2, *row[at][1:]))
            if like:
                ways.append((worth + weight, shared + weight, begin, head))
            chosen = max(ways)
            row.append(chosen)
            if chosen[0] > best[0]:
                best, end, last = chosen, at, number
        above = row
    worth, shared, begin, head = best
    if worth == 0:
        return None
    whole = sum(map(len, wanted)) + sum(map(len, given[begin : end + 1]))
    return _Alignment(min(1.0, shared / whole), begin, end, head, len(wanted) - 1 - last)


@lru_cache(maxsize=200_000)
def _line_likeness(one: str, other: str) -> float:
    """From 0 to 1 by the letters of the words that two lines share; 0 for lines that are not alike."""
    if one == other:
        return 1.0
    ours, theirs = _words(one), _words(other)
    shared = sum(len(word) * min(count, theirs[word]) for word, count in ours.items() if word in theirs)
    whole = sum(len(word) * count for words in (ours, theirs) for word, count in words.items())
    like = 2 * shared / whole if whole else 0.0
    return like if like >= _LIKE else 0.0


@lru_cache(maxsize=50_000)
def _words(line: str) -> Counter[str]:
    return Counter(re.findall(r"\w+|[^\w\s]", line))
