"""Vendored text by line number; knows no Python and no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from render.problems import Place, Problem, refuse


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines of a file: 1-based, both ends in."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}" if self.last > self.first else f"{self.first}"

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last

    def covers(self, other: "Span") -> bool:
        """Whether every line of the other span is a line of this one."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Span") -> bool:
        """Whether the two have a line in common."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Lines of one file of a release."""

    path: PurePosixPath
    span: Span

    def __str__(self) -> str:
        return f"{self.path}:{self.span}"

    def overlaps(self, other: "Spot") -> bool:
        return self.path == other.path and self.span.meets(other.span)


@dataclass(frozen=True)
class SourceFile:
    """One file's text; `path` is its name inside the release, as in `gunicorn/arbiter.py`."""

    path: PurePosixPath
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their newlines; the only place where lines are counted from 0."""
        return split_lines(self.text)

    def __len__(self) -> int:
        return len(self.lines)

    def line(self, line: int) -> str:
        return self.lines[line - 1]

    def cut(self, span: Span) -> tuple[str, ...]:
        """The lines of a span that lies inside the file."""
        return self.lines[span.first - 1 : span.last]

    def cut_text(self, span: Span) -> str:
        """The text of a span, each line closed by a newline."""
        return "".join(f"{line}\n" for line in self.cut(span))


@dataclass(frozen=True, slots=True)
class Tree:
    """A release's files by their names inside the release, in alphabetical order."""

    release: str
    files: Mapping[PurePosixPath, SourceFile]


def split_lines(text: str) -> tuple[str, ...]:
    """Cut at newlines and nowhere else: `str.splitlines` also cuts at form feeds and other separators."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return tuple(lines)


def read_tree(folder: Path, release: str, package: str, name: PurePosixPath) -> Tree:
    """Read `package` below `folder`, the vendored files of a release; `name` is how problems call `folder`.

    Raises ProblemsFound for a file that is not UTF-8 text with plain newlines.
    """
    files: dict[PurePosixPath, SourceFile] = {}
    problems: list[Problem] = []
    for path in sorted((folder / package).rglob("*")):
        inside = PurePosixPath(path.relative_to(folder))
        if not path.is_file() or "__pycache__" in inside.parts:
            continue
        try:
            files[inside] = SourceFile(inside, _decode(path.read_bytes()))
        except ValueError as error:
            problems.append(Problem(Place(name / inside, 1), str(error)))
    refuse(problems)
    return Tree(release, files)


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start}), so it cannot be shown; vendor it anew") from None
    if text.startswith("\ufeff") or "\r" in text:
        raise ValueError("a byte-order mark or carriage returns, which would shift its line numbers; vendor it anew")
    return text
