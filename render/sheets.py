"""A file of notes or a chapter as text: items say where they landed on another release, are taken out, are added."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.document import Document, parse_document
from render.items import Item, find_items, shift
from render.notes import Stamp
from render.problems import Problem, ProblemsFound
from render.stamps import Edit, append_note, apply_edits, put_stamp, put_value

COMMENT_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Landing:
    """What an anchor is to say; `doubt` is why a person must decide, and then its stamp is left as it was."""

    path: PurePosixPath
    lines: str
    stamp: Stamp | None
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`items` are those of its list, by name, in the order of the text."""

    document: Document
    items: Mapping[str, Item]


def land(sheet: Sheet, landings: Mapping[str, Landing]) -> str:
    """The sheet's text where those items that landed say so, and no other byte is changed."""
    edits = (_edits(sheet.document, sheet.items[name], landing) for name, landing in landings.items())
    return apply_edits(sheet.document.text, (edit for each in edits for edit in each))


def land_some(sheet: Sheet, landings: Mapping[str, Landing]) -> str | None:
    """As `land`, without the notes that did not land; None when they were all that the sheet had.

    Raises ProblemsFound where they cannot be taken out.
    """
    edits = [edit for name, landing in landings.items() for edit in _edits(sheet.document, sheet.items[name], landing)]
    gone = [item for name, item in sheet.items.items() if name not in landings]
    if gone and not landings:
        if "summary" not in sheet.document.root.entries:
            return None
        key = sheet.document.root.entries["notes"].key
        edits = [(key.start - key.column, gone[-1].end, "")]
    else:
        edits += [(item.start, item.end, "") for item in gone]
    return _proved(apply_edits(sheet.document.text, edits), sheet.document, landings)


def cut_out(sheet: Sheet, name: str, landing: Landing) -> str:
    """The text of a note as it landed, from the first column on, for `add`."""
    item = sheet.items[name]
    edits = ((start - item.start, end - item.start, text) for start, end, text in _edits(sheet.document, item, landing))
    if item.start == item.end:
        raise ProblemsFound([_refusal(sheet.document)])
    return shift(apply_edits(sheet.document.text[item.start : item.end], edits), -item.indent)


def add(document: Document, notes: Mapping[str, str]) -> str:
    """A notes file's text with more notes, by their ids, at its end. Raises ProblemsFound where none can be added."""
    before = find_items(document, "notes")
    text = document.text if "notes" in document.root.entries else append_note(document.text, "notes:\n", 0)
    for note in notes.values():
        text = append_note(text, note, before[0].indent if before else 0)
    return _proved(text, document, [*(item.find("id") or "" for item in before), *notes])


def _edits(document: Document, item: Item, landing: Landing) -> Iterator[Edit]:
    entries = item.table.entries
    yield put_value(document, entries["lines"], landing.lines)
    if "file" in entries:
        yield put_value(document, entries["file"], str(landing.path))
    if landing.stamp:
        yield from put_stamp(document, item.table, landing.stamp)
    if landing.doubt:
        lines = textwrap.wrap(landing.doubt, COMMENT_WIDTH, break_on_hyphens=False)
        yield item.head, item.head, "".join(f"{' ' * item.indent}# {line}\n" for line in lines)


def _proved(text: str, before: Document, ids: Iterable[str]) -> str:
    """The text, if its notes are the ones of the ids."""
    try:
        after = parse_document(text, before.path)
    except ProblemsFound:
        raise ProblemsFound([_refusal(before)]) from None
    if [item.find("id") for item in find_items(after, "notes")] != list(ids):
        raise ProblemsFound([_refusal(before)])
    return text


def _refusal(document: Document) -> Problem:
    advice = "let `notes:` be the last key, with one `- id: …` for each note"
    return Problem(
        document.place(document.root.line), f"a note cannot be taken from this list or added to it; {advice}"
    )
