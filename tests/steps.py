"""Two releases that nobody made, and the pages of the step from one to the other."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from textwrap import dedent

from render.changenotes import ChangeNote, ChangeNotes
from render.compare import Comparison, compare
from render.comparepage import ComparePage, make_compare_page
from render.diffpage import DiffPage, make_diff_page
from render.diffrows import Side
from render.excerpts import find_tokens, list_file
from render.frames import make_frame
from render.links import Links, diff_page, href, pair_page, release_page
from render.notes import Anchor, Note, Text
from render.problems import Place
from render.remarks import Pen
from render.source import SourceFile, Span, Tree
from render.symbols import find_symbols
from render.views import Choice

OLD, NEW = "1.0", "2.0"
PLACE = Place(PurePosixPath("annotations/changes/1.0...2.0.yaml"), 7)

_LINKS = Links(NEW, "https://example.org/lamp", {}, (), {}, {}, {}, {}, {})


def make_tree(release: str, texts: Mapping[str, str]) -> Tree:
    """A release of these files, to be freed of common indentation."""
    names = sorted(texts)
    return Tree(release, {PurePosixPath(name): SourceFile(PurePosixPath(name), dedent(texts[name])) for name in names})


def make_step(old: Mapping[str, str], new: Mapping[str, str]) -> Comparison:
    return compare(make_tree(OLD, old), make_tree(NEW, new))


def make_change(name: str, path: str, span: Span, release: str = NEW) -> ChangeNote:
    anchor = Anchor(PurePosixPath(path), span, None, name, PLACE)
    return ChangeNote(name, anchor, Text(name, PLACE), Text(name, PLACE), None, (), (), PLACE, PLACE, release)


def diff_of(
    comparison: Comparison,
    path: str,
    old_notes: Sequence[Note] = (),
    new_notes: Sequence[Note] = (),
    changes: Sequence[ChangeNote] = (),
) -> DiffPage:
    """The page of the file that is called `path` in the newer release."""
    here = diff_page(comparison.old, comparison.new, PurePosixPath(path))
    (pair,) = (pair for pair in comparison.pairs if str(pair.path) == path)
    assert pair.old is not None
    assert pair.new is not None
    old, new = (
        Side(release, file, list_file(file), find_tokens(file))
        for release, file in ((comparison.old, pair.old), (comparison.new, pair.new))
    )
    frame = make_frame(here, path, "", comparison.new, "lamp", ())
    notes = (old_notes, new_notes, changes)
    return make_diff_page(frame, comparison, pair, old, new, find_symbols(pair.new), *notes, Pen(_LINKS, {}, here))


def overview_of(
    comparison: Comparison,
    changes: Sequence[ChangeNote] = (),
    touched: Mapping[PurePosixPath, int] | None = None,
    releases: Sequence[str] = (OLD, NEW),
) -> ComparePage:
    """The page of the whole step; a summary is there with the notes."""
    here = pair_page(comparison.old, comparison.new)
    notes = ChangeNotes(comparison.old, comparison.new, Text("A *step*.", PLACE), tuple(changes), PLACE)
    choices = [Choice(name, href(release_page(name), "", here), False) for name in releases]
    frame = make_frame(here, "A step", "", comparison.new, "lamp", ())
    return make_compare_page(
        frame, comparison, notes if changes else None, touched or {}, choices, (), Pen(_LINKS, {}, here)
    )
