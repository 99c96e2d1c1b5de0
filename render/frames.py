"""What every page has around its own matter: sections, releases, neighbours, and the tree of files."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from render.coverage import Coverage
from render.links import HOME, coverage_page, file_page, href, licence_page
from render.views import Choice, Frame, TreeEntry

WHOLE_TREE = 150
"""Up to so many files, every page shows all of them; beyond that, only the folders on the way to its own."""

_FILES = "_files"
_CHAPTERS = "_chapters"


def make_frame(
    here: PurePosixPath,
    title: str,
    description: str,
    release: str,
    package: str,
    neighbours: tuple[Choice | None, Choice | None] = (None, None),
) -> Frame:
    """The frame of the page `here`; `neighbours` are the pages before and after it."""
    project = f"{package}, annotated"
    full = project if title == project else f"{title} · {project}"
    sections = (
        Choice("Chapters", href(HOME, _CHAPTERS, here), False),
        Choice("Files", href(HOME, _FILES, here), False),
        Choice("Coverage", href(coverage_page(release), "", here), here == coverage_page(release)),
    )
    releases = (Choice(release, href(HOME, "", here), True),)
    licence = href(licence_page(release), "", here)
    home = href(HOME, "", here)
    return Frame(here, full, description, project, package, licence, home, releases, sections, *neighbours)


def neighbours(pages: Sequence[tuple[str, PurePosixPath]], here: PurePosixPath) -> tuple[Choice | None, Choice | None]:
    """The named pages before and after `here` in their order of reading."""
    at = [page for _, page in pages].index(here)

    def choice(index: int) -> Choice | None:
        if not 0 <= index < len(pages):
            return None
        name, page = pages[index]
        return Choice(name, href(page, "", here), False)

    return choice(at - 1), choice(at + 1)


def file_tree(
    figures: Iterable[Coverage], release: str, here: PurePosixPath, shown: PurePosixPath | None
) -> tuple[TreeEntry, ...]:
    """The release's files in their folders, folders first; `shown` is the file that the page is about."""
    rows = {row.path: row for row in figures}
    if shown and len(rows) > WHOLE_TREE:
        rows = {path: row for path, row in rows.items() if path.parent in shown.parents}
    return _entries(rows, PurePosixPath(), release, here, shown)


def _entries(
    figures: Mapping[PurePosixPath, Coverage],
    folder: PurePosixPath,
    release: str,
    here: PurePosixPath,
    shown: PurePosixPath | None,
) -> tuple[TreeEntry, ...]:
    depth = len(folder.parts)
    below = [path for path in figures if path.parts[:depth] == folder.parts]
    folders = sorted({path.parts[depth] for path in below if len(path.parts) > depth + 1})
    entries = [
        TreeEntry(
            name,
            None,
            None,
            False,
            shown is None or (folder / name) in shown.parents,
            _entries(figures, folder / name, release, here, shown),
        )
        for name in folders
    ]
    for path in sorted(path for path in below if len(path.parts) == depth + 1):
        row = figures[path]
        percent = row.percent if row.code_lines else None
        address = href(file_page(release, path), "", here)
        entries.append(TreeEntry(path.name, address, percent, path == shown, False, ()))
    return tuple(entries)
