"""One YAML document as text: mappings, lists and strings, each with the line and column where it stands.

Knows no schema. Every scalar is the text its author typed, so `no` stays "no" and `12:30` stays "12:30".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, StringMark

from render.problems import Place, Problem, ProblemsFound, refuse

MAX_BYTES = 1 << 20
MAX_DEPTH = 16
_UNFIT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""What does not show: controls, also of direction and of line breaks, spaces of no width, and no characters at all."""

_COLON = re.compile(" *:")
_BEYOND = re.compile(r"\\U(?!000|0010)")  # an escape for a character beyond the last
_ADVICE = {
    "\t": "a tab character; indent with spaces",
    "\r": "a carriage return; save the file with plain newlines",
    "\ufeff": "a byte-order mark; save the file as UTF-8 without one",
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` is the value; `line` (1-based) is where it begins; `start` and `end` are its offsets in the document.

    `column` counts the characters before it on its line; `text_line` is where the first line of the text itself
    stands: one below `line` for a block scalar.
    """

    text: str
    line: int
    column: int
    text_line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; `flow` tells the `{…}` style from the indented one."""

    entries: Mapping[str, Entry]
    line: int
    flow: bool


Node: TypeAlias = Scalar | Sequence | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text and the table at its top."""

    path: PurePosixPath
    text: str
    root: Table

    def place(self, line: int) -> Place:
        return Place(self.path, line)


def read_document(file: Path, path: PurePosixPath) -> Document:
    """Read a file; `path` is what problems call it. Raises ProblemsFound and OSError."""
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise _problem(path, 1, f"the file has {size} bytes and may have {MAX_BYTES}; split it")
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _problem(path, 1, f"not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    return parse_document(text, path)


@lru_cache(maxsize=256)
def parse_document(text: str, path: PurePosixPath) -> Document:
    """Raises ProblemsFound for what is not YAML, and for YAML that says what its author may not have meant.

    That is: tabs and other characters that do not show, anchors, aliases, tags, merge keys, repeated keys, keys
    without their colon, and text of several lines that is not a literal block: YAML would fold its lines.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if unfit := _find_unfit(line):
            raise _problem(path, number, unfit)
        if line.startswith("%"):
            raise _problem(path, number, "not YAML for us: a directive; remove this line")
    try:
        root = _Composer(path, text).document()
    except MarkedYAMLError as error:
        raise _not_yaml(path, error) from None
    return Document(path, text, root)


def plain(node: Node) -> Any:
    """The bare values, for a validator: dicts, lists and strings."""
    if isinstance(node, Table):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text


def find_node(root: Node, keys: tuple[str | int, ...]) -> tuple[Node, int]:
    """The node at the end of a path of keys, or the nearest one above it, and its line."""
    node, line = root, root.line
    for key in keys:
        if isinstance(node, Table) and key in node.entries:
            entry = node.entries[str(key)]
            node, line = entry.value, entry.key.line
        elif isinstance(node, Sequence) and isinstance(key, int) and key < len(node.items):
            node = node.items[key]
            line = node.line
        else:
            break
    return node, line


def _parse(text: str) -> Iterator[events.Event]:
    at = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            at = event.end_mark.index
            yield event
    except (OverflowError, ValueError) as error:  # the parser asks `chr` for what is no character
        found = _BEYOND.search(text, at)
        mark = StringMark("", 0, text.count("\n", 0, found.start() if found else at), 0, text, 0)
        raise MarkedYAMLError(problem=str(error), problem_mark=mark) from None


def _find_unfit(text: str) -> str | None:
    found = _UNFIT.search(text)
    return found and _ADVICE.get(found[0], f"not YAML for us: the character U+{ord(found[0]):04X}; remove it")


class _Composer:
    """Builds nodes from the parser's events, which are flat; depth is bounded, so no input exhausts the stack."""

    def __init__(self, path: PurePosixPath, text: str) -> None:
        self._path = path
        self._text = text
        self._folded: list[Problem] = []
        kinds = events.NodeEvent | events.SequenceEndEvent | events.MappingEndEvent
        self._events = (event for event in _parse(text) if isinstance(event, kinds))

    def document(self) -> Table:
        event = next(self._events, None)
        if event is None:
            raise _problem(self._path, 1, "the file is empty; begin with the keys that its schema names")
        root = self._node(event, 0)
        if not isinstance(root, Table):
            raise _problem(self._path, root.line, "the top of the file is not a mapping; begin with `key: value`")
        second = next(self._events, None)
        if second is not None:
            raise _problem(self._path, second.start_mark.line + 1, "a second document begins here; keep one to a file")
        refuse(self._folded)  # not before: a wrong indentation folds lines too, and the parser tells it better
        return root

    def _node(self, event: events.Event, depth: int) -> Node:
        line: int = event.start_mark.line + 1
        self._refuse_cleverness(event, line)
        if depth > MAX_DEPTH:
            raise _problem(self._path, line, f"nested more than {MAX_DEPTH} deep; flatten it")
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event, line)
        if isinstance(event, events.SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), line)
        flow = isinstance(event, events.MappingStartEvent) and bool(event.flow_style)
        return Table(self._entries(depth), line, flow)

    def _scalar(self, event: events.ScalarEvent, line: int) -> Scalar:
        text, start, end = event.value, event.start_mark, event.end_mark
        block = event.style == "|"
        if not block and ("\n" in text or start.line < end.line):
            advice = "text of several lines that YAML folds; write `|` and the text below it"
            self._folded.append(Problem(Place(self._path, line), advice))
        if not event.style and self._text.startswith(" #", end.index):
            raise _problem(self._path, line, "a comment begins at ` #`; set it apart by two spaces, or quote the value")
        if unfit := _find_unfit(text.replace("\t", " ")):  # a tab written as an escape indents nothing
            raise _problem(self._path, line, unfit)
        return Scalar(text, line, start.column, line + block, start.index, end.index)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Mapping[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise _problem(self._path, key.line, "a key that is not text; write `key: value`")
            colon = _COLON.match(self._text, key.end)
            if not colon:
                raise _problem(self._path, key.line, f"no colon follows the key `{key.text}`; write `key: value`")
            if key.text == "<<":
                raise _problem(self._path, key.line, "a merge key `<<`; write the keys out")
            if key.text in entries:
                before = entries[key.text].key.line
                raise _problem(self._path, key.line, f"the key `{key.text}` stands at line {before} too; keep one")
            value = self._node(next(self._events), depth + 1)
            if isinstance(value, Scalar) and value.start == value.end:  # the parser looks for it on the next line
                at = colon.end()
                value = Scalar("", key.line, key.column + at - key.start, key.line, at, at)
            entries[key.text] = Entry(key, value)
        return entries

    def _refuse_cleverness(self, event: events.Event, line: int) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, events.AliasEvent):
            raise _problem(self._path, line, f"an alias `*{anchor}`; write the value out")
        if anchor is not None:
            raise _problem(self._path, line, f"an anchor `&{anchor}`; write the value out where it is used")
        if tag is not None:
            raise _problem(self._path, line, f"a tag `{tag}`; every value is text here, remove the tag")


def _not_yaml(path: PurePosixPath, error: MarkedYAMLError) -> ProblemsFound:
    begun, found = error.context_mark, error.problem_mark
    opening = f"{error.context} that begins at line {begun.line + 1}" if error.context and begun else None
    said = " ".join(", ".join(part for part in (opening, error.problem) if part).split())
    if error.context == "while scanning a simple key" or not found:
        found = begun  # where a person would mend it: a key without a colon is missed only on the next line
    return _problem(path, found.line + 1, f"not YAML: {said}; check indentation, quotes and colons here")


def _problem(path: PurePosixPath, line: int, message: str) -> ProblemsFound:
    return ProblemsFound([Problem(Place(path, line), message)])
