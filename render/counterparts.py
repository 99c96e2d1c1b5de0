"""Which file, and which class or function, of one release is which of another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from render.anchors import Ground
from render.compare import RENAMED
from render.source import SourceFile, Span

_Places: TypeAlias = Mapping[str, Mapping[PurePosixPath, Sequence[Span]]]
"""Where the classes and functions of each qualified name stand."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two releases, and where each has what."""

    here: Ground
    there: Ground
    ours: _Places
    theirs: _Places

    def find_lone(self, name: str) -> PurePosixPath | None:
        """The file there that has a name, if only one file of each release has it."""
        ours, theirs = self.ours[name], self.theirs.get(name, {})
        return next(iter(theirs)) if len(ours) == len(theirs) == 1 else None


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A class, function or file of both releases: where it is here, and where in the file `path` it is there.

    All definitions that bear one name in a file are one.
    """

    ours: tuple[Span, ...]
    path: PurePosixPath
    theirs: tuple[Span, ...]

    @property
    def reach(self) -> range:
        """From its first line here to its last."""
        return range(self.ours[0].first, self.ours[-1].last + 1)

    def find_span(self, path: PurePosixPath, line: int) -> Span | None:
        """The one of its spans there that a line lies in."""
        if path != self.path:
            return None
        return next((span for span in self.theirs if line in span), None)


def find_sides(here: Ground, there: Ground) -> Sides:
    return Sides(here, there, _find_places(here), _find_places(there))


def find_file(file: SourceFile, sides: Sides) -> SourceFile | None:
    """What a file is there.

    One that went has become the one where most of its definitions are now, or else the only new one with nearly all of
    its lines.
    """
    files = sides.there.tree.files
    if file.path in files:
        return files[file.path]
    names = [name for name, places in sides.ours.items() if file.path in places]
    votes = Counter(path for name in names if (path := sides.find_lone(name)))
    for path, count in votes.most_common(1):
        if 2 * count > len(names):
            return files[path]
    come = (other for path, other in files.items() if path not in sides.here.tree.files)
    alike = [other for other in come if _likeness(file, other) >= RENAMED]
    return alike[0] if len(alike) == 1 else None


def find_counterparts(file: SourceFile, other: SourceFile, sides: Sides) -> Mapping[int, Counterpart]:
    """For each line what its innermost definition is there, or if that is not there, what the file is.

    A definition is known by its qualified name, in the other file; or in any, if only one file of each release has it.
    """
    whole = whole_file(file, other)
    found = dict.fromkeys(whole.reach, whole)
    for symbol in sides.here.symbols[file.path]:  # in the order of lines, the outer ones first
        if symbol.kind != "variable":
            theirs = sides.theirs.get(symbol.name, {})
            path = other.path if other.path in theirs else sides.find_lone(symbol.name)
            ours = sides.ours[symbol.name][file.path]
            one = whole if path is None else Counterpart(tuple(ours), path, tuple(theirs[path]))
            found |= dict.fromkeys(range(symbol.span.first, symbol.span.last + 1), one)
    return found


def whole_file(file: SourceFile, other: SourceFile) -> Counterpart:
    """Two files as counterparts."""
    return Counterpart((Span(1, len(file)),), other.path, (Span(1, len(other)),))


def _find_places(ground: Ground) -> _Places:
    found: dict[str, dict[PurePosixPath, list[Span]]] = {}
    for path, symbols in ground.symbols.items():
        for symbol in symbols:
            if symbol.kind != "variable":
                found.setdefault(symbol.name, {}).setdefault(path, []).append(symbol.span)
    return found


def _likeness(one: SourceFile, other: SourceFile) -> float:
    """The share of lines, blank ones left out, that both have."""
    ones, others = (Counter(line for line in file.lines if line.strip()) for file in (one, other))
    lines = ones.total() + others.total()
    return 2 * (ones & others).total() / lines if lines else 0.0
