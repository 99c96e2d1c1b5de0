"""Notes that nobody wrote."""

from pathlib import PurePosixPath

from hypothesis import strategies as st

from render.notes import Anchor, Note, Stamp, Text
from render.problems import Place
from render.source import Span
from render.symbols import MODULE


def make_note(name: str, span: Span, inside: str | None = MODULE) -> Note:
    """A note on some lines of some file; it is not stamped where `inside` is None."""
    place = Place(PurePosixPath("annotations/1.0/lamp/bulb.yaml"), 1)
    stamp = None if inside is None else Stamp(inside, "", "")
    anchor = Anchor(PurePosixPath("lamp/bulb.py"), span, stamp, f"note `{name}`", place)
    return Note(name, anchor, Text(name, place), Text(name, place), None, (), (), place, place)


@st.composite
def notes_on(draw: st.DrawFn, line_count: int) -> tuple[Note, ...]:
    """Notes on a file of so many lines, in the order in which notes files are read."""
    line = st.integers(1, line_count)
    spans = [Span(min(ends), max(ends)) for ends in draw(st.lists(st.tuples(line, line), max_size=8))]
    spans.sort(key=lambda span: (span.first, -span.last))
    return tuple(make_note(f"n{index}", span) for index, span in enumerate(spans))
