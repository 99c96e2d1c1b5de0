"""Where everything of a picture of boxes and arrows stands."""

from collections.abc import Iterator

from render.boxes import Box, Boxes
from render.captions import Captions, place_captions
from render.drawings import Caption, Drawing, Shape, Stroke
from render.geometry import Rectangle, around, line_area
from render.grid import Stretch, arrow_words, box_words, place_boxes
from render.routes import find_routes

_MARGIN = 1
"""For half of a border's stroke."""

_STRETCHES: tuple[Stretch, ...] = ((1, 1), (1, 1.3), (1.3, 1.3), (1.3, 1.7), (1.7, 1.7), (1.7, 2.2), (2.2, 2.2))
"""How much wider and higher than they need be the gaps between boxes are, in the order in which it is tried."""


def lay_out_boxes(boxes: Boxes) -> Drawing:
    """The boxes on their grid, as near to each other as the words of the arrows allow."""
    layouts = [_Layout(boxes, _STRETCHES[0])]
    while layouts[-1].captions.covered and len(layouts) < len(_STRETCHES):
        layouts.append(_Layout(boxes, _STRETCHES[len(layouts)]))
    return min(layouts, key=lambda layout: layout.captions.covered).drawing()


class _Layout:
    """One try."""

    def __init__(self, boxes: Boxes, stretch: Stretch) -> None:
        self._boxes = boxes
        self._places = place_boxes(boxes, stretch)
        self._routes = find_routes([(arrow.start, arrow.end) for arrow in boxes.arrows], self._places)
        self._lines = [route.line for route in self._routes]
        self._words = [arrow_words(arrow) for arrow in boxes.arrows]
        self.captions: Captions = place_captions(self._words, self._lines, tuple(self._places.values()))

    def drawing(self) -> Drawing:
        return Drawing(
            around(self._areas()).grown(_MARGIN),
            tuple(_shape(box, self._places[box.part.id]) for box in self._boxes.boxes),
            tuple(Stroke("arrow", route.path) for route in self._routes),
            tuple(self._captions()),
        )

    def _areas(self) -> Iterator[Rectangle]:
        yield from self._places.values()
        yield from self.captions.places
        yield from map(line_area, self._lines)

    def _captions(self) -> Iterator[Caption]:
        for block, place in zip(self._words, self.captions.places, strict=True):
            for writing in block.at(place.middle):
                yield Caption(writing, None)


def _shape(box: Box, place: Rectangle) -> Shape:
    return Shape(box.part.kind, place, box_words(box).at(place.middle), box.part.link)
