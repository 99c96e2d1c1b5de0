"""Rows of releases: small ones written in a test, and the vendored ones."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath
from textwrap import dedent

from render.anchors import Ground
from render.compare import Comparison, compare
from render.grounds import ground_of, read_release
from render.releases import read_releases
from render.source import SourceFile, Tree
from tests.upstream import REPOSITORY


def make_grounds(*releases: Mapping[str, str]) -> tuple[Ground, ...]:
    """Releases named 1, 2 and so on, of files by their names."""
    return tuple(ground_of(_make_tree(str(number), files)) for number, files in enumerate(releases, 1))


def compare_row(grounds: Sequence[Ground]) -> tuple[Comparison, ...]:
    """Each release with the next."""
    return tuple(compare(old.tree, new.tree) for old, new in pairwise(grounds))


@cache
def read_vendored() -> tuple[Ground, ...]:
    """Every release of the real project, in order of version."""
    releases = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
    return tuple(ground_of(read_release(REPOSITORY, releases, release.name)) for release in releases.all)


@cache
def compare_vendored() -> tuple[Comparison, ...]:
    return compare_row(read_vendored())


def _make_tree(release: str, files: Mapping[str, str]) -> Tree:
    paths = {PurePosixPath(name): dedent(text) for name, text in sorted(files.items())}
    return Tree(release, {path: SourceFile(path, text) for path, text in paths.items()})
