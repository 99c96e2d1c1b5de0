"""What of a pair of files is shown, and what is folded."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from render.diff import FilePair, Run, pair_files
from render.diffparts import LEAST, Part, cut_parts
from render.passages import CONTEXT
from render.source import SourceFile, Span

TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=60)


def pair_of(old: str, new: str) -> FilePair:
    """Two texts of one-character lines."""
    sides = [SourceFile(PurePosixPath("a.py"), "".join(f"{line}\n" for line in text)) for text in (old, new)]
    return pair_files(*sides)


def told(pair: FilePair, part: Part) -> str:
    """As "folded(before)-removed+added(after)", each in letters."""
    folded, before, after = (cut(pair, run) for run in (part.folded, part.before, part.after))
    gone = "" if pair.old is None or part.hunk is None or part.hunk.old is None else pair.old.cut(part.hunk.old)
    come = "" if pair.new is None or part.hunk is None or part.hunk.new is None else pair.new.cut(part.hunk.new)
    return f"{folded}({before})-{''.join(gone)}+{''.join(come)}({after})"


def cut(pair: FilePair, run: Run) -> str:
    return "".join(pair.old.lines[run.old - 1 : run.old - 1 + run.length]) if pair.old else ""


def parts(old: str, new: str, *shown: Span) -> list[str]:
    pair = pair_of(old, new)
    return [told(pair, part) for part in cut_parts(pair, (), shown)]


def test_three_lines_on_each_side_stay_and_the_others_are_folded() -> None:
    assert parts("abcdefgXhijklmnop", "abcdefgYhijklmnop") == ["abcd(efg)-X+Y(hij)", "klmnop()-+()"]


def test_what_is_not_worth_a_fold_is_shown() -> None:
    assert parts("abcdefXhijklm", "abcdefYhijklm") == ["(abcdef)-X+Y(hij)", "(klm)-+()"]


def test_lines_that_are_to_be_shown_stand_with_three_on_each_side() -> None:
    assert parts("abcdefghijklmnopqrstuvwxyz", "Abcdefghijklmnopqrstuvwxyz", Span(13, 14)) == [
        "()-a+A(bcd)",
        "efghi(jklmnopq)-+()",
        "rstuvwxyz()-+()",
    ]


def test_a_folded_hunk_takes_only_what_its_neighbour_leaves() -> None:
    pair = pair_of("abcdeXfghiYjklm", "abcdeVfghiWjklm")
    found = [told(pair, part) for part in cut_parts(pair, pair.hunks[:1], ())]
    assert found == ["(abcde)-X+V(f)", "(ghi)-Y+W(jkl)", "(m)-+()"]


@given(TEXTS, TEXTS, st.booleans())
def test_parts_hold_every_line_of_both_files_once_and_in_order(old: list[str], new: list[str], fold: bool) -> None:
    pair = pair_of("".join(old), "".join(new))
    at = (1, 1)
    for part in cut_parts(pair, pair.hunks[::2] if fold else (), ()):
        assert part.folded.length == 0 or part.folded.length >= LEAST
        for run in (part.folded, part.before):
            assert (run.old, run.new) == at
            at = (at[0] + run.length, at[1] + run.length)
        if part.hunk:
            assert part.hunk.old is None or part.hunk.old.first == at[0]
            assert part.hunk.new is None or part.hunk.new.first == at[1]
            at = (at[0] + len(part.hunk.old or ()), at[1] + len(part.hunk.new or ()))
        assert part.after.length <= CONTEXT
        at = (at[0] + part.after.length, at[1] + part.after.length)
    assert at == (len(old) + 1, len(new) + 1)


@given(TEXTS, TEXTS)
def test_no_line_beside_a_change_is_folded(old: list[str], new: list[str]) -> None:
    pair = pair_of("".join(old), "".join(new))
    found = cut_parts(pair, (), ())
    folded = {line for part in found for line in range(part.folded.new, part.folded.new + part.folded.length)}
    for hunk in pair.hunks:
        if hunk.new:
            near = {*range(hunk.new.first - CONTEXT, hunk.new.last + CONTEXT + 1)}
            assert not near & folded
