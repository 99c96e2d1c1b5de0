"""Where everything of a sequence stands: lifelines side by side, messages one below the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from render.drawings import Caption, Drawing, Shape, Stroke
from render.geometry import Rectangle, around
from render.lettering import Block, block
from render.parts import Part
from render.sequences import Message, Sequence

_ROOM = 168
"""The widest that the words of a head or a message may be, unless a single word is wider."""

_HEAD_PADDING = (14, 9)
_HEAD_WIDTH = 88
_BETWEEN_HEADS = 28
_BESIDE_WORDS = 14
_ABOVE_ARROW = 5
_BETWEEN_MESSAGES = 18
_TURN = (24, 20)
"""An act of its own: how far its arrow goes away from the lifeline, and how far down."""

_CROSS = 5
_TAIL = 14
_MARGIN = 1
"""For half of a border's stroke."""


def lay_out_sequence(sequence: Sequence) -> Drawing:
    """Its lifelines in columns as wide as their words."""
    layout = _Layout(sequence)
    shapes = tuple(layout.shapes())
    strokes, captions = tuple(layout.strokes()), tuple(layout.captions())
    return Drawing(layout.area.grown(_MARGIN), shapes, strokes, captions)


@dataclass(frozen=True, slots=True)
class _Row:
    """A message and its words; its arrow starts at the height `y`."""

    message: Message
    words: Block
    y: float

    @property
    def alone(self) -> bool:
        return self.message.start == self.message.end

    @property
    def last(self) -> float:
        """Where its arrow ends."""
        return self.y + (_TURN[1] if self.alone else 0)


class _Layout:
    """Heads first, then columns as far apart as the words between them ask, then row by row downwards."""

    def __init__(self, sequence: Sequence) -> None:
        self._parts: Mapping[str, Part] = {part.id: part for part in sequence.lifelines}
        self._order = tuple(self._parts)
        self._heads = {part.id: _head(part) for part in sequence.lifelines}
        self._words = {message: block(_ROOM, **{_kind(message): message.label}) for message in sequence.messages}
        self._columns = self._place_columns()
        self._begun = {message.end for message in sequence.messages if message.begins}
        first = [head.height for name, head in self._heads.items() if name not in self._begun]
        self._top = max(first, default=0)
        self._rows = tuple(self._place_rows(sequence.messages))
        self._starts = {row.message.end: row.y for row in self._rows if row.message.begins}
        self._ends = {row.message.ends: row.last + _TAIL for row in self._rows if row.message.ends}
        self._bottom = max((row.last for row in self._rows), default=self._top) + _TAIL

    @property
    def area(self) -> Rectangle:
        """All that is drawn."""
        lines = (Rectangle(x, 0, 0, self._bottom + _CROSS) for x in self._columns.values())
        return around((*map(self._head_area, self._order), *map(self._words_area, self._rows), *lines))

    def shapes(self) -> Iterator[Shape]:
        for name, part in self._parts.items():
            area = self._head_area(name)
            yield Shape(part.kind, area, self._heads[name].at(area.middle), part.link)

    def strokes(self) -> Iterator[Stroke]:
        for name, x in self._columns.items():
            end = self._ends.get(name, self._bottom)
            yield Stroke("lifeline", f"M{x:g} {self._head_area(name).bottom:g}V{end:g}")
            if name in self._ends:
                left, top, side = x - _CROSS, end - _CROSS, 2 * _CROSS
                yield Stroke("end", f"M{left:g} {top:g}l{side} {side}m0-{side}l-{side} {side}")
        for row in self._rows:
            yield Stroke("arrow", self._arrow(row))

    def captions(self) -> Iterator[Caption]:
        for row in self._rows:
            (writing,) = row.words.at(self._words_area(row).middle)
            yield Caption(writing, row.message.step)

    def _place_columns(self) -> Mapping[str, float]:
        x = self._head_width(self._order[0]) / 2
        columns = {self._order[0]: x}
        for left, right in pairwise(self._order):
            heads = (self._head_width(left) + self._head_width(right)) / 2 + _BETWEEN_HEADS
            x += max(heads, *(self._room_asked(message, left, right) for message in self._words))
            columns[right] = x
        return columns

    def _room_asked(self, message: Message, left: str, right: str) -> float:
        """How far apart two neighbours must stand for a message whose words stand between them."""
        if self._beside(message) != (left, right):
            return 0
        room = self._words[message].width + 2 * _BESIDE_WORDS
        if message.start == message.end:
            return room + _TURN[0]
        return room + (self._head_width(message.end) / 2 if message.begins and message.end in (left, right) else 0)

    def _beside(self, message: Message) -> tuple[str, str | None]:
        """The words of a message stand between its sender and the neighbour on the way to where it goes."""
        at, to = self._order.index(message.start), self._order.index(message.end)
        if to < at:
            return self._order[at - 1], message.start
        return message.start, self._order[at + 1] if at + 1 < len(self._order) else None

    def _place_rows(self, messages: tuple[Message, ...]) -> Iterator[_Row]:
        y: float = self._top
        for message in messages:
            words = self._words[message]
            if message.start == message.end:
                overhang = max(0.0, (words.height - _TURN[1]) / 2)
                y += _BETWEEN_MESSAGES + overhang
                below = _TURN[1] + overhang
            else:
                head = self._heads[message.end].height / 2 if message.begins else 0.0
                y += _BETWEEN_MESSAGES + max(words.height + _ABOVE_ARROW, head)
                below = head
            yield _Row(message, words, y)
            y += max(below, _TAIL + _CROSS if message.ends else 0)

    def _head_width(self, name: str) -> int:
        return max(self._heads[name].width, _HEAD_WIDTH)

    def _head_area(self, name: str) -> Rectangle:
        x, width = self._columns[name] - self._head_width(name) / 2, self._head_width(name)
        if name not in self._starts:
            return Rectangle(x, 0, width, self._top)
        height = self._heads[name].height
        return Rectangle(x, self._starts[name] - height / 2, width, height)

    def _words_area(self, row: _Row) -> Rectangle:
        if row.alone:
            x = self._columns[row.message.start] + _TURN[0] + _BESIDE_WORDS / 2
            return Rectangle(x, row.y + (_TURN[1] - row.words.height) / 2, row.words.width, row.words.height)
        low, high = self._gap(row.message)
        y = row.y - _ABOVE_ARROW - row.words.height
        return Rectangle((low + high - row.words.width) / 2, y, row.words.width, row.words.height)

    def _gap(self, message: Message) -> tuple[float, float]:
        """From where to where the words of a message to another lifeline may reach."""
        left, right = self._beside(message)
        assert right is not None, "who is on the way to another has a neighbour"
        low, high = self._columns[left], self._columns[right]
        if message.begins and message.end == right:
            high = self._head_area(right).x
        if message.begins and message.end == left:
            low = self._head_area(left).right
        return low, high

    def _arrow(self, row: _Row) -> str:
        start, end = self._columns[row.message.start], self._columns[row.message.end]
        if row.alone:
            away, down = _TURN
            return f"M{start:g} {row.y:g}h{away - 6}q6 0 6 6v{down - 12}q0 6-6 6h-{away - 6}"
        if row.message.begins:
            head = self._head_area(row.message.end)
            end = head.x if start < end else head.right
        return f"M{start:g} {row.y:g}H{end:g}"


def _head(part: Part) -> Block:
    return block(_ROOM, label=part.label, note=part.note).padded(*_HEAD_PADDING)


def _kind(message: Message) -> str:
    return "aside" if message.start == message.end else "caption"
