"""The page of two releases: what changed, the notes on it, and every file that did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.behaviour import DifferingView
from render.changegroups import Section, group_changes
from render.changenotes import ChangeNote, ChangeNotes
from render.compare import Comparison
from render.comparelinks import Addresses, find_addresses, has_diff
from render.diff import FilePair
from render.diffnotes import change_view
from render.diffparts import count_lines
from render.links import diff_page, href, pair_page
from render.remarks import Pen
from render.views import Choice, Frame, NoteView


@dataclass(frozen=True, slots=True)
class TitledNote:
    """A change note: its title leads to where it stands in full, which is here where its file has no difference."""

    id: str
    title: Markup
    href: str
    path: str
    whole: NoteView | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that changed; `state` is "" for one that is in both releases by one name. `notes` counts those touched."""

    path: str
    href: str
    state: str
    added: int
    removed: int
    notes: int


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What changed from `old` to `new`; of `older` and `newer` releases, those without an address make no pair.

    `quiet` are the files that changed in comments, docstrings or layout only. `unparsed` are those of which only the
    text was compared.
    """

    frame: Frame
    old: Choice
    new: Choice
    older: tuple[Choice, ...]
    newer: tuple[Choice, ...]
    summary: Markup | None
    behaviour: tuple[DifferingView, ...]
    notes: tuple[TitledNote, ...]
    sections: tuple[Section, ...]
    files: tuple[FileRow, ...]
    quiet: tuple[FileRow, ...]
    added: int
    removed: int
    unparsed: tuple[str, ...]


def make_compare_page(
    frame: Frame,
    comparison: Comparison,
    change_notes: ChangeNotes | None,
    touched: Mapping[PurePosixPath, int],
    releases: Sequence[Choice],
    behaviour: tuple[DifferingView, ...],
    pen: Pen,
) -> ComparePage:
    """`touched` says how many notes of either release stand on changed lines of a file, by its newer name.

    `releases` are all of them in order of version, each with its own page, and those compared are among them.
    """
    addresses = find_addresses(comparison, frame.here)
    names = [release.text for release in releases]
    old, new = (releases[names.index(name)] for name in (comparison.old, comparison.new))
    quiet = {change.name for change in comparison.changes if (change.subject, change.kind) == ("file", "layout")}
    rows = [_row(pair, touched, addresses) for pair in comparison.pairs if _changed(pair)]
    return ComparePage(
        frame,
        old,
        new,
        tuple(_older(name, names, addresses) for name in names),
        tuple(_newer(name, names, addresses) for name in names),
        pen.block(change_notes.summary) if change_notes and change_notes.summary else None,
        behaviour,
        tuple(_titled(note, addresses, pen) for note in change_notes.notes) if change_notes else (),
        group_changes(comparison.changes, addresses),
        tuple(row for row in rows if row.path not in quiet),
        tuple(row for row in rows if row.path in quiet),
        sum(row.added for row in rows),
        sum(row.removed for row in rows),
        tuple(map(str, comparison.unparsed)),
    )


def _changed(pair: FilePair) -> bool:
    return pair.old is None or pair.new is None or pair.old.path != pair.new.path or pair.old.text != pair.new.text


def _row(pair: FilePair, touched: Mapping[PurePosixPath, int], addresses: Addresses) -> FileRow:
    return FileRow(
        str(pair.path),
        addresses.pair(pair),
        _state(pair),
        count_lines(hunk.new for hunk in pair.hunks),
        count_lines(hunk.old for hunk in pair.hunks),
        touched.get(pair.path, 0),
    )


def _state(pair: FilePair) -> str:
    if pair.old is None or pair.new is None:
        return "added" if pair.old is None else "removed"
    return "" if pair.old.path == pair.new.path else f"was {pair.old.path}"


def _older(name: str, names: Sequence[str], addresses: Addresses) -> Choice:
    possible = names.index(name) < names.index(addresses.new)
    address = href(pair_page(name, addresses.new), "", addresses.here) if possible else ""
    return Choice(name, address, name == addresses.old)


def _newer(name: str, names: Sequence[str], addresses: Addresses) -> Choice:
    possible = names.index(name) > names.index(addresses.old)
    address = href(pair_page(addresses.old, name), "", addresses.here) if possible else ""
    return Choice(name, address, name == addresses.new)


def _titled(note: ChangeNote, addresses: Addresses, pen: Pen) -> TitledNote:
    pairs = addresses.before if note.release == addresses.old else addresses.after
    pair = pairs[note.anchor.path]
    view = change_view(note, addresses, pen)
    if has_diff(pair):
        page = diff_page(addresses.old, addresses.new, pair.path)
        return TitledNote(note.id, view.title, href(page, note.id, addresses.here), str(pair.path), None)
    return TitledNote(note.id, view.title, view.lines_href, str(pair.path), view)
