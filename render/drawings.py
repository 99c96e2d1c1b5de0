"""A picture laid out, as plain values in units of its own: every place decided, nothing known of pages."""

from dataclasses import dataclass

from render.geometry import Rectangle
from render.lettering import Writing


@dataclass(frozen=True, slots=True)
class Shape:
    """A box with its words; `link` is the target of a reference."""

    kind: str
    area: Rectangle
    writings: tuple[Writing, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line, as SVG's `path` spells it: an `arrow`, a `lifeline` or the cross at its `end`."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands at an arrow; `step` is the number of the step that tells it."""

    writing: Writing
    step: int | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """`area` holds all that is drawn."""

    area: Rectangle
    shapes: tuple[Shape, ...]
    strokes: tuple[Stroke, ...]
    captions: tuple[Caption, ...]
