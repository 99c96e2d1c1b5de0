"""The page of a file."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from textwrap import dedent

from render.filepage import FilePage, OutlineEntry, Past, make_file_page
from render.frames import make_frame
from render.grounds import ground_of
from render.links import Links, file_page
from render.notes import Note
from render.remarks import Pen
from render.renditions import Placed, Stop
from render.source import SourceFile, Span, Spot, Tree
from tests.notes import make_note

PATH = PurePosixPath("lamp/bulb.py")
HERE = file_page("1.0", PATH)


def page_of(text: str, *spans: tuple[Span, str]) -> FilePage:
    """The page of a file with notes on some of its lines, each with the definition that it stands in."""
    file = SourceFile(PATH, dedent(text))
    ground = ground_of(Tree("1.0", {PATH: file}))
    links = Links("1.0", "https://example.org/lamp", {}, (), {}, {}, {}, {}, {})
    frame = make_frame(HERE, str(PATH), "", "1.0", "lamp", ())
    notes = [make_note(f"n{index}", span, inside) for index, (span, inside) in enumerate(spans)]
    pen = Pen(links, {}, HERE)
    placed = [place(note, file) for note in notes]
    return make_file_page(frame, (), ground, PATH, placed, None, (), Past({}, (), {}), pen)


def place(note: Note, file: SourceFile) -> Placed:
    """A note where it was written."""
    spot, text = Spot(PATH, note.anchor.span), file.cut(note.anchor.span)
    return Placed(note, "written", "1.0", spot, text, text, (Stop("1.0", "written", spot),))


def rows(entries: Iterable[OutlineEntry], depth: int = 0) -> Iterator[str]:
    """An outline as text: indented, with the lines of each definition, and a star where a note is about it."""
    for entry in entries:
        yield f"{'  ' * depth}{entry.name} {entry.first}-{entry.last}{' *' if entry.noted else ''}"
        yield from rows(entry.entries, depth + 1)


def test_the_outline_has_every_definition_inside_the_one_it_stands_in() -> None:
    text = """\
        watts = 60

        if watts:
            class Bulb:
                @property
                def on(self):
                    def look(): ...
                    return look()

        else:
            class Bulb:
                def off(self): ...

        def main(): ...
        """
    page = page_of(text, (Span(6, 6), "Bulb.on"), (Span(11, 11), "Bulb"))
    assert list(rows(page.outline)) == [
        "Bulb 4-8",
        "  on 5-8 *",
        "    look 7-7",
        "Bulb 11-12 *",
        "  off 12-12",
        "main 14-14",
    ]
    assert [entry.href for entry in page.outline] == ["#L4", "#L11", "#L14"]


def test_a_page_shows_every_line_and_every_note_once() -> None:
    page = page_of("a = 1\n\n\nb = 2\n", (Span(1, 1), "<module>"), (Span(4, 4), "<module>"))
    assert [line.number for segment in page.segments for line in segment.lines] == [1, 2, 3, 4]
    assert [note.id for segment in page.segments for note in segment.notes] == ["n0", "n1"]
    assert (page.line_count, page.note_count) == (4, 2)


def test_an_empty_file_has_no_segments() -> None:
    assert page_of("").segments == ()
