"""Writing into the authors' YAML, byte for byte: fill in anchors' stamps, append a note."""

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeAlias

from render.document import Document, Entry, Node, Scalar, Sequence, Table
from render.notes import Stamp
from render.problems import Problem, ProblemsFound
from render.source import Span

MakeStamp: TypeAlias = Callable[[PurePosixPath, Span], Stamp]

_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})

_Edit: TypeAlias = tuple[int, int, str]
"""Replace the text between two offsets."""


def stamp_document(document: Document, make: MakeStamp) -> str:
    """The document's text with `in`, `opens` and `digest` filled beside every `lines`; every other byte as it was.

    The document must have been validated: `lines` parse, and the files they name exist. Raises ProblemsFound for what
    has to be replaced and is written as a block.
    """
    file = document.root.entries.get("file")
    edits: list[_Edit] = []
    for table, path in _anchored(document.root, file):
        edits += _edits(document, table, path, make)
    return _apply(document.text, edits)


def append_note(text: str, stub: str, indent: int) -> str:
    """A notes file's text with one more note at its end, its dash indented by so many spaces."""
    separator = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{separator}{textwrap.indent(stub, ' ' * indent)}"


def note_stub(note_id: str, span: Span, stamp: Stamp, title: str) -> str:
    """A stamped note in the house's order of keys, its body left to be written."""
    return (
        f"- id: {note_id}\n"
        f"  lines: {span}\n"
        f"  in: {_plain(stamp.inside)}\n"
        f"  opens: {_quoted(stamp.opens)}\n"
        f"  digest: {_plain(stamp.digest)}\n"
        f"  title: {_quoted(title)}\n"
        f"  body: |\n"
    )


def _anchored(node: Node, file: Entry | None) -> Iterator[tuple[Table, PurePosixPath]]:
    """Every table with `lines`, and the file that it or the whole document names."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _anchored(item, file)
    elif isinstance(node, Table):
        own = node.entries.get("file", file)
        if "lines" in node.entries and own is not None and isinstance(own.value, Scalar):
            yield node, PurePosixPath(own.value.text)
        for entry in node.entries.values():
            yield from _anchored(entry.value, file)


def _edits(document: Document, table: Table, path: PurePosixPath, make: MakeStamp) -> Iterator[_Edit]:
    lines = table.entries["lines"]
    first, _, last = _scalar(lines).text.partition("-")
    stamp = make(path, Span(int(first), int(last or first)))
    current = {"in": stamp.inside, "opens": stamp.opens, "digest": stamp.digest}
    written = {"in": _plain(stamp.inside), "opens": _quoted(stamp.opens), "digest": _plain(stamp.digest)}
    missing = [key for key in written if key not in table.entries]
    for key in written.keys() - set(missing):
        entry = table.entries[key]
        if _scalar(entry).text != current[key]:
            start, end = _ends(document, entry)
            yield start, end, written[key] if end > start else f" {written[key]}"
    if missing:
        separator = ", " if table.flow else "\n" + " " * lines.key.column
        _, end = _ends(document, lines)
        at = end if table.flow else _end_of_line(document.text, end)
        yield at, at, "".join(f"{separator}{key}: {written[key]}" for key in missing)


def _scalar(entry: Entry) -> Scalar:
    assert isinstance(entry.value, Scalar), "validated before"
    return entry.value


def _ends(document: Document, entry: Entry) -> tuple[int, int]:
    """The offsets of a value. Raises ProblemsFound for a block, which ends nobody knows where."""
    value = _scalar(entry)
    if value.text_line > value.line:
        message = f"`{entry.key.text}` is a block; write it on one line, so that it can be stamped"
        raise ProblemsFound([Problem(document.place(value.line), message)])
    return value.start, value.end


def _end_of_line(text: str, start: int) -> int:
    """Past a comment that follows on the same line."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _plain(text: str) -> str:
    """Plain where every reader of YAML takes it for text, else quoted: 123456789012, 1e10 and `on` look otherwise."""
    is_text = (text[0].isalpha() or text[0] in "_<") and text.isprintable() and text.lower() not in _NO_TEXT
    return text if is_text else _quoted(text)


def _quoted(text: str) -> str:
    """In double quotes, as JSON and YAML both have them; what does not show is escaped."""
    return "".join(char if char.isprintable() else _escaped(char) for char in json.dumps(text, ensure_ascii=False))


def _escaped(char: str) -> str:
    return f"\\U{ord(char):08X}"


def _apply(text: str, edits: list[_Edit]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text
