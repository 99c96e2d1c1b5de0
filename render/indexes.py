"""What references may name: the definitions and settings of a release, and the titles of what people wrote."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from render.anchors import Ground
from render.changenotes import ChangeNotes
from render.chapters import Book
from render.links import Links
from render.notes import Note
from render.observations import Experiment
from render.prose import plain_text
from render.settings import find_settings


def index_edition(
    repository: str,
    ground: Ground,
    notes: Iterable[Note],
    book: Book,
    experiments: Mapping[str, Experiment],
    changes: Iterable[ChangeNotes],
) -> Links:
    """The documented release's, with all that belongs to no release."""
    chapters = {chapter.slug: plain_text(chapter.title.markdown) for chapter in book.chapters}
    titles = {slug: experiment.title for slug, experiment in experiments.items()}
    steps = {note.id: (one.old, one.new, plain_text(note.title.markdown)) for one in changes for note in one.notes}
    return _index(repository, ground, notes, chapters, titles, steps, None)


def index_release(ground: Ground, notes: Iterable[Note], fallback: Links) -> Links:
    """Another release's; `notes` have their places there. What it has not is looked up in `fallback`."""
    return _index(fallback.repository, ground, notes, {}, {}, {}, fallback)


def _index(
    repository: str,
    ground: Ground,
    notes: Iterable[Note],
    chapters: Mapping[str, str],
    experiments: Mapping[str, str],
    changes: Mapping[str, tuple[str, str, str]],
    fallback: Links | None,
) -> Links:
    places: dict[str, tuple[PurePosixPath, str]] = {
        note.id: (note.anchor.path, plain_text(note.title.markdown)) for note in notes
    }
    return Links(
        ground.tree.release,
        repository,
        ground.names,
        tuple(ground.tree.files),
        {setting.name: setting for setting in find_settings(ground.tree)},
        places,
        chapters,
        experiments,
        changes,
        fallback,
    )
