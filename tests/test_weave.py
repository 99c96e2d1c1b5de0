"""Segments and bars, held against a layout that is worked out line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.notes import Note
from render.source import Span
from render.weave import DRIFT, Segment, lay_bars, weave
from tests.notes import make_note, notes_on


@dataclass(frozen=True, slots=True)
class Woven:
    """A file with its notes, their heights, and what is woven of them."""

    line_count: int
    notes: tuple[Note, ...]
    heights: Mapping[str, float]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return weave(self.line_count, self.notes, self.heights)


@st.composite
def woven(draw: st.DrawFn) -> Woven:
    line_count = draw(st.integers(1, 40))
    notes = draw(notes_on(line_count))
    heights = {note.id: draw(st.integers(0, 60)) / 2 for note in notes}
    return Woven(line_count, notes, heights)


def drifts(segments: Sequence[Segment], heights: Mapping[str, float]) -> list[float]:
    """How far below its segment's first line each segment's first note stands, where there is one."""
    tops: dict[int, float] = {}  # by line
    bottom = 0.0  # of the notes so far
    found = []
    for segment in segments:
        first = segment.span.first
        above = tops[first - 1] + 1 if first > 1 else 0.0
        for line in range(first, segment.span.last + 1):
            tops[line] = (max(above, bottom) if segment.apart else above) + line - first
        for index, note in enumerate(segment.notes):
            top = max(tops[note.anchor.span.first], bottom)
            found += [top - tops[first]] if index == 0 else []
            bottom = top + heights[note.id]
    return found


@given(woven())
def test_every_line_is_in_one_segment_in_order(one: Woven) -> None:
    lines = [line for segment in one.segments for line in range(segment.span.first, segment.span.last + 1)]
    assert lines == list(range(1, one.line_count + 1))


@given(woven())
def test_every_note_stands_once_at_the_start_of_the_segment_of_its_first_line(one: Woven) -> None:
    assert tuple(note for segment in one.segments for note in segment.notes) == one.notes
    assert all(note.anchor.span.first == segment.span.first for segment in one.segments for note in segment.notes)


@given(woven())
def test_no_segment_lies_half_inside_a_note_s_span(one: Woven) -> None:
    for segment in one.segments:
        for note in one.notes:
            inside = {line in note.anchor.span for line in range(segment.span.first, segment.span.last + 1)}
            assert len(inside) == 1


@given(woven())
def test_a_segment_begins_only_where_a_note_begins_or_has_ended(one: Woven) -> None:
    cuts = {cut for note in one.notes for cut in (note.anchor.span.first, note.anchor.span.last + 1)}
    assert {segment.span.first for segment in one.segments} <= cuts | {1}


@given(woven())
def test_notes_stand_near_their_lines(one: Woven) -> None:
    assert all(0 <= drift <= DRIFT for drift in drifts(one.segments, one.heights))


@given(woven())
def test_the_code_makes_way_only_where_a_note_would_drift_too_far(one: Woven) -> None:
    for index, segment in enumerate(one.segments):
        if segment.apart:
            together = Segment(segment.span, segment.notes, apart=False)
            assert drifts((*one.segments[:index], together), one.heights)[-1] > DRIFT


def test_a_file_without_notes_is_one_segment_and_an_empty_file_none() -> None:
    assert weave(7, (), {}) == (Segment(Span(1, 7), (), apart=False),)
    assert weave(0, (), {}) == ()


def test_a_file_is_cut_around_its_notes() -> None:
    outer, inner = make_note("outer", Span(2, 6)), make_note("inner", Span(3, 4))
    assert weave(7, (outer, inner), {"outer": 2, "inner": 2}) == (
        Segment(Span(1, 1), (), apart=False),
        Segment(Span(2, 2), (outer,), apart=False),
        Segment(Span(3, 4), (inner,), apart=False),
        Segment(Span(5, 6), (), apart=False),
        Segment(Span(7, 7), (), apart=False),
    )


@pytest.mark.parametrize(("height", "apart"), [(1, False), (DRIFT + 2, False), (DRIFT + 2.5, True), (30, True)])
def test_a_tall_note_pushes_the_next_one_and_then_the_code(height: float, apart: bool) -> None:
    tall, short = make_note("tall", Span(1, 1)), make_note("short", Span(3, 3))
    segments = weave(9, (tall, short), {"tall": height, "short": 2})
    assert [segment.apart for segment in segments] == [False, False, apart, False]


def lanes(*spans: str) -> list[int]:
    """The lanes of spans written as in "3-7"."""
    ends = [tuple(map(int, span.split("-"))) for span in spans]
    return [bar.lane for bar in lay_bars([make_note("n", Span(first, last)) for first, last in ends])]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        (["1-3", "4-6"], [0, 0]),
        (["1-3", "3-6", "6-9"], [0, 1, 0]),
        (["1-9", "1-4", "2-3"], [0, 1, 2]),
        (["1-9", "2-3", "4-5"], [0, 1, 1]),
        (["1-9", "1-9"], [0, 1]),
        (["1-5", "2-3", "4-8"], [0, 1, 1]),
        (["1-5", "4-9", "6-7"], [0, 1, 2]),
        (["1-5", "2-8", "3-9", "6-7"], [0, 1, 2, 3]),
    ],
)
def test_a_bar_takes_the_leftmost_lane_it_may(spans: list[str], expected: list[int]) -> None:
    assert lanes(*spans) == expected


@given(notes_on(30))
def test_bars_never_overlap_and_a_wider_one_is_left_of_those_it_covers(notes: tuple[Note, ...]) -> None:
    bars = lay_bars(notes)
    assert [(bar.note, bar.span) for bar in bars] == [(note.id, note.anchor.span) for note in notes]
    for index, bar in enumerate(bars):
        for other in bars[index + 1 :]:
            assert bar.lane != other.lane or bar.span.last < other.span.first
            assert bar.lane < other.lane or not bar.span.covers(other.span)
