"""The home page: what this is, the picture, and the ways in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup, escape

from render.chapters import Book, Chapter
from render.coverage import Coverage
from render.links import chapter_page, coverage_page, href, pair_page, release_page
from render.pictureparts import PictureView, show_picture
from render.releases import Release
from render.remarks import Pen
from render.renditions import Rendition
from render.views import Choice, Frame, TreeEntry


@dataclass(frozen=True, slots=True)
class ChapterEntry:
    """A chapter as the home page lists it."""

    number: int
    title: Markup
    question: Markup
    href: str
    steps: int


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """A release as the home page lists it; `before` leads to what changed since the one before it."""

    name: str
    href: str
    date: str
    documented: bool
    file_count: int
    line_count: int
    notes: tuple[tuple[str, int], ...]
    before: Choice | None


@dataclass(frozen=True, slots=True)
class HomePage:
    """What this is, the picture, the ways in."""

    frame: Frame
    title: Markup
    intro: Markup
    picture: PictureView | None
    chapters: tuple[ChapterEntry, ...]
    tree: tuple[TreeEntry, ...]
    release: str
    date: str
    file_count: int
    note_count: int
    line_count: int
    coverage: str
    releases: tuple[ReleaseEntry, ...]


def make_home_page(
    frame: Frame,
    book: Book,
    release: Release,
    tree: tuple[TreeEntry, ...],
    figures: Sequence[Coverage],
    line_count: int,
    releases: Sequence[ReleaseEntry],
    pen: Pen,
) -> HomePage:
    """Everything that the home page shows; without a front page of its own, the project's name is its title."""
    front = book.front
    picture = front.picture if front else None
    return HomePage(
        frame,
        pen.line(front.title) if front else escape(frame.project),
        pen.block(front.intro) if front else Markup(),
        show_picture(picture, pen.address) if picture else None,
        tuple(_entry(number, chapter, pen) for number, chapter in enumerate(book.chapters, 1)),
        tree,
        release.name,
        release.date,
        len(figures),
        sum(row.notes for row in figures),
        line_count,
        href(coverage_page(release.name), "", frame.here),
        tuple(releases),
    )


def make_release_entry(rendition: Rendition, documented: str, before: str | None, here: PurePosixPath) -> ReleaseEntry:
    """One line of the list of releases."""
    name, files = rendition.name, rendition.volume.ground.tree.files
    pair = Choice(f"since {before}", href(pair_page(before, name), "", here), False) if before else None
    return ReleaseEntry(
        name,
        href(release_page(name), "", here),
        rendition.volume.release.date,
        name == documented,
        len(files),
        sum(map(len, files.values())),
        tuple(rendition.standings.items()),
        pair,
    )


def _entry(number: int, chapter: Chapter, pen: Pen) -> ChapterEntry:
    address = href(chapter_page(pen.links.release, chapter.slug), "", pen.here)
    return ChapterEntry(number, pen.line(chapter.title), pen.line(chapter.question), address, len(chapter.steps))
