"""The page of a difference: every line of both files once, what changed marked, notes where they belong."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

import render.theme
from render.changenotes import ChangeNote
from render.compare import Comparison, compare
from render.comparelinks import has_diff
from render.diffnotes import count_touched
from render.diffpage import DiffPage, PassageView
from render.diffrows import Cell, SameLine
from render.notes import Note
from render.source import SourceFile, Span, read_tree
from render.theme import Theme
from tests.addresses import find_hrefs, find_ids
from tests.conftest import Host
from tests.notes import make_note
from tests.steps import OLD, diff_of, make_change, make_step
from tests.tabs import OpenTab
from tests.test_theme import READABLE, contrast, resolve
from tests.upstream import REPOSITORY

PATH = "lamp/bulb.py"

LONG = "".join(f"line_{number} = {number}\n" for number in range(1, 21))


def plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def told(page: DiffPage) -> list[str]:
    """A page as text, folded lines as their number, notes as "# name", what is missing on a side as "."."""
    return [line for passage in page.passages for line in tell(passage)]


def tell(passage: PassageView) -> Iterator[str]:
    if passage.folded:
        yield f"~ {len(passage.folded)} {passage.inside}".rstrip()
    yield from (f"! {note.id}" for note in passage.changes)
    yield from (f"# {plain(note.title)} {' '.join(place.text for place in note.places)}" for note in passage.notes)
    if passage.layout:
        yield "layout"
    yield from (f"  {line.old} {line.new} {plain(line.html)}".rstrip() for line in passage.before)
    yield from (f"- {cell.number} {plain(cell.html)}".rstrip() if cell else "- ." for cell in passage.removed)
    yield from (f"+ {cell.number} {plain(cell.html)}".rstrip() if cell else "+ ." for cell in passage.added)
    yield from (f"  {line.old} {line.new} {plain(line.html)}".rstrip() for line in passage.after)


def page_of(
    old: str,
    new: str,
    old_notes: Sequence[Note] = (),
    new_notes: Sequence[Note] = (),
    changes: Sequence[ChangeNote] = (),
) -> DiffPage:
    return diff_of(make_step({PATH: old}, {PATH: new}), PATH, old_notes, new_notes, changes)


def test_a_change_stands_between_three_lines_and_the_rest_is_folded() -> None:
    page = page_of(LONG, LONG.replace("line_10 = 10\n", "line_10 = 11\nmore = 1\n"))
    assert told(page) == [
        "~ 6",
        "  7 7 line_7 = 7",
        "  8 8 line_8 = 8",
        "  9 9 line_9 = 9",
        "- 10 line_10 = 10",
        "+ 10 line_10 = 11",
        "+ 11 more = 1",
        "  11 12 line_11 = 11",
        "  12 13 line_12 = 12",
        "  13 14 line_13 = 13",
        "~ 7",
    ]
    assert (page.removed, page.added, page.hunks, page.layout, page.moves) == (1, 2, 1, 0, 0)


def test_fewer_lines_than_a_fold_is_worth_are_shown() -> None:
    page = page_of(LONG, LONG.replace("line_7 ", "seven ").replace("line_17 ", "seventeen "))
    assert [line for line in told(page) if line.startswith("~")] == []


def test_an_edited_line_stands_level_with_what_it_became() -> None:
    page = page_of(
        "def light(watts):\n    return watts\n", "import sys\n\n\ndef light(watts, colour):\n    return watts\n"
    )
    assert told(page)[:6] == ["- .", "- .", "- .", "- 1 def light(watts):", "+ 1 import sys", "+ 2"]
    (passage, *_) = page.passages
    assert passage.removed[3] is not None
    assert passage.added[3] is not None
    assert marked(passage.added[3]) == [", colour"]
    assert marked(passage.removed[3]) == []


def marked(cell: Cell) -> list[str]:
    return [plain(text) for text in re.findall(r"<mark>(.*?)</mark>", cell.html)]


def test_a_hunk_of_comments_and_docstrings_is_folded_and_counted() -> None:
    old = 'def light():\n    """Gives light."""\n    return 1\n' + LONG
    new = old.replace("Gives", "Is").replace("line_20 = 20", "line_20 = 21")
    page = page_of(old, new)
    assert [(passage.layout, passage.open) for passage in page.passages] == [(True, False), (False, False)]
    assert (page.hunks, page.layout) == (2, 1)


def test_a_file_that_changed_in_layout_only_lies_open() -> None:
    page = page_of(LONG, LONG.replace("line_10 = 10", "line_10 = 10  # ten"))
    assert [(passage.layout, passage.open) for passage in page.passages if passage.added] == [(True, True)]


def test_a_fold_tells_the_definition_that_goes_on_below_it() -> None:
    old = f"def light():\n{''.join(f'    {line}' for line in LONG.splitlines(keepends=True))}"
    page = page_of(old, old.replace("line_20 = 20", "line_20 = 21"))
    assert told(page)[0] == "~ 17 light"


def test_notes_stand_at_the_first_hunk_that_they_touch_and_once_for_both_sides() -> None:
    new = LONG.replace("line_5 = 5\n", "").replace("line_15 = 15\n", "line_15 = 16\n")
    page = page_of(
        LONG,
        new,
        old_notes=[make_note("both", Span(4, 16)), make_note("older", Span(15, 15)), make_note("far", Span(10, 11))],
        new_notes=[make_note("both", Span(4, 15)), make_note("gap", Span(4, 5)), make_note("after", Span(5, 6))],
    )
    assert [line for line in told(page) if line.startswith(("#", "-", "+"))] == [
        "# both 1.0: 4-16 2.0: 4-15",
        "# gap 2.0: 4-5",
        "- 5 line_5 = 5",
        "# older 1.0: 15",
        "- 15 line_15 = 15",
        "+ 14 line_15 = 16",
    ]
    assert [place.href for place in page.passages[0].notes[0].places] == [
        "../../../1.0/lamp/bulb.py.html#both",
        "../../../2.0/lamp/bulb.py.html#both",
    ]


def test_notes_are_counted_once_for_both_sides_and_only_where_lines_changed() -> None:
    (pair,) = make_step({PATH: LONG}, {PATH: LONG.replace("line_5 = 5", "line_5 = 6")}).pairs
    both, far = make_note("both", Span(5, 5)), make_note("far", Span(6, 6))
    assert count_touched(pair, [both, far], [both, make_note("newer", Span(1, 20))]) == 2
    assert count_touched(pair, [far], [far]) == 0


def test_a_change_note_on_another_file_is_not_there() -> None:
    step = make_step({"a.py": "a = 1\n", "b.py": "b = 1\n"}, {"a.py": "a = 2\n", "b.py": "b = 2\n"})
    page = diff_of(
        step, "a.py", changes=[make_change("here", "a.py", Span(1, 1)), make_change("no", "b.py", Span(1, 1))]
    )
    assert [note.id for passage in page.passages for note in passage.changes] == ["here"]


def test_a_change_note_stands_at_its_hunk_on_either_side_or_where_its_lines_are() -> None:
    new = LONG.replace("line_1 = 1\n", "").replace("line_2 = 2\n", "line_2 = 3\n")
    changes = [
        make_change("gone", PATH, Span(1, 1), OLD),
        make_change("stray", PATH, Span(12, 12)),
        make_change("old-stray", PATH, Span(20, 20), OLD),
    ]
    assert told(page_of(LONG, new, changes=changes)) == [
        "! gone",
        "- 1 line_1 = 1",
        "- 2 line_2 = 2",
        "+ .",
        "+ 1 line_2 = 3",
        "  3 2 line_3 = 3",
        "  4 3 line_4 = 4",
        "  5 4 line_5 = 5",
        "~ 4",
        "! stray",
        *(f"  {number} {number - 1} line_{number} = {number}" for number in range(10, 17)),
        "! old-stray",
        *(f"  {number} {number - 1} line_{number} = {number}" for number in range(17, 21)),
    ]


MOVING = "def dim():\n    a = 1\n    b = 2\n    return a + b\n"


def test_a_block_that_moved_leads_to_its_other_end_and_back() -> None:
    step = make_step(
        {"a.py": LONG + MOVING, "b.py": LONG, "c.py": ""}, {"a.py": LONG, "b.py": MOVING + LONG, "c.py": ""}
    )
    left, right = diff_of(step, "a.py"), diff_of(step, "b.py")
    gone = [cell for passage in left.passages for cell in passage.removed if cell]
    come = [cell for passage in right.passages for cell in passage.added if cell]
    assert [cell.moved for cell in (*gone, *come)] == [True] * 8
    ends = [cell.end for cell in (*gone, *come) if cell.end]
    assert [(end.text, end.href) for end in ends] == [
        ("Moved to lines 1-4 of b.py", "b.py.html#L1"),
        ("Moved from lines 21-24 of a.py", "a.py.html#O21"),
    ]
    assert (gone[0].number, come[0].number, left.moves, right.moves) == (21, 1, 1, 1)


def test_a_block_that_moved_inside_its_file_is_one_block_with_two_ends() -> None:
    page = page_of(MOVING + LONG, LONG + MOVING)
    ends = [cell.end for passage in page.passages for cell in (*passage.removed, *passage.added) if cell and cell.end]
    assert [(end.text, end.href) for end in ends] == [("Moved to lines 21-24", "#L21"), ("Moved from lines 1-4", "#O1")]
    assert page.moves == 1


def test_a_block_that_moved_to_a_new_file_leads_to_that_files_own_page() -> None:
    step = make_step({"lamp/a.py": LONG + MOVING}, {"lamp/a.py": LONG, "lamp/b.py": MOVING})
    (end,) = (
        cell.end for passage in diff_of(step, "lamp/a.py").passages for cell in passage.removed if cell and cell.end
    )
    assert (end.text, end.href) == ("Moved to lines 1-4 of lamp/b.py", "../../../2.0/lamp/b.py.html#L1")


@pytest.fixture(scope="module", params=[("22.0.0", "23.0.0"), ("23.0.0", "27.0.1")], ids="...".join)
def real(request: pytest.FixtureRequest) -> Comparison:
    old, new = (read_tree(REPOSITORY.tree(name), name, "gunicorn", PurePosixPath(name)) for name in request.param)
    return compare(old, new)


@pytest.fixture(scope="module")
def real_pages(real: Comparison) -> Mapping[PurePosixPath, DiffPage]:
    return {pair.path: diff_of(real, str(pair.path)) for pair in real.pairs if has_diff(pair)}


def test_every_line_of_both_files_is_there_once_and_to_the_letter(
    real: Comparison, real_pages: Mapping[PurePosixPath, DiffPage]
) -> None:
    for pair in real.pairs:
        if pair.path in real_pages:
            assert list(side_lines(real_pages[pair.path], "old")) == numbered(pair.old), pair.path
            assert list(side_lines(real_pages[pair.path], "new")) == numbered(pair.new), pair.path


def numbered(file: SourceFile | None) -> list[tuple[int, str]]:
    return list(enumerate(file.lines, 1)) if file else []


def side_lines(page: DiffPage, side: str) -> Iterator[tuple[int, str]]:
    for passage in page.passages:
        changed = passage.removed if side == "old" else passage.added
        yield from (same_line(line, side) for line in (*passage.folded, *passage.before))
        yield from ((cell.number, plain(cell.html)) for cell in changed if cell)
        yield from (same_line(line, side) for line in passage.after)


def same_line(line: SameLine, side: str) -> tuple[int, str]:
    return (line.old, plain(line.old_html)) if side == "old" else (line.new, plain(line.html))


def test_what_is_shown_around_a_change_did_not_change(
    real: Comparison, real_pages: Mapping[PurePosixPath, DiffPage]
) -> None:
    for path, page in real_pages.items():
        for passage in page.passages:
            same = (*passage.folded, *passage.before, *passage.after)
            assert all(plain(line.old_html) == plain(line.html) for line in same), path
    assert sum(page.layout for page in real_pages.values()) > 0


def test_a_document_has_every_id_once_and_leads_nowhere_that_is_not(
    real: Comparison, real_pages: Mapping[PurePosixPath, DiffPage]
) -> None:
    theme = Theme()
    written = {page.frame.here: theme.html(page).decode() for page in real_pages.values()}
    ids = {here: find_ids(text) for here, text in written.items()}
    assert all(len(found) == len(set(found)) for found in ids.values())
    for here, text in written.items():
        for address in filter(re.compile(r"#[OL]\d+$").search, find_hrefs(text)):
            page, _, fragment = address.partition("#")
            target = resolve(here, page) if page else here
            assert target not in written or fragment in ids[target], f"{here}: {address}"
            assert target in written or target.parts[0] in (real.old, real.new)


def test_a_page_is_light_enough_for_a_telephone(real_pages: Mapping[PurePosixPath, DiffPage]) -> None:
    theme = Theme()
    for path, page in real_pages.items():
        shown = sum(len(passage.removed) + len(passage.added) for passage in page.passages)
        same = sum(2 * (len(passage.before) + len(passage.after)) + len(passage.folded) for passage in page.passages)
        assert len(theme.html(page)) < 12_000 + 160 * (shown + same), path


@pytest.fixture
def shown(host: Host) -> str:
    """The address of a page with a fold, two changes, and an edited line too long for any screen."""
    long_line = f"answer = {' + '.join(f'number_{at}' for at in range(40))}\n"
    page = page_of(LONG + long_line, LONG.replace("line_2 = 2\n", "") + long_line.replace("number_7", "seven"))
    theme = Theme()
    site = {page.frame.here: theme.html(page), **theme.assets()}
    return host(site) + str(page.frame.here)


@pytest.mark.parametrize("width", [390, 1024, 1440, 1920])
def test_no_page_is_wider_than_its_window(open_tab: OpenTab, shown: str, width: int) -> None:
    page = open_tab(shown, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_sides_stand_side_by_side_where_there_is_room(open_tab: OpenTab, shown: str) -> None:
    page = open_tab(shown).page
    old, new = page.locator("del").last.bounding_box(), page.locator("ins").last.bounding_box()
    assert old is not None
    assert new is not None
    assert (old["y"], old["height"]) == (new["y"], new["height"])
    assert old["x"] + old["width"] < new["x"]


def test_on_a_telephone_the_removed_lines_stand_above_the_added_and_others_once(open_tab: OpenTab, shown: str) -> None:
    page = open_tab(shown, width=390).page
    old, new = page.locator("del").last.bounding_box(), page.locator("ins").last.bounding_box()
    assert old is not None
    assert new is not None
    assert old["y"] + old["height"] <= new["y"]
    assert old["x"] == new["x"]
    assert page.evaluate("[...document.querySelectorAll('.old > span')].every((line) => line.offsetHeight === 0)")


def test_a_fold_opens_without_a_script(open_tab: OpenTab, shown: str) -> None:
    page = open_tab(shown, scripts=False).page
    folded = page.locator("#L12")
    assert not folded.is_visible()
    page.locator(".fold summary").first.click()
    assert folded.is_visible()


def test_text_is_readable_on_the_ground_of_a_change() -> None:
    static = Path(render.theme.__file__).parent / "static"
    base, sheet = ((static / name).read_text("utf-8") for name in ("base.css", "diff.css"))
    colours = dict(re.findall(r"(--[a-z]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", base))
    mixed = re.findall(r"(--[a-z-]+): color-mix\(in srgb, var\((--[a-z]+)\) (\d+)%, var\(--paper\)\)", sheet)
    assert len(mixed) == 5
    faint = [
        (name, text, scheme)
        for name, colour, share in mixed
        for text in ("--ink", "--muted", "--keyword", "--string", "--number", "--comment")
        for scheme in (0, 1)
        if contrast(pick(colours, text, scheme), blend(colours, colour, int(share) / 100, scheme)) < READABLE
    ]
    assert not faint


def pick(colours: Mapping[str, str], name: str, scheme: int) -> str:
    return colours[name].split(", ")[scheme]


def blend(colours: Mapping[str, str], name: str, share: float, scheme: int) -> str:
    one, other = pick(colours, name, scheme), pick(colours, "--paper", scheme)
    parts = [share * int(one[at : at + 2], 16) + (1 - share) * int(other[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part):02x}" for part in parts)
