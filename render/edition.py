"""One release with all that people wrote about it: read, and checked against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.anchors import Ground, check_anchors
from render.chapters import Book, Step, read_book
from render.folders import find_strays
from render.links import Links, check_texts, index_symbols
from render.manifest import check_upstream
from render.notes import Note, NotesFile, Text, read_notes
from render.observations import Experiment, read_experiments
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project
from render.prose import plain_text
from render.releases import Releases, read_releases
from render.settings import find_settings
from render.source import Tree, read_tree
from render.symbols import find_symbols
from render.syntax import find_syntax_fault


@dataclass(frozen=True, slots=True)
class Edition:
    """A release whose notes, chapters and references all hold."""

    releases: Releases
    ground: Ground
    notes: Mapping[PurePosixPath, NotesFile]
    book: Book
    experiments: Mapping[str, Experiment]
    links: Links
    licence: bytes

    @property
    def release(self) -> str:
        return self.ground.tree.release

    def notes_on(self, path: PurePosixPath) -> tuple[Note, ...]:
        """The notes on a file, in the order of their lines."""
        return self.notes[path].notes if path in self.notes else ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all chapters, in reading order."""
        return tuple(step for chapter in self.book.chapters for step in chapter.steps)

    @property
    def all_notes(self) -> tuple[Note, ...]:
        return tuple(note for file in self.notes.values() for note in file.notes)


def read_edition(project: Project) -> Edition:
    """The documented release. Raises ProblemsFound with every problem of every file at once."""
    edition, problems = survey(project)
    refuse(problems)
    return edition


def survey(project: Project) -> tuple[Edition, tuple[Problem, ...]]:
    """The documented release as far as its files can be read, and what is wrong in them.

    Raises ProblemsFound when the vendored files or the list of releases cannot be read: then nothing can be judged.
    """
    releases = read_releases(project.releases, project.name(project.releases))
    edition, unread = _read(project, releases, read_ground(project, releases))
    vendored = [release.name for release in releases.all]
    problems = [*unread, *check_upstream(project, vendored), *_check_anchors(edition)]
    if not unread:  # a file that could not be read would make every reference to it a false alarm
        problems += _check_references(edition)
    return edition, tuple(problems)


def _read(project: Project, releases: Releases, ground: Ground) -> tuple[Edition, tuple[Problem, ...]]:
    """All that people wrote as far as it can be read, and what is wrong with the rest."""
    folder, chapters = project.notes(releases.documented), project.chapters(releases.documented)
    files, wrong_notes = read_notes(folder, project.name(folder), frozenset({chapters.name}))
    book, wrong_book = read_book(chapters, project.name(chapters))
    wrong_records: tuple[Problem, ...] = ()
    experiments: Mapping[str, Experiment] = {}
    try:
        experiments = {experiment.slug: experiment for experiment in read_experiments(project)}
    except ProblemsFound as error:
        wrong_records = error.problems
    notes = {file.path: file for file in files}
    links = _index(releases, ground, notes, book, experiments)
    licence = project.tree(releases.documented) / "LICENSE"
    strays = find_strays(project, {releases.documented, *(release.name for release in releases.all)})
    text = licence.read_bytes() if licence.is_file() else b""  # the manifest tells when it is gone
    edition = Edition(releases, ground, notes, book, experiments, links, text)
    return edition, (*strays, *wrong_notes, *wrong_book, *wrong_records)


def read_ground(project: Project, releases: Releases) -> Ground:
    """The documented release's files and the names they define.

    Raises ProblemsFound, also for Python that does not parse: what is said of it could not be proved.
    """
    folder = project.tree(releases.documented)
    if not folder.is_dir():
        message = f"{releases.documented} is documented and not vendored; run `annotated vendor {releases.documented}`"
        raise ProblemsFound([Problem(Place(project.name(project.releases), 1), message)])
    tree = read_tree(folder, releases.documented, releases.package, project.name(folder))
    faults = ((path, find_syntax_fault(file)) for path, file in tree.files.items())
    advice = f"run `annotated vendor {tree.release}`, or take a Python that can"
    refuse(
        Problem(
            Place(project.name(folder) / path, fault.line), f"this Python cannot parse it: {fault.message}; {advice}"
        )
        for path, fault in faults
        if fault
    )
    return ground_of(tree)


def ground_of(tree: Tree) -> Ground:
    """A tree with the names that its files define, none for what this Python cannot parse."""
    return Ground(tree, {path: find_symbols(file) for path, file in tree.files.items()})


def _index(
    releases: Releases,
    ground: Ground,
    notes: Mapping[PurePosixPath, NotesFile],
    book: Book,
    experiments: Mapping[str, Experiment],
) -> Links:
    return Links(
        releases.documented,
        releases.repository,
        index_symbols(symbol for symbols in ground.symbols.values() for symbol in symbols),
        frozenset(ground.tree.files),
        {setting.name: setting for setting in find_settings(ground.tree)},
        {note.id: (path, plain_text(note.title.markdown)) for path, file in notes.items() for note in file.notes},
        {chapter.slug: plain_text(chapter.title.markdown) for chapter in book.chapters},
        {slug: experiment.title for slug, experiment in experiments.items()},
    )


def _check_anchors(edition: Edition) -> Iterator[Problem]:
    """A file that is not upstream is told once, not for each of its notes."""
    files = edition.ground.tree.files
    for path, written in edition.notes.items():
        if path in files:
            yield from check_anchors((note.anchor for note in written.notes), edition.ground)
        else:
            yield Problem(written.place, f"{path} is not a file of {edition.release}; name one that is")
    yield from check_anchors((step.anchor for step in edition.steps if step.anchor), edition.ground)


def _texts(edition: Edition) -> Iterator[Text]:
    for file in edition.notes.values():
        if file.summary:
            yield file.summary
        for note in file.notes:
            yield from note.texts
    for chapter in edition.book.chapters:
        yield from chapter.texts
    if edition.book.front:
        yield from (edition.book.front.title, edition.book.front.intro)


def _cited(edition: Edition) -> Iterator[tuple[str, Place]]:
    """The slug of every experiment that is said to show something, and where that is said."""
    for note in edition.all_notes:
        yield from ((slug, note.observed_place) for slug in note.observed)
    for step in edition.steps:
        yield from ((slug, step.observed_place) for slug in step.observed)


def _check_references(edition: Edition) -> Iterator[Problem]:
    yield from check_texts(_texts(edition), edition.links)
    for step in edition.steps:
        if step.note is not None and step.note not in edition.links.notes:
            yield Problem(step.place, f"there is no note `{step.note}`; write the id of one")
    for slug, place in _cited(edition):
        if slug not in edition.experiments:
            yield Problem(place, f"there is no experiment `{slug}` that was run; record it, or mend the slug")
    picture = edition.book.front.picture if edition.book.front else None
    for box in picture.boxes if picture else ():
        found = edition.links.find(box.link)
        if isinstance(found, str):
            yield Problem(box.place, found)
