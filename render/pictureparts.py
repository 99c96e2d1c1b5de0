"""The part of a page that shows a picture."""

from collections.abc import Callable
from dataclasses import dataclass

from render.boxes import Boxes
from render.boxlayout import lay_out_boxes
from render.drawings import Caption, Drawing, Shape, Stroke
from render.geometry import Rectangle
from render.lettering import Writing
from render.links import step_id
from render.pictures import Picture
from render.sequencelayout import lay_out_sequence


@dataclass(frozen=True, slots=True)
class ShapeView:
    """A box, in the picture's own units, and where it leads."""

    kind: str
    area: Rectangle
    writings: tuple[Writing, ...]
    href: str


@dataclass(frozen=True, slots=True)
class CaptionView:
    """What stands at an arrow, and where the step that tells it is; `step` names that for those who hear it."""

    writing: Writing
    href: str | None
    step: str


@dataclass(frozen=True, slots=True)
class PictureView:
    """A drawing in its own units; `description` says the same in words. `lines` are the strokes without a head."""

    title: str
    description: str
    area: Rectangle
    shapes: tuple[ShapeView, ...]
    lines: tuple[Stroke, ...]
    arrows: tuple[Stroke, ...]
    captions: tuple[CaptionView, ...]


def show_picture(picture: Picture, address: Callable[[str], str]) -> PictureView:
    """A checked picture laid out; `address` tells where a reference leads."""
    drawing = _lay_out(picture)
    return PictureView(
        picture.title,
        picture.description,
        drawing.area,
        tuple(_shape(shape, address) for shape in drawing.shapes),
        tuple(stroke for stroke in drawing.strokes if stroke.kind != "arrow"),
        tuple(stroke for stroke in drawing.strokes if stroke.kind == "arrow"),
        tuple(map(_caption, drawing.captions)),
    )


def _lay_out(picture: Picture) -> Drawing:
    return lay_out_boxes(picture.form) if isinstance(picture.form, Boxes) else lay_out_sequence(picture.form)


def _shape(shape: Shape, address: Callable[[str], str]) -> ShapeView:
    return ShapeView(shape.kind, shape.area, shape.writings, address(shape.link))


def _caption(caption: Caption) -> CaptionView:
    if caption.step is None:
        return CaptionView(caption.writing, None, "")
    words = " ".join(words for words, _ in caption.writing.lines)
    return CaptionView(caption.writing, f"#{step_id(caption.step)}", f"Step {caption.step}: {words}")
