"""Which releases are vendored, and which of them the notes are written for: `upstream/releases.yaml`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from render.document import Document, find_node, read_document
from render.problems import Problem, refuse
from render.validation import validate

_END = (4, 0)
_RANKS: Mapping[str, int] = {"dev": 0, "a": 1, "b": 2, "rc": 3, "post": 5, "": 6}
"""What comes sooner when all before it is the same; `_END` ranks a name that has no more."""


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no day: {error}; write it as in 2024-08-10") from None
    return text


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    release: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?$")]
    date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
    sdist: Annotated[str, Field(pattern=r"^[\w.-]+\.tar\.gz$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    package: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
    repository: Annotated[str, Field(pattern=r"^https://\S+[^/\s]$")]
    documented: str
    releases: list[_Row]


@dataclass(frozen=True, slots=True)
class Release:
    """`date` is the day of publication (ISO 8601); `sha256` is the registry's digest of the file `sdist`."""

    name: str
    date: str
    sdist: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Releases:
    """`documented` names the release that the notes are written for; `all` is in order of version."""

    package: str
    repository: str
    documented: str
    all: tuple[Release, ...]

    def find(self, name: str) -> Release | None:
        return next((release for release in self.all if release.name == name), None)


def read_releases(file: Path, path: PurePosixPath) -> Releases:
    """Raises ProblemsFound as `parse_releases` does and for a documented release that is not listed, and OSError."""
    document = read_document(file, path)
    releases = parse_releases(document)
    refuse(_unlisted(document, releases))
    return releases


def parse_releases(document: Document) -> Releases:
    """The list as it is before the documented release was vendored for the first time.

    Raises ProblemsFound for a malformed document and for a release that is listed twice.
    """
    model = validate(document, _File)
    refuse(_repeated(document, [row.release for row in model.releases]))
    rows = sorted(model.releases, key=lambda row: version_key(row.release))
    return Releases(
        model.package,
        model.repository,
        model.documented,
        tuple(Release(row.release, row.date, row.sdist, row.sha256) for row in rows),
    )


def _unlisted(document: Document, releases: Releases) -> Iterator[Problem]:
    name = releases.documented
    if not releases.find(name):
        _, line = find_node(document.root, ("documented",))
        advice = f"run `annotated vendor {name} --accept-new`, or name one that is listed"
        yield Problem(document.place(line), f"{name} is documented and not listed below; {advice}")


def _repeated(document: Document, names: Sequence[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            _, line = find_node(document.root, ("releases", index, "release"))
            yield Problem(document.place(line), f"{name} is listed before; keep one")


def version_key(name: str) -> tuple[tuple[int, int], ...]:
    """Sorts "19.10.0" before "20.1.0" and "20.1.0rc1" before that, in the order of PEP 440."""
    parts = re.findall(r"(dev|a|b|rc|post|)([0-9]+)", name)
    return (*((_RANKS[word], int(number)) for word, number in parts), _END)
