"""The page of a release: what changed since the one before, and how the notes stand on it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from render.changenotes import ChangeNotes
from render.compare import Comparison
from render.likeness import Likeness
from render.links import file_page, href, lines_id, pair_page
from render.remarks import Pen
from render.renditions import Lost, Placed, Rendition, Standing
from render.source import Span
from render.views import Choice, Frame, TreeEntry


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of something; `href` leads to them."""

    count: int
    words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class StepView:
    """What changed from a release to the next, by subject, with the titles of what is written about it."""

    pair: Choice
    figures: tuple[tuple[str, tuple[Figure, ...]], ...]
    notes: tuple[tuple[Markup, str], ...]


@dataclass(frozen=True, slots=True)
class EditedView:
    """A note whose text reads otherwise on this release."""

    title: Markup
    href: str
    place: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    """Where a lost note may have stood, and how much the text there is like its own: from 0 to 100."""

    place: Choice
    percent: int


@dataclass(frozen=True, slots=True)
class LostView:
    """A note without an honest place; `fits` leads to it on the nearest release on which it stands."""

    id: str
    title: Markup
    fits: Choice
    candidates: tuple[CandidateView, ...]


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """One release: `standing` counts its notes by how they stand, `documented` names the release of the notes."""

    frame: Frame
    release: str
    date: str
    documented: str
    is_documented: bool
    file_count: int
    line_count: int
    before: StepView | None
    others: tuple[Choice, ...]
    standing: tuple[Figure, ...]
    edited: tuple[EditedView, ...]
    lost: tuple[LostView, ...]
    tree: tuple[TreeEntry, ...]


_STANDING_WORDS: dict[Standing, str] = {
    "written": "written for this release",
    "kept": "at the same lines",
    "moved": "on the same text at other lines",
    "edited": "on text that reads otherwise here",
    "lost": "without a place here",
}


def make_release_page(
    frame: Frame,
    rendition: Rendition,
    documented: str,
    releases: Sequence[str],
    step: tuple[Comparison, ChangeNotes | None] | None,
    tree: tuple[TreeEntry, ...],
    pen: Pen,
) -> ReleasePage:
    """Everything that a release's page shows; `step` is the one from the release before, None for the oldest.

    `releases` are all that are vendored, in order of version.
    """
    files = rendition.volume.ground.tree.files
    here = releases.index(rendition.name)
    others = (
        Choice(other, href(pair_page(*sorted((other, rendition.name), key=releases.index)), "", frame.here), False)
        for at, other in enumerate(releases)
        if at != here
    )
    return ReleasePage(
        frame,
        rendition.name,
        rendition.volume.release.date,
        documented,
        rendition.name == documented,
        len(files),
        sum(map(len, files.values())),
        _step(*step, pen) if step else None,
        tuple(others),
        tuple(_standing(rendition)),
        tuple(_edited(one, pen) for one in rendition.all_notes if one.standing == "edited"),
        tuple(_lost(one, rendition.name, pen) for one in rendition.lost),
        tree,
    )


def _step(comparison: Comparison, written: ChangeNotes | None, pen: Pen) -> StepView:
    page = pair_page(comparison.old, comparison.new)
    figures = []
    for subject, changes in groupby(comparison.changes, key=lambda change: change.subject):
        kinds = Counter(_kind(change.kind) for change in changes)
        figures.append((f"{subject}s", tuple(Figure(count, kind, None) for kind, count in sorted(kinds.items()))))
    notes = ((pen.line(note.title), href(page, note.id, pen.here)) for note in (written.notes if written else ()))
    pair = Choice(f"{comparison.old} → {comparison.new}", href(page, "", pen.here), False)
    return StepView(pair, tuple(figures), tuple(notes))


def _kind(kind: str) -> str:
    """In the words of a list; what names a difference counts as a change."""
    return (
        kind if kind in ("added", "removed", "renamed", "moved") else "layout only" if kind == "layout" else "changed"
    )


def _standing(rendition: Rendition) -> Iterator[Figure]:
    for standing, count in rendition.standings.items():
        yield Figure(count, _STANDING_WORDS[standing], f"#_{standing}" if standing in ("edited", "lost") else None)


def _edited(placed: Placed, pen: Pen) -> EditedView:
    anchor = placed.note.anchor
    address = href(file_page(pen.links.release, anchor.path), placed.note.id, pen.here)
    return EditedView(pen.line(placed.note.title), address, f"{anchor.path}:{anchor.span}")


def _lost(lost: Lost, release: str, pen: Pen) -> LostView:
    page = file_page(lost.fits, lost.place.path)
    fits = Choice(f"{lost.fits}, {lost.place}", href(page, lost.note.id, pen.here), False)
    candidates = tuple(_candidate(one, release, pen) for one in lost.carried.candidates)
    return LostView(lost.note.id, pen.line(lost.note.title), fits, candidates)


def _candidate(one: Likeness, release: str, pen: Pen) -> CandidateView:
    address = href(
        file_page(release, one.spot.path), lines_id(Span(one.spot.span.first, one.spot.span.first)), pen.here
    )
    return CandidateView(Choice(str(one.spot), address, False), round(100 * one.score))
