"""Notes on the pages of a comparison: at which change each stands, and how it is shown there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from render.changenotes import ChangeNote
from render.compare import Comparison
from render.comparelinks import Addresses, newer_line, touches_new, touches_old
from render.diff import FilePair, Hunk
from render.links import file_page, href
from render.notes import Note
from render.remarks import Pen
from render.source import Span, Spot
from render.views import Choice, NoteView


@dataclass(frozen=True, slots=True)
class TouchedNote:
    """A note on lines that changed; `places` lead to it on the page of its file in one release or in both."""

    title: Markup
    body: Markup
    places: tuple[Choice, ...]


def place_changes(
    notes: Sequence[ChangeNote], comparison: Comparison, pair: FilePair
) -> tuple[dict[Hunk, list[ChangeNote]], dict[Span, list[ChangeNote]]]:
    """Those on a pair of files at the first hunk that each touches, or by its newer lines if it touches none."""
    at_hunks: dict[Hunk, list[ChangeNote]] = {}
    beside: dict[Span, list[ChangeNote]] = {}
    for note in notes:
        span = note.anchor.span
        file, touches = (pair.old, touches_old) if note.release == comparison.old else (pair.new, touches_new)
        if file is None or file.path != note.anchor.path:
            continue
        hunk = next((hunk for hunk in pair.hunks if touches(pair, hunk, span)), None)
        if hunk:
            at_hunks.setdefault(hunk, []).append(note)
        else:
            first = newer_line(pair, span.first) if note.release == comparison.old else span.first
            beside.setdefault(Span(first, first + len(span) - 1), []).append(note)
    return at_hunks, beside


def place_notes(
    pair: FilePair, old: Sequence[Note], new: Sequence[Note]
) -> tuple[dict[Hunk, list[Note]], dict[Hunk, list[Note]]]:
    """The notes of either side at the first hunk that each touches on any side."""
    before, after = {note.id: note for note in old}, {note.id: note for note in new}
    placed: tuple[dict[Hunk, list[Note]], dict[Hunk, list[Note]]] = {}, {}
    for note_id in {**after, **before}:
        one, other = before.get(note_id), after.get(note_id)
        hunk = next((hunk for hunk in pair.hunks if _touches(pair, hunk, one, other)), None)
        if hunk:
            for note, side in zip((one, other), placed, strict=True):
                if note:
                    side.setdefault(hunk, []).append(note)
    return placed


def count_touched(pair: FilePair, old: Sequence[Note], new: Sequence[Note]) -> int:
    """How many notes on either side stand on changed lines."""
    placed = place_notes(pair, old, new)
    return len({note.id for side in placed for notes in side.values() for note in notes})


def change_view(note: ChangeNote, addresses: Addresses, pen: Pen) -> NoteView:
    """A change note in full; its lines are told with the release in which they stand."""
    spot = Spot(note.anchor.path, note.anchor.span)
    lines = addresses.old_lines(spot) if note.release == addresses.old else addresses.new_lines(spot)
    return NoteView(
        note.id,
        pen.line(note.title),
        pen.block(note.body),
        pen.block(note.more) if note.more else None,
        f"{note.anchor.span} in {note.release}",
        lines,
        spot.span.first,
        spot.span.last,
        pen.observed(note.observed),
        note.tags,
        str(note.place),
    )


def touched_notes(old: Sequence[Note], new: Sequence[Note], addresses: Addresses, pen: Pen) -> tuple[TouchedNote, ...]:
    """Notes on either side, one that is on both told once; in the order of the newer side."""
    by_id = {note.id: note for note in (*new, *old)}
    return tuple(
        TouchedNote(
            pen.line(note.title),
            pen.block(note.body),
            tuple(_places(note.id, ((addresses.old, old), (addresses.new, new)), addresses)),
        )
        for note in by_id.values()
    )


def _places(note_id: str, sides: Iterable[tuple[str, Sequence[Note]]], addresses: Addresses) -> Iterable[Choice]:
    for release, notes in sides:
        for note in (note for note in notes if note.id == note_id):
            address = href(file_page(release, note.anchor.path), note.id, addresses.here)
            yield Choice(f"{release}: {note.anchor.span}", address, False)


def _touches(pair: FilePair, hunk: Hunk, old: Note | None, new: Note | None) -> bool:
    on_old = old is not None and touches_old(pair, hunk, old.anchor.span)
    return on_old or (new is not None and touches_new(pair, hunk, new.anchor.span))
