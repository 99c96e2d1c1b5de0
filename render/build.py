"""The order of every step, here and nowhere else: from a project to its site."""

from collections.abc import Callable
from typing import TypeAlias

from render.edition import Edition, read_edition
from render.excerpts import Memo, list_file
from render.links import licence_page
from render.output import Site
from render.pages import compose, count_pages
from render.project import Project
from render.theme import Theme

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told after each page: how many are done, of how many, and which it was."""


def build(project: Project, memo: Memo, progress: Progress) -> Site:
    """The whole site, in memory. Raises ProblemsFound when anything that people wrote does not hold."""
    return render_site(read_edition(project), memo, progress)


def render_site(edition: Edition, memo: Memo, progress: Progress) -> Site:
    """The site of a checked edition; `memo` keeps what the next build can use again."""
    theme = Theme()
    listings = {path: list_file(file, memo) for path, file in edition.ground.tree.files.items()}
    site = dict(theme.assets())
    site[licence_page(edition.release)] = edition.licence
    pages = count_pages(edition)
    for done, page in enumerate(compose(edition, listings), 1):
        site[page.frame.here] = theme.html(page)
        progress(done, pages, str(page.frame.here))
    return site
