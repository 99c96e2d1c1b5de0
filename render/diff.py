"""Which lines of one text became which of another; knows texts only."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import PurePosixPath

from render.source import SourceFile, Span

MOVED_LINES = 3
"""So many lines, blank ones not counted, make a block that can be told to have moved."""


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Neighbouring lines that both texts have, from line `old` on in one and from line `new` on in the other."""

    old: int
    new: int
    length: int


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of the older text and what stands in their place in the newer; one of the two may be None."""

    old: Span | None
    new: Span | None


@dataclass(frozen=True, slots=True)
class FilePair:
    """A file in two releases, None where it is not there; `runs` and `hunks` together are every line of both."""

    old: SourceFile | None
    new: SourceFile | None
    runs: tuple[Run, ...]
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> PurePosixPath:
        """Its name in the newer release, or in the older where it is only there."""
        return self.files[0].path

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The newer and the older one, as far as they are there."""
        return tuple(file for file in (self.new, self.old) if file is not None)


@dataclass(frozen=True, slots=True)
class Move:
    """Lines that left one place and stand, to the letter, in another."""

    old_path: PurePosixPath
    old: Span
    new_path: PurePosixPath
    new: Span


def pair_files(old: SourceFile | None, new: SourceFile | None) -> FilePair:
    before, after = (() if file is None else file.lines for file in (old, new))
    runs = match_lines(before, after)
    return FilePair(old, new, runs, find_hunks(runs, len(before), len(after)))


def match_lines(old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    """The lines that two texts share, in order; what lies between two runs shares no line.

    This is Bram Cohen's patience diff: lines that are unique in both texts, and in one order, are fixed points;
    between them the same again, and where no line is unique, difflib's longest matching blocks. Of equally good
    matches one is taken whichever of the texts is called the older, so that old and new can be swapped.
    """
    if list(new) < list(old):
        return tuple(Run(run.new, run.old, run.length) for run in match_lines(new, old))
    runs: list[Run] = []
    for one, other in sorted(_match(old, new)):
        last = runs[-1] if runs else None
        if last and (one, other) == (last.old + last.length, last.new + last.length):
            runs[-1] = Run(last.old, last.new, last.length + 1)
        else:
            runs.append(Run(one, other, 1))
    return tuple(runs)


def find_hunks(runs: Sequence[Run], old_count: int, new_count: int) -> tuple[Hunk, ...]:
    """What lies between the runs of two texts that have so many lines."""
    hunks: list[Hunk] = []
    old = new = 1
    for run in (*runs, Run(old_count + 1, new_count + 1, 0)):
        if run.old > old or run.new > new:
            hunks.append(Hunk(_span(old, run.old - 1), _span(new, run.new - 1)))
        old, new = run.old + run.length, run.new + run.length
    return tuple(hunks)


def find_moves(pairs: Iterable[FilePair]) -> tuple[Move, ...]:
    """Blocks of at least `MOVED_LINES` lines that hunks lost at one place and gained at another, longest first.

    The pairs must be all files of both releases: in each block some `MOVED_LINES` neighbouring lines stand once in all
    of the older release and once in all of the newer, so no lookalike is taken. No line is in two blocks.
    """
    known = tuple(pairs)
    old = _windows([(pair.old, [hunk.old for hunk in pair.hunks]) for pair in known if pair.old is not None])
    new = _windows([(pair.new, [hunk.new for hunk in pair.hunks]) for pair in known if pair.new is not None])
    blocks = {block for text in old.keys() & new.keys() if (block := _grow(old[text], new[text]))}
    moves: list[Move] = []
    for block in sorted(blocks, key=lambda one: (-len(one.old), one.old_path, one.old, one.new_path, one.new)):
        if not any(_overlap(block, taken) for taken in moves):
            moves.append(block)
    return tuple(moves)


@dataclass(frozen=True, slots=True)
class _Window:
    """Lines that may have moved, from `first` on, in one side of a hunk."""

    file: SourceFile
    side: Span
    first: int


def _windows(files: Iterable[tuple[SourceFile, Sequence[Span | None]]]) -> dict[tuple[str, ...], _Window]:
    """The pieces of `MOVED_LINES` lines that lie in a hunk and stand only once in all files."""
    counts: Counter[tuple[str, ...]] = Counter()
    found: dict[tuple[str, ...], _Window] = {}
    for file, sides in files:
        pieces = [file.lines[start : start + MOVED_LINES] for start in range(len(file) - MOVED_LINES + 1)]
        counts.update(pieces)
        for side in filter(None, sides):
            for first in range(side.first, side.last - MOVED_LINES + 2):
                found[pieces[first - 1]] = _Window(file, side, first)
    return {text: window for text, window in found.items() if counts[text] == 1}


def _grow(old: _Window, new: _Window) -> Move | None:
    """The longest equal block around two windows inside their hunks, blank lines at its ends left out."""
    before = after = 0
    while (
        old.first - before > old.side.first
        and new.first - before > new.side.first
        and old.file.line(old.first - before - 1) == new.file.line(new.first - before - 1)
    ):
        before += 1
    while (
        old.first + after < old.side.last
        and new.first + after < new.side.last
        and old.file.line(old.first + after + 1) == new.file.line(new.first + after + 1)
    ):
        after += 1
    while before + after >= 0 and not old.file.line(old.first - before).strip():
        before -= 1
    while before + after >= 0 and not old.file.line(old.first + after).strip():
        after -= 1
    span = Span(old.first - before, old.first + after)
    if sum(1 for line in old.file.cut(span) if line.strip()) < MOVED_LINES:
        return None
    return Move(old.file.path, span, new.file.path, Span(new.first - before, new.first + after))


def _overlap(one: Move, other: Move) -> bool:
    return (one.old_path == other.old_path and one.old.meets(other.old)) or (
        one.new_path == other.new_path and one.new.meets(other.new)
    )


def _span(first: int, last: int) -> Span | None:
    return Span(first, last) if last >= first else None


def _match(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of line numbers, in no order; a list of ranges (counted from 0, ends out) stands in for recursion."""
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        low, high, new_low, new_high = waiting.pop()
        while low < high and new_low < new_high and old[low] == new[new_low]:
            low, new_low = low + 1, new_low + 1
            yield low, new_low
        while low < high and new_low < new_high and old[high - 1] == new[new_high - 1]:
            yield high, new_high
            high, new_high = high - 1, new_high - 1
        if low == high or new_low == new_high:
            continue
        points = _fixed_points(old[low:high], new[new_low:new_high])
        for one, other in points:
            yield low + one + 1, new_low + other + 1
        edges = [(-1, -1), *points, (high - low, new_high - new_low)] if points else []
        for (one, other), (next_one, next_other) in pairwise(edges):
            waiting.append((low + one + 1, low + next_one, new_low + other + 1, new_low + next_other))
        if not points:
            yield from _longest_blocks(old, new, (low, high, new_low, new_high))


def _fixed_points(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The most lines that are unique in both and stand in one order in both: a longest increasing subsequence."""
    old_counts, new_counts = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if new_counts[line] == 1}
    unique = [(place, places[line]) for place, line in enumerate(old) if old_counts[line] == 1 and line in places]
    ends: list[int] = []  # ends[n]: the least last place in `new` of an increasing sequence of n + 1 lines
    tops: list[int] = []  # the place in `unique` of the line that ends it
    before: list[int] = []  # for each line in `unique`, the one that precedes it in its sequence, or -1
    for index, (_, other) in enumerate(unique):
        length = bisect_left(ends, other)
        before.append(tops[length - 1] if length else -1)
        ends[length : length + 1] = [other]
        tops[length : length + 1] = [index]
    points: list[tuple[int, int]] = []
    index = tops[-1] if tops else -1
    while index >= 0:
        points.append(unique[index])
        index = before[index]
    return points[::-1]


def _longest_blocks(
    old: Sequence[str], new: Sequence[str], ranges: tuple[int, int, int, int]
) -> Iterator[tuple[int, int]]:
    low, high, new_low, new_high = ranges
    for block in SequenceMatcher(None, old[low:high], new[new_low:new_high], autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            yield low + block.a + offset + 1, new_low + block.b + offset + 1
