"""Where the lines of two releases stand on the pages of their comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.compare import Comparison
from render.diff import FilePair, Hunk
from render.links import diff_page, file_page, href, lines_id, older_id
from render.source import Span, Spot


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses as seen from the page `here`; `before` and `after` are the pairs by their older and newer names."""

    old: str
    new: str
    before: Mapping[PurePosixPath, FilePair]
    after: Mapping[PurePosixPath, FilePair]
    here: PurePosixPath

    def old_lines(self, spot: Spot) -> str:
        """To the first of these lines of the older release that changed, or else to the first of them, if any."""
        pair = self.before[spot.path]
        if not len(spot.span):
            return self.pair(pair)
        if not has_diff(pair):
            return self._own_page(self.old, spot)
        hunk = next((hunk for hunk in pair.hunks if hunk.old and hunk.old.meets(spot.span)), None)
        if hunk and hunk.old:
            return self._on_diff(pair, older_id(max(hunk.old.first, spot.span.first)))
        return self._on_diff(pair, lines_id(_at(newer_line(pair, spot.span.first))))

    def new_lines(self, spot: Spot) -> str:
        """To the first of these lines of the newer release that changed, or else to the first of them, if any."""
        pair = self.after[spot.path]
        if not len(spot.span):
            return self.pair(pair)
        if not has_diff(pair):
            return self._own_page(self.new, spot)
        hunk = next((hunk for hunk in pair.hunks if touches_new(pair, hunk, spot.span)), None)
        if hunk and hunk.new:
            return self._on_diff(pair, lines_id(_at(max(hunk.new.first, spot.span.first))))
        if hunk and hunk.old:
            return self._on_diff(pair, older_id(hunk.old.first))
        return self._on_diff(pair, lines_id(_at(spot.span.first)))

    def pair(self, pair: FilePair) -> str:
        """To the difference of a file, or to the file itself where there is none."""
        if has_diff(pair):
            return self._on_diff(pair, "")
        return self.file(self.old if pair.new is None else self.new, pair.path)

    def file(self, release: str, path: PurePosixPath) -> str:
        return href(file_page(release, path), "", self.here)

    def _on_diff(self, pair: FilePair, fragment: str) -> str:
        return href(diff_page(self.old, self.new, pair.path), fragment, self.here)

    def _own_page(self, release: str, spot: Spot) -> str:
        return href(file_page(release, spot.path), lines_id(_at(spot.span.first)), self.here)


def find_addresses(comparison: Comparison, here: PurePosixPath) -> Addresses:
    before = {pair.old.path: pair for pair in comparison.pairs if pair.old is not None}
    after = {pair.new.path: pair for pair in comparison.pairs if pair.new is not None}
    return Addresses(comparison.old, comparison.new, before, after, here)


def has_diff(pair: FilePair) -> bool:
    """Whether the two have a page of their own: a file of both releases some of whose lines changed."""
    return pair.old is not None and pair.new is not None and bool(pair.hunks)


def newer_line(pair: FilePair, line: int) -> int:
    """Which line of the newer file an unchanged line of the older one is."""
    run = next(run for run in pair.runs if run.old <= line < run.old + run.length)
    return run.new + line - run.old


def touches_old(pair: FilePair, hunk: Hunk, span: Span) -> bool:
    """Whether a hunk takes lines from a span of the older file, or puts some between two of its lines."""
    if hunk.old:
        return hunk.old.meets(span)
    assert hunk.new, "one of the two is there"
    ahead = next((run for run in pair.runs if run.new + run.length == hunk.new.first), None)
    return ahead is not None and span.first < ahead.old + ahead.length <= span.last


def touches_new(pair: FilePair, hunk: Hunk, span: Span) -> bool:
    """Whether a hunk brings lines of a span of the newer file, or takes some from between two of its lines."""
    if hunk.new:
        return hunk.new.meets(span)
    assert hunk.old, "one of the two is there"
    ahead = next((run for run in pair.runs if run.old + run.length == hunk.old.first), None)
    return ahead is not None and span.first < ahead.new + ahead.length <= span.last


def _at(line: int) -> Span:
    return Span(line, line)
