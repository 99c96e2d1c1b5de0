"""The parts of pictures that have names, boxes and lifelines: what people write of either, and what it means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from render.document import Document, find_node
from render.fields import Prose, Slug, Words
from render.problems import Place, Problem


class PartModel(BaseModel):
    """What has a name, a kind and a link."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Slug
    label: Annotated[Words, Field(max_length=40)]
    note: Annotated[Words | None, Field(max_length=60, description="A second, smaller line")] = None
    kind: Annotated[str, Field(pattern=r"^(process|kernel|file|outside)$")] = "process"
    link: Annotated[Prose, Field(description="A reference without its brackets, as in Arbiter.run")]


@dataclass(frozen=True, slots=True)
class Part:
    """A box or the head of a lifeline; `link` is the target of a reference, and stands at `place`."""

    id: str
    label: str
    note: str | None
    kind: str
    link: str
    place: Place


def part_at(document: Document, key: str, index: int, model: PartModel) -> Part:
    """The part that stands at an index of the list under a key of the picture."""
    place = picture_place(document, key, index, "link")
    return Part(model.id, model.label, model.note, model.kind, model.link, place)


def find_repeated(document: Document, key: str, parts: Sequence[PartModel], what: str) -> Iterator[Problem]:
    """Parts that are called like one before them."""
    ids = [part.id for part in parts]
    for index, part_id in enumerate(ids):
        if part_id in ids[:index]:
            place = picture_place(document, key, index, "id")
            yield Problem(place, f"two {what} are called `{part_id}`; rename this one")


def picture_place(document: Document, *keys: str | int) -> Place:
    """Where something stands in the picture of a document."""
    return document.place(find_node(document.root, ("picture", *keys))[1])
