"""The age of every line: the release in which it first stood."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from render.compare import Comparison
from render.source import Tree

Ages: TypeAlias = Mapping[str, Mapping[PurePosixPath, tuple[str, ...]]]
"""By release and file, the name of a release for each line."""


def find_ages(oldest: Tree, comparisons: Sequence[Comparison]) -> Ages:
    """The comparisons are of each release with the next, in order of version and from the oldest on.

    A line stood in the release before if a run of the diff or a moved block takes it there. The oldest release means
    that one or any before it. A line that went and comes again is as old as its return.
    """
    ages = {oldest.release: {path: (oldest.release,) * len(file) for path, file in oldest.files.items()}}
    for comparison in comparisons:
        ages[comparison.new] = _carry(comparison, ages[comparison.old])
    return ages


def _carry(
    comparison: Comparison, before: Mapping[PurePosixPath, tuple[str, ...]]
) -> dict[PurePosixPath, tuple[str, ...]]:
    files = (pair.new for pair in comparison.pairs if pair.new is not None)
    ages = {file.path: [comparison.new] * len(file) for file in files}
    for pair in comparison.pairs:
        if pair.old is not None and pair.new is not None:
            for run in pair.runs:
                old = slice(run.old - 1, run.old - 1 + run.length)
                ages[pair.new.path][run.new - 1 : run.new - 1 + run.length] = before[pair.old.path][old]
    for move in comparison.moves:
        old = slice(move.old.first - 1, move.old.last)
        ages[move.new_path][move.new.first - 1 : move.new.last] = before[move.old_path][old]
    return {path: tuple(lines) for path, lines in ages.items()}
