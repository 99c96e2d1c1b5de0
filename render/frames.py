"""What every page has around its own matter: sections, releases, neighbours, and the tree of files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from render.coverage import Coverage
from render.links import HOME, behaviour_page, file_page, href, licence_page, matrix_page
from render.views import Choice, Frame, TreeEntry

WHOLE_TREE = 150
"""Up to so many files, every file's page shows them all; beyond that, only the folders on the way to its own."""

_FILES = "_files"
_CHAPTERS = "_chapters"
_RELEASES = "_releases"


def make_frame(
    here: PurePosixPath,
    title: str,
    description: str,
    release: str,
    package: str,
    releases: tuple[Choice, ...],
    neighbours: tuple[Choice | None, Choice | None] = (None, None),
) -> Frame:
    """The frame of the page `here`, which is about `release`.

    `releases` lead to its like on each of them, `neighbours` are the pages before and after it.
    """
    project = f"{package}, annotated"
    full = project if title == project else f"{title} · {project}"
    sections = (
        Choice("Chapters", href(HOME, _CHAPTERS, here), False),
        Choice("Files", href(HOME, _FILES, here), False),
        Choice("Releases", href(HOME, _RELEASES, here), False),
        Choice("Notes", href(matrix_page(), "", here), here == matrix_page()),
        Choice("Behaviour", href(behaviour_page(), "", here), here == behaviour_page()),
    )
    licence = href(licence_page(release), "", here)
    home = href(HOME, "", here)
    return Frame(here, full, description, project, package, licence, home, releases, sections, *neighbours)


def find_neighbours(
    pages: Sequence[tuple[str, PurePosixPath]],
) -> Mapping[PurePosixPath, tuple[Choice | None, Choice | None]]:
    """For each of the named pages, which stand in their order of reading, the one before it and the one after it."""
    ends = (None, *pages, None)
    return {
        here: (_neighbour(before, here), _neighbour(after, here))
        for before, (_, here), after in zip(ends, pages, ends[2:], strict=False)
    }


def _neighbour(page: tuple[str, PurePosixPath] | None, here: PurePosixPath) -> Choice | None:
    return Choice(page[0], href(page[1], "", here), False) if page else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of a release: the figures of its files, and the folders in it, both in alphabetical order."""

    files: tuple[Coverage, ...]
    folders: Mapping[str, "Shelf"]


def shelve(figures: Iterable[Coverage], depth: int = 0) -> Shelf:
    """A release's files in their folders; the first `depth` parts of their paths are those of the folder itself."""
    rows = sorted(figures, key=lambda row: row.path)
    inner: dict[str, list[Coverage]] = {}
    for row in rows:
        if len(row.path.parts) > depth + 1:
            inner.setdefault(row.path.parts[depth], []).append(row)
    files = tuple(row for row in rows if len(row.path.parts) == depth + 1)
    return Shelf(files, {name: shelve(inner[name], depth + 1) for name in sorted(inner)})


def file_tree(
    shelf: Shelf, release: str, here: PurePosixPath, shown: PurePosixPath | None, *, whole: bool
) -> tuple[TreeEntry, ...]:
    """The release's files in their folders, folders first; `shown` is the file that the page is about.

    Without `whole`, only the folders on the way to that file are there.
    """
    return tuple(_entries(shelf, PurePosixPath(), release, here, shown, whole=whole))


def _entries(
    shelf: Shelf,
    folder: PurePosixPath,
    release: str,
    here: PurePosixPath,
    shown: PurePosixPath | None,
    *,
    whole: bool,
) -> Iterator[TreeEntry]:
    for name, inner in shelf.folders.items():
        path = folder / name
        on_the_way = shown is None or path in shown.parents
        if whole or on_the_way:
            entries = tuple(_entries(inner, path, release, here, shown, whole=whole))
            yield TreeEntry(name, None, None, False, on_the_way, entries)
    for row in shelf.files:
        percent = row.percent if row.code_lines else None
        address = href(file_page(release, row.path), "", here)
        yield TreeEntry(row.path.name, address, percent, row.path == shown, False, ())
