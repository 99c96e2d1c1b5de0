"""What became of lines, and what stands in their place."""

from pathlib import PurePosixPath

from render.places import Passage, Terrain
from render.source import Span, Spot
from tests.edits import make_ground

HERE, THERE = PurePosixPath("kettle/fill.py"), PurePosixPath("kettle/base.py")

POUR = ("def pour(cup):", "    cup.level += 1", "    cup.hot = True", "    return cup")


def passage(old: dict[PurePosixPath, tuple[str, ...]], new: dict[PurePosixPath, tuple[str, ...]]) -> Passage:
    before, after = make_ground(old), make_ground(new)
    return Passage(Terrain(before.tree, before.symbols), Terrain(after.tree, after.symbols))


def test_a_place_is_what_the_nearest_lines_that_are_there_still_enclose() -> None:
    way = passage({HERE: ("a = 1", "b = 2", "c = 3")}, {HERE: ("a = 1", "x = 2", "y = 3", "c = 3")})
    assert way.find_place(Spot(HERE, Span(2, 2))) == Spot(HERE, Span(2, 3))


def test_there_is_no_place_where_a_text_is_gone_or_its_file_is() -> None:
    way = passage({HERE: ("a = 1", "b = 2", "c = 3"), THERE: ("d = 4",)}, {HERE: ("a = 1", "c = 3")})
    assert way.find_place(Spot(HERE, Span(2, 2))) is None
    assert way.find_place(Spot(THERE, Span(1, 1))) is None


def test_a_definition_is_found_by_its_name_in_another_file() -> None:
    changed = (POUR[0], "    cup.level += 2", *POUR[2:])
    way = passage({HERE: POUR}, {THERE: ("import os", *changed)})
    assert way.find_named_place(Spot(HERE, Span(2, 2))) == Spot(THERE, Span(3, 3))


def test_a_name_that_is_there_twice_tells_nothing() -> None:
    way = passage({HERE: POUR}, {THERE: (*POUR, *POUR)})
    assert way.find_named_place(Spot(HERE, Span(2, 2))) is None


def test_a_block_that_left_one_file_and_came_to_another_has_moved_and_a_copy_has_not() -> None:
    spot, here = Spot(HERE, Span(2, 3)), Spot(THERE, Span(3, 4))
    assert passage({HERE: POUR}, {HERE: (), THERE: ("import os", *POUR)}).has_moved(spot, here)
    assert not passage({HERE: POUR}, {HERE: POUR, THERE: ("import os", *POUR)}).has_moved(spot, here)


def test_lines_around_two_texts_agree_until_the_first_that_differs() -> None:
    way = passage({HERE: ("a", "b", "", "c", "d", "e")}, {HERE: ("x", "b", "c", "d", "y")})
    assert way.agreement(Spot(HERE, Span(4, 4)), Spot(HERE, Span(3, 3))) == (1, 1)
