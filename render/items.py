"""Where each item of a list stands in its document's text, with the comments that belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from render.document import Document, Node, Scalar, Sequence, Table

_BRACKET = re.compile(r"\s*:\s*(#[^\n]*\n\s*)*\[")


@dataclass(frozen=True, slots=True)
class Item:
    """A mapping in a list. Offsets: `head` of the first line that it stands on, `start` and `end` of its whole text.

    That has the comments right above it, and nothing where the list is in brackets. `indent` is that of its first line.
    """

    table: Table
    head: int
    start: int
    end: int
    indent: int

    def find(self, key: str) -> str | None:
        """The text under a key; None where there is no such key, or no text."""
        entry = self.table.entries.get(key)
        return entry.value.text if entry and isinstance(entry.value, Scalar) else None


def find_items(document: Document, key: str) -> tuple[Item, ...]:
    """The mappings of the list under a key of the document; none where there is no such list."""
    entry = document.root.entries.get(key)
    if entry is None or not isinstance(entry.value, Sequence):
        return ()
    in_brackets = bool(_BRACKET.match(document.text, entry.key.end))
    lines = document.text.split("\n")
    tables = (item for item in entry.value.items if isinstance(item, Table) and item.entries)
    return tuple(_item(table, lines, in_brackets) for table in tables)


def shift(text: str, by: int) -> str:
    """The text with every line that is not blank indented by so many more spaces, or as far as it can by fewer."""
    return "\n".join(_shifted(line, by) for line in text.split("\n"))


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * max(0, _indent(line) + by) + line.lstrip(" ")


def _item(table: Table, lines: list[str], in_brackets: bool) -> Item:
    first = min((entry.key for entry in table.entries.values()), key=lambda key: key.start)
    head = first.line
    if in_brackets:
        at = _offset(lines, head)
        return Item(table, at, at, at, _indent(lines[head - 1]))
    while not lines[head - 1].lstrip().startswith("-"):
        head -= 1
    indent = _indent(lines[head - 1])
    start, end = head, max(_lines_of(table)) + 1
    while _is_comment(lines[start - 2], indent):
        start -= 1
    while end <= len(lines) and (not lines[end - 1].strip() or _indent(lines[end - 1]) > indent):
        end += 1
    return Item(table, _offset(lines, head), _offset(lines, start), _offset(lines, end), indent)


def _lines_of(node: Node) -> Iterator[int]:
    """Lines that certainly belong to a node."""
    if isinstance(node, Scalar):
        yield node.text_line if node.text else node.line
    elif isinstance(node, Sequence):
        yield node.line
        for item in node.items:
            yield from _lines_of(item)
    else:
        for entry in node.entries.values():
            yield from (entry.key.line, *_lines_of(entry.value))


def _is_comment(line: str, indent: int) -> bool:
    return line.lstrip().startswith("#") and _indent(line) <= indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _offset(lines: list[str], line: int) -> int:
    """Where a line begins; the end of the text for the one past the last."""
    return min(sum(len(each) + 1 for each in lines[: line - 1]), sum(map(len, lines)) + len(lines) - 1)
