"""Where the very lines of one release stand in another, and what stands in their place where they do not."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from pathlib import PurePosixPath

from render.diff import match_lines
from render.source import SourceFile, Span, Spot, Tree
from render.symbols import Symbol, enclosing
from render.syntax import find_syntax_fault

LEAST_BLOCK = 3
"""So many lines that are not blank, those around a text that agree included, make a block that can be known again."""


@dataclass(frozen=True)
class Terrain:
    """A tree, the names it defines, and where each line of text stands in it."""

    tree: Tree
    symbols: Mapping[PurePosixPath, tuple[Symbol, ...]]

    @cached_property
    def lines(self) -> Mapping[str, Sequence[tuple[PurePosixPath, int]]]:
        """The places of every line that is not blank, by its text without indentation."""
        found: dict[str, list[tuple[PurePosixPath, int]]] = defaultdict(list)
        for path, file in self.tree.files.items():
            for line in self.filled[path]:
                found[file.line(line).strip()].append((path, line))
        return found

    @cached_property
    def filled(self) -> Mapping[PurePosixPath, Sequence[int]]:
        """The lines of each file that are not blank."""
        files = self.tree.files.items()
        return {path: [line for line, text in enumerate(file.lines, 1) if text.strip()] for path, file in files}

    def file(self, spot: Spot) -> SourceFile:
        return self.tree.files[spot.path]

    def cut(self, spot: Spot) -> tuple[str, ...]:
        return self.file(spot).cut(spot.span)

    def name(self, spot: Spot) -> str:
        """Of the definition around a spot."""
        return enclosing(self.symbols[spot.path], spot.span)

    def filled_in(self, spot: Spot) -> Sequence[int]:
        filled = self.filled[spot.path]
        return filled[bisect_left(filled, spot.span.first) : bisect_right(filled, spot.span.last)]

    def above(self, spot: Spot) -> Iterator[int]:
        """The lines above a spot that are not blank, the nearest first."""
        filled = self.filled[spot.path]
        return (filled[at] for at in range(bisect_left(filled, spot.span.first) - 1, -1, -1))

    def below(self, spot: Spot) -> Iterator[int]:
        filled = self.filled[spot.path]
        return (filled[at] for at in range(bisect_right(filled, spot.span.last), len(filled)))

    def find_text(self, text: Sequence[str]) -> tuple[Spot, ...]:
        """Everywhere that the very same lines stand; they must not all be blank."""
        offset = min(
            (at for at, line in enumerate(text) if line.strip()),
            key=lambda at: len(self.lines.get(text[at].strip(), ())),
        )
        found: list[Spot] = []
        for path, line in self.lines.get(text[offset].strip(), ()):
            first = line - offset
            span = Span(first, first + len(text) - 1)
            if first >= 1 and self.tree.files[path].cut(span) == tuple(text):
                found.append(Spot(path, span))
        return tuple(found)

    def find_definitions(self, path: PurePosixPath | None, name: str) -> tuple[Spot, ...]:
        """The classes and functions so named in one file, or in all."""
        groups = self.symbols.values() if path is None else [self.symbols.get(path, ())]
        found = (one for group in groups for one in group if one.name == name and one.kind != "variable")
        return tuple(Spot(one.path, one.span) for one in found)


@dataclass(frozen=True)
class Passage:
    """The way from one release to another: both, and which lines of each file became which of the file so named."""

    old: Terrain
    new: Terrain

    @cached_property
    def onward(self) -> Mapping[PurePosixPath, Mapping[int, int]]:
        return {
            path: _pairs(file.lines, self.new.tree.files[path].lines)
            for path, file in self.old.tree.files.items()
            if path in self.new.tree.files
        }

    @cached_property
    def stripped(self) -> Mapping[PurePosixPath, Mapping[int, int]]:
        """As `onward`, but which indentation a line has does not count."""
        return {
            path: _pairs(_strip(file.lines), _strip(self.new.tree.files[path].lines))
            for path, file in self.old.tree.files.items()
            if path in self.new.tree.files
        }

    @cached_property
    def back(self) -> Mapping[PurePosixPath, Mapping[int, int]]:
        return {path: {there: line for line, there in pairs.items()} for path, pairs in self.onward.items()}

    def find_place(self, spot: Spot) -> Spot | None:
        """What stands in the file so named between the nearest lines above and below a spot that are there still."""
        if spot.path not in self.new.tree.files:
            return None
        whole = Span(1, len(self.new.tree.files[spot.path]))
        return _between(spot, self.old, self.onward[spot.path], Spot(spot.path, whole))

    def find_named_place(self, spot: Spot) -> Spot | None:
        """The same inside the definition so named, if each release has just one such, in the same file or anywhere."""
        name = self.old.name(spot)
        ours = self.old.find_definitions(spot.path, name)
        theirs = self.new.find_definitions(spot.path, name) or self.new.find_definitions(None, name)
        if not len(ours) == len(theirs) == 1:
            return None
        (own,), (home,) = ours, theirs
        shift, reach = own.span.first - 1, home.span.first - 1
        pairs = _pairs(self.old.cut(own), self.new.cut(home))
        return _between(spot, self.old, {line + shift: there + reach for line, there in pairs.items()}, home)

    def is_taken(self, here: Spot, spot: Spot) -> bool:
        """Whether most lines of a place in the newer release come from other lines than a spot's."""
        back = self.back.get(here.path, {})
        origins = [back.get(line) for line in self.new.filled_in(here)]
        others = [line for line in origins if line and not (here.path == spot.path and line in spot.span)]
        return 2 * len(others) > len(origins)

    def has_moved(self, spot: Spot, here: Spot) -> bool:
        """Whether a block of equal text around both left its place in the one release and came to one in the other.

        It did if most of its lines, and enough of them to be known again, are not in the file so named of the other,
        nor are they there with another indentation. Nothing is followed into a file or out of one that this Python
        cannot parse: what can be told of a file in ruins is only what stayed.
        """
        if find_syntax_fault(self.old.file(spot)) or find_syntax_fault(self.new.file(here)):
            return False
        blocks = self.widen(spot, here, max(self.agreement(spot, here)))
        stays = (self.stripped.get(spot.path, {}), set(self.stripped.get(here.path, {}).values()))
        for block, terrain, stay in zip(blocks, (self.old, self.new), stays, strict=True):
            lines = terrain.filled_in(block)
            gone = sum(1 for line in lines if line not in stay)
            if gone < LEAST_BLOCK or 2 * gone <= len(lines):
                return False
        return True

    def has_stayed(self, spot: Spot, here: Spot) -> bool:
        """Whether some line of a spot became the one that stands for it in an equal spot, whatever its indentation."""
        if spot.path != here.path:
            return False
        shift = here.span.first - spot.span.first
        ways = (way.get(spot.path, {}) for way in (self.onward, self.stripped))
        return any(way.get(line) == line + shift for way in ways for line in self.old.filled_in(spot))

    def has_left(self, spot: Spot) -> bool:
        """Whether a text, long enough to be known again, left none of its lines in its place."""
        lines, stay = self.old.filled_in(spot), self.onward.get(spot.path, {})
        return len(lines) >= LEAST_BLOCK and not any(line in stay for line in lines)

    def widen(self, spot: Spot, here: Spot, reach: int) -> tuple[Spot, Spot]:
        """Two spots of equal text with the lines above and below that are the same, at most so many on each side."""
        before, after = (min(count, reach) for count in self.agreement(spot, here))
        return _widen(spot, self.old, before, after), _widen(here, self.new, before, after)

    def agreement(self, spot: Spot, here: Spot) -> tuple[int, int]:
        """How many lines above and below two spots are the same, blank ones not counted."""
        ours, theirs = self.old.file(spot), self.new.file(here)
        above = zip(self.old.above(spot), self.new.above(here), strict=False)
        below = zip(self.old.below(spot), self.new.below(here), strict=False)
        return _count_equal(above, ours, theirs), _count_equal(below, ours, theirs)


def _count_equal(pairs: Iterable[tuple[int, int]], ours: SourceFile, theirs: SourceFile) -> int:
    return sum(1 for _ in takewhile(lambda pair: ours.line(pair[0]) == theirs.line(pair[1]), pairs))


def _widen(spot: Spot, terrain: Terrain, before: int, after: int) -> Spot:
    lines = (*islice(terrain.above(spot), before), spot.span.first, spot.span.last, *islice(terrain.below(spot), after))
    return Spot(spot.path, Span(min(lines), max(lines)))


def _strip(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines)


def _pairs(old: Sequence[str], new: Sequence[str]) -> Mapping[int, int]:
    """Lines, blank ones left out, with those that they became."""
    return {
        run.old + at: run.new + at
        for run in match_lines(old, new)
        for at in range(run.length)
        if old[run.old + at - 1].strip()
    }


def _between(spot: Spot, old: Terrain, pairs: Mapping[int, int], home: Spot) -> Spot | None:
    low = next((pairs[line] + 1 for line in old.above(spot) if line in pairs), home.span.first)
    high = next((pairs[line] - 1 for line in old.below(spot) if line in pairs), home.span.last)
    return Spot(home.path, Span(low, high)) if low <= high else None
