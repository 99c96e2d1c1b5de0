"""Lifelines and the messages between them in order of time, as people describe them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from render.document import Document
from render.fields import Ordinal, Slug, Words
from render.parts import Part, PartModel, find_repeated, part_at, picture_place
from render.problems import Problem, refuse


class LifelineModel(PartModel):
    """Who takes part, from left to right."""


class MessageModel(BaseModel):
    """What one lifeline does to another, or by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[Slug, Field(alias="from")]
    end: Annotated[Slug, Field(alias="to", description="The same as `from`: an act of its own")]
    label: Annotated[Words, Field(max_length=60)]
    begins: Annotated[Slug | None, Field(description="`to`, if its lifeline begins here")] = None
    ends: Annotated[Slug | None, Field(description="`from` or `to`, if its lifeline ends here")] = None
    step: Annotated[Ordinal | None, Field(description="The step of the chapter, from 1, that tells it")] = None


@dataclass(frozen=True, slots=True)
class Message:
    """From one lifeline to another, both by their ids, or to itself; `ends` is the one whose last message it is."""

    start: str
    end: str
    label: str
    begins: bool
    ends: str | None
    step: int | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Lifelines from left to right, and messages in order of time."""

    lifelines: tuple[Part, ...]
    messages: tuple[Message, ...]


def sequence_at(
    document: Document, lifelines: tuple[LifelineModel, ...], messages: tuple[MessageModel, ...], steps: int
) -> Sequence:
    """What is told in so many steps.

    Raises ProblemsFound for two lifelines of one id, for messages of lifelines that are not there, not yet or no more,
    and for steps that are not there.
    """
    refuse(
        (
            *find_repeated(document, "lifelines", lifelines, "lifelines"),
            *_Lives(document, lifelines, messages).faults(),
            *_lost_steps(document, messages, steps),
        )
    )
    return Sequence(
        tuple(part_at(document, "lifelines", index, lifeline) for index, lifeline in enumerate(lifelines)),
        tuple(map(_message, messages)),
    )


def _message(model: MessageModel) -> Message:
    step = int(model.step) if model.step else None
    return Message(model.start, model.end, model.label, model.begins is not None, model.ends, step)


class _Lives:
    """Follows the lifelines down the messages: who has begun, and who has ended."""

    def __init__(
        self, document: Document, lifelines: tuple[LifelineModel, ...], messages: tuple[MessageModel, ...]
    ) -> None:
        self._document = document
        self._messages = messages
        self._ids = {lifeline.id for lifeline in lifelines}
        self._waiting = {message.begins for message in messages if message.begins}
        self._begun: set[str] = set()
        self._ended: set[str] = set()

    def faults(self) -> Iterator[Problem]:
        """What is wrong, message by message."""
        for index, message in enumerate(self._messages):
            yield from self._told(index, "begins", self._begin(message))
            for key, end in {message.start: "from", message.end: "to"}.items():
                yield from self._told(index, end, self._take_part(key))
            yield from self._told(index, "ends", self._end(message))

    def _told(self, index: int, key: str, fault: str | None) -> Iterator[Problem]:
        if fault:
            yield Problem(picture_place(self._document, "messages", index, key), fault)

    def _begin(self, message: MessageModel) -> str | None:
        named = message.begins
        if named is None:
            return None
        if named in self._begun:
            return f"`{named}` begins twice; keep the first, or give the later one a lifeline of its own"
        self._begun.add(named)
        if named != message.end or named == message.start:
            return f"`{named}` begins with a message from elsewhere to itself; write `{named}` under `to` alone"
        return None

    def _take_part(self, name: str) -> str | None:
        if name not in self._ids:
            return f"there is no lifeline `{name}`; name one by its id"
        if name in self._ended:
            return f"`{name}` has ended before; move this message up, or the end down"
        if name in self._waiting - self._begun:
            return f"`{name}` has not begun yet; move this message down, or the beginning up"
        return None

    def _end(self, message: MessageModel) -> str | None:
        named = message.ends
        if named is None:
            return None
        if named in self._ended:
            return f"`{named}` ends twice; keep one of the two"
        self._ended.add(named)
        if named not in (message.start, message.end):
            return f"`{named}` ends with a message of its own; write `{named}` under `from` or `to`"
        return None


def _lost_steps(document: Document, messages: tuple[MessageModel, ...], steps: int) -> Iterator[Problem]:
    for index, message in enumerate(messages):
        if message.step and int(message.step) > steps:
            there = (
                f"there are {steps} steps; write the number of one" if steps else "there are no steps here; remove it"
            )
            yield Problem(
                picture_place(document, "messages", index, "step"), f"there is no step {message.step}: {there}"
            )
