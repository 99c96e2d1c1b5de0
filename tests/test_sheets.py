"""Notes say where they landed, are cut out and are added, in whatever style they were written."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.document import Document, Scalar, parse_document, plain
from render.items import find_items
from render.notes import Stamp
from render.problems import ProblemsFound
from render.sheets import Landing, Sheet, add, cut_out, land, land_some
from tests.test_stamps import BULB, NAME, SPANS, STAMPS, Draft, drafts, stamp_for, stamped

DOUBT = "edited between 1.0 and 2.0 (0.80 alike): read both"
EMPTY = "file: lamp/bulb.py\nnotes:\n"


def sheet_of(text: str) -> Sheet:
    document = parse_document(text, NAME)
    return Sheet(document, {item.find("id") or "": item for item in find_items(document, "notes")})


def sheet_from(draft: Draft) -> Sheet:
    return sheet_of(stamped(draft.text, lambda *about: stamp_for(about[-1])))


def notes_in(text: str) -> Mapping[str, Any]:
    return {note["id"]: note for note in plain(parse_document(text, NAME).root).get("notes") or []}


def masked(text: str) -> str:
    """A text without the values that say where its notes stand, and without the lines of a doubt."""
    document = parse_document(text, NAME)
    cuts = [
        (entry.value.start, entry.value.end)
        for item in find_items(document, "notes")
        for key, entry in item.table.entries.items()
        if key in ("lines", "in", "opens", "digest") and isinstance(entry.value, Scalar)
    ]
    for start, end in sorted(cuts, reverse=True):
        text = text[:start] + text[end:]
    return re.sub(rf"^ *# {re.escape(DOUBT)}\n", "", text, flags=re.MULTILINE)


@st.composite
def landings_for(draw: st.DrawFn, sheet: Sheet) -> Mapping[str, Landing]:
    landings = {}
    for name in sheet.items:
        stamp: Stamp | None = draw(st.none() | STAMPS)
        landings[name] = Landing(BULB, f"{draw(SPANS)}{'' if stamp else '?'}", stamp, None if stamp else DOUBT)
    return landings


@settings(max_examples=200)
@given(st.data(), drafts())
def test_where_notes_land_only_their_anchors_change(data: st.DataObject, draft: Draft) -> None:
    sheet = sheet_from(draft)
    landings = data.draw(landings_for(sheet))
    after = land(sheet, landings)
    assert masked(after) == masked(sheet.document.text)
    assert after.count(DOUBT) == sum(landing.doubt is not None for landing in landings.values())
    before, now = notes_in(sheet.document.text), notes_in(after)
    for name, landing in landings.items():
        stamp = landing.stamp
        anchor = {"in": stamp.inside, "opens": stamp.opens, "digest": stamp.digest} if stamp else {}
        assert now[name] == {**before[name], "lines": landing.lines, **anchor}
    assert land(sheet_of(after), {name: one for name, one in landings.items() if not one.doubt}) == after


@settings(max_examples=200)
@given(st.data(), drafts())
def test_notes_that_are_cut_out_and_added_elsewhere_say_what_they_said(data: st.DataObject, draft: Draft) -> None:
    sheet = sheet_from(draft)
    landings = data.draw(landings_for(sheet))
    wanted = notes_in(land(sheet, landings))
    leaving = data.draw(st.sets(st.sampled_from(list(sheet.items))))
    indent = data.draw(st.sampled_from(["", "   "]))
    start = EMPTY + data.draw(st.sampled_from(["", f"{indent}- {{id: here, lines: 1, title: T, body: B}}\n"]))
    stay = land_some(sheet, {name: one for name, one in landings.items() if name not in leaving})
    there = add(parse_document(start, NAME), {name: cut_out(sheet, name, landings[name]) for name in leaving})
    assert (stay is None) == (leaving == set(sheet.items))
    both = {**(notes_in(stay) if stay else {}), **notes_in(there)}
    assert {name: note for name, note in both.items() if name != "here"} == wanted
    assert there.startswith(start)


def one(text: str, *lines: str) -> str:
    """What a sheet becomes of which only the notes land that have new lines, `id=lines`; their stamps are left."""
    landings = {name: Landing(BULB, new, None, None) for name, _, new in (each.partition("=") for each in lines)}
    return land_some(sheet_of(text), landings) or "nothing"


ODD = """\
# of the file
file: "lamp/bulb.py"   # which

notes:   # in order
# of a
- id: a
# inside a
  lines:  '1'   # one
  body: |
    # a heading

    Text.

  # at the end of a


# of c, flow

# of b
- {id: b, lines: "2",   # two
   body: B}
-
  # of c
  id: c
  lines: 3

# after the list
tags: none
"""


def test_comments_blank_lines_and_quotes_stay_where_they_were() -> None:
    assert one(ODD, "a=4", "b=5", "c=6") == ODD.replace("'1'", "'4'").replace('"2"', '"5"').replace(": 3", ": 6")


def test_a_note_goes_with_the_comments_right_above_it() -> None:
    head, rest = ODD.split("# of a\n")
    first, rest = rest.split("# of b\n")
    second, rest = rest.split("-\n")
    third, tail = rest.split("# after")
    assert one(ODD, "b=2", "c=3") == f"{head}# of c, flow\n\n# of b\n{second}-\n{third}# after{tail}"
    assert one(ODD, "a=1", "c=3") == f"{head}# of a\n{first}-\n{third}# after{tail}"
    assert one(ODD, "a=1", "b=2") == f"{head}# of a\n{first}# of b\n{second}# after{tail}"


def test_a_list_that_nothing_is_left_of_goes_and_so_does_a_sheet_without_a_summary() -> None:
    text = "file: lamp/bulb.py\nsummary: Light.\nnotes:\n- id: a\n  lines: 1\n# end\n"
    assert one(text) == "file: lamp/bulb.py\nsummary: Light.\n# end\n"
    assert one(text.replace("summary: Light.\n", "")) == "nothing"
    assert one("file: lamp/bulb.py\n") == "file: lamp/bulb.py\n"


def test_a_doubt_stands_above_its_note_as_far_in_and_on_lines_that_are_not_too_long() -> None:
    text = "file: lamp/bulb.py\nnotes:\n  # mine\n  - id: a\n    lines: 1\n"
    doubt = "lost " + " ".join(f"gunicorn/workers/w{number}.py:1-2" for number in range(9))
    after = land(sheet_of(text), {"a": Landing(BULB, "1?", None, doubt)})
    added = [line for line in after.splitlines() if line not in text.splitlines()]
    assert added[-1] == "    lines: 1?"
    assert len(added) > 2
    assert all(line.startswith("  # ") and len(line) <= 120 for line in added[:-1])
    assert " ".join(line.removeprefix("  # ") for line in added[:-1]) == doubt
    assert after.index("# mine") < after.index("# lost") < after.index("- id: a")


@pytest.mark.parametrize(
    "text",
    [
        "file: lamp/bulb.py\nnotes: [{id: a, lines: 1}, {id: b, lines: 2}]\n",
        "file: lamp/bulb.py\nnotes: # here\n  [\n    {id: a, lines: 1},\n    {id: b, lines: 2}\n  ]\n",
    ],
)
def test_in_brackets_notes_can_land_and_not_be_taken_out(text: str) -> None:
    assert one(text, "a=3", "b=4") == text.replace(": 1", ": 3").replace(": 2", ": 4")
    with pytest.raises(ProblemsFound, match="cannot be taken from this list or added to it"):
        one(text, "a=3")
    with pytest.raises(ProblemsFound, match="cannot be taken from this list or added to it"):
        cut_out(sheet_of(text), "a", Landing(BULB, "3", None, None))
    doubtful = land(sheet_of(text), {"b": Landing(BULB, "4?", None, DOUBT)})
    assert masked(doubtful) == masked(text)


def added(text: str) -> str:
    document: Document = parse_document(text, NAME)
    return add(document, {"n": "# new\n- id: n\n  body: |\n    Text.\n"})


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (EMPTY, f"{EMPTY}# new\n- id: n\n  body: |\n    Text.\n"),
        ("file: lamp/bulb.py", f"{EMPTY}# new\n- id: n\n  body: |\n    Text.\n"),
        (f"{EMPTY}  - id: a", f"{EMPTY}  - id: a\n  # new\n  - id: n\n    body: |\n      Text.\n"),
    ],
)
def test_notes_are_added_as_far_in_as_the_others(text: str, after: str) -> None:
    assert added(text) == after


@pytest.mark.parametrize("text", [f"{EMPTY}- id: a\nsummary: S\n", "file: x\nnotes: []\n", "{file: x, notes: []}\n"])
def test_notes_are_not_added_where_they_would_be_something_else(text: str) -> None:
    with pytest.raises(ProblemsFound, match="let `notes:` be the last key") as found:
        added(text)
    assert [str(problem.place) for problem in found.value.problems] == [f"{PurePosixPath(NAME)}:1"]
