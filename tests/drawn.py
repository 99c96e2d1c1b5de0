"""What is seen of a drawing: the room that its words cover, and the strokes that are straight."""

import re
from collections.abc import Iterator

from render.drawings import Drawing
from render.geometry import Line, Point, Rectangle, around
from render.lettering import Writing, text_width

SIZE = 12
"""No kind of words is much higher above its baseline, so that lines of a text do not cover each other."""


def words_area(writing: Writing) -> Rectangle:
    """The room that words cover."""
    return around(_line_area(writing.kind, words, place) for words, place in writing.lines)


def _line_area(kind: str, words: str, place: Point) -> Rectangle:
    width = text_width(words, kind)
    left = place[0] - (0 if kind == "aside" else width / 2)
    return Rectangle(left, place[1] - SIZE, width, SIZE + 2)


def caption_areas(drawing: Drawing) -> list[Rectangle]:
    return [words_area(caption.writing) for caption in drawing.captions]


def straight_lines(drawing: Drawing) -> Iterator[Line]:
    """Those lines of the drawing that have neither bend nor corner."""
    for stroke in drawing.strokes:
        found = re.fullmatch(r"M(?P<x>\S+) (?P<y>\S+)(?:H(?P<h>\S+)|V(?P<v>\S+)|L(?P<lx>\S+) (?P<ly>\S+))", stroke.path)
        if found:
            x, y = found["x"], found["y"]
            yield (float(x), float(y)), (float(found["h"] or found["lx"] or x), float(found["v"] or found["ly"] or y))
