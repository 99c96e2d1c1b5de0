"""Every vendored release with all that people wrote about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.anchors import Ground
from render.changenotes import ChangeNotes, read_change_notes
from render.chapters import Book, Step, read_book
from render.folders import find_strays
from render.grounds import ground_of, read_release
from render.indexes import index_edition
from render.links import Links
from render.notes import Note, NotesFile, read_notes
from render.observations import Experiment, read_experiments
from render.problems import Problem, ProblemsFound
from render.project import Project
from render.releases import Release, Releases


@dataclass(frozen=True, slots=True)
class Volume:
    """A vendored release, and the notes that were written for it."""

    release: Release
    ground: Ground
    notes: Mapping[PurePosixPath, NotesFile]
    licence: bytes

    @property
    def all_notes(self) -> tuple[Note, ...]:
        return tuple(note for file in self.notes.values() for note in file.notes)


@dataclass(frozen=True, slots=True)
class Edition:
    """Every vendored release, in order of version, and all that was written about them; all of it holds.

    `book` and `links` are the documented release's.
    """

    releases: Releases
    volumes: Mapping[str, Volume]
    book: Book
    experiments: Mapping[str, Experiment]
    changes: tuple[ChangeNotes, ...]
    links: Links

    @property
    def release(self) -> str:
        """The documented one."""
        return self.releases.documented

    @property
    def documented(self) -> Volume:
        return self.volumes[self.release]

    @property
    def ground(self) -> Ground:
        return self.documented.ground

    @property
    def notes(self) -> Mapping[PurePosixPath, NotesFile]:
        return self.documented.notes

    @property
    def all_notes(self) -> tuple[Note, ...]:
        return self.documented.all_notes

    def notes_on(self, path: PurePosixPath) -> tuple[Note, ...]:
        """The notes on a file of the documented release, in the order of their lines."""
        return self.notes[path].notes if path in self.notes else ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all chapters, in reading order."""
        return tuple(step for chapter in self.book.chapters for step in chapter.steps)


def read_what_is_readable(project: Project, releases: Releases) -> tuple[Edition, tuple[Problem, ...]]:
    """All that people wrote as far as it can be read, and what is wrong with the rest."""
    problems = [*find_strays(project, {release.name for release in releases.all})]
    volumes: dict[str, Volume] = {}
    for release in releases.all:
        volumes[release.name], wrong = _read_volume(project, releases, release)
        problems += wrong
    chapters = project.chapters(releases.documented)
    book, wrong_book = read_book(chapters, project.name(chapters))
    changes, wrong_changes = read_change_notes(project.changes, project.name(project.changes), releases)
    problems += (*wrong_book, *wrong_changes)
    experiments: Mapping[str, Experiment] = {}
    try:
        experiments = {experiment.slug: experiment for experiment in read_experiments(project)}
    except ProblemsFound as error:
        problems += error.problems
    volume = volumes[releases.documented]
    links = index_edition(releases.repository, volume.ground, volume.all_notes, book, experiments, changes)
    return Edition(releases, volumes, book, experiments, changes, links), tuple(problems)


def _read_volume(project: Project, releases: Releases, release: Release) -> tuple[Volume, tuple[Problem, ...]]:
    """A release that is listed and not vendored has no files; `check_upstream` tells."""
    folder = project.notes(release.name)
    apart = frozenset({project.chapters(release.name).name})
    files, wrong = read_notes(folder, project.name(folder), apart) if folder.is_dir() else ((), ())
    licence = project.tree(release.name) / "LICENSE"
    text = licence.read_bytes() if licence.is_file() else b""  # the manifest tells when it is gone
    ground = ground_of(read_release(project, releases, release.name))
    return Volume(release, ground, {file.path: file for file in files}, text), wrong
