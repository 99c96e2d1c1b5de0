"""The page that tells how every note stands on every release, and the same for machines."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from render.links import file_page, href
from render.remarks import WORDS, Pen
from render.renditions import Lost, Placed, Rendition, Stop
from render.views import Choice, Frame, StopView


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One note: `href` leads to where it was written for."""

    title: Markup
    href: str
    cells: tuple[StopView, ...]


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    """The notes on one file."""

    path: str
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Notes by releases; `totals` has a row for each standing, with a number for each release.

    `legend` pairs a standing with its words.
    """

    frame: Frame
    releases: tuple[Choice, ...]
    groups: tuple[MatrixGroup, ...]
    totals: tuple[tuple[str, tuple[int, ...]], ...]
    legend: tuple[tuple[str, str], ...]
    data: str


def make_matrix_page(
    frame: Frame, releases: Sequence[Choice], placed: Sequence[Placed], data: str, pen: Pen
) -> MatrixPage:
    """`placed` are all notes where they were written, `data` is the address of the same for machines."""
    groups = groupby(placed, key=lambda one: one.written.path)
    standings = [[stop.standing for stop in one.journey] for one in placed]
    counts = [Counter(column) for column in zip(*standings, strict=True)]
    totals = tuple(
        (word, tuple(count[word] for count in counts)) for word in WORDS if any(count[word] for count in counts)
    )
    return MatrixPage(
        frame,
        tuple(releases),
        tuple(MatrixGroup(str(path), tuple(_row(one, pen) for one in group)) for path, group in groups),
        totals,
        tuple((standing, words) for standing, words in WORDS.items() if standing in dict(totals)),
        data,
    )


def _row(placed: Placed, pen: Pen) -> MatrixRow:
    note = placed.note
    address = href(file_page(placed.home, placed.written.path), note.id, pen.here)
    return MatrixRow(pen.line(note.title), address, pen.journey(note.id, placed.journey))


def find_written(renditions: Mapping[str, Rendition], documented: str) -> Iterator[Placed]:
    """Every note once, where it was written: those of the documented release, then those of others that it has not."""
    seen: set[str] = set()
    for name in (documented, *renditions):
        for one in renditions[name].all_notes:
            if one.standing == "written" and one.note.id not in seen:
                seen.add(one.note.id)
                yield one


def matrix_json(renditions: Mapping[str, Rendition], documented: str) -> str:
    """For every note its place and, by release, how and where it stands; with `score` and `candidates` if lost."""
    lost = {(name, one.note.id): one for name, rendition in renditions.items() for one in rendition.lost}
    notes = [
        {
            "id": one.note.id,
            "title": one.note.title.markdown,
            "release": one.home,
            "releases": {stop.release: _stop_json(stop, lost.get((stop.release, one.note.id))) for stop in one.journey},
        }
        for one in find_written(renditions, documented)
    ]
    return json.dumps({"documented": documented, "notes": notes}, indent=1, ensure_ascii=False) + "\n"


def _stop_json(stop: Stop, lost: Lost | None) -> dict[str, object]:
    place = {"path": str(stop.spot.path), "lines": str(stop.spot.span)} if stop.spot else {}
    if lost is None:
        return {"state": stop.standing, **place}
    candidates = [
        {"path": str(one.spot.path), "lines": str(one.spot.span), "score": round(one.score, 2)}
        for one in lost.carried.candidates
    ]
    return {"state": stop.standing, "score": round(lost.carried.score, 2), "candidates": candidates}
