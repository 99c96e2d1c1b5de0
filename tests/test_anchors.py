"""Every reason to refuse an anchor, and where its text stands now."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.anchors import Ground, check_anchors, digest, find_bad_span, find_text, make_stamp
from render.notes import Anchor, Stamp
from render.problems import Place
from render.source import SourceFile, Span, Tree
from render.symbols import find_symbols

PLACE = Place(PurePosixPath("annotations/1.0/lamp/bulb.yaml"), 7)
BULB = PurePosixPath("lamp/bulb.py")
SOURCE = '''\
import math

WATTS = {
    "small": 25,
    "large": 60,
}


@math.cached(
    size=1,
)
class Bulb:
    """Gives light.

    And warmth.
    """

    def glow(self):
        level = 1 + \\
            self.level
        print(f"""
        {level}
        """)
        return level

    def dim(self):
        self.level -= 1
        self.level -= 1
        self.level -= 1
        self.level -= 1
        self.level -= 1
        self.level -= 1
        return self.level
'''


def ground(files: Mapping[str, str]) -> Ground:
    sources = {PurePosixPath(name): SourceFile(PurePosixPath(name), text) for name, text in files.items()}
    return Ground(Tree("1.0", sources), {path: find_symbols(file) for path, file in sources.items()})


LAMP = ground({str(BULB): SOURCE})


def told(on: Ground, first: int, last: int, stamp: Stamp | None = None, path: PurePosixPath = BULB) -> str | None:
    """What `check` says of a note on these lines; the stamp is the right one where none is given."""
    span = Span(first, last)
    if stamp is None and path in on.tree.files and span.last <= len(on.tree.files[path]):
        stamp = make_stamp(on, path, span)
    problems = list(check_anchors([Anchor(path, span, stamp, "note `a`", PLACE)], on))
    assert all(problem.place == PLACE for problem in problems)
    messages = [problem.message.removeprefix("note `a`: ") for problem in problems]
    assert len(messages) < 2
    return messages[0] if messages else None


@pytest.mark.parametrize(
    "span",
    ["1-1", "3-6", "4-5", "9-12", "9-33", "10-10", "13-16", "15-15", "18-24", "19-20", "21-23", "22-22", "26-33"],
)
def test_a_span_that_takes_things_whole_or_lies_inside_them_holds(span: str) -> None:
    first, last = map(int, span.split("-"))
    assert told(LAMP, first, last) is None


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (33, 34, "lamp/bulb.py has 33 lines, not 34; choose lines inside it"),
        (9000, 9000, "lamp/bulb.py has 33 lines, not 9000; choose lines inside it"),
        (2, 6, "lines 2-6 open on a blank line (2); leave it out"),
        (3, 7, "lines 3-7 close on a blank line (7); leave it out"),
        (14, 14, "lines 14 open on a blank line (14); leave it out"),
        (1, 3, "lines 1-3 cut through the bracket that spans 3-6; take it whole or leave it out"),
        (5, 9, "lines 5-9 cut through the bracket that spans 9-11; take it whole or leave it out"),
        (5, 6, "lines 5-6 cut through the bracket that spans 3-6; take it whole or leave it out"),
        (9, 10, "lines 9-10 cut through the bracket that spans 9-11; take it whole or leave it out"),
        (9, 11, "lines 9-11 cut through the decorator that spans 9-12; take it whole or leave it out"),
        (12, 33, "lines 12-33 cut through the decorator that spans 9-12; take it whole or leave it out"),
        (12, 13, "lines 12-13 cut through the string that spans 13-16; take it whole or leave it out"),
        (15, 18, "lines 15-18 cut through the string that spans 13-16; take it whole or leave it out"),
        (18, 19, "lines 18-19 cut through the continued line that spans 19-20; take it whole or leave it out"),
        (20, 24, "lines 20-24 cut through the continued line that spans 19-20; take it whole or leave it out"),
        (19, 21, "lines 19-21 cut through the string that spans 21-23; take it whole or leave it out"),
        (23, 24, "lines 23-24 cut through the string that spans 21-23; take it whole or leave it out"),
        (29, 29, "lines 29 with their context stand at line 30 too; widen the span until it is unique"),
        (30, 30, "lines 30 with their context stand at line 29 too; widen the span until it is unique"),
    ],
)
def test_a_span_that_cannot_carry_a_note_is_refused_with_the_reason(first: int, last: int, message: str) -> None:
    assert told(LAMP, first, last) == message
    assert find_bad_span(BULB, Span(first, last), LAMP) == message


def test_a_span_of_a_file_that_is_not_upstream_is_refused() -> None:
    message = "lamp/flame.py is not a file of 1.0; name one that is"
    assert told(LAMP, 1, 1, path=PurePosixPath("lamp/flame.py")) == message


def test_repeated_lines_are_told_apart_by_two_lines_of_context_on_each_side() -> None:
    assert [line for line in range(26, 34) if told(LAMP, line, line)] == [29, 30]
    assert told(LAMP, 29, 30) is None


def test_at_the_edge_of_a_file_there_is_less_context() -> None:
    text = ground({"lamp/notes.txt": "a\nb\nc\na\nb\nc\nd\n"})
    faults = [find_bad_span(PurePosixPath("lamp/notes.txt"), Span(line, line), text) for line in range(1, 8)]
    twin = "lines 1 with their context stand at line 4 too; widen the span until it is unique"
    assert faults == [twin, None, None, None, None, None, None]


def test_what_is_not_python_has_no_boundaries() -> None:
    text = ground({"lamp/notes.txt": SOURCE})
    assert find_bad_span(PurePosixPath("lamp/notes.txt"), Span(1, 3), text) is None


def test_a_note_that_was_not_stamped_or_not_whole_is_refused() -> None:
    (problem,) = check_anchors([Anchor(BULB, Span(1, 1), None, "note `a`", PLACE)], LAMP)
    assert problem.message == "note `a`: `in`, `opens` or `digest` is missing; run `annotated stamp`"


def test_a_stamp_names_the_definition_the_first_line_and_the_digest() -> None:
    stamp = make_stamp(LAMP, BULB, Span(26, 33))
    assert stamp == Stamp("Bulb.dim", "def dim(self):", digest("".join(SOURCE.splitlines(keepends=True)[25:33])))
    assert re.fullmatch("[0-9a-f]{12}", stamp.digest)
    assert make_stamp(LAMP, BULB, Span(9, 12)).inside == "Bulb"
    assert make_stamp(LAMP, BULB, Span(3, 33)).inside == "<module>"
    assert make_stamp(LAMP, BULB, Span(18, 33)).inside == "Bulb"


def stamp_of(text: str, inside: str) -> Stamp:
    return Stamp(inside, text.partition("\n")[0].strip(), digest(text))


LID = """\
def a():
    first()
    shared()
    second()

def b():
    third()
    shared()
    fourth()

def c():
    fifth()
    shared()
    sixth()
"""
SHARED = Stamp("b", "shared()", digest("    shared()\n"))


def test_another_definition_around_the_same_text_is_told_and_needs_reading() -> None:
    on = ground({str(BULB): LID})
    assert told(on, 8, 8, Stamp("c", "shared()", SHARED.digest)) == (
        "lamp/bulb.py lines 8 stand in b, and `in` says c; read the note again and run `annotated stamp`"
    )


def test_a_first_line_that_was_written_wrong_is_told_and_needs_a_stamp() -> None:
    on = ground({str(BULB): LID})
    assert told(on, 8, 8, Stamp("b", "shared", SHARED.digest)) == (
        "lamp/bulb.py lines 8 open with `shared()`, and `opens` says `shared`; "
        "read the note again and run `annotated stamp`"
    )


def test_text_that_moved_is_told_with_every_place_best_first() -> None:
    on = ground({"lamp/arm.py": "def b():\n    shared()\n", str(BULB): LID})
    assert told(on, 7, 7, SHARED) == (
        "lamp/bulb.py lines 7 open with `third()`, not `shared()`; that text stands at "
        "lamp/bulb.py:8, lamp/bulb.py:3, lamp/bulb.py:13, lamp/arm.py:2; mend `lines` and run `annotated stamp`"
    )


def test_text_that_changed_behind_its_first_line_is_told() -> None:
    on = ground({str(BULB): LID})
    said = stamp_of("def b():\n    thirst()\n", "b")
    assert told(on, 6, 7, said) == (
        "lamp/bulb.py lines 6-7 read otherwise than when the note was written; "
        "that text stands nowhere in this release; read both, mend the note, and run `annotated stamp`"
    )


def test_text_that_is_gone_is_told() -> None:
    on = ground({str(BULB): LID})
    assert told(on, 1, 4, stamp_of("def z():\n    pass\n", "z")) == (
        "lamp/bulb.py lines 1-4 open with `def a():`, not `def z():`; "
        "that text stands nowhere in this release; read both, mend the note, and run `annotated stamp`"
    )


def test_at_most_five_places_are_told() -> None:
    on = ground({str(BULB): "".join(f"a{number}\nsame\nb{number}\n" for number in range(9))})
    message = told(on, 1, 1, Stamp("<module>", "same", digest("same\n")))
    assert re.findall(r"bulb\.py:(\d+)", str(message)) == ["2", "5", "8", "11", "14"]


def test_text_is_found_even_where_its_first_line_was_written_wrong_too() -> None:
    on = ground({str(BULB): LID})
    said = Stamp("b", "no such line", SHARED.digest)
    assert find_text(BULB, Span(7, 7), said, on) == tuple((BULB, Span(line, line)) for line in (8, 3, 13))


def test_a_span_is_judged_before_its_stamp() -> None:
    assert "cut through" in str(told(LAMP, 1, 3, Stamp("nowhere", "nothing", "0" * 12)))


LINES = st.lists(st.sampled_from(["a", "b", " a"]), min_size=1, max_size=14)


@given(LINES, st.data())
def test_a_span_is_ambiguous_just_when_the_text_around_it_is_found_twice(lines: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    text = "\n".join(lines)
    around = "\n".join(lines[max(0, first - 3) : last + 2])
    times = len(re.findall(f"(?=(?:^|(?<=\n)){re.escape(around)}(?:\n|$))", text))
    on = ground({"lamp/notes.txt": text + "\n"})
    assert (find_bad_span(PurePosixPath("lamp/notes.txt"), Span(first, last), on) is not None) == (times > 1)


@given(LINES, LINES, st.data())
def test_text_is_found_wherever_it_stands_and_nowhere_else(
    here: list[str], there: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(here)))
    last = data.draw(st.integers(first, len(here)))
    wanted = here[first - 1 : last]
    on = ground({"a.txt": "\n".join(here), "b.txt": "\n".join(there) + "\n"})
    path, span = PurePosixPath("a.txt"), Span(first, last)
    found = find_text(path, span, make_stamp(on, path, span), on)
    assert found[0] == (path, span)
    assert sorted((str(path), span.first) for path, span in found) == [
        (name, start + 1)
        for name, lines in (("a.txt", here), ("b.txt", there))
        for start in range(len(lines))
        if lines[start : start + len(wanted)] == wanted
    ]
