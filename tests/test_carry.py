"""Carry notes over edits made by hand, and over random edits of real files whose truth is known.

`python -m tests.test_carry FIRST COUNT` runs so many random cases from a seed on, and prints the figures.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from render.carry import AHEAD, LIKE_ENOUGH, Carried, carry
from render.notes import Note
from render.source import Span, Spot
from tests.edits import make_case, make_ground
from tests.notes import make_note
from tests.truth import Truth
from tests.upstream import read_upstream

BATCH = 10  # four batches for each family, each a test of its own, so that they run side by side

HEAD = """\
import os


def open_lid(lid):
    lid.open = True
    lid.steam = 0
    return lid


"""

FILL = """\
def fill(kettle, litres):
    if litres > kettle.size:
        raise ValueError("too much")
    kettle.litres = litres
    return kettle


"""

TAIL = """\
def close_lid(lid):
    lid.open = False
    return lid
"""

LAST = "KETTLES = []\n"

BRANCHES = """\
def pour(kettle, cup):
    if cup.hot:
        cup.level += 1
        kettle.litres -= 1
        log("poured", cup)
        return cup
    if cup.clean:
        cup.level += 1
        kettle.litres -= 1
        log("poured", cup)
        return cup
    return None
"""

ONE_BRANCH = BRANCHES.replace(BRANCHES[BRANCHES.index("    if cup.hot") : BRANCHES.index("    if cup.clean")], "")

SECOND_FILL = FILL.replace("fill", "fill_again")

LATER = FILL.replace("too much", "too much water")

CASES_BY_HAND = {
    "nothing changed": (HEAD + FILL, "10-14", HEAD + FILL, "kept 10-14"),
    "lines added above": (HEAD + FILL, "10-14", "import sys\n" + HEAD + FILL, "moved 11-15"),
    "lines added below": (HEAD + FILL, "10-14", HEAD + FILL + TAIL, "kept 10-14"),
    "order changed": (HEAD + FILL + TAIL, "10-14", FILL + HEAD + TAIL, "moved 1-5"),
    "renamed": (HEAD + FILL + TAIL, "11-14", HEAD + FILL.replace("fill", "pour_in") + TAIL, "kept 11-14"),
    "one line edited": (HEAD + FILL + TAIL, "10-14", HEAD + LATER + TAIL, "edited 10-14"),
    "its only line edited": (HEAD + FILL, "12", HEAD + LATER, "edited 12"),
    "a line put in": (
        HEAD + FILL + TAIL,
        "11-13",
        HEAD + FILL.replace("    kettle.litres", "    check()\n    kettle.litres") + TAIL,
        "edited 11-14",
    ),
    "reindented": (HEAD + FILL, "11-12", HEAD + FILL.replace("    ", "        "), "edited 11-12"),
    "gone": (HEAD + FILL + TAIL, "10-14", HEAD + TAIL, "lost"),
    "its lookalike stayed": (HEAD + FILL + TAIL + SECOND_FILL, "11-14", HEAD + TAIL + SECOND_FILL, "lost"),
    "it stayed and its lookalike went": (HEAD + FILL + TAIL + SECOND_FILL, "11-14", HEAD + FILL + TAIL, "kept 11-14"),
    "its own branch went": (BRANCHES, "2-6", ONE_BRANCH, "lost"),
    "the other branch went": (BRANCHES, "7-11", ONE_BRANCH, "moved 2-6"),
    "copied, and edited where it was": (
        HEAD + FILL + TAIL,
        "11-13",
        HEAD + LATER + TAIL + SECOND_FILL,
        "lost",
    ),
    "two copies for one": (HEAD + FILL + TAIL, "11-14", HEAD + SECOND_FILL + FILL.replace("fill", "f") + LAST, "lost"),
    "a lone line of another function in its place": (
        HEAD + "def steep(tea):\n    tea.strong = True\n    return None\n",
        "12",
        HEAD + "def stir(cup):\n    cup.round = 3\n    return None\n",
        "lost",
    ),
    "a docstring for a body": (HEAD + FILL, "11-14", HEAD + 'def fill(kettle, litres):\n    """Fills."""\n', "lost"),
}


@pytest.mark.parametrize("case", CASES_BY_HAND)
def test_each_kind_of_change_has_its_state(case: str) -> None:
    before, lines, after, expected = CASES_BY_HAND[case]
    path = PurePosixPath("kettle/fill.py")
    first, _, last = lines.partition("-")
    spot = Spot(path, Span(int(first), int(last or first)))
    grounds = (make_ground({path: before.splitlines()}), make_ground({path: after.splitlines()}))
    (carried,) = carry([note_at(spot)], *grounds)
    assert " ".join([carried.state, *([str(carried.spot.span)] if carried.spot else [])]) == expected


def test_a_block_that_went_to_another_file_is_followed() -> None:
    here, there = PurePosixPath("kettle/fill.py"), PurePosixPath("kettle/base.py")
    old = make_ground({here: (HEAD + FILL).splitlines(), there: TAIL.splitlines()})
    new = make_ground({here: HEAD.splitlines(), there: (TAIL + "\n\n" + FILL).splitlines()})
    (carried,) = carry([note_at(Spot(here, Span(10, 14)))], old, new)
    assert (carried.state, carried.spot, carried.evidence) == ("moved", Spot(there, Span(6, 10)), "same name")


def test_a_line_edited_in_a_function_that_went_to_another_file_is_known_by_its_name() -> None:
    here, there = PurePosixPath("kettle/fill.py"), PurePosixPath("kettle/base.py")
    old = make_ground({here: (HEAD + FILL).splitlines(), there: TAIL.splitlines()})
    new = make_ground({here: HEAD.splitlines(), there: (TAIL + "\n\n" + LATER).splitlines()})
    (carried,) = carry([note_at(Spot(here, Span(12, 12)))], old, new)
    assert (carried.state, carried.spot, carried.evidence) == ("edited", Spot(there, Span(8, 8)), "same name")


def test_a_lost_note_names_both_places_that_it_may_have() -> None:
    path = PurePosixPath("kettle/fill.py")
    after = HEAD + SECOND_FILL + FILL.replace("fill", "f") + LAST
    old, new = make_ground({path: (HEAD + FILL + TAIL).splitlines()}), make_ground({path: after.splitlines()})
    (carried,) = carry([note_at(Spot(path, Span(11, 14)))], old, new)
    assert [(one.spot.span, one.score) for one in carried.candidates[:2]] == [(Span(11, 14), 1), (Span(18, 21), 1)]


def test_a_note_below_the_threshold_is_lost_with_its_best_candidate_and_score() -> None:
    path = PurePosixPath("kettle/fill.py")
    after = HEAD + FILL.replace("litres > kettle.size", "is_full(kettle)").replace("too much", "no") + TAIL
    (carried,) = carry(
        [note_at(Spot(path, Span(11, 12)))],
        make_ground({path: (HEAD + FILL + TAIL).splitlines()}),
        make_ground({path: after.splitlines()}),
    )
    assert (carried.state, carried.spot, carried.candidates[0].spot) == ("lost", None, Spot(path, Span(11, 12)))
    assert 0 < carried.score == carried.candidates[0].score < LIKE_ENOUGH


def test_of_two_edited_texts_nearly_as_like_neither_is_taken() -> None:
    path = PurePosixPath("kettle/fill.py")
    second = LATER.replace("fill", "fill_again").replace("much water", "much tea")
    (carried,) = carry(
        [note_at(Spot(path, Span(10, 14)))],
        make_ground({path: (HEAD + FILL + TAIL).splitlines()}),
        make_ground({path: (HEAD + second + TAIL + "\n\n" + LATER).splitlines()}),
    )
    assert carried.state == "lost"
    best, other = carried.candidates[:2]
    assert best.score >= LIKE_ENOUGH
    assert best.score - other.score < AHEAD


def note_at(spot: Spot) -> Note:
    note = make_note(str(spot), spot.span)
    return replace(note, anchor=replace(note.anchor, path=spot.path))


def carry_cases(seeds: Iterable[int], must_parse: bool) -> tuple[Counter[str], list[str]]:
    """The figures of so many random cases, and all that went wrong."""
    upstream = read_upstream()
    figures: Counter[str] = Counter()
    faults: list[str] = []
    for seed in seeds:
        case = make_case(seed, upstream, must_parse)
        truth = Truth(case)
        notes = [note_at(spot) for spot in case.spots]
        carried = carry(notes, case.old, case.new)
        assert [one.note for one in carried] == [note.id for note in notes]
        figures["cases"] += 1
        for spot, one in zip(case.spots, carried, strict=True):
            is_lost = one.state == "lost"
            figures["notes"] += 1
            figures[one.state] += 1
            figures["untouched"] += truth.is_untouched(spot)
            figures["untouched, lost for a lookalike"] += is_lost and truth.is_untouched(spot)
            figures["standing, lost"] += is_lost and truth.stands(spot)
            fault = truth.fault(spot, one) or _find_untidy(one)
            if fault:
                faults.append(f"seed {seed}, {spot}: {fault}: {one}")
    return figures, faults


def _find_untidy(one: Carried) -> str | None:
    """What a result says against itself."""
    if (one.state == "lost") != (one.spot is None) or (one.state != "lost" and one.candidates):
        return "lost and found"
    if one.state == "edited" and one.score < LIKE_ENOUGH:
        return "edited, and not like enough"
    scores = [candidate.score for candidate in one.candidates]
    return None if scores == sorted(scores, reverse=True) and len(scores) <= 3 else "candidates in no order"


@pytest.mark.parametrize("first", range(0, 4 * BATCH, BATCH))
@pytest.mark.parametrize("must_parse", [True, False])
def test_notes_go_where_their_own_lines_went_or_are_lost(must_parse: bool, first: int) -> None:
    figures, faults = carry_cases(range(first, first + BATCH), must_parse)
    assert faults == []
    assert figures["cases"] == BATCH
    assert figures["notes"] >= 10 * BATCH
    assert figures["moved"] >= BATCH
    assert figures["edited"] >= BATCH // 4
    assert figures["lost"] >= 1
    assert figures["untouched"] >= 4 * BATCH
    assert figures["untouched, lost for a lookalike"] <= BATCH


def main() -> None:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for must_parse in (True, False):
        figures, faults = carry_cases(range(first, first + count), must_parse)
        print("files that parse" if must_parse else "files that need not parse")
        for name, figure in [*sorted(figures.items()), ("WRONG", len(faults))]:
            print(f"{figure:8} {name}")
        for fault in faults:
            print(fault)


if __name__ == "__main__":
    main()
