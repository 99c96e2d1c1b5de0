"""Notes files that are as they should be: what is read from them, and where it stands."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.document import parse_document
from render.notes import Anchor, NotesFile, Stamp, Text, notes_path, parse_notes, read_notes
from render.problems import Place, ProblemsFound
from render.source import Span
from tests.upstream import read_upstream

FOLDER = PurePosixPath("annotations/1.0")
NAME = FOLDER / "lamp" / "bulb.yaml"

NOTES = """\
# How a bulb is written about.
file: lamp/bulb.py
summary: |
  Gives light.

  And warmth.
notes:
- id: later
  lines: 30-31
  title: "Later: in the file"
  body: On one line.
- id: inner
  lines: 4
  in: Bulb
  opens: "watts = 60"
  digest: 123456789012
  title: The inner one
  body: |

    Its second line is its first.
  more: |-
    Deeper.
  observed: [glow, dim]
  tags:
  - light
- {id: outer, lines: 4-9, in: Bulb, opens: no, title: The wider comes first, body: "1e3"}
"""


def parse(text: str) -> NotesFile:
    return parse_notes(parse_document(text, NAME), FOLDER)


def at(line: int) -> Place:
    return Place(NAME, line)


def test_a_file_s_notes_are_in_the_order_of_their_lines_the_wider_first() -> None:
    notes = parse(NOTES)
    assert [note.id for note in notes.notes] == ["outer", "inner", "later"]
    assert (notes.path, notes.place) == (PurePosixPath("lamp/bulb.py"), at(2))
    assert notes.summary == Text("Gives light.\n\nAnd warmth.\n", at(4))


def test_a_note_knows_all_that_was_written_and_where() -> None:
    inner = parse(NOTES).notes[1]
    stamp = Stamp("Bulb", "watts = 60", "123456789012")
    assert inner.anchor == Anchor(PurePosixPath("lamp/bulb.py"), Span(4, 4), stamp, "note `inner`", at(13))
    assert inner.title == Text("The inner one", at(17))
    assert inner.body == Text("\nIts second line is its first.\n", at(19))
    assert inner.more == Text("Deeper.", at(22))
    assert inner.texts == (inner.title, inner.body, inner.more)
    assert (inner.observed, inner.observed_place) == (("glow", "dim"), at(23))
    assert inner.tags == ("light",)
    assert inner.place == at(12)


def test_what_was_not_written_is_absent() -> None:
    outer, _, later = parse(NOTES).notes
    assert later.anchor.stamp is None
    assert outer.anchor.stamp is None, "two of the three parts are not a stamp"
    assert (later.more, later.observed, later.tags) == (None, (), ())
    assert later.texts == (Text("Later: in the file", at(10)), Text("On one line.", at(11)))
    assert outer.body == Text("1e3", at(26))


def test_a_file_may_have_a_summary_only_or_nothing_to_say_yet() -> None:
    assert parse("file: lamp/bulb.py\nsummary: Gives light.\n").notes == ()
    assert parse("file: lamp/bulb.py\nnotes: []\n").summary is None


@pytest.mark.parametrize(
    ("path", "notes"),
    [
        ("lamp/bulb.py", "lamp/bulb.yaml"),
        ("lamp/__init__.py", "lamp/__init__.yaml"),
        ("lamp/py.typed", "lamp/py.typed.yaml"),
        ("lamp/data/colours.txt", "lamp/data/colours.txt.yaml"),
        ("lamp/bulb.pyi", "lamp/bulb.pyi.yaml"),
        ("lamp/Makefile", "lamp/Makefile.yaml"),
    ],
)
def test_notes_stand_where_their_file_stands_in_the_release(path: str, notes: str) -> None:
    assert notes_path(PurePosixPath(path)) == PurePosixPath(notes)


def test_every_file_of_upstream_has_notes_of_its_own() -> None:
    files = read_upstream().files
    assert len({notes_path(path) for path in files}) == len(files) > 30


def test_notes_in_another_file_s_place_are_refused() -> None:
    with pytest.raises(ProblemsFound, match=r"the notes on lamp/arm\.py belong in annotations/1\.0/lamp/arm\.yaml"):
        parse("file: lamp/arm.py\n")


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_what_can_be_read_is_given_with_the_problems_of_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "lamp/bulb.yaml", NOTES)
    write(tmp_path, "lamp/arm.yaml", NOTES.replace("bulb.py", "arm.py").replace("id: outer", "id: arm"))
    write(tmp_path, "lamp/cord.yaml", "file: lamp/cord.py\nnotes: none\n")
    write(tmp_path, "lamp/.bulb.yaml", "an editor's own")
    write(tmp_path, "chapters/light.yaml", "title: read elsewhere\n")
    files, problems = read_notes(tmp_path, FOLDER, frozenset({"chapters"}))
    assert [str(file.path) for file in files] == ["lamp/arm.py", "lamp/bulb.py"]
    assert sorted(map(str, problems)) == [
        "annotations/1.0/lamp/bulb.yaml:12: the id `inner` stands at annotations/1.0/lamp/arm.yaml:12 too; "
        "give this note another",
        "annotations/1.0/lamp/bulb.yaml:8: the id `later` stands at annotations/1.0/lamp/arm.yaml:8 too; "
        "give this note another",
        "annotations/1.0/lamp/cord.yaml:2: `notes` is 'none', not a list; write a list",
    ]


def test_a_release_without_notes_has_none(tmp_path: Path) -> None:
    assert read_notes(tmp_path / "1.0", FOLDER, frozenset()) == ((), ())


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=6), st.integers(0, 5))
def test_every_text_is_found_at_the_line_where_it_was_written(spans: list[tuple[int, int]], blank: int) -> None:
    text = "#\n" * blank + "file: lamp/bulb.py\nnotes:\n" if spans else "file: lamp/bulb.py\n"
    for number, ends in enumerate(spans):
        text += f"- id: n{number}\n  lines: {min(ends)}-{max(ends)}\n  title: T{number}\n  body: |\n    B{number}\n"
    notes = parse(text).notes
    lines = text.split("\n")
    for note in notes:
        own = note.id.removeprefix("n")
        assert lines[note.title.place.line - 1] == f"  title: {note.title.markdown}" == f"  title: T{own}"
        assert lines[note.body.place.line - 1] == f"    {note.body.markdown.rstrip()}" == f"    B{own}"
        assert lines[note.anchor.place.line - 1] == f"  lines: {note.anchor.span.first}-{note.anchor.span.last}"
    order = [(note.anchor.span.first, -note.anchor.span.last) for note in notes]
    assert order == sorted(order)
    assert len(notes) == len(spans)
