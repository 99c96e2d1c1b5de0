"""Writing into the authors' YAML, byte for byte: fill in anchors' stamps, put other values, append a note."""

import json
import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from render.document import Document, Entry, Node, Scalar, Sequence, Table
from render.notes import Stamp
from render.problems import Problem, ProblemsFound
from render.source import Span

MakeStamp: TypeAlias = Callable[[str | None, PurePosixPath, Span], Stamp]
"""Makes the stamp of lines of a file; the release is None where what anchors them names none."""

Edit: TypeAlias = tuple[int, int, str]
"""Replace the text between two offsets."""

_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def stamp_document(document: Document, make: MakeStamp) -> str:
    """The document's text with `in`, `opens` and `digest` filled beside every `lines`; every other byte as it was.

    The document must have been validated: `lines` parse, and the files they name exist. Raises ProblemsFound for what
    has to be replaced and is written as a block.
    """
    keys = document.root.entries
    edits: list[Edit] = []
    for table, file, release in _anchored(document.root, keys.get("file"), keys.get("new")):
        first, _, last = _scalar(table.entries["lines"]).text.partition("-")
        span = Span(int(first), int(last or first))
        name = None if release is None else _scalar(release).text
        edits += put_stamp(document, table, make(name, PurePosixPath(_scalar(file).text), span))
    return apply_edits(document.text, edits)


def put_stamp(document: Document, table: Table, stamp: Stamp) -> Iterator[Edit]:
    """What to edit so that a table with `lines` has a stamp beside them. Raises ProblemsFound for a block."""
    current = {"in": stamp.inside, "opens": stamp.opens, "digest": stamp.digest}
    written = {"in": _plain(stamp.inside), "opens": _quoted(stamp.opens), "digest": _plain(stamp.digest)}
    missing = [key for key in written if key not in table.entries]
    for key in written.keys() - set(missing):
        if _scalar(table.entries[key]).text != current[key]:
            start, end = _ends(document, table.entries[key])
            yield start, end, written[key] if end > start else f" {written[key]}"
    if missing:
        lines = table.entries["lines"]
        separator = ", " if table.flow else "\n" + " " * lines.key.column
        _, end = _ends(document, lines)
        at = end if table.flow else _end_of_line(document.text, end)
        yield at, at, "".join(f"{separator}{key}: {written[key]}" for key in missing)


def put_value(document: Document, entry: Entry, text: str) -> Edit:
    """What to edit so that a text that needs no quotes stands behind a key, in the quotes that the one there has.

    Raises ProblemsFound when that is a block.
    """
    start, end = _ends(document, entry)
    quote = document.text[start] if document.text[start : start + 1] in ("'", '"') else ""
    return start, end, f"{quote}{text}{quote}"


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits, none of which touches what another replaces."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def begin_notes(file: Path, schema: Path, path: PurePosixPath) -> str:
    """The first lines of a notes file on the vendored file `path`; `schema` is where that of notes stands."""
    found = PurePosixPath(os.path.relpath(schema, file.parent))
    return f"# yaml-language-server: $schema={found}\nfile: {path}\nnotes:\n"


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


def _anchored(node: Node, file: Entry | None, release: Entry | None) -> Iterator[tuple[Table, Entry, Entry | None]]:
    """Every table with `lines`, and the file and the release that it or else the whole document names."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _anchored(item, file, release)
    elif isinstance(node, Table):
        own = node.entries.get("file", file)
        if "lines" in node.entries and own is not None and isinstance(own.value, Scalar):
            yield node, own, node.entries.get("release", release)
        for entry in node.entries.values():
            yield from _anchored(entry.value, file, release)


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
