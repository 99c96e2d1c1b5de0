"""What is wrong in what a person wrote, and where.

Knows nothing of YAML, Python or HTML: a problem is a place and a sentence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; `path` is relative to the project's root, `line` is 1-based."""

    path: PurePosixPath
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    def below(self, lines: int) -> "Place":
        """The place so many lines further down in the same file."""
        return Place(self.path, self.line + lines)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that a person has to mend: what is, what was said, what to do."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ProblemsFound(Exception):
    """Raised once for all problems of a stage; `problems` is sorted by place and free of repeats."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `ProblemsFound` if there is any problem."""
    found = tuple(problems)
    if found:
        raise ProblemsFound(found)
