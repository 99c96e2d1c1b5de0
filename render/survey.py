"""Everything that people wrote, checked against the vendored files and against each other."""

from collections.abc import Iterable, Iterator

from render.anchors import check_anchors
from render.changenotes import ChangeNote, ChangeNotes, check_change_notes
from render.chapters import Step
from render.edition import Edition, Volume, read_what_is_readable
from render.grounds import read_ground
from render.indexes import index_release
from render.links import Links, check_texts
from render.manifest import check_upstream
from render.notes import Note, Text
from render.problems import Place, Problem, refuse
from render.project import Project
from render.releases import read_releases
from render.whereabouts import check_experiments


def read_edition(project: Project) -> Edition:
    """All that the site is made of. Raises ProblemsFound with every problem of every file at once."""
    edition, problems = survey(project)
    refuse(problems)
    return edition


def survey(project: Project) -> tuple[Edition, tuple[Problem, ...]]:
    """All that can be read, and what is wrong in it or cannot.

    Raises ProblemsFound when the vendored files or the list of releases cannot be read: then nothing can be judged.
    """
    releases = read_releases(project.releases, project.name(project.releases))
    vendored = [release.name for release in releases.all]
    read_ground(project, releases)
    edition, unread = read_what_is_readable(project, releases)
    problems = [*unread, *check_upstream(project, vendored), *_check_anchors(edition)]
    grounds = {name: volume.ground for name, volume in edition.volumes.items()}
    problems += check_experiments(edition.experiments.values(), grounds, edition.release)
    if not unread:  # a file that could not be read would make every reference to it a false alarm
        problems += _check_references(edition)
    return edition, tuple(problems)


def find_links(edition: Edition, volume: Volume) -> Links:
    """What a reference in a note may name that was written for one release."""
    if volume is edition.documented:
        return edition.links
    return index_release(volume.ground, volume.all_notes, edition.links)


def _check_anchors(edition: Edition) -> Iterator[Problem]:
    for volume in edition.volumes.values():
        yield from _check_notes(volume)
    yield from check_anchors((step.anchor for step in edition.steps if step.anchor), edition.ground)
    yield from check_change_notes(edition.changes, lambda release: edition.volumes[release].ground)


def _check_notes(volume: Volume) -> Iterator[Problem]:
    """A file that is not upstream is told once, not for each of its notes."""
    for path, written in volume.notes.items():
        if path in volume.ground.tree.files:
            yield from check_anchors((note.anchor for note in written.notes), volume.ground)
        else:
            yield Problem(written.place, f"{path} is not a file of {volume.release.name}; name one that is")


def _check_references(edition: Edition) -> Iterator[Problem]:
    yield from check_texts(_book_texts(edition), edition.links)
    for volume in edition.volumes.values():
        if volume.notes:
            yield from check_texts(_note_texts(volume), find_links(edition, volume))
    for changes in edition.changes:
        yield from check_texts(_change_texts(changes), _find_links_between(edition, changes))
    for step in edition.steps:
        if step.note is not None and step.note not in edition.links.notes:
            yield Problem(step.place, f"there is no note `{step.note}`; write the id of one")
    for slug, place in _cited(edition):
        if slug not in edition.experiments:
            yield Problem(place, f"there is no experiment `{slug}` that was run; record it, or mend the slug")
    for part in (part for picture in edition.book.pictures for part in picture.parts):
        found = edition.links.find(part.link)
        if isinstance(found, str):
            yield Problem(part.place, found)


def _find_links_between(edition: Edition, changes: ChangeNotes) -> Links:
    """The newer release's names go before the older one's."""
    old, new = edition.volumes[changes.old], edition.volumes[changes.new]
    return index_release(new.ground, new.all_notes, index_release(old.ground, old.all_notes, edition.links))


def _book_texts(edition: Edition) -> Iterator[Text]:
    for chapter in edition.book.chapters:
        yield from chapter.texts
    if edition.book.front:
        yield from (edition.book.front.title, edition.book.front.intro)


def _note_texts(volume: Volume) -> Iterator[Text]:
    for file in volume.notes.values():
        if file.summary:
            yield file.summary
        for note in file.notes:
            yield from note.texts


def _change_texts(changes: ChangeNotes) -> Iterator[Text]:
    if changes.summary:
        yield changes.summary
    for note in changes.notes:
        yield from note.texts


def _cited(edition: Edition) -> Iterator[tuple[str, Place]]:
    """The slug of every experiment that is said to show something, and where that is said."""
    notes: Iterable[Note | Step | ChangeNote] = (
        *(note for volume in edition.volumes.values() for note in volume.all_notes),
        *edition.steps,
        *(note for changes in edition.changes for note in changes.notes),
    )
    for claim in notes:
        yield from ((slug, claim.observed_place) for slug in claim.observed)
