"""Pictures: boxes on a grid, arrows between their borders, and what may not be drawn."""

import json
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from render.document import Document, parse_document, plain
from render.pictures import Arrow, Box, Picture, PictureModel, picture_at
from render.problems import ProblemsFound

NAME = PurePosixPath("annotations/1.0/chapters/index.yaml")

LAMP = """\
title: The lamp
picture:
  title: Its parts
  description: |
    A switch, and two bulbs.
  boxes:
  - id: switch
    label: The switch
    note: on the wall
    at: 1,2
    size: 1,2
    kind: kernel
    link: Switch.on
  - {id: bulb, label: A bulb, at: "3,2", link: Bulb}
  arrows:
  - {from: switch, to: bulb, label: power}
"""


def draw(text: str) -> Picture:
    document = parse_document(text, NAME)
    picture = picture_at(document, model_of(document))
    assert picture
    return picture


def model_of(document: Document) -> PictureModel:
    return PictureModel.model_validate(plain(document.root)["picture"])


def problems(text: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        draw(text)
    return [str(problem) for problem in found.value.problems]


def test_a_picture_is_laid_out_on_its_grid() -> None:
    picture = draw(LAMP)
    switch, bulb = picture.boxes
    assert (picture.title, picture.description) == ("Its parts", "A switch, and two bulbs.")
    assert (switch.label, switch.note, switch.kind, switch.link) == ("The switch", "on the wall", "kernel", "Switch.on")
    assert (bulb.label, bulb.note, bulb.kind, bulb.link) == ("A bulb", None, "process", "Bulb")
    assert (switch.x, bulb.x) == (8, 8 + 2 * (172 + 64))
    assert (switch.width, bulb.width) == (172, 172)
    assert switch.y == bulb.y == 8 + 58 + 46
    assert (switch.height, bulb.height) == (2 * 58 + 46, 58)
    assert (picture.width, picture.height) == (bulb.x + bulb.width + 8, switch.y + switch.height + 8)


def test_a_box_knows_the_line_of_its_link() -> None:
    assert [str(box.place) for box in draw(LAMP).boxes] == [f"{NAME}:13", f"{NAME}:14"]


def test_no_picture_is_no_picture() -> None:
    assert picture_at(parse_document(LAMP, NAME), None) is None


@pytest.mark.parametrize(
    ("said", "instead", "expected"),
    [
        ("from: switch", "from: plug", ["16: there is no box `plug`; name one by its id"]),
        ("to: bulb", "to: bulbs", ["16: there is no box `bulbs`; name one by its id"]),
        ("to: bulb", "to: switch", ["16: an arrow from `switch` to itself; remove it"]),
        ("id: bulb", "id: switch", ["14: two boxes are called `switch`; rename", "16: there is no box `bulb`"]),
    ],
)
def test_what_cannot_be_drawn_is_a_problem_at_its_line(said: str, instead: str, expected: list[str]) -> None:
    assert LAMP.count(said) == 1
    found = problems(LAMP.replace(said, instead))
    assert len(found) == len(expected)
    assert all(one.startswith(f"{NAME}:{start}") for one, start in zip(found, expected, strict=True))


CELL = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))


def picture_of(cells: list[tuple[int, int, int, int]]) -> Picture:
    """Boxes at (column, row, columns, rows), with an arrow from each to every later one."""
    boxes = [
        {"id": f"b{index}", "label": "box", "at": f"{column},{row}", "size": f"{columns},{rows}", "link": "x"}
        for index, (column, row, columns, rows) in enumerate(cells)
    ]
    pairs = combinations(range(len(cells)), 2)
    arrows = [{"from": f"b{one}", "to": f"b{other}", "label": f"{one} {other}"} for one, other in pairs]
    text: Any = {"picture": {"title": "t", "description": "d", "boxes": boxes, "arrows": arrows}}
    return draw(json.dumps(text))


@given(st.lists(CELL, min_size=1, max_size=4))
def test_boxes_touch_only_where_their_cells_overlap(cells: list[tuple[int, int, int, int]]) -> None:
    picture = picture_of(cells)
    for (one, box), (other, beside) in combinations(zip(cells, picture.boxes, strict=True), 2):
        assert overlap(box, beside) == bool(grid(one) & grid(other))
    for box in picture.boxes:
        assert 0 < box.x < box.x + box.width < picture.width
        assert 0 < box.y < box.y + box.height < picture.height


@given(st.lists(CELL, min_size=2, max_size=4))
def test_an_arrow_runs_from_border_to_border_on_the_line_between_the_middles(
    cells: list[tuple[int, int, int, int]],
) -> None:
    assume(not any(grid(one) & grid(other) for one, other in combinations(cells, 2)))
    picture = picture_of(cells)
    assert len(picture.arrows) == len(cells) * (len(cells) - 1) // 2
    for arrow in picture.arrows:
        one, other = (picture.boxes[int(index)] for index in arrow.label.split())
        assert on_border(one, arrow.start)
        assert on_border(other, arrow.end)
        assert not any(inside(box, point) for box in (one, other) for point in points(arrow))
        assert max(off_line(one.middle, other.middle, point) for point in (arrow.start, arrow.middle, arrow.end)) < 0.2
        assert arrow.middle == pytest.approx(
            ((arrow.start[0] + arrow.end[0]) / 2, (arrow.start[1] + arrow.end[1]) / 2), abs=0.1
        )


def grid(cell: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    column, row, columns, rows = cell
    return {(x, y) for x in range(column, column + columns) for y in range(row, row + rows)}


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width < other.x or other.x + other.width < one.x
    above = one.y + one.height < other.y or other.y + other.height < one.y
    return not (beside or above)


def inside(box: Box, point: tuple[float, float]) -> bool:
    return abs(point[0] - box.middle[0]) < box.width / 2 and abs(point[1] - box.middle[1]) < box.height / 2


def on_border(box: Box, point: tuple[float, float]) -> bool:
    """Within the tenth to which points are rounded."""
    beyond = (abs(point[0] - box.middle[0]) - box.width / 2, abs(point[1] - box.middle[1]) - box.height / 2)
    return abs(max(beyond)) <= 0.1


def points(arrow: Arrow) -> list[tuple[float, float]]:
    """Some between the ends."""
    (x, y), (x_end, y_end) = arrow.start, arrow.end
    return [(x + (x_end - x) * part / 10, y + (y_end - y) * part / 10) for part in range(1, 10)]


def off_line(start: tuple[float, float], end: tuple[float, float], point: tuple[float, float]) -> float:
    """How far a point lies beside the line through two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    return float(abs(dx * (point[1] - start[1]) - dy * (point[0] - start[0])) / (dx**2 + dy**2) ** 0.5)
