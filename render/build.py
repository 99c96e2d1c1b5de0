"""The order of every step, here and nowhere else: from a project to its site."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from typing import TypeAlias

from render.behaviourpage import behaviour_json
from render.cache import Cache
from render.desk import Desk, Leaf
from render.edition import Edition
from render.insights import Insights
from render.lazily import Lazily
from render.links import data_file, licence_page
from render.matrixpage import matrix_json
from render.output import Draft, Site
from render.pages import compose
from render.project import Project
from render.survey import read_edition
from render.theme import Theme

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told after each file: how many are done, of how many, and which it was."""


def build(project: Project, cache: Cache, progress: Progress) -> Site:
    """The whole site, in memory. Raises ProblemsFound when anything that people wrote does not hold."""
    site = draft(project, cache).site
    made: dict[PurePosixPath, bytes] = {}
    for done, path in enumerate(site, 1):
        made[path] = site[path]
        progress(done, len(site), str(path))
    return made


def draft(project: Project, cache: Cache) -> Draft:
    """The site, none of it made yet. Raises ProblemsFound when anything that people wrote does not hold."""
    return draft_site(read_edition(project), cache)


def draft_site(edition: Edition, cache: Cache) -> Draft:
    """The site of a checked edition."""
    theme = Theme()
    desk = Desk(edition, Insights(edition, cache))
    contents = dict(_plain_files(desk, theme))
    digest = desk.insights.digester.digest
    leaves = {leaf.here: (leaf, digest(theme.digest, *leaf.inputs)) for leaf in compose(desk)}

    def make(path: PurePosixPath) -> bytes:
        if path in contents:
            return contents[path]
        leaf, key = leaves[path]
        return cache.get("page", f"{path} {key}", partial(_render, theme, leaf))

    paths = (*contents, *leaves)
    whole = digest({str(path): content for path, content in contents.items()}, [key for _, key in leaves.values()])
    return Draft(Lazily(paths, make), whole[:16])


def _plain_files(desk: Desk, theme: Theme) -> Site:
    """What is not a page: assets, licences, and what is told to machines."""
    licences = {licence_page(name): volume.licence for name, volume in desk.edition.volumes.items()}
    notes = matrix_json(desk.insights.renditions, desk.edition.release).encode()
    behaviour = behaviour_json(desk.edition.experiments.values(), tuple(desk.edition.volumes)).encode()
    return {**theme.assets(), **licences, data_file("notes"): notes, data_file("behaviour"): behaviour}


def _render(theme: Theme, leaf: Leaf) -> bytes:
    return theme.html(leaf.make())
