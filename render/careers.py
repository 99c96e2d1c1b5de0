"""The career of every class and function: what each release did to it, from the oldest to the newest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from render.anchors import Ground
from render.changes import Change
from render.compare import Comparison
from render.source import Spot
from render.symbols import module_name

State: TypeAlias = Literal["absent", "appeared", "stayed", "changed", "layout", "moved", "went"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What became of a definition in a release, since the one before; `spot` and `name` are None where it is not.

    It "changed" if its own lines did, those of definitions inside it left out; "layout" is a change of comments,
    docstrings and layout alone. It "moved" to another file or another qualified name if it did not change on the way.
    In the oldest release all that is there "appeared", for nothing older is known.
    """

    release: str
    state: State
    spot: Spot | None
    name: str | None


Career: TypeAlias = tuple[Stage, ...]
"""A stage for each release."""

Careers: TypeAlias = Mapping[str, Mapping[PurePosixPath, Mapping[str, Career]]]
"""By release, and by the file and the qualified name that the definition has there."""

_Key: TypeAlias = tuple[PurePosixPath, str]
_Row: TypeAlias = Mapping[_Key, Spot]
"""The classes and functions of a release."""

_Thread: TypeAlias = dict[int, tuple[_Key, State]]
"""One definition under all its names, by the number of the release."""

_TEXT_STATES: Mapping[str, State] = {"signature": "changed", "body": "changed", "layout": "layout"}


def find_careers(grounds: Sequence[Ground], comparisons: Sequence[Comparison]) -> Careers:
    """The grounds are in order of version, and the comparisons are of each with the next.

    What became of what is theirs to say. A definition that went and comes again in the same file under the name that it
    had takes up its career, unless another bore that name meanwhile. A name defined more than once in a file has one
    career, at the first of its places.
    """
    rows = [_find_row(ground) for ground in grounds]
    releases = [ground.tree.release for ground in grounds]
    careers: dict[str, dict[PurePosixPath, dict[str, Career]]] = {
        ground.tree.release: {path: {} for path in ground.tree.files} for ground in grounds
    }
    for thread in _follow(rows, comparisons):
        career = tuple(_stage(thread, number, release, rows[number]) for number, release in enumerate(releases))
        for number, ((path, name), _) in thread.items():
            careers[releases[number]][path][name] = career
    return careers


def _find_row(ground: Ground) -> _Row:
    found: dict[_Key, Spot] = {}
    for path, symbols in ground.symbols.items():
        for symbol in symbols:
            if symbol.kind != "variable":
                found.setdefault((path, symbol.name), Spot(path, symbol.span))
    return found


def _follow(rows: Sequence[_Row], comparisons: Sequence[Comparison]) -> Sequence[_Thread]:
    threads: list[_Thread] = []
    bearers: dict[_Key, _Thread] = {}  # of each name the last that bore it, and did not leave it for another
    for number, row in enumerate(rows):
        links = _link(comparisons[number - 1], rows[number - 1], row) if number else {}
        left = {old for old, _ in links.values()}
        resting = {key: thread for key, thread in bearers.items() if key not in left}
        now: dict[_Key, _Thread] = {}
        for key in row:
            if key in links:
                old, state = links[key]
                now[key] = bearers[old]
            else:
                now[key], state = resting.get(key, {}), "appeared"
            now[key][number] = key, state
        threads += [thread for thread in now.values() if len(thread) == 1]
        bearers = resting | now
    return threads


def _stage(thread: _Thread, number: int, release: str, row: _Row) -> Stage:
    if number not in thread:
        return Stage(release, "went" if number - 1 in thread else "absent", None, None)
    key, state = thread[number]
    return Stage(release, state, row[key], key[1])


def _link(comparison: Comparison, old: _Row, new: _Row) -> Mapping[_Key, tuple[_Key, State]]:
    """For what the newer release has of the older one: what it was there, and what became of it."""
    changes = [change for change in comparison.changes if change.subject == "definition"]
    texts = {
        _key(change.name, change.new): _TEXT_STATES[change.kind]
        for change in changes
        if change.new is not None and change.kind in _TEXT_STATES
    }
    links: dict[_Key, tuple[_Key, State]] = {}
    former = {
        pair.new.path: pair.old.path for pair in comparison.pairs if pair.old is not None and pair.new is not None
    }
    for path, name in new:
        if path in former and (former[path], name) in old:
            state = texts.get((path, name), "stayed")
            links[path, name] = (former[path], name), "moved" if former[path] != path and state != "changed" else state
    for change in changes:
        if change.kind in ("moved", "renamed"):
            links |= {key: (before, "moved") for before, key in _find_moved(change, old) if key in new}
    return links


def _find_moved(change: Change, old: _Row) -> Iterator[tuple[_Key, _Key]]:
    """What moved, and what is inside it."""
    if change.old is None or change.new is None or change.was is None or change.now is None:
        return
    path, name = _key(change.was, change.old)
    new_path, new_name = _key(change.now, change.new)
    for at, inside in old:
        if at == path and (inside == name or inside.startswith(f"{name}.")):
            yield (at, inside), (new_path, f"{new_name}{inside.removeprefix(name)}")


def _key(dotted: str, spot: Spot) -> _Key:
    return spot.path, dotted.removeprefix(f"{module_name(spot.path)}.")
