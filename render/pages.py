"""Every page of the site, in the order of the site's own contents."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from render.chapterpage import ChapterPage, make_chapter_page
from render.coverage import Coverage, measure
from render.coveragepage import CoveragePage, make_coverage_page
from render.edition import Edition
from render.excerpts import Listing
from render.experimentpage import ExperimentPage, make_experiment_page
from render.filepage import FilePage, make_file_page
from render.frames import WHOLE_TREE, file_tree, find_neighbours, make_frame, shelve
from render.homepage import HomePage, make_home_page
from render.links import HOME, chapter_page, coverage_page, experiment_page, file_page
from render.prose import plain_text
from render.remarks import Pen
from render.views import Choice, Frame

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
    yield from _chapters(edition, listings)
    yield from compose_files(edition, figures, listings)
    yield _coverage(edition, figures)
    yield from _experiments(edition)


def compose_files(edition: Edition, figures: Sequence[Coverage], listings: Listings) -> Iterator[FilePage]:
    """The page of every file, with notes or without."""
    release, files = edition.release, edition.ground.tree.files
    around = find_neighbours([(str(path), file_page(release, path)) for path in files])
    shelf, whole = shelve(figures), len(files) <= WHOLE_TREE
    anchors = [step.anchor for step in edition.steps if step.anchor]
    for path, file in files.items():
        here = file_page(release, path)
        written = edition.notes.get(path)
        summary = written.summary if written else None
        description = plain_text(summary.markdown) if summary else f"{path} of {edition.releases.package} {release}."
        yield make_file_page(
            _frame(edition, here, str(path), description, around[here]),
            file_tree(shelf, release, here, path, whole=whole),
            file,
            listings[path],
            edition.ground.symbols[path],
            edition.notes_on(path),
            summary,
            [anchor.span for anchor in anchors if anchor.path == path],
            _pen(edition, here),
        )


def _home(edition: Edition, figures: Sequence[Coverage]) -> HomePage:
    package = edition.releases.package
    release = edition.releases.find(edition.release)
    assert release is not None, "read_releases proved it"
    return make_home_page(
        _frame(edition, HOME, f"{package}, annotated", f"The source of {package} {release.name}, with notes."),
        edition.book,
        release,
        file_tree(shelve(figures), edition.release, HOME, None, whole=True),
        figures,
        sum(map(len, edition.ground.tree.files.values())),
        _pen(edition, HOME),
    )


def _chapters(edition: Edition, listings: Listings) -> Iterator[ChapterPage]:
    chapters = edition.book.chapters
    titles = {chapter.slug: plain_text(chapter.title.markdown) for chapter in chapters}
    around = find_neighbours([(title, chapter_page(edition.release, slug)) for slug, title in titles.items()])
    notes = {note.id: note for note in edition.all_notes}
    for number, chapter in enumerate(chapters, 1):
        here = chapter_page(edition.release, chapter.slug)
        frame = _frame(edition, here, titles[chapter.slug], plain_text(chapter.question.markdown), around[here])
        yield make_chapter_page(frame, number, chapter, notes, listings, _pen(edition, here))


def _coverage(edition: Edition, figures: Sequence[Coverage]) -> CoveragePage:
    here = coverage_page(edition.release)
    frame = _frame(edition, here, "Coverage", "How much of the release is annotated.")
    return make_coverage_page(frame, figures, edition.release)


def _experiments(edition: Edition) -> Iterator[ExperimentPage]:
    experiments = edition.experiments.values()
    around = find_neighbours([(one.title, experiment_page(one.slug)) for one in experiments])
    for experiment in experiments:
        here = experiment_page(experiment.slug)
        frame = _frame(edition, here, experiment.title, experiment.question, around[here])
        yield make_experiment_page(frame, experiment, edition.all_notes, edition.release)


def _pen(edition: Edition, here: PurePosixPath) -> Pen:
    return Pen(edition.links, edition.links.experiments, here)


def _frame(
    edition: Edition,
    here: PurePosixPath,
    title: str,
    description: str,
    around: tuple[Choice | None, Choice | None] = (None, None),
) -> Frame:
    return make_frame(here, title, description, edition.release, edition.releases.package, around)
