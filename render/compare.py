"""Two releases side by side: what became of each file, and all that a machine can prove about the changes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from render.changes import SUBJECTS, Change
from render.definitions import compare_definitions, is_layout
from render.diff import FilePair, Move, find_moves, pair_files
from render.facts import compare_facts, find_facts
from render.source import SourceFile, Span, Spot, Tree
from render.syntax import find_syntax_fault

RENAMED = 0.75
"""A file was renamed if at least this share of the lines that only it has, in either release, is the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`pairs` are all files of both releases, in the order of their names; `moves` are what `find_moves` found.

    `changes` are in the order of `SUBJECTS`, then of their names. `unparsed` are the files that this Python cannot
    parse in one of the releases, so that only their text was compared.
    """

    old: str
    new: str
    pairs: tuple[FilePair, ...]
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    unparsed: tuple[PurePosixPath, ...]


def compare(old: Tree, new: Tree) -> Comparison:
    pairs = tuple(pair_files(before, after) for before, after in _pairs(old.files, new.files))
    parsed = tuple(pair for pair in pairs if not _is_unparsed(pair))
    before = find_facts({pair.old.path: pair.old for pair in parsed if pair.old is not None})
    after = find_facts({pair.new.path: pair.new for pair in parsed if pair.new is not None})
    files = [change for pair in pairs for change in _file_changes(pair)]
    changes = [*files, *compare_facts(before, after), *compare_definitions(parsed)]
    changes.sort(key=lambda change: (SUBJECTS.index(change.subject), change.name, change.kind))
    unparsed = tuple(pair.path for pair in pairs if _is_unparsed(pair))
    return Comparison(old.release, new.release, pairs, tuple(changes), find_moves(pairs), unparsed)


def _is_unparsed(pair: FilePair) -> bool:
    return any(find_syntax_fault(file) is not None for file in pair.files)


def _pairs(
    old: Mapping[PurePosixPath, SourceFile], new: Mapping[PurePosixPath, SourceFile]
) -> Iterator[tuple[SourceFile | None, SourceFile | None]]:
    renamed = _renamed(old, new)
    for path in sorted({*new, *old.keys() - renamed.values()}):
        yield old.get(renamed.get(path, path)), new.get(path)


def _renamed(
    old: Mapping[PurePosixPath, SourceFile], new: Mapping[PurePosixPath, SourceFile]
) -> dict[PurePosixPath, PurePosixPath]:
    """The older name by the newer, where a file that went and one that came are like each other and like no third."""
    gone, come = _own_lines(old, old.keys() - new.keys()), _own_lines(new, new.keys() - old.keys())
    alike = [(one, other) for one in gone for other in come if _likeness(gone[one], come[other]) >= RENAMED]
    ones, others = Counter(one for one, _ in alike), Counter(other for _, other in alike)
    return {other: one for one, other in alike if ones[one] == others[other] == 1}


def _own_lines(
    files: Mapping[PurePosixPath, SourceFile], wanted: Iterable[PurePosixPath]
) -> dict[PurePosixPath, frozenset[str]]:
    """The lines of some files that stand in no other file of their release."""
    counts = Counter(line for file in files.values() for line in set(file.lines))
    return {path: frozenset(line for line in files[path].lines if counts[line] == 1) for path in wanted}


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of lines that both have; 0 if there are none to tell by."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _file_changes(pair: FilePair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    before, after = (None if file is None else Spot(file.path, Span(1, len(file))) for file in (old, new))
    name = str(pair.path)
    if old is None or new is None:
        yield Change("file", "added" if old is None else "removed", name, None, None, before, after)
        return
    if old.path != new.path:
        yield Change("file", "renamed", name, str(old.path), str(new.path), before, after)
    if old.text != new.text:
        yield Change("file", "layout" if is_layout(old, new) else "edited", name, None, None, before, after)


def narrow(comparison: Comparison, path: PurePosixPath) -> Comparison:
    """What concerns one file, by its name in either release; without pairs if it is in neither."""
    pairs = tuple(pair for pair in comparison.pairs if any(file.path == path for file in pair.files))
    paths = {file.path for pair in pairs for file in pair.files}
    return replace(
        comparison,
        pairs=pairs,
        changes=tuple(
            change
            for change in comparison.changes
            if any(spot is not None and spot.path in paths for spot in (change.old, change.new))
        ),
        moves=tuple(move for move in comparison.moves if move.old_path in paths or move.new_path in paths),
        unparsed=tuple(one for one in comparison.unparsed if one in paths),
    )
