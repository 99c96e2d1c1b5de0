"""The pages of a release's files."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from render.desk import Around, Desk, Leaf
from render.filepage import FilePage, Past, make_file_page
from render.frames import WHOLE_TREE, Shelf, file_tree, find_neighbours, shelve
from render.links import file_page, release_page
from render.notes import Text
from render.prose import plain_text
from render.renditions import Rendition
from render.source import Span
from render.whereabouts import linked_spans


def file_leaves(desk: Desk, rendition: Rendition) -> Iterator[Leaf]:
    """Every file, with notes or without."""
    files = rendition.volume.ground.tree.files
    around = find_neighbours([(str(path), file_page(rendition.name, path)) for path in files])
    shelf = shelve(desk.insights.figures[rendition.name])
    links = rendition.links, desk.edition.links
    package = desk.edition.releases.package
    shared = desk.insights.digester.digest(
        desk.insights.upstream, rendition.name, links, shelf, package, desk.insights.seen
    )
    experiments = desk.edition.experiments.values()
    linked = linked_spans(experiments, desk.edition.volumes, rendition.name, rendition.links.symbols)
    for path in files:
        here = file_page(rendition.name, path)
        yield _leaf(desk, rendition, path, shelf, linked.get(path, ()), around[here], shared)


def _leaf(
    desk: Desk,
    rendition: Rendition,
    path: PurePosixPath,
    shelf: Shelf,
    linked: tuple[Span, ...],
    around: Around,
    shared: str,
) -> Leaf:
    """`linked` are lines that experiments name; `shared` is the digest of what all files of the release have."""
    here = file_page(rendition.name, path)
    placed, summary, quoted = (
        rendition.notes.get(path, ()),
        _summary(desk, rendition, path),
        (*_quoted(desk, rendition, path), *linked),
    )

    title = str(path) if rendition.name == desk.edition.release else f"{path}, {rendition.name}"

    def make() -> FilePage:
        description = plain_text(summary.markdown) if summary else f"{path} of {package} {rendition.name}."
        crossings = {
            other: desk.insights.crossings[rendition.name, other][path]
            for other in desk.edition.volumes
            if other != rendition.name
        }

        def same_file(release: str) -> PurePosixPath:
            there = path if release == rendition.name else crossings[release].path
            return file_page(release, there) if there else release_page(release)

        past = Past(desk.insights.careers[rendition.name][path], desk.insights.ages[rendition.name][path], crossings)
        return make_file_page(
            desk.frame(here, title, description, around, rendition.name, same_file),
            file_tree(shelf, rendition.name, here, path, whole=len(rendition.volume.ground.tree.files) <= WHOLE_TREE),
            rendition.volume.ground,
            path,
            placed,
            summary,
            quoted,
            past,
            desk.pen(here, rendition.links),
        )

    package = desk.edition.releases.package
    return Leaf(here, (shared, path, desk.insights.written[rendition.name, path], summary, quoted, around), make)


def _summary(desk: Desk, rendition: Rendition, path: PurePosixPath) -> Text | None:
    """What is written about the whole file for its release or, where the file reads the same, for the documented."""
    own, written = rendition.volume.notes.get(path), desk.edition.notes.get(path)
    if own and own.summary:
        return own.summary
    documented = desk.edition.ground.tree.files.get(path)
    is_same = documented is not None and documented.text == rendition.volume.ground.tree.files[path].text
    return written.summary if written and is_same else None


def _quoted(desk: Desk, rendition: Rendition, path: PurePosixPath) -> tuple[Span, ...]:
    """The lines that chapters quote, which is from the documented release only."""
    if rendition.name != desk.edition.release:
        return ()
    return tuple(step.anchor.span for step in desk.edition.steps if step.anchor and step.anchor.path == path)
