"""Words of arrows: beside their line, and clear of everything where that can be."""

from render.captions import place_captions
from render.geometry import Line, Rectangle
from render.lettering import block

LINE: Line = ((0, 0), (300, 0))
WORDS = block(200, caption="signals")


def test_words_stand_above_the_middle_of_their_line() -> None:
    captions = place_captions([WORDS], [LINE], [])
    (place,) = captions.places
    assert captions.covered == 0
    assert place.middle[0] == 150
    assert place.bottom < 0


def test_words_make_way_for_a_box_a_line_and_other_words() -> None:
    above = Rectangle(0, -60, 300, 50)
    for boxes, lines in (([above], [LINE]), ([], [LINE, ((0, -20), (300, -20))]), ([], [LINE, LINE])):
        captions = place_captions([WORDS] * len(lines), lines, boxes)
        assert captions.covered == 0
        assert not any(place.meets(box) for place in captions.places for box in boxes)
        assert not any(place.crossed(line) for place in captions.places for line in lines)
        assert len(captions.places) == len(set(captions.places))


def test_words_that_cannot_but_cover_something_are_told() -> None:
    everywhere = Rectangle(-500, -500, 1000, 1000)
    assert place_captions([WORDS], [LINE], [everywhere]).covered > 0
