"""Every page of the site, in the order of the site's own contents."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from render.chapterpage import ChapterPage, make_chapter_page
from render.chapters import Chapter
from render.coverage import Coverage, measure
from render.coveragepage import CoveragePage, make_coverage_page
from render.edition import Edition
from render.excerpts import Listing
from render.experimentpage import ExperimentPage, make_experiment_page
from render.filepage import FilePage, make_file_page
from render.frames import file_tree, make_frame, neighbours
from render.homepage import HomePage, make_home_page
from render.links import HOME, chapter_page, coverage_page, experiment_page, file_page
from render.observations import Experiment
from render.prose import plain_text
from render.remarks import Pen
from render.views import Frame

Page: TypeAlias = HomePage | ChapterPage | FilePage | CoveragePage | ExperimentPage

Listings: TypeAlias = Mapping[PurePosixPath, Listing]


def measure_edition(edition: Edition) -> tuple[Coverage, ...]:
    """The figures of every file, in alphabetical order."""
    ground = edition.ground
    return tuple(
        measure(file, ground.symbols[path], edition.notes_on(path)) for path, file in ground.tree.files.items()
    )


def count_pages(edition: Edition) -> int:
    """How many pages `compose` will give."""
    return 2 + len(edition.book.chapters) + len(edition.ground.tree.files) + len(edition.experiments)


def compose(edition: Edition, listings: Listings) -> Iterator[Page]:
    """Every page of a checked edition; nothing an author wrote can make this fail."""
    figures = measure_edition(edition)
    yield _home(edition, figures)
    for chapter in edition.book.chapters:
        yield _chapter(edition, chapter, listings)
    for path in edition.ground.tree.files:
        yield _file(edition, path, figures, listings[path])
    yield make_coverage_page(
        _frame(edition, coverage_page(edition.release), "Coverage", "How much of the release is annotated."),
        figures,
        edition.release,
    )
    for experiment in edition.experiments.values():
        yield _experiment(edition, experiment)


def _pen(edition: Edition, here: PurePosixPath) -> Pen:
    return Pen(edition.links, edition.links.experiments, here)


def _frame(
    edition: Edition,
    here: PurePosixPath,
    title: str,
    description: str,
    order: tuple[tuple[str, PurePosixPath], ...] = (),
) -> Frame:
    around = neighbours(order, here) if order else (None, None)
    return make_frame(here, title, description, edition.release, edition.releases.package, around)


def _home(edition: Edition, figures: tuple[Coverage, ...]) -> HomePage:
    package = edition.releases.package
    release = edition.releases.find(edition.release)
    assert release is not None, "read_releases proved it"
    return make_home_page(
        _frame(edition, HOME, f"{package}, annotated", f"The source of {package} {release.name}, with notes."),
        edition.book,
        release,
        file_tree(figures, edition.release, HOME, None),
        figures,
        sum(map(len, edition.ground.tree.files.values())),
        _pen(edition, HOME),
    )


def _chapter(edition: Edition, chapter: Chapter, listings: Listings) -> ChapterPage:
    chapters = edition.book.chapters
    here = chapter_page(edition.release, chapter.slug)
    order = tuple((plain_text(one.title.markdown), chapter_page(edition.release, one.slug)) for one in chapters)
    title, question = plain_text(chapter.title.markdown), plain_text(chapter.question.markdown)
    return make_chapter_page(
        _frame(edition, here, title, question, order),
        chapters.index(chapter) + 1,
        chapter,
        {note.id: note for note in edition.all_notes},
        listings,
        _pen(edition, here),
    )


def _file(edition: Edition, path: PurePosixPath, figures: tuple[Coverage, ...], listing: Listing) -> FilePage:
    release = edition.release
    here = file_page(release, path)
    order = tuple((str(one), file_page(release, one)) for one in edition.ground.tree.files)
    written = edition.notes.get(path)
    summary = written.summary if written else None
    description = plain_text(summary.markdown) if summary else f"{path} of {edition.releases.package} {release}."
    return make_file_page(
        _frame(edition, here, str(path), description, order),
        file_tree(figures, release, here, path),
        edition.ground.tree.files[path],
        listing,
        edition.ground.symbols[path],
        edition.notes_on(path),
        summary,
        [step.anchor.span for step in edition.steps if step.anchor and step.anchor.path == path],
        _pen(edition, here),
    )


def _experiment(edition: Edition, experiment: Experiment) -> ExperimentPage:
    here = experiment_page(experiment.slug)
    order = tuple((one.title, experiment_page(one.slug)) for one in edition.experiments.values())
    return make_experiment_page(
        _frame(edition, here, experiment.title, experiment.question, order),
        experiment,
        edition.all_notes,
        edition.release,
    )
