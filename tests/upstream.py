"""The vendored release that the notes are written for, to hold against other readers of the same text."""

from pathlib import Path

from render.project import Project
from render.releases import read_releases
from render.source import Tree, read_tree

REPOSITORY = Project(Path(__file__).resolve().parents[1])


def read_upstream() -> Tree:
    releases = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
    folder = REPOSITORY.tree(releases.documented)
    return read_tree(folder, releases.documented, releases.package, REPOSITORY.name(folder))
