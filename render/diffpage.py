"""The page of a file that changed from one release to another: both sides, and the notes at what changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from render.changenotes import ChangeNote
from render.compare import Comparison
from render.comparelinks import Addresses, find_addresses
from render.diff import FilePair, Move
from render.diffnotes import TouchedNote, change_view, place_changes, place_notes, touched_notes
from render.diffparts import count_lines, cut_parts
from render.diffrows import Column, Leaving, SameLine, Side, columns, same_lines
from render.layouthunks import find_layout_hunks
from render.links import href, pair_page
from render.notes import Note
from render.remarks import Pen
from render.source import Span, Spot
from render.symbols import MODULE, Symbol, enclosing
from render.views import Choice, Frame, NoteView


@dataclass(frozen=True, slots=True)
class PassageView:
    """A hunk with the lines around it, and the notes on it above; what comes before all of that is folded.

    `inside` is the definition that goes on below a fold, "" for none. `layout` tells whether the hunk changes nothing
    that is run; then it is folded too, if it is not `open`. Without a hunk, `removed` and `added` are empty.
    """

    folded: tuple[SameLine, ...]
    inside: str
    changes: tuple[NoteView, ...]
    notes: tuple[TouchedNote, ...]
    layout: bool
    open: bool
    removed_count: int
    added_count: int
    before: tuple[SameLine, ...]
    removed: Column
    added: Column
    after: tuple[SameLine, ...]


@dataclass(frozen=True, slots=True)
class DiffPage:
    """A file in two releases; `old` and `new` lead to it in either, `comparison` to all that changed between them.

    `layout` counts those of the `hunks` that change nothing that is run; `moves` are the blocks that went or came.
    """

    frame: Frame
    path: str
    comparison: Choice
    old: Choice
    new: Choice
    removed: int
    added: int
    hunks: int
    layout: int
    moves: int
    passages: tuple[PassageView, ...]


def make_diff_page(
    frame: Frame,
    comparison: Comparison,
    pair: FilePair,
    old: Side,
    new: Side,
    symbols: tuple[Symbol, ...],
    old_notes: Sequence[Note],
    new_notes: Sequence[Note],
    change_notes: Sequence[ChangeNote],
    pen: Pen,
) -> DiffPage:
    """The page of a pair that `has_diff`; `symbols` are the newer file's.

    The notes are those on the file with their places in either release; the change notes may be all of the step's.
    """
    addresses = find_addresses(comparison, frame.here)
    layout = find_layout_hunks(pair)
    moves = [move for move in comparison.moves if move.old_path == old.file.path or move.new_path == new.file.path]
    gone, come = _leavings(moves, old, new, addresses)
    at_hunks, beside = place_changes(change_notes, comparison, pair)
    old_at, new_at = place_notes(pair, old_notes, new_notes)
    passages: list[PassageView] = []
    for part in cut_parts(pair, layout, sorted(beside)):
        hunk = part.hunk
        removed, added = columns(old, new, hunk, gone, come) if hunk else ((), ())
        changes = at_hunks.get(hunk, ()) if hunk else beside.get(part.shown, ()) if part.shown else ()
        notes = (old_at.get(hunk, ()), new_at.get(hunk, ())) if hunk else ((), ())
        folded = same_lines(old, new, part.folded)
        passages.append(
            PassageView(
                folded,
                _inside(symbols, folded),
                tuple(change_view(note, addresses, pen) for note in changes),
                touched_notes(*notes, addresses, pen),
                hunk in layout,
                bool(changes) or len(layout) == len(pair.hunks),
                count_lines([hunk.old] if hunk else ()),
                count_lines([hunk.new] if hunk else ()),
                same_lines(old, new, part.before),
                removed,
                added,
                same_lines(old, new, part.after),
            )
        )
    return DiffPage(
        frame,
        str(pair.path),
        Choice(f"{old.release} → {new.release}", href(pair_page(old.release, new.release), "", frame.here), False),
        _own_page(old, addresses),
        _own_page(new, addresses),
        count_lines(hunk.old for hunk in pair.hunks),
        count_lines(hunk.new for hunk in pair.hunks),
        len(pair.hunks),
        len(layout),
        len(moves),
        tuple(passages),
    )


def _own_page(side: Side, addresses: Addresses) -> Choice:
    return Choice(f"{side.release} {side.file.path}", addresses.file(side.release, side.file.path), False)


def _inside(symbols: tuple[Symbol, ...], folded: Sequence[SameLine]) -> str:
    """The definition in which the line below a fold stands."""
    if not folded:
        return ""
    below = folded[-1].new + 1
    name = enclosing(symbols, Span(below, below))
    return "" if name == MODULE else name


def _leavings(
    moves: Sequence[Move], old: Side, new: Side, addresses: Addresses
) -> tuple[tuple[Leaving, ...], tuple[Leaving, ...]]:
    """What moved away from the older file, and what came to the newer one; a block may have done both."""
    before, after = old.file.path, new.file.path
    gone, come = [], []
    for move in moves:
        inside = move.old_path == before and move.new_path == after
        if move.old_path == before:
            end = Spot(move.new_path, move.new)
            gone.append(Leaving(move.old, Choice(f"Moved to {_lines(end, inside)}", addresses.new_lines(end), False)))
        if move.new_path == after:
            end = Spot(move.old_path, move.old)
            come.append(Leaving(move.new, Choice(f"Moved from {_lines(end, inside)}", addresses.old_lines(end), False)))
    return tuple(gone), tuple(come)


def _lines(spot: Spot, inside: bool) -> str:
    return f"line{'s' * (len(spot.span) > 1)} {spot.span}" + ("" if inside else f" of {spot.path}")
