"""Words in pictures: how much room they take, where their lines break, and where each line stands.

Readers' systems choose the face, so widths are estimates, those of a face that is wider than most.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from render.geometry import Point, Rectangle

_SIZES: Mapping[str, tuple[int, int]] = {"label": (14, 18), "note": (12, 15), "caption": (13, 16), "aside": (13, 16)}
"""Of each kind of words its size and the height of its lines; `picture.css` says the same."""

_ASCENT = 0.76
"""How far below the top of its line a baseline stands, in heights of the line."""

_WIDTHS: Mapping[str, int] = {
    character: width
    for width, characters in {
        240: "ijl'|",
        300: " ,.:;!/\\[]ftI",
        390: '()-r`{}"*',
        545: "ckszxyvJ",
        610: "abdeghnopqu0123456789L?_$#+=<>~",
        670: "FTZ",
        720: "ABEKPSVXY&",
        790: "CDHNRUw",
        840: "GOQ",
        960: "mM%",
        1020: "W@",
    }.items()
    for character in characters
}
"""Thousandths of the size."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Words of one kind, broken into lines, each with the point on its baseline by which it hangs.

    That is the middle of the line, but of the kind `aside` its beginning.
    """

    kind: str
    lines: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Words that stand together, line by line with the kind of each, and the room that they need."""

    lines: tuple[tuple[str, str], ...]
    width: int
    height: int

    def at(self, middle: Point) -> tuple[Writing, ...]:
        """The block around a point, its kinds apart."""
        written: dict[str, list[tuple[str, Point]]] = {}
        x, y = middle[0], middle[1] - sum(_SIZES[kind][1] for kind, _ in self.lines) / 2
        for kind, words in self.lines:
            height = _SIZES[kind][1]
            left = x - self.width / 2 if kind == "aside" else x
            written.setdefault(kind, []).append((words, (round(left, 1), round(y + height * _ASCENT, 1))))
            y += height
        return tuple(Writing(kind, tuple(lines)) for kind, lines in written.items())

    def padded(self, across: int, down: int) -> "Block":
        """The same with room around it."""
        return Block(self.lines, self.width + 2 * across, self.height + 2 * down)

    def area(self, middle: Point) -> Rectangle:
        """What the block covers there."""
        return Rectangle(middle[0] - self.width / 2, middle[1] - self.height / 2, self.width, self.height)


def block(room: int, **texts: str | None) -> Block:
    """Texts by their kinds, one below the other, in lines that fit into `room` where their words do."""
    lines = tuple((kind, line) for kind, text in texts.items() if text for line in break_lines(text, kind, room))
    width = max(text_width(words, kind) for kind, words in lines)
    return Block(lines, width, sum(_SIZES[kind][1] for kind, _ in lines))


def text_width(words: str, kind: str) -> int:
    """The room that one line of words needs."""
    size = _SIZES[kind][0]
    return -(-sum(_WIDTHS.get(character, _other_width(character)) for character in words) * size // 1000)


def break_lines(text: str, kind: str, room: int) -> tuple[str, ...]:
    """As few lines as fit, and of these the ones of most equal width; a word that is too wide makes room for itself."""
    words = text.split()
    room = max(room, _widest(words, kind))
    ways = (_most_even(words, count, kind) for count in range(1, len(words) + 1))
    return next(lines for lines in ways if _widest(lines, kind) <= room)


def _most_even(words: Sequence[str], count: int, kind: str) -> tuple[str, ...]:
    return min(_ways_to_break(words, count), key=lambda lines: _widest(lines, kind))


def _ways_to_break(words: Sequence[str], count: int) -> Iterator[tuple[str, ...]]:
    """Every way to put words on so many lines."""
    for breaks in combinations(range(1, len(words)), count - 1):
        yield tuple(" ".join(words[first:last]) for first, last in pairwise((0, *breaks, len(words))))


def _widest(lines: Iterable[str], kind: str) -> int:
    return max(text_width(line, kind) for line in lines)


def _other_width(character: str) -> int:
    return 1000 if unicodedata.east_asian_width(character) in "FWA" else 660
