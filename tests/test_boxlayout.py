"""Boxes and arrows laid out: the grid follows the words, and no words lie on anything else."""

from itertools import combinations
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.boxes import Arrow, Box, Boxes
from render.boxlayout import lay_out_boxes
from render.drawings import Drawing
from render.grid import place_boxes
from render.parts import Part
from render.problems import Place
from tests.drawn import caption_areas, straight_lines, words_area

PLACE = Place(PurePosixPath("chapter.yaml"), 1)

CELL = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))

LABEL = st.sampled_from(["box", "the listening socket", "a-word-that-is-wider-than-any-column", "reads and answers"])


def box(name: str, column: int, row: int, columns: int = 1, rows: int = 1, label: str = "worker") -> Box:
    return Box(Part(name, label, "pid 101", "process", "Arbiter", PLACE), column, row, columns, rows)


def boxes_at(cells: list[tuple[int, int, int, int]], labels: list[str]) -> tuple[Box, ...]:
    return tuple(box(str(index), *cell, labels[index]) for index, cell in enumerate(cells))


def grid(cell: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    column, row, columns, rows = cell
    return {(x, y) for x in range(column, column + columns) for y in range(row, row + rows)}


@given(st.lists(CELL, min_size=1, max_size=4), st.lists(LABEL, min_size=4, max_size=4))
def test_boxes_touch_only_where_their_cells_overlap(cells: list[tuple[int, int, int, int]], labels: list[str]) -> None:
    places = place_boxes(Boxes(boxes_at(cells, labels), ()), (1, 1))
    for one, other in combinations(range(len(cells)), 2):
        assert places[str(one)].meets(places[str(other)]) == bool(grid(cells[one]) & grid(cells[other]))


@given(st.lists(CELL, min_size=1, max_size=4), st.lists(LABEL, min_size=4, max_size=4))
def test_words_lie_within_their_box_and_boxes_within_the_picture(
    cells: list[tuple[int, int, int, int]], labels: list[str]
) -> None:
    drawing = lay_out_boxes(Boxes(boxes_at(cells, labels), ()))
    for shape in drawing.shapes:
        inner = shape.area.grown(-4)
        for area in map(words_area, shape.writings):
            assert inner.x <= area.x < area.right <= inner.right
            assert inner.y <= area.y < area.bottom <= inner.bottom
        assert drawing.area.x < shape.area.x < shape.area.right < drawing.area.right
        assert drawing.area.y < shape.area.y < shape.area.bottom < drawing.area.bottom


STATES = Boxes(
    (box("forked", 1, 1), box("booting", 2, 1), box("serving", 3, 1), box("stopping", 3, 2), box("reaped", 1, 2)),
    (
        Arrow("forked", "booting", "init_process"),
        Arrow("booting", "serving", "run"),
        Arrow("serving", "serving", "notify"),
        Arrow("serving", "stopping", "TERM"),
        Arrow("stopping", "serving", "takes it back"),
        Arrow("stopping", "reaped", "exits with 0"),
        Arrow("booting", "reaped", "exits with 3 or 4"),
        Arrow("serving", "reaped", "killed by ABRT"),
        Arrow("reaped", "forked", "spawn_workers"),
        Arrow("forked", "reaped", "dies at once"),
    ),
)

TREE = Boxes(
    (box("master", 2, 1), *(box(f"w{column}", column, 2) for column in (1, 2, 3)), box("socket", 1, 3, 3)),
    (
        *(Arrow("master", f"w{column}", "forks") for column in (1, 2, 3)),
        Arrow("w2", "master", "exits (SIGCHLD)"),
        *(Arrow(f"w{column}", "socket", "accepts") for column in (1, 2, 3)),
        Arrow("master", "socket", "binds"),
    ),
)

PAIR = Boxes(
    (box("one", 1, 1), box("other", 2, 1)),
    (
        Arrow("one", "other", "asks it for the age of its heartbeat"),
        Arrow("other", "one", "tells it the age of its heartbeat"),
        Arrow("one", "one", "waits"),
        Arrow("other", "other", "counts the time that passes meanwhile"),
    ),
)


@pytest.mark.parametrize("boxes", [STATES, TREE, PAIR], ids=["states", "tree", "pair"])
def test_words_of_arrows_are_within_the_picture_and_clear_of_all_else(boxes: Boxes) -> None:
    drawing = lay_out_boxes(boxes)
    areas = caption_areas(drawing)
    assert [" ".join(words for words, _ in caption.writing.lines) for caption in drawing.captions] == [
        arrow.label for arrow in boxes.arrows
    ]
    assert not any(one.meets(other) for one, other in combinations(areas, 2))
    assert not any(area.meets(shape.area) for area in areas for shape in drawing.shapes)
    assert not any(area.crossed(line) for area in areas for line in straight_lines(drawing))
    assert all(holds(drawing, area.x, area.y) and holds(drawing, area.right, area.bottom) for area in areas)


def holds(drawing: Drawing, x: float, y: float) -> bool:
    area = drawing.area
    return area.x <= x <= area.right and area.y <= y <= area.bottom


def test_a_column_is_as_wide_as_its_words_and_a_gap_as_those_of_its_arrow() -> None:
    words = "asks it for the age of its heartbeat"
    narrow = place_boxes(Boxes(PAIR.boxes, (Arrow("one", "other", "asks"),)), (1, 1))
    wide = place_boxes(
        Boxes((box("one", 1, 1, label=words), box("other", 2, 1)), (Arrow("one", "other", words),)), (1, 1)
    )
    assert wide["one"].width > narrow["one"].width
    assert wide["other"].width == narrow["other"].width
    assert wide["other"].x - wide["one"].right > narrow["other"].x - narrow["one"].right
