"""Drawings of boxes and arrows: as people describe them, and where each line of them runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from render.document import Document, find_node
from render.fields import Prose, Slug, Words
from render.problems import Place, Problem, refuse


class BoxModel(BaseModel):
    """A part of the picture, on a grid of columns and rows counted from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Slug
    label: Annotated[Words, Field(max_length=40)]
    note: Annotated[Words | None, Field(max_length=60, description="A second, smaller line")] = None
    at: Annotated[str, Field(pattern=r"^[1-9][0-9]?,[1-9][0-9]?$", description="column,row of the upper left corner")]
    size: Annotated[str, Field(pattern=r"^[1-9][0-9]?,[1-9][0-9]?$", description="columns,rows")] = "1,1"
    kind: Annotated[str, Field(pattern=r"^(process|kernel|file|outside)$")] = "process"
    link: Annotated[Prose, Field(description="A reference without its brackets, as in Arbiter.run")]


class ArrowModel(BaseModel):
    """What goes from one box to another."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[Slug, Field(alias="from")]
    end: Annotated[Slug, Field(alias="to")]
    label: Annotated[Words, Field(max_length=40)]


class PictureModel(BaseModel):
    """A drawing of boxes and arrows; `description` is its alternative in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Annotated[Words, Field(max_length=120)]
    description: Words
    boxes: Annotated[tuple[BoxModel, ...], Field(min_length=1)]
    arrows: tuple[ArrowModel, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the picture's own units; `link` is the target of a reference, and stands at `place`."""

    label: str
    note: str | None
    kind: str
    link: str
    place: Place
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A straight line between the borders of two boxes, and the point where its label stands."""

    label: str
    start: tuple[float, float]
    end: tuple[float, float]
    middle: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing laid out; `width` and `height` in its own units."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


_CELL = (172, 58)
_GAP = (64, 46)
_MARGIN = 8


def picture_at(document: Document, model: PictureModel | None) -> Picture | None:
    """The picture under the key `picture`, laid out.

    Raises ProblemsFound for two boxes of one id, and for an arrow from or to no box or back to where it began.
    """
    if model is None:
        return None
    boxes = {box.id: _box(document, index, box) for index, box in enumerate(model.boxes)}
    refuse((*_repeated_boxes(document, model), *_loose_arrows(document, model)))
    arrows = tuple(_arrow(arrow.label, boxes[arrow.start], boxes[arrow.end]) for arrow in model.arrows)
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    return Picture(model.title, model.description.strip(), tuple(boxes.values()), arrows, width, height)


def _repeated_boxes(document: Document, model: PictureModel) -> Iterator[Problem]:
    ids = [box.id for box in model.boxes]
    for index, box_id in enumerate(ids):
        if box_id in ids[:index]:
            yield Problem(_place(document, "boxes", index, "id"), f"two boxes are called `{box_id}`; rename this one")


def _loose_arrows(document: Document, model: PictureModel) -> Iterator[Problem]:
    ids = {box.id for box in model.boxes}
    for index, arrow in enumerate(model.arrows):
        for key, end in (("from", arrow.start), ("to", arrow.end)):
            if end not in ids:
                yield Problem(_place(document, "arrows", index, key), f"there is no box `{end}`; name one by its id")
        if arrow.start == arrow.end:
            yield Problem(_place(document, "arrows", index, "to"), f"an arrow from `{arrow.end}` to itself; remove it")


def _box(document: Document, index: int, model: BoxModel) -> Box:
    column, row = map(int, model.at.split(","))
    columns, rows = map(int, model.size.split(","))
    (x, width), (y, height) = (_extent(column, columns, axis=0), _extent(row, rows, axis=1))
    place = _place(document, "boxes", index, "link")
    return Box(model.label, model.note, model.kind, model.link, place, x, y, width, height)


def _extent(cell: int, cells: int, axis: int) -> tuple[int, int]:
    step = _CELL[axis] + _GAP[axis]
    return _MARGIN + (cell - 1) * step, cells * step - _GAP[axis]


def _place(document: Document, *keys: str | int) -> Place:
    return document.place(find_node(document.root, ("picture", *keys))[1])


def _arrow(label: str, one: Box, other: Box) -> Arrow:
    start, end = _border(one, other.middle), _border(other, one.middle)
    return Arrow(label, start, end, (round((start[0] + end[0]) / 2, 1), round((start[1] + end[1]) / 2, 1)))


def _border(box: Box, towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line from the middle of a box to a point outside it leaves the box."""
    (x, y), (dx, dy) = box.middle, (towards[0] - box.middle[0], towards[1] - box.middle[1])
    reach = min(
        box.width / 2 / abs(dx) if dx else float("inf"),
        box.height / 2 / abs(dy) if dy else float("inf"),
        1.0,
    )
    return round(x + dx * reach, 1), round(y + dy * reach, 1)
