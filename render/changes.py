"""One change from a release to another, in words that a machine can prove."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from render.source import Spot

Subject: TypeAlias = Literal[
    "file", "setting", "hook", "exception", "log message", "environment variable", "definition"
]

SUBJECTS: tuple[Subject, ...] = get_args(Subject)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of `name`: `kind` is "added", "removed", "renamed", "moved", "layout", or names what is different.

    `was` and `now` are the older and the newer value of that; `old` and `new` say where it stands. Each is None where
    there is nothing to tell.
    """

    subject: Subject
    kind: str
    name: str
    was: str | None
    now: str | None
    old: Spot | None
    new: Spot | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a release has and that its operators meet; `values` are what can be said of it, by name."""

    subject: Subject
    name: str
    values: Mapping[str, str | None]
    spot: Spot
