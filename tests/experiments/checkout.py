"""The checkout that the experiments belong to, and the releases vendored in it."""

from pathlib import Path

from render.project import find_project
from render.releases import read_releases

PROJECT = find_project(Path(__file__))
RELEASES = read_releases(PROJECT.releases, PROJECT.name(PROJECT.releases))
UPSTREAM = PROJECT.tree(RELEASES.documented)
"""The release that the notes are written for."""
