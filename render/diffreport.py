"""A comparison of two releases as text: for a terminal, and for other programs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from rich.text import Text

from render.changes import Change
from render.compare import Comparison
from render.diff import FilePair
from render.passages import Row, cut_passages
from render.source import SourceFile, Span, Spot

_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "renamed": (">", "cyan"), "moved": (">", "cyan")}
_OTHER = ("~", "yellow")
_QUIET = {"edited": "edited", "layout": "with other comments, docstrings or layout only"}
"""Changes that a summary counts and does not list."""

_LONG = ("text", "body")
"""What is too long for a line; the hunks show it."""

_Json: TypeAlias = dict[str, object]


def comparison_text(comparison: Comparison) -> Iterator[Text]:
    """A summary, then the passages of every file that changed, one line of the terminal each."""
    yield Text(f"{comparison.old} → {comparison.new}", "bold")
    if not comparison.changes:
        yield Text("no difference")
    for subject, changes in groupby(comparison.changes, key=lambda change: change.subject):
        yield from _section(f"{subject}s", changes)
    if comparison.moves:
        yield from (Text(), Text("moved lines", "bold"))
        for move in comparison.moves:
            yield Text(f"  > {Spot(move.old_path, move.old)} → {Spot(move.new_path, move.new)}", "cyan")
    for path in comparison.unparsed:
        yield Text(f"{path}: this Python cannot parse it in both releases, so its text alone was compared", "yellow")
    for pair in comparison.pairs:
        if pair.hunks:
            yield from _passages(pair)


def comparison_json(comparison: Comparison) -> str:
    """All of a comparison. A place is a `path` with `first` and `last` line (1-based, both ends in), or null.

    The hunks of a file hold the text that was removed and added, so they rebuild the newer file from the older.
    """
    report = {
        "old": comparison.old,
        "new": comparison.new,
        "changes": [_change_json(change) for change in comparison.changes],
        "moves": [
            {"old": _spot_json(Spot(move.old_path, move.old)), "new": _spot_json(Spot(move.new_path, move.new))}
            for move in comparison.moves
        ],
        "files": [_pair_json(pair) for pair in comparison.pairs],
        "unparsed": [str(path) for path in comparison.unparsed],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _section(title: str, changes: Iterable[Change]) -> Iterator[Text]:
    yield from (Text(), Text(title, "bold"))
    quiet: Counter[str] = Counter()
    for change in changes:
        if change.kind in _QUIET:
            quiet[change.kind] += 1
            continue
        mark, style = _MARKS.get(change.kind, _OTHER)
        yield Text(f"  {mark} {_sentence(change)}", style)
    for kind, words in _QUIET.items():
        if quiet[kind]:
            yield Text(f"  {_OTHER[0]} {quiet[kind]} {words}", _OTHER[1])


def _sentence(change: Change) -> str:
    name = change.name.replace("\n", "\\n")
    if change.kind in {"added", "removed"}:
        return name
    if change.kind in {"renamed", "moved"}:
        return f"{change.was} → {change.now}"
    if change.kind in _LONG:
        return f"{name}: {change.kind}"
    was, now = ("none" if value is None else value.replace("\n", " ") for value in (change.was, change.now))
    return f"{name}: {change.kind} {was} → {now}"


def _passages(pair: FilePair) -> Iterator[Text]:
    yield from (Text(), Text(_title(pair), "bold"))
    width = len(str(max(len(file) for file in (pair.old, pair.new) if file is not None)))
    for number, passage in enumerate(cut_passages(pair)):
        if number:
            yield Text("⋯", "dim")
        yield from (_row(row, width) for row in passage)


def _title(pair: FilePair) -> str:
    if pair.old is None or pair.new is None:
        return f"{pair.path} ({'added' if pair.old is None else 'removed'})"
    return str(pair.path) if pair.old.path == pair.new.path else f"{pair.old.path} → {pair.new.path}"


def _row(row: Row, width: int) -> Text:
    """The numbers of a line in both releases, a mark, and its text; of an edited line only some words stand out."""
    mark, style = (" ", "") if row.old and row.new else _MARKS["removed" if row.old else "added"]
    text = Text()
    text.append(f"{row.old or '':>{width}} {row.new or '':>{width}} ", "dim")
    text.append(mark, style)
    edited = any(piece.changed for piece in row.pieces) and not all(piece.changed for piece in row.pieces)
    for piece in row.pieces:
        text.append(piece.text, f"bold underline {style}" if edited and piece.changed else style)
    if not row.text:
        text.rstrip()
    return text


def _change_json(change: Change) -> _Json:
    return {
        "subject": change.subject,
        "kind": change.kind,
        "name": change.name,
        "was": change.was,
        "now": change.now,
        "old": _spot_json(change.old),
        "new": _spot_json(change.new),
    }


def _spot_json(spot: Spot | None) -> _Json | None:
    return None if spot is None else {"path": str(spot.path), "first": spot.span.first, "last": spot.span.last}


def _pair_json(pair: FilePair) -> _Json:
    return {
        "old": None if pair.old is None else str(pair.old.path),
        "new": None if pair.new is None else str(pair.new.path),
        "hunks": [
            {"old": _side_json(pair.old, hunk.old), "new": _side_json(pair.new, hunk.new)} for hunk in pair.hunks
        ],
    }


def _side_json(file: SourceFile | None, span: Span | None) -> _Json | None:
    if file is None or span is None:
        return None
    return {"first": span.first, "last": span.last, "lines": list(file.cut(span))}
