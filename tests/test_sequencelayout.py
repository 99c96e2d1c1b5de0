"""Sequences laid out: time runs downwards, lifelines begin and end, and no words lie on anything else."""

from itertools import combinations, pairwise
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from render.drawings import Drawing
from render.parts import Part
from render.problems import Place
from render.sequencelayout import lay_out_sequence
from render.sequences import Message, Sequence
from tests.drawn import caption_areas, straight_lines, words_area

PLACE = Place(PurePosixPath("chapter.yaml"), 1)

LABELS = st.sampled_from(
    [
        "fork",
        "reads the configuration",
        "says that the application is there and that it waits",
        "a-word-that-is-very-long",
    ]
)


def part(name: str, note: str | None = None) -> Part:
    return Part(name, f"the {name}", note, "process", "Arbiter", PLACE)


def message(start: str, end: str, label: str = "signals", **more: bool) -> Message:
    ends = start if more.get("ends") else None
    return Message(start, end, label, more.get("begins", False), ends, None)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Some that could have been written: who was begun later takes part later, and nobody after the end."""
    names = [f"p{index}" for index in range(draw(st.integers(1, 4)))]
    waiting = set(draw(st.lists(st.sampled_from(names), max_size=2))) if len(names) > 2 else set()
    alive = [name for name in names if name not in waiting]
    messages = []
    for _ in range(draw(st.integers(1, 6))):
        if not alive:
            break
        start = draw(st.sampled_from(alive))
        end = draw(st.sampled_from([*alive, *sorted(waiting)]))
        ends = draw(st.booleans()) and end not in waiting
        messages.append(message(start, end, draw(LABELS), begins=end in waiting, ends=ends))
        if end in waiting:
            waiting.remove(end)
            alive.append(end)
        if ends:
            alive.remove(start)
    notes = st.sampled_from([None, "a second line", "a second line that is long enough to be broken"])
    return Sequence(tuple(part(name, draw(notes)) for name in names if name not in waiting), tuple(messages))


@given(sequences())
def test_words_are_clear_of_lines_and_heads_and_of_each_other(sequence: Sequence) -> None:
    drawing = lay_out_sequence(sequence)
    areas = caption_areas(drawing)
    assert not any(one.meets(other) for one, other in combinations(areas, 2))
    assert not any(area.meets(shape.area) for area in areas for shape in drawing.shapes)
    assert not any(area.crossed(line) for area in areas for line in straight_lines(drawing))
    assert not any(one.area.meets(other.area) for one, other in combinations(drawing.shapes, 2))


@given(sequences())
def test_all_lies_within_the_picture_and_the_words_of_a_head_within_it(sequence: Sequence) -> None:
    drawing = lay_out_sequence(sequence)
    lines = [point for line in straight_lines(drawing) for point in line]
    areas = (*caption_areas(drawing), *(shape.area for shape in drawing.shapes))
    corners = [point for area in areas for point in ((area.x, area.y), (area.right, area.bottom))]
    for x, y in (*lines, *corners):
        assert drawing.area.x <= x <= drawing.area.right
        assert drawing.area.y <= y <= drawing.area.bottom
    for shape in drawing.shapes:
        for area in map(words_area, shape.writings):
            assert shape.area.x < area.x < area.right < shape.area.right
            assert shape.area.y < area.y < area.bottom < shape.area.bottom


@given(sequences())
def test_messages_stand_in_order_of_time(sequence: Sequence) -> None:
    drawing = lay_out_sequence(sequence)
    assert len(drawing.captions) == len(sequence.messages)
    assert all(one.bottom <= other.y for one, other in pairwise(caption_areas(drawing)))


def lifelines(drawing: Drawing) -> list[tuple[float, float]]:
    """From where to where each goes."""
    found = [line for line in straight_lines(drawing) if line[0][0] == line[1][0]]
    return [(line[0][1], line[1][1]) for line in found]


def test_a_lifeline_begins_with_one_message_and_ends_with_another() -> None:
    messages = (
        message("master", "master", "reads"),
        message("master", "worker", "forks", begins=True),
        message("worker", "worker", "exits", ends=True),
        message("master", "master", "reaps"),
    )
    drawing = lay_out_sequence(Sequence((part("master"), part("worker")), messages))
    (master, worker), (head, late) = lifelines(drawing), (shape.area for shape in drawing.shapes)
    reads, forks, exits, reaps = caption_areas(drawing)
    assert master[0] == head.bottom
    assert head.bottom < reads.y < reads.bottom < late.y
    assert worker[0] == late.bottom
    assert late.y < forks.bottom < late.bottom < exits.y
    assert exits.bottom < worker[1] < reaps.bottom < master[1]
    assert [stroke.kind for stroke in drawing.strokes].count("end") == 1


def test_an_arrow_that_begins_a_lifeline_leads_to_its_head_from_either_side() -> None:
    parts = part("left"), part("middle"), part("right")
    for start, end in (("left", "right"), ("right", "left")):
        drawing = lay_out_sequence(Sequence(parts, (message(start, end, begins=True),)))
        head = drawing.shapes[[one.id for one in parts].index(end)].area
        (arrow,) = [line for line in straight_lines(drawing) if line[0][1] == line[1][1]]
        assert arrow[1][0] == (head.x if end == "right" else head.right)
        assert arrow[1][1] == head.middle[1]


def test_lifelines_are_as_far_apart_as_their_messages_ask() -> None:
    parts = part("one"), part("other")
    few = lay_out_sequence(Sequence(parts, (message("one", "other", "forks"),)))
    many = lay_out_sequence(Sequence(parts, (message("other", "one", "tells-it-that-all-is-well"),)))
    assert many.shapes[1].area.x > few.shapes[1].area.x
    assert many.area.height == few.area.height
