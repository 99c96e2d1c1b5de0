"""Texts that are like each other, and how much they are."""

from pathlib import PurePosixPath

from render.likeness import align, find_alike, find_widest
from render.places import Terrain
from render.source import Span, Spot
from tests.edits import make_ground

PATH = PurePosixPath("kettle/fill.py")

TEXT = ("if litres > kettle.size:", '    raise ValueError("too much")')


def terrain(*lines: str) -> Terrain:
    ground = make_ground({PATH: lines})
    return Terrain(ground.tree, ground.symbols)


def whole(land: Terrain) -> Spot:
    return Spot(PATH, Span(1, len(land.tree.files[PATH])))


def test_the_same_text_indented_is_like_it_in_full() -> None:
    land = terrain("def fill():", *(f"    {line}" for line in TEXT), "    return")
    found = align(TEXT, whole(land), land)
    assert found
    assert (found.score, found.spot.span) == (1, Span(2, 3))


def test_a_line_put_in_costs_its_length() -> None:
    land = terrain(TEXT[0], "    steam = 1", TEXT[1])
    found = align(TEXT, whole(land), land)
    assert found
    letters = sum(len(line.strip()) for line in TEXT)
    assert found.spot.span == Span(1, 3)
    assert found.score == 2 * letters / (2 * letters + len("steam = 1"))


def test_nothing_is_found_where_no_line_is_alike() -> None:
    land = terrain("import os", "", "KETTLES = []")
    assert align(TEXT, whole(land), land) is None
    assert find_widest(TEXT, whole(land), land) is None
    assert find_alike(TEXT, [whole(land)], land) == ()


def test_two_places_of_one_region_are_both_found_the_better_first() -> None:
    land = terrain(TEXT[0], '    raise ValueError("too little")', "", "x = 1", "", *TEXT)
    found = find_alike(TEXT, [whole(land)], land)
    assert [one.spot.span for one in found] == [Span(6, 7), Span(1, 2)]
    assert found[0].score == 1 > found[1].score


def test_the_widest_has_the_lines_at_the_ends_that_became_others() -> None:
    land = terrain("open_lid()", TEXT[0], "    return None", "close_lid()")
    found = find_widest(TEXT, whole(land), land)
    assert found
    assert found.spot.span == Span(2, 3)
