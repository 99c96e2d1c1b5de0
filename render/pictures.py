"""A picture as people describe it: boxes and arrows, or lifelines and messages; the YAML, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from render.boxes import ArrowModel, Boxes, BoxModel, boxes_at
from render.document import Document
from render.fields import Words
from render.parts import Part
from render.sequences import LifelineModel, MessageModel, Sequence, sequence_at


class PictureModel(BaseModel):
    """A drawing of boxes and arrows, or of lifelines and messages; `description` is its alternative in words."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "oneOf": [
                {"required": ["boxes"], "properties": {"lifelines": False, "messages": False}},
                {"required": ["lifelines", "messages"], "properties": {"boxes": False, "arrows": False}},
            ]
        },
    )
    title: Annotated[Words, Field(max_length=120)]
    description: Words
    boxes: Annotated[tuple[BoxModel, ...] | None, Field(min_length=1)] = None
    arrows: tuple[ArrowModel, ...] | None = None
    lifelines: Annotated[tuple[LifelineModel, ...] | None, Field(min_length=1)] = None
    messages: Annotated[tuple[MessageModel, ...] | None, Field(min_length=1, description="In order of time")] = None

    @model_validator(mode="after")
    def _one_form(self) -> "PictureModel":
        grid = self.boxes is not None or self.arrows is not None
        time = self.lifelines is not None or self.messages is not None
        if grid and time:
            raise ValueError("has boxes or arrows, and lifelines or messages; keep one of the two forms")
        if time and (self.lifelines is None or self.messages is None):
            raise ValueError("has lifelines or messages alone; write both")
        if not time and self.boxes is None:
            raise ValueError("shows nothing; write `boxes`, or `lifelines` and `messages`")
        return self


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn; `description` says the same in words."""

    title: str
    description: str
    form: Boxes | Sequence

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that has a link."""
        return tuple(_parts(self.form))


def picture_at(document: Document, model: PictureModel | None, steps: int) -> Picture | None:
    """The picture under the key `picture`, beside so many steps.

    Raises ProblemsFound for whatever in it cannot be drawn.
    """
    if model is None:
        return None
    return Picture(model.title, model.description.strip(), _form(document, model, steps))


def _form(document: Document, model: PictureModel, steps: int) -> Boxes | Sequence:
    if model.lifelines is not None and model.messages is not None:
        return sequence_at(document, model.lifelines, model.messages, steps)
    assert model.boxes is not None, "a picture has one of two forms"
    return boxes_at(document, model.boxes, model.arrows or ())


def _parts(form: Boxes | Sequence) -> Iterator[Part]:
    if isinstance(form, Sequence):
        yield from form.lifelines
    else:
        yield from (box.part for box in form.boxes)
