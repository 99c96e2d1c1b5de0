"""What really became of a note in a case of random edits, and what is wrong about where it was carried.

Two releases are all that `carry` is given, so where their texts allow two stories, either is true. There are four:

1. Lines were copied and the originals deleted, or they were moved: what was copied last of all is the original.
2. Of `a b a b c` one `a b` was deleted: nobody can say which. So a note may stand wherever its text is left alone by
   an edit that turns the one file into the other by inserting and deleting the fewest lines (that keeps one of the
   longest common subsequences of their lines): that this edit was not made cannot be seen. The lines of an edited text
   of which this edit leaves some alone are its own, too.
3. A text with its neighbours stands twice in one of the releases: either may be the note's, so that it may be lost.
4. A text was moved and a copy edited, or it was edited and a copy left as it was: here too it may be lost.

What is in a file that is no Python any more may be lost too, for nothing is followed into it or out of it. An answer is
never excused because it is nearly right.
"""

from collections import Counter
from collections.abc import Sequence

from render.carry import Carried
from render.source import Span, Spot
from render.syntax import find_syntax_fault
from tests.edits import Case, Cell, Origin

NEIGHBOURHOOD = 4
"""So many lines that are not blank, on both sides of a span and untouched, must be enough to find its text again."""


class Truth:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.originals: dict[Origin, Origin] = {}
        self.copied: set[Origin] = set()
        for path, cells in case.cells.items():
            for line, cell in enumerate(cells, 1):
                if cell.origin and cell.copy:
                    self.copied.add(cell.origin)
                elif cell.origin:
                    self.originals[cell.origin] = (path, line)

    def fault(self, spot: Spot, carried: Carried) -> str | None:
        """What is wrong about where a note was carried; None when it is right."""
        here = carried.spot
        if not self._has_changed(spot):
            return None if carried.state == "kept" and here == spot else "left a file that is the same"
        if here is None:
            must_be_found = self.is_untouched(spot) and not self.has_lookalike(spot) and not self._is_in_ruins(spot)
            return "lost, though untouched" if must_be_found else None
        file = self.case.new.tree.files[here.path]
        if not 1 <= here.span.first <= here.span.last <= len(file):
            return "outside its file"
        if not file.line(here.span.first).strip() or not file.line(here.span.last).strip():
            return "on a blank line"
        if carried.state == "edited":
            return self._edited_fault(spot, here)
        if not self._is_same(spot, here) or not (self._is_own(spot, here) or self._is_simplest(spot, here)):
            return f"{carried.state}, and not its own lines"
        return None if (carried.state == "kept") == (here == spot) else "kept and moved confused"

    def is_untouched(self, spot: Spot) -> bool:
        """Whether the lines of a spot and its neighbours stand as they stood, together."""
        wide = self._neighbourhood(spot)
        return wide is not None and self.stands(wide)

    def stands(self, spot: Spot) -> bool:
        """Whether the very lines of a spot stand somewhere as they stood."""
        places = [self.originals.get((spot.path, line)) for line in range(spot.span.first, spot.span.last + 1)]
        if places[0] is None:
            return False
        path, first = places[0]
        in_order = places == [(path, first + at) for at in range(len(places))]
        return in_order and not any(cell.edited for cell in self.case.cells[path][first - 1 : first - 1 + len(places)])

    def has_lookalike(self, spot: Spot) -> bool:
        """Whether its text and its neighbours on one side stand twice in a release, or any of its lines was copied."""
        wide = self._neighbourhood(spot)
        if wide is None or any((spot.path, line) in self.copied for line in range(spot.span.first, spot.span.last + 1)):
            return True
        old = self.case.old.tree.files[spot.path]
        texts = [
            old.cut_text(Span(*ends)) for ends in ((wide.span.first, spot.span.last), (spot.span.first, wide.span.last))
        ]
        trees = (self.case.old.tree, self.case.new.tree)
        return any(sum(file.text.count(text) for file in tree.files.values()) > 1 for tree in trees for text in texts)

    def _is_in_ruins(self, spot: Spot) -> bool:
        """Whether the file that a spot's lines came from, or any that they may have gone to, cannot be parsed."""
        new = self.case.new.tree.files
        places = {place[0] for place in self.originals.values()} & new.keys()
        came = [self.case.old.tree.files[spot.path], *(new[path] for path in places)]
        return any(find_syntax_fault(file) for file in came)

    def _has_changed(self, spot: Spot) -> bool:
        return self.case.old.tree.files[spot.path].text != self.case.new.tree.files[spot.path].text

    def _neighbourhood(self, spot: Spot) -> Spot | None:
        filled = [line for line, text in enumerate(self.case.old.tree.files[spot.path].lines, 1) if text.strip()]
        before = [line for line in filled if line < spot.span.first][-NEIGHBOURHOOD:]
        after = [line for line in filled if line > spot.span.last][:NEIGHBOURHOOD]
        is_whole = len(before) == len(after) == NEIGHBOURHOOD
        return Spot(spot.path, Span(before[0], after[-1])) if is_whole else None

    def _edited_fault(self, spot: Spot, here: Spot) -> str | None:
        if self._is_same(spot, here):
            return "edited, and the same"
        if self.is_untouched(spot):
            return "edited, though untouched"
        if any(cell.text.strip() and self._comes_from(cell, spot) for cell in self._cells(here)):
            return None
        ours, theirs = (
            [Spot(at.path, Span(line, line)) for line in range(at.span.first, at.span.last + 1)] for at in (spot, here)
        )
        filled = [line for line in ours if self.case.old.tree.files[line.path].line(line.span.first).strip()]
        pairs = ((one, other) for one in filled for other in theirs if self._is_same(one, other))
        has_own = any(self._is_simplest(one, other) for one, other in pairs)
        return None if has_own else "edited, and none of its own lines"

    def _is_same(self, spot: Spot, here: Spot) -> bool:
        return self.case.old.tree.files[spot.path].cut(spot.span) == self.case.new.tree.files[here.path].cut(here.span)

    def _is_own(self, spot: Spot, here: Spot) -> bool:
        """Whether the lines there are those of the spot, or copies where these are gone."""
        return all(
            cell.origin == (spot.path, line) and not cell.edited and self._comes_from(cell, spot)
            for line, cell in enumerate(self._cells(here), spot.span.first)
            if cell.text.strip()
        )

    def _comes_from(self, cell: Cell, spot: Spot) -> bool:
        if cell.origin is None or cell.origin[0] != spot.path or cell.origin[1] not in spot.span:
            return False
        return not cell.copy or cell.origin not in self.originals

    def _is_simplest(self, spot: Spot, here: Spot) -> bool:
        """Whether an edit of the fewest lines leaves the spot alone and its text there."""
        if spot.path != here.path:
            return False
        old, new = (release.tree.files[spot.path].lines for release in (self.case.old, self.case.new))
        above = _count_common(old[: spot.span.first - 1], new[: here.span.first - 1])
        below = _count_common(old[spot.span.last :], new[here.span.last :])
        own = sum(1 for line in old[spot.span.first - 1 : spot.span.last] if line.strip())
        return above + own + below == _count_common(old, new)

    def _cells(self, here: Spot) -> Sequence[Cell]:
        return self.case.cells[here.path][here.span.first - 1 : here.span.last]


def _count_common(old: Sequence[str], new: Sequence[str]) -> int:
    """The length of a longest common subsequence of lines that are not blank; by bits, after Hyyrö (2004)."""
    ones = [line for line in old if line.strip()]
    places: Counter[str] = Counter()
    for at, line in enumerate(ones):
        places[line] |= 1 << at
    every = (1 << len(ones)) - 1
    row = every
    for line in new:
        hit = row & places[line]
        row = ((row + hit) | (row - hit)) & every
    return len(ones) - row.bit_count()
