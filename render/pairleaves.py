"""The pages of a pair of releases: the whole of it, and each file that changed."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from render.behaviour import DifferingView, differing_views
from render.changenotes import ChangeNote, ChangeNotes
from render.comparelinks import has_diff
from render.comparepage import ComparePage, make_compare_page
from render.desk import Around, Desk, Leaf
from render.diffnotes import count_touched
from render.diffpage import DiffPage, make_diff_page
from render.diffrows import Side
from render.edition import Edition
from render.excerpts import find_tokens, list_file
from render.frames import find_neighbours
from render.insights import Names
from render.links import Links, diff_page, href, pair_page, release_page
from render.renditions import Rendition
from render.views import Choice


def find_changes(edition: Edition, old: str, new: str) -> ChangeNotes | None:
    """What people wrote about a pair."""
    return next((one for one in edition.changes if (one.old, one.new) == (old, new)), None)


def pair_leaves(desk: Desk, old: Rendition, new: Rendition) -> Iterator[Leaf]:
    """All of a pair's pages; only files of both releases that differ have their own."""
    changes = find_changes(desk.edition, old.name, new.name)
    links = replace(new.links, fallback=old.links)
    experiments = desk.edition.experiments.values()
    behaviour = differing_views(experiments, old.name, new.name, pair_page(old.name, new.name))
    shared = desk.insights.digester.digest(desk.insights.upstream, desk.insights.seen, desk.edition.links)
    release = shared, old.name, new.name, old.links, new.links
    written = desk.insights.written
    notes = [written[one.name, path] for one in (old, new) for path in one.volume.ground.tree.files]
    whole = *release, behaviour, changes, notes
    yield Leaf(pair_page(old.name, new.name), whole, partial(_pair, desk, behaviour, changes, links, old, new))
    diffs = desk.insights.diffs[old.name, new.name]
    around = find_neighbours([(str(path), diff_page(old.name, new.name, path)) for _, path in diffs])
    for names in diffs:
        here = diff_page(old.name, new.name, names[1])
        touching = _changes_on(changes, names)
        sides = written[old.name, names[0]], written[new.name, names[1]]
        inputs = *release, names, touching, *sides, around[here]
        yield Leaf(here, inputs, partial(_diff, desk, names, touching, links, old, new, around[here]))


def _pair(
    desk: Desk,
    behaviour: tuple[DifferingView, ...],
    changes: ChangeNotes | None,
    links: Links,
    old: Rendition,
    new: Rendition,
) -> ComparePage:
    here = pair_page(old.name, new.name)
    comparison = desk.insights.comparisons[old.name, new.name]
    package = desk.edition.releases.package
    touched = {
        pair.path: count_touched(pair, old.notes_on(pair.old.path), new.notes_on(pair.new.path))
        for pair in comparison.pairs
        if pair.old is not None and pair.new is not None and has_diff(pair)
    }
    releases = [Choice(name, href(release_page(name), "", here), False) for name in desk.edition.volumes]
    title, words = f"{old.name} → {new.name}", f"What changed in {package} from {old.name} to {new.name}."
    frame = desk.frame(here, title, words, release=new.name)
    return make_compare_page(frame, comparison, changes, touched, releases, behaviour, desk.pen(here, links))


def _diff(
    desk: Desk,
    names: Names,
    changes: tuple[ChangeNote, ...],
    links: Links,
    old: Rendition,
    new: Rendition,
    around: Around,
) -> DiffPage:
    before, after = names
    here = diff_page(old.name, new.name, after)
    comparison = desk.insights.comparisons[old.name, new.name]
    title = f"{after}, {old.name} → {new.name}"
    words = f"What changed in {after} of {desk.edition.releases.package} from {old.name} to {new.name}."
    return make_diff_page(
        desk.frame(here, title, words, around, new.name),
        comparison,
        next(pair for pair in comparison.pairs if pair.path == after),
        _side(old, before),
        _side(new, after),
        new.volume.ground.symbols[after],
        old.notes_on(before),
        new.notes_on(after),
        changes,
        desk.pen(here, links),
    )


def _side(rendition: Rendition, path: PurePosixPath) -> Side:
    file = rendition.volume.ground.tree.files[path]
    return Side(rendition.name, file, list_file(file), find_tokens(file))


def _changes_on(changes: ChangeNotes | None, names: Names) -> tuple[ChangeNote, ...]:
    """What is written about a file's lines on either side."""
    if changes is None:
        return ()
    sides = set(zip((changes.old, changes.new), names, strict=True))
    return tuple(note for note in changes.notes if (note.release, note.anchor.path) in sides)
