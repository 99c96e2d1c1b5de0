"""Every page of the site, in the order of the site's own contents."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from render.behaviourpage import BehaviourPage, make_behaviour_page
from render.chapterpage import ChapterPage, make_chapter_page
from render.coveragepage import CoveragePage, make_coverage_page
from render.desk import Around, Desk, Leaf, Page
from render.experimentpage import ExperimentPage, make_experiment_page
from render.fileleaves import file_leaves
from render.frames import file_tree, find_neighbours, shelve
from render.homepage import HomePage, make_home_page, make_release_entry
from render.links import (
    HOME,
    behaviour_page,
    chapter_page,
    coverage_page,
    data_file,
    experiment_page,
    href,
    matrix_page,
    release_page,
)
from render.matrixpage import MatrixPage, find_written, make_matrix_page
from render.observations import Experiment
from render.pairleaves import find_changes, pair_leaves
from render.prose import plain_text
from render.releasepage import ReleasePage, make_release_page
from render.renditions import Rendition
from render.views import Choice

__all__ = ["Page", "compose"]


def compose(desk: Desk) -> Iterator[Leaf]:
    """Every page of a checked edition; nothing an author wrote can make this fail."""
    edition = desk.edition
    written = tuple(volume.notes for volume in edition.volumes.values())
    digest = desk.insights.digester.digest(
        edition.book, edition.experiments, edition.changes, edition.releases, edition.links, written
    )
    whole = desk.insights.upstream, digest
    yield Leaf(HOME, whole, lambda: _home(desk))
    yield from _chapters(desk, whole)
    yield Leaf(coverage_page(edition.release), whole, lambda: _coverage(desk))
    yield Leaf(matrix_page(), whole, lambda: _matrix(desk))
    yield Leaf(behaviour_page(), whole, lambda: _behaviour(desk))
    yield from _experiments(desk, whole)
    for rendition in desk.insights.renditions.values():
        yield _release(desk, rendition, whole)
        yield from file_leaves(desk, rendition)
    for old, new in combinations(desk.insights.renditions.values(), 2):
        yield from pair_leaves(desk, old, new)


def _home(desk: Desk) -> HomePage:
    edition, package = desk.edition, desk.edition.releases.package
    release = edition.documented.release
    figures = desk.insights.figures[edition.release]
    names = (None, *edition.volumes)
    return make_home_page(
        desk.frame(HOME, f"{package}, annotated", f"The source of {package} {release.name}, with notes."),
        edition.book,
        release,
        file_tree(shelve(figures), edition.release, HOME, None, whole=True),
        figures,
        sum(map(len, edition.ground.tree.files.values())),
        [
            make_release_entry(rendition, edition.release, before, HOME)
            for before, rendition in zip(names, desk.insights.renditions.values(), strict=False)
        ],
        desk.pen(HOME),
    )


def _chapters(desk: Desk, inputs: tuple[object, ...]) -> Iterator[Leaf]:
    edition = desk.edition
    titles = [plain_text(chapter.title.markdown) for chapter in edition.book.chapters]
    places = [chapter_page(edition.release, chapter.slug) for chapter in edition.book.chapters]
    around = find_neighbours(list(zip(titles, places, strict=True)))
    for number, here in enumerate(places, 1):
        yield Leaf(here, inputs, partial(_chapter, desk, number, around[here]))


def _chapter(desk: Desk, number: int, around: Around) -> ChapterPage:
    edition = desk.edition
    chapter = edition.book.chapters[number - 1]
    here = chapter_page(edition.release, chapter.slug)
    title, question = plain_text(chapter.title.markdown), plain_text(chapter.question.markdown)
    notes = {note.id: note for note in edition.all_notes}
    files = edition.ground.tree.files
    return make_chapter_page(desk.frame(here, title, question, around), number, chapter, notes, files, desk.pen(here))


def _coverage(desk: Desk) -> CoveragePage:
    release = desk.edition.release
    frame = desk.frame(coverage_page(release), "Coverage", "How much of the release is annotated.")
    return make_coverage_page(frame, desk.insights.figures[release], release)


def _matrix(desk: Desk) -> MatrixPage:
    here, names = matrix_page(), tuple(desk.edition.volumes)
    releases = [Choice(name, href(release_page(name), "", here), name == desk.edition.release) for name in names]
    written = tuple(find_written(desk.insights.renditions, desk.edition.release))
    frame = desk.frame(here, "Notes on every release", "How every note stands on every release.")
    return make_matrix_page(frame, releases, written, href(data_file("notes"), "", here), desk.pen(here))


def _experiments(desk: Desk, inputs: tuple[object, ...]) -> Iterator[Leaf]:
    experiments = tuple(desk.edition.experiments.values())
    around = find_neighbours([(one.title, experiment_page(one.slug)) for one in experiments])
    for one in experiments:
        here = experiment_page(one.slug)
        yield Leaf(here, inputs, partial(_experiment, desk, one, around[here]))


def _experiment(desk: Desk, experiment: Experiment, around: Around) -> ExperimentPage:
    frame = desk.frame(experiment_page(experiment.slug), experiment.title, experiment.question, around)
    names = {name: rendition.links.symbols for name, rendition in desk.insights.renditions.items()}
    return make_experiment_page(frame, experiment, desk.edition, names, desk.insights.comparisons)


def _behaviour(desk: Desk) -> BehaviourPage:
    here = behaviour_page()
    releases = [Choice(name, href(release_page(name), "", here), False) for name in desk.edition.volumes]
    frame = desk.frame(here, "Behaviour on every release", "What every release showed in every experiment.")
    data = href(data_file("behaviour"), "", here)
    return make_behaviour_page(frame, releases, desk.edition.experiments.values(), data)


def _release(desk: Desk, rendition: Rendition, inputs: tuple[object, ...]) -> Leaf:
    names = tuple(desk.edition.volumes)
    at = names.index(rendition.name)
    around = find_neighbours([(name, release_page(name)) for name in names])

    def make() -> ReleasePage:
        here = release_page(rendition.name)
        step = None
        if at:
            pair = names[at - 1], rendition.name
            step = desk.insights.comparisons[pair], find_changes(desk.edition, *pair)
        package = desk.edition.releases.package
        title, words = (
            f"{package} {rendition.name}",
            f"{package} {rendition.name}: what changed, and how the notes stand.",
        )
        return make_release_page(
            desk.frame(here, title, words, around[here], rendition.name),
            rendition,
            desk.edition.release,
            names,
            step,
            file_tree(shelve(desk.insights.figures[rendition.name]), rendition.name, here, None, whole=True),
            desk.pen(here, rendition.links),
        )

    return Leaf(release_page(rendition.name), inputs, make)
