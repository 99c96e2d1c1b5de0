"""Boxes on a grid and the arrows between them, as people describe them: process trees and state machines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from render.document import Document
from render.fields import Slug, Words
from render.parts import Part, PartModel, find_repeated, part_at, picture_place
from render.problems import Problem, refuse

_PAIR = r"^[1-9][0-9]?,[1-9][0-9]?$"


class BoxModel(PartModel):
    """A part of the picture, on a grid of columns and rows counted from 1."""

    at: Annotated[str, Field(pattern=_PAIR, description="column,row of the upper left corner")]
    size: Annotated[str, Field(pattern=_PAIR, description="columns,rows")] = "1,1"


class ArrowModel(BaseModel):
    """What goes from one box to another, or back to the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[Slug, Field(alias="from")]
    end: Annotated[Slug, Field(alias="to")]
    label: Annotated[Words, Field(max_length=40)]


@dataclass(frozen=True, slots=True)
class Box:
    """A part and the cells of the grid that it covers."""

    part: Part
    column: int
    row: int
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the box of one id to that of another."""

    start: str
    end: str
    label: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """All that stands on the grid."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def boxes_at(document: Document, boxes: tuple[BoxModel, ...], arrows: tuple[ArrowModel, ...]) -> Boxes:
    """Raises ProblemsFound for two boxes of one id, and for an arrow from or to no box."""
    refuse((*find_repeated(document, "boxes", boxes, "boxes"), *_loose_arrows(document, boxes, arrows)))
    return Boxes(
        tuple(_box(part_at(document, "boxes", index, box), box) for index, box in enumerate(boxes)),
        tuple(Arrow(arrow.start, arrow.end, arrow.label) for arrow in arrows),
    )


def _loose_arrows(document: Document, boxes: tuple[BoxModel, ...], arrows: tuple[ArrowModel, ...]) -> Iterator[Problem]:
    ids = {box.id for box in boxes}
    for index, arrow in enumerate(arrows):
        for key, end in (("from", arrow.start), ("to", arrow.end)):
            if end not in ids:
                place = picture_place(document, "arrows", index, key)
                yield Problem(place, f"there is no box `{end}`; name one by its id")


def _box(part: Part, model: BoxModel) -> Box:
    column, row = map(int, model.at.split(","))
    columns, rows = map(int, model.size.split(","))
    return Box(part, column, row, columns, rows)
