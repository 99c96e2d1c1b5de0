"""Stamps are written into files as their authors left them: whatever the style, no other byte changes."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from render.chapters import parse_chapter
from render.document import parse_document
from render.notes import Stamp, parse_notes
from render.problems import ProblemsFound
from render.source import Span
from render.stamps import MakeStamp, append_note, note_stub, stamp_document

FOLDER = PurePosixPath("annotations/1.0")
NAME = FOLDER / "lamp" / "bulb.yaml"
BULB = PurePosixPath("lamp/bulb.py")
STAMP = Stamp("Bulb.glow", 'print("on")', "00c0ffee1234")


def stamped(text: str, make: MakeStamp = lambda *_: STAMP, name: PurePosixPath = NAME) -> str:
    return stamp_document(parse_document(text, name), make)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "notes:\n- id: a\n  lines: 3-4  # why these\n  title: T\n",
            'notes:\n- id: a\n  lines: 3-4  # why these\n  in: Bulb.glow\n  opens: "print(\\"on\\")"\n'
            '  digest: "00c0ffee1234"\n  title: T\n',
        ),
        (
            "notes:\n-   lines: '3'",
            'notes:\n-   lines: \'3\'\n    in: Bulb.glow\n    opens: "print(\\"on\\")"\n    digest: "00c0ffee1234"',
        ),
        (
            "notes: [{lines: 3-4, title: T}]\n",
            'notes: [{lines: 3-4, in: Bulb.glow, opens: "print(\\"on\\")", digest: "00c0ffee1234", title: T}]\n',
        ),
        (
            "notes:\n- digest: old  # stale\n  in: 'Bulb.glow'\n  lines:\n    3-4\n  title: T\n",
            "notes:\n- digest: \"00c0ffee1234\"  # stale\n  in: 'Bulb.glow'\n  lines:\n    3-4\n"
            '  opens: "print(\\"on\\")"\n  title: T\n',
        ),
        (
            "notes:\n- lines: 3\n  in:\n  opens: # empty\n  digest: ''\n",
            'notes:\n- lines: 3\n  in: Bulb.glow\n  opens: "print(\\"on\\")" # empty\n  digest: "00c0ffee1234"\n',
        ),
        (
            "notes:\n- {in: , lines: 3, digest: , opens: ''}\n",
            'notes:\n- {in: Bulb.glow , lines: 3, digest: "00c0ffee1234" , opens: "print(\\"on\\")"}\n',
        ),
        (
            'notes:\n- lines: 3\n  in: Bulb.glow\n  opens: |-\n    print("on")\n  digest: 00c0ffee1234\n',
            'notes:\n- lines: 3\n  in: Bulb.glow\n  opens: |-\n    print("on")\n  digest: 00c0ffee1234\n',
        ),
        ("summary: no lines here\n", "summary: no lines here\n"),
    ],
)
def test_stamps_are_filled_in_beside_the_lines_and_stale_ones_replaced(before: str, after: str) -> None:
    assert stamped(f"file: lamp/bulb.py\n{before}") == f"file: lamp/bulb.py\n{after}"
    assert stamped(f"file: lamp/bulb.py\n{after}") == f"file: lamp/bulb.py\n{after}"


@pytest.mark.parametrize(
    ("notes", "line", "said"),
    [
        ("- lines: |-\n    3-4\n  title: T\n", 3, "`lines` is a block"),
        ("- lines: 3\n  opens: |\n    old\n  title: T\n", 4, "`opens` is a block"),
    ],
)
def test_a_block_is_not_replaced_but_refused(notes: str, line: int, said: str) -> None:
    with pytest.raises(ProblemsFound, match=said) as found:
        stamped(f"file: lamp/bulb.py\nnotes:\n{notes}")
    assert [problem.place.line for problem in found.value.problems] == [line]


def test_a_step_is_stamped_from_the_file_that_it_names_and_a_note_s_span_not_at_all() -> None:
    asked: list[tuple[PurePosixPath, Span]] = []

    def make(_: str | None, path: PurePosixPath, span: Span) -> Stamp:
        asked.append((path, span))
        return STAMP

    before = (
        "title: T\nquestion: Q\nintro: I\nsteps:\n- note: a\n  title: T\n  text: X\n"
        "- file: lamp/arm.py\n  lines: 7\n  title: T\n  text: X\n"
        "- {lines: 8-9, file: lamp/bulb.py, title: T, text: X}\n"
        "outro: O\n"
    )
    name = FOLDER / "chapters" / "light.yaml"
    after = stamped(before, make, name)
    assert asked == [(PurePosixPath("lamp/arm.py"), Span(7, 7)), (BULB, Span(8, 9))]
    steps = parse_chapter(parse_document(after, name)).steps
    assert [step.anchor and step.anchor.stamp for step in steps] == [None, STAMP, STAMP]


@pytest.mark.parametrize("text", ["print", "on", "No", "null", "y", "123456789012", "1e23456", "<module>", "_a", "é"])
def test_a_stamp_is_text_to_every_reader_of_yaml(text: str) -> None:
    stub = note_stub("a", Span(1, 1), Stamp(text, text, text), text)
    for version in ("1.1", "1.2"):
        yaml = YAML(typ="safe", pure=True)
        yaml.version = version
        (note,) = yaml.load(stub)
        assert [note[key] for key in ("in", "opens", "digest", "title")] == [text] * 4


UNSEEN = [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF]
NAMES = st.sampled_from(["<module>", "Bulb", "Bulb.glow", "_a.b", "null", "on", "Ünï.x"])
SOURCE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters="".join(map(chr, UNSEEN)))
    | st.sampled_from("\t\"\\'#:{}[],&*!|>%@`"),
    min_size=1,
    max_size=20,
)
FIRST_LINES = SOURCE.map(str.strip).filter(bool)
DIGESTS = st.text("0123456789", min_size=12, max_size=12) | st.text("0123456789abcdef", min_size=12, max_size=12)
STAMPS = st.builds(Stamp, NAMES, FIRST_LINES, DIGESTS)
SPANS = st.tuples(st.integers(1, 999), st.integers(0, 99)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
COMMENTS = st.sampled_from(["", "  # a comment", "   # in: old, opens: 'x'", "   "])
BETWEEN = st.sampled_from(["", "\n", "  # lines: 1-2\n", "\n# digest: ''\n\n"])

STALE = {"in": "Old.name", "opens": "'def old(): # no'", "digest": '"999999999999"'}
VALUE = r"""("(?:[^"\\\n]|\\.)*"|[^"'\s][^\n]*?)"""
"""A value that was put in, as a pattern: in double quotes, or plain."""


def stamp_for(span: Span) -> Stamp:
    """One stamp for the spans that begin on an odd line, and others for the rest."""
    return STAMP if span.first % 2 else Stamp("<module>", "if x:\t# 'y' \\", f"{span.first:012d}")


def parts(span: Span) -> dict[str, str]:
    stamp = stamp_for(span)
    return {"in": stamp.inside, "opens": stamp.opens, "digest": stamp.digest}


@dataclass(frozen=True)
class Draft:
    """Text before it is stamped, a pattern of what it must be then, and the values put in, in their order."""

    text: str
    pattern: str
    values: tuple[str, ...]

    def __add__(self, other: "Draft") -> "Draft":
        return Draft(self.text + other.text, self.pattern + other.pattern, self.values + other.values)


def kept(text: str) -> Draft:
    return Draft(text, re.escape(text), ())


def put_in(before: str, value: str, separator: str = "") -> Draft:
    """A place where the text before has `before`, and afterwards a value."""
    return Draft(before, separator + VALUE, (value,))


def missing(rows: dict[str, str], span: Span, before: str, after: str) -> Draft:
    """What must be added beside `lines`."""
    added = Draft("", "", ())
    for key, value in parts(span).items():
        if key not in rows:
            added += Draft("", re.escape(f"{before}{key}: "), ()) + put_in("", value) + Draft("", re.escape(after), ())
    return added


@st.composite
def rows_of(draw: st.DrawFn, number: int, span: Span) -> dict[str, str]:
    """A note's keys in any order, with the parts of its stamp right, stale, empty or absent."""
    title = draw(st.sampled_from(["T", '"T: #"', "'it''s'"]))
    rows = {"id": f"n{number}", "lines": draw(st.sampled_from(["{}", "'{}'", '"{}"'])).format(span), "title": title}
    right = {"in": parts(span)["in"], "opens": STALE["opens"], "digest": f"'{parts(span)['digest']}'"}
    for key, stale in STALE.items():
        rows |= draw(st.sampled_from([{}, {key: stale}, {key: ""}, {key: right[key]}]))
    return dict(draw(st.permutations(list(rows.items()))))


def entry(start: str, key: str, value: str, span: Span) -> Draft:
    """A key, written as in `start`, with its value."""
    wanted = parts(span).get(key)
    if wanted in (None, value.strip("'\"")):
        return kept(f"{start} {value}" if value else start)
    return kept(start) + put_in("", wanted, " ") if not value else kept(f"{start} ") + put_in(value, wanted)


@st.composite
def block_note(draw: st.DrawFn, number: int, indent: str) -> Draft:
    span, dash = draw(SPANS), draw(st.sampled_from(["- ", "-   "]))
    rows, inner = draw(rows_of(number, span)), indent + " " * len(dash)
    draft, margin = kept(draw(BETWEEN)), indent + dash
    for key, value in rows.items():
        name = draw(st.sampled_from([key, f'"{key}"', f"'{key}'"]))
        draft += entry(f"{margin}{name}:", key, value, span) + kept(draw(COMMENTS) + "\n")
        draft += missing(rows, span, inner, "\n") if key == "lines" else kept("")
        margin = inner
    return draft + kept(f"{inner}body: |\n{inner}  Some text.\n{inner}    lines: 1-2\n")


@st.composite
def flow_note(draw: st.DrawFn, number: int, indent: str) -> Draft:
    span = draw(SPANS)
    rows = draw(rows_of(number, span))
    comma = draw(st.sampled_from([", ", f",\n{indent}    ", f" , # then\n{indent}   "]))
    draft = kept(f"{indent}- {{")
    for key, value in rows.items():
        draft += entry(f"{key}:", key, value, span)
        draft += missing(rows, span, ", ", "") if key == "lines" else kept("")
        draft += kept(comma if value else f" {comma}")
    return draft + kept(f"body: B}}{draw(COMMENTS)}\n")


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A file of notes in every style that an author might choose."""
    indent = draw(st.sampled_from(["", "  ", "    "]))
    draft = kept(draw(st.sampled_from(["", "# head\n", "---\n"])) + f"file: lamp/bulb.py{draw(COMMENTS)}\nnotes:\n")
    for number in range(draw(st.integers(1, 4))):
        draft += draw(block_note(number, indent) if draw(st.booleans()) else flow_note(number, indent))
    return draft


@settings(max_examples=300)
@given(drafts())
def test_whatever_the_style_only_the_stamps_change(draft: Draft) -> None:
    after = stamped(draft.text, lambda *about: stamp_for(about[-1]))
    found = re.fullmatch(draft.pattern, after)
    assert found, (draft.text, after)
    assert tuple(YAML(typ="safe", pure=True).load(value) for value in found.groups()) == draft.values
    assert stamped(after, lambda *about: stamp_for(about[-1])) == after
    notes = parse_notes(parse_document(after, NAME), FOLDER).notes
    assert all(note.anchor.stamp == stamp_for(note.anchor.span) for note in notes)


@given(STAMPS, FIRST_LINES)
def test_any_line_of_source_can_be_a_stamp_and_any_text_a_title(stamp: Stamp, title: str) -> None:
    text = append_note("file: lamp/bulb.py\nnotes:", note_stub("a", Span(1, 2), stamp, title), 2)
    written = {"in": stamp.inside, "opens": stamp.opens, "digest": stamp.digest, "title": title}
    assert YAML(typ="safe", pure=True).load(text)["notes"] == [{"id": "a", "lines": "1-2", **written, "body": ""}]
    assert stamped(text, lambda *_: stamp) == text
