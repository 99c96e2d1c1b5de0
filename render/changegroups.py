"""The changes between two releases in the order in which an operator asks for them, in groups to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from render.changes import Change, Subject
from render.comparelinks import Addresses
from render.source import Spot
from render.symbols import module_name
from render.views import Choice

LONG = 25
"""A group of more entries than this is folded."""

MANY = 60
"""All files' groups are folded where there are more entries than this in them together."""

_SECTIONS: Mapping[Subject, str] = {
    "setting": "Settings",
    "hook": "Hooks",
    "exception": "Exceptions",
    "log message": "Log messages",
    "environment variable": "Environment variables",
    "file": "Files",
    "definition": "Definitions",
}

_KINDS: Mapping[str, str] = {
    "added": "added",
    "removed": "removed",
    "renamed": "renamed",
    "moved": "moved",
    "default": "default",
    "command line": "command line",
    "action": "action",
    "type": "type",
    "validator": "validator",
    "section": "section",
    "parameters": "parameters",
    "text": "what its documentation says",
    "bases": "base classes",
    "level": "level",
    "signature": "signature",
    "body": "body",
    "layout": "comments, docstrings or layout only",
}
"""What each kind of change is called, in the order in which they are told."""

_TOLD_ELSEWHERE = frozenset({("file", "edited"), ("file", "layout")})
"""The list of changed files has them."""

_LONG_VALUES = frozenset({"text"})
"""Kinds whose values are too long to be shown; their lines are linked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `kind` is "" where the group says it, `was` and `now` are there as far as there is something to show.

    They lead to the older and the newer lines, and `href` to the newer ones, or to the older if there are no others.
    """

    name: str
    kind: str
    href: str
    was: Choice | None
    now: Choice | None


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind, or of one file, whose path is then the title and set as code."""

    title: str
    code: bool
    folded: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """All changes of one subject, whose number is `count`; `id` is its heading's."""

    id: str
    title: str
    count: int
    groups: tuple[Group, ...]


def group_changes(changes: Sequence[Change], addresses: Addresses) -> tuple[Section, ...]:
    """Settings first, definitions last, by their files and then those that changed in layout only."""
    sections = ((subject, [change for change in changes if _is_told(change, subject)]) for subject in _SECTIONS)
    return tuple(_section(subject, told, addresses) for subject, told in sections if told)


def _is_told(change: Change, subject: Subject) -> bool:
    return change.subject == subject and (change.subject, change.kind) not in _TOLD_ELSEWHERE


def _section(subject: Subject, changes: Sequence[Change], addresses: Addresses) -> Section:
    groups = _by_file(changes, addresses) if subject == "definition" else _by_kind(changes, addresses)
    return Section(f"_{subject.replace(' ', '-')}", _SECTIONS[subject], len(changes), tuple(groups))


def _by_kind(changes: Sequence[Change], addresses: Addresses) -> Iterator[Group]:
    for kind, title in _KINDS.items():
        entries = tuple(_entry(change, change.name, "", addresses) for change in changes if change.kind == kind)
        if entries:
            yield Group(title.capitalize(), False, len(entries) > LONG, entries)


def _by_file(changes: Sequence[Change], addresses: Addresses) -> Iterator[Group]:
    told = sorted((change for change in changes if change.kind != "layout"), key=_path)
    for path, some in groupby(told, key=_path):
        ordered = sorted(some, key=lambda change: (list(_KINDS).index(change.kind), change.name))
        entries = tuple(_entry(one, _short(one, path), _KINDS[one.kind], addresses) for one in ordered)
        yield Group(str(path), True, len(told) > MANY or len(entries) > LONG, entries)
    quiet = tuple(_entry(change, change.name, "", addresses) for change in changes if change.kind == "layout")
    if quiet:
        yield Group(_KINDS["layout"].capitalize(), False, True, quiet)


def _path(change: Change) -> PurePosixPath:
    return _spot(change).path


def _spot(change: Change) -> Spot:
    """Where it stands now, or where it stood."""
    spot = change.new or change.old
    assert spot is not None, "a change is a change of something"
    return spot


def _short(change: Change, path: PurePosixPath) -> str:
    """A definition's name without that of the module below whose path it is listed."""
    if change.name == module_name(path):
        return "the module itself"
    return change.name.removeprefix(f"{module_name(path)}.")


def _entry(change: Change, name: str, kind: str, addresses: Addresses) -> Entry:
    old, new = _addresses(change, addresses)
    if change.kind in _LONG_VALUES or change.was == change.now:
        return Entry(name, kind, new or old, None, None)
    was, now = ("none" if value is None else value for value in (change.was, change.now))
    return Entry(name, kind, new or old, Choice(was, old, False), Choice(now, new, False))


def _addresses(change: Change, addresses: Addresses) -> tuple[str, str]:
    """Those of the older and the newer lines, or of the whole file where all of it changed; "" for what is none."""
    if change.subject == "file":
        return (
            addresses.file(addresses.old, change.old.path) if change.old else "",
            addresses.pair(addresses.after[change.new.path]) if change.new else "",
        )
    return (
        addresses.old_lines(change.old) if change.old else "",
        addresses.new_lines(change.new) if change.new else "",
    )
