"""Arrows between boxes: from border to border, never on each other, around what is in the way."""

from itertools import combinations, pairwise
from math import hypot

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from render.geometry import Line, Point, Rectangle
from render.routes import find_routes

PLACE = st.builds(
    Rectangle, st.integers(0, 8).map(lambda x: x * 100), st.integers(0, 6).map(lambda y: y * 100), *[st.just(80)] * 2
)
"""Boxes that are as high as they are wide, so that their arrows leave on every side."""

LEFT, RIGHT = Rectangle(0, 0, 100, 50), Rectangle(300, 0, 100, 50)


def on_border(box: Rectangle, point: Point) -> bool:
    """Within the tenth to which points are rounded."""
    beyond = (abs(point[0] - box.middle[0]) - box.width / 2, abs(point[1] - box.middle[1]) - box.height / 2)
    return abs(max(beyond)) <= 0.11


def nearest(one: Line, other: Line) -> float:
    """How near the middle parts of two lines come to each other, for lines that are not bent much."""
    ends = [(line[0], line[-1]) for line in (one, other)]
    points = [[(x + (u - x) * part / 10, y + (v - y) * part / 10) for part in range(11)] for (x, y), (u, v) in ends]
    return min(hypot(x - u, y - v) for x, y in points[0] for u, v in points[1])


@given(PLACE, PLACE)
def test_an_arrow_runs_from_border_to_border(one: Rectangle, other: Rectangle) -> None:
    assume(one != other)
    (route,) = find_routes([("a", "b")], {"a": one, "b": other})
    assert on_border(one, route.line[0])
    assert on_border(other, route.line[-1])
    assert not any(box.grown(-0.2).crossed(route.line) for box in (one, other))


@given(PLACE, PLACE, st.lists(st.booleans(), min_size=2, max_size=4))
def test_arrows_between_the_same_two_boxes_keep_apart(one: Rectangle, other: Rectangle, ways: list[bool]) -> None:
    assume(one != other)
    routes = find_routes([("a", "b") if way else ("b", "a") for way in ways], {"a": one, "b": other})
    for (way, route), (_, beside) in combinations(zip(ways, routes, strict=True), 2):
        assert on_border(one if way else other, route.line[0])
        assert on_border(other if way else one, route.line[-1])
        assert nearest(route.line, beside.line) > 6


def test_boxes_that_face_each_other_are_joined_straight_across() -> None:
    tall = Rectangle(300, -200, 100, 230)
    (route,) = find_routes([("a", "b")], {"a": LEFT, "b": tall})
    assert route.line == ((100, 15), (300, 15))
    assert route.path == "M100 15L300 15"


@pytest.mark.parametrize("ends", [("a", "c"), ("c", "a")])
def test_an_arrow_swings_around_what_stands_between_its_ends(ends: tuple[str, str]) -> None:
    places = {"a": LEFT, "b": Rectangle(150, 0, 100, 50), "c": RIGHT}
    (route,) = find_routes([ends], places)
    assert not places["b"].crossed(route.line)
    assert on_border(places[ends[0]], route.line[0])
    assert on_border(places[ends[1]], route.line[-1])
    assert "C" in route.path


def test_two_arrows_swing_around_what_stands_between_them_and_keep_apart() -> None:
    places = {"a": LEFT, "b": Rectangle(150, 0, 100, 50), "c": RIGHT}
    there, back = find_routes([("a", "c"), ("c", "a")], places)
    assert there.line[8] != back.line[8]
    assert not set(pairwise(there.line)) & set(pairwise(back.line[::-1]))


def test_a_loop_leaves_its_box_where_no_other_arrow_ends() -> None:
    over = Rectangle(0, -200, 100, 50)
    arrows = [("a", "a"), ("a", "a"), ("over", "a"), ("a", "b")]
    first, second, *_ = find_routes(arrows, {"a": LEFT, "b": RIGHT, "over": over})
    assert {first.line[0][1], first.line[-1][1]} == {LEFT.bottom}
    assert {second.line[0][0], second.line[-1][0]} == {LEFT.x}
    for loop in (first, second):
        assert not LEFT.crossed(loop.line)
        assert on_border(LEFT, loop.line[0])
        assert loop.line[0] != loop.line[-1]
