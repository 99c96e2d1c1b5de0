"""Where boxes stand: columns as wide and rows as high as their words, and as far apart as the words between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from render.boxes import Arrow, Box, Boxes
from render.geometry import Rectangle
from render.lettering import Block, block

_ROOM = 160
"""The widest that the words of a box may be, unless a single word is wider."""

_CAPTION_ROOM = 120
_PADDING = (16, 11)

Stretch = tuple[float, float]
"""By what the gaps across and down are multiplied."""

Cells = range
"""The columns or the rows that a box covers."""


@dataclass(frozen=True, slots=True)
class _Measures:
    """Of columns or of rows: the least that a box may be, what remains of one where no box stands alone, the least gap
    between two, and what a gap needs beside the words in it: room for an arrow's head, and some air."""

    least: int
    empty: int
    gap: int
    air: int


_ACROSS = _Measures(least=100, empty=24, gap=60, air=30)
_DOWN = _Measures(least=44, empty=12, gap=56, air=28)


def box_words(box: Box) -> Block:
    """The words of a box and the room around them."""
    return block(_ROOM, label=box.part.label, note=box.part.note).padded(*_PADDING)


def arrow_words(arrow: Arrow) -> Block:
    return block(_CAPTION_ROOM, caption=arrow.label)


def place_boxes(boxes: Boxes, stretch: Stretch) -> Mapping[str, Rectangle]:
    """The place of each box by its id."""
    words = {box.part.id: box_words(box) for box in boxes.boxes}
    columns = {box.part.id: range(box.column, box.column + box.columns) for box in boxes.boxes}
    rows = {box.part.id: range(box.row, box.row + box.rows) for box in boxes.boxes}
    captions = [(arrow, arrow_words(arrow)) for arrow in boxes.arrows]
    widths = {name: one.width for name, one in words.items()}
    heights = {name: one.height for name, one in words.items()}
    beside = [(columns[arrow.start], columns[arrow.end], caption.width) for arrow, caption in captions]
    below = [(rows[arrow.start], rows[arrow.end], caption.height) for arrow, caption in captions]
    across = _extents(columns, widths, _asked(beside, _ACROSS), _ACROSS, stretch[0])
    down = _extents(rows, heights, _asked(below, _DOWN), _DOWN, stretch[1])
    return {name: Rectangle(across[name][0], down[name][0], across[name][1], down[name][1]) for name in words}


def _asked(captions: Iterable[tuple[Cells, Cells, int]], measures: _Measures) -> Mapping[int, int]:
    """What words ask of the gap after a cell: those of arrows between neighbours."""
    gaps: dict[int, int] = {}
    for one, other, size in captions:
        before, after = sorted((one, other), key=lambda cells: cells[0])
        if before[-1] + 1 == after[0]:
            gaps[before[-1]] = max(gaps.get(before[-1], 0), size + measures.air)
    return gaps


def _extents(
    cells: Mapping[str, Cells], sizes: Mapping[str, int], asked: Mapping[int, int], measures: _Measures, stretch: float
) -> Mapping[str, tuple[float, float]]:
    """From where each box reaches how far, along one axis."""
    count = max(covered[-1] for covered in cells.values())
    gaps = [round(max(measures.gap, asked.get(cell, 0)) * stretch) for cell in range(1, count + 1)]
    tracks = [float(measures.empty)] * count
    for name in sorted(cells, key=lambda name: len(cells[name])):
        covered = cells[name]
        first, last = covered[0] - 1, covered[-1] - 1
        lacks = max(sizes[name], measures.least) - sum(tracks[first : last + 1]) - sum(gaps[first:last])
        for cell in range(first, last + 1) if lacks > 0 else ():
            tracks[cell] += lacks / len(covered)
    starts = (0.0, *accumulate(track + gap for track, gap in zip(tracks, gaps, strict=True)))
    return {
        name: (starts[covered[0] - 1], starts[covered[-1] - 1] + tracks[covered[-1] - 1] - starts[covered[0] - 1])
        for name, covered in cells.items()
    }
