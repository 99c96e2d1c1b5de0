"""Where each line of a release leads in another one: into the same definition, and there to the nearest line."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TypeAlias

from render.anchors import Ground
from render.counterparts import Counterpart, Sides, find_counterparts, find_file, find_sides, whole_file
from render.diff import match_lines
from render.source import SourceFile, Tree

Target: TypeAlias = tuple[PurePosixPath, int]
"""A line of the other release."""


@dataclass(frozen=True, slots=True)
class Step:
    """From line `first` on, up to the next step: `length` lines lead to `there` and on, those after them to the last.

    They lead into the file `path`, or into the crossing's own if that is None.
    """

    first: int
    there: int
    length: int
    path: PurePosixPath | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """`path` is what the file is in the other release, None if it is not there.

    The first step is from line 1 on; there is none if there is no line to lead to, or from.
    """

    path: PurePosixPath | None
    steps: tuple[Step, ...]


def cross(crossing: Crossing, line: int) -> Target | None:
    """Where a line leads; None if the crossing has no steps."""
    at = bisect_right(crossing.steps, line, key=lambda step: step.first)
    if crossing.path is None or not at:
        return None
    step = crossing.steps[at - 1]
    return step.path or crossing.path, step.there + min(line - step.first, step.length - 1)


def find_crossings(here: Ground, there: Ground) -> Mapping[PurePosixPath, Crossing]:
    """For every file here.

    A line leads into its definition where that has a counterpart, and the diff of the files, or of the definitions if
    theirs stands elsewhere, says to which line. One without its equal there goes with the nearest that has.
    """
    sides = find_sides(here, there)
    return {path: _cross_file(file, sides) for path, file in here.tree.files.items()}


def _cross_file(file: SourceFile, sides: Sides) -> Crossing:
    other = find_file(file, sides)
    if other is None:
        return Crossing(None, ())
    if not file.lines or not other.lines:
        return Crossing(other.path, ())
    if file.lines == other.lines:
        return Crossing(other.path, (Step(1, 1, len(file), None),))
    counterparts = find_counterparts(file, other, sides)
    known = _match(file, counterparts, whole_file(file, other), sides.there.tree)
    targets = known | dict(_guess(counterparts, known))
    return Crossing(other.path, tuple(_shorten([targets[line] for line in counterparts], other.path)))


def _match(
    file: SourceFile, counterparts: Mapping[int, Counterpart], whole: Counterpart, there: Tree
) -> dict[int, Target]:
    """What has its equal there: by the diff of the files, and of definitions that it does not find in their place."""
    known = {line: target for line, target in _pair(file, whole, there) if counterparts[line].find_span(*target)}
    for one in dict.fromkeys(counterparts.values()):
        if not any(line in known for line in one.reach if counterparts[line] == one):
            for line, target in _pair(file, one, there):
                if counterparts[line] in (one, whole):
                    known.setdefault(line, target)
    return known


def _pair(file: SourceFile, one: Counterpart, there: Tree) -> Iterator[tuple[int, Target]]:
    """The lines of a counterpart that stand there too, in one order, and where."""
    other = there.files[one.path]
    ours, theirs = (
        [line for span in spans for line in range(span.first, span.last + 1)] for spans in (one.ours, one.theirs)
    )
    for run in match_lines([file.line(line) for line in ours], [other.line(line) for line in theirs]):
        for offset in range(run.length):
            yield ours[run.old - 1 + offset], (one.path, theirs[run.new - 1 + offset])


def _guess(counterparts: Mapping[int, Counterpart], known: Mapping[int, Target]) -> Iterator[tuple[int, Target]]:
    """What has no equal there: neighbours in one definition go on from the nearest line above them in it that has.

    If there is none, from the definition's start; and no further than to the nearest one below.
    """
    for (is_known, one), group in groupby(counterparts, lambda line: (line in known, counterparts[line])):
        if is_known:
            continue
        lines = tuple(group)
        above = _find_known(range(lines[0] - 1, one.reach.start - 1, -1), one, known)
        below = _find_known(range(lines[-1] + 1, one.reach.stop), one, known)
        here, there = above or (one.reach.start, one.theirs[0].first)
        ends = [span.last for span in one.theirs if there in span]
        if below:
            ends.append(below[1] - 1)
        for line in lines:
            yield line, (one.path, min(there + line - here, max(there, min(ends))))


def _find_known(lines: Iterable[int], one: Counterpart, known: Mapping[int, Target]) -> tuple[int, int] | None:
    """The first of some lines that has its equal in a counterpart, and the line of that."""
    return next(((line, known[line][1]) for line in lines if line in known and one.find_span(*known[line])), None)


def _shorten(targets: Sequence[Target], own: PurePosixPath) -> Iterator[Step]:
    """The steps that lead the lines, from the first one on, to these targets."""
    first, length = 1, 1
    (path, start), *rest = targets
    for line, (other_path, there) in enumerate(rest, 2):
        if other_path == path and (line, there) == (first + length, start + length):
            length += 1
        elif other_path != path or there != start + length - 1:
            yield Step(first, start, length, None if path == own else path)
            first, length, path, start = line, 1, other_path, there
    yield Step(first, start, length, None if path == own else path)
