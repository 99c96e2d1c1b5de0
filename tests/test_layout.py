"""Where everything stands on a page, measured in a real browser at the widths that readers have."""

from dataclasses import dataclass
from itertools import combinations

import pytest
from playwright.sync_api import Page

from tests.tabs import OpenTab

ANNOTATED = ("23.0.0/gunicorn/app/base.py.html", "23.0.0/gunicorn/app/wsgiapp.py.html")
PAGES = (
    *ANNOTATED,
    "23.0.0/gunicorn/arbiter.py.html",
    "23.0.0/gunicorn/app/__init__.py.html",
    "23.0.0/chapters/boot.html",
    "23.0.0/coverage.html",
    "experiments/hup-with-a-broken-config.html",
    "index.html",
)
"""One of each kind, and of files also one without a note and one without a line."""

PHONE, TABLET, TWO_COLUMNS, LAPTOP, DESKTOP, WALL = 390, 999, 1000, 1024, 1440, 1920

PAPER = 680
"""CSS pixels: a sheet of A4 within its margins."""

DRIFT = 10
"""Lines: how far below the first line of its span a note may begin."""

COLUMNS = 80

HAIR = 1
"""CSS pixels by which edges that touch may seem to overlap, for a browser rounds."""


@dataclass(frozen=True, slots=True)
class Box:
    """An element's place on the page, in CSS pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def meets(self, other: "Box") -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > HAIR
            and min(self.bottom, other.bottom) - max(self.top, other.top) > HAIR
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a note stands: `code` is all of its segment, `line` the first of it."""

    note: Box
    code: Box
    line: Box


def boxes(page: Page, css: str, related: str = "element") -> list[Box]:
    """The box of each element that a selector finds, or of the one that is `related` to it, in JavaScript."""
    measure = f"""elements => elements.map((element) => {{
        const {{ left, top, right, bottom }} = ({related}).getBoundingClientRect();
        return [left, top + scrollY, right, bottom + scrollY];
    }})"""
    return [Box(*edges) for edges in page.locator(css).evaluate_all(measure)]


def stands(page: Page) -> list[Stand]:
    segment = "element.closest('.segment')"
    codes = boxes(page, ".note", f"{segment}.querySelector('.lines')")
    lines = boxes(page, ".note", f"{segment}.querySelector('.line')")
    return [Stand(*parts) for parts in zip(boxes(page, ".note"), codes, lines, strict=True)]


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})


def unfold(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach((details) => { details.open = true; })")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(own_address: str, open_tab: OpenTab, path: str) -> None:
    page = open_tab(own_address + path).page
    unfold(page)
    for width in (PHONE, TABLET, TWO_COLUMNS, LAPTOP, DESKTOP, WALL):
        resize(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("path", ANNOTATED)
def test_a_note_stands_under_its_code_below_a_thousand_pixels(
    own_address: str, open_tab: OpenTab, path: str, scripts: bool
) -> None:
    page = open_tab(own_address + path, scripts=scripts).page
    for width in (PHONE, TABLET):
        resize(page, width)
        assert stands(page)
        assert all(one.note.top >= one.code.bottom for one in stands(page)), width


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("path", ANNOTATED)
def test_a_note_stands_beside_its_code_from_a_thousand_pixels(
    own_address: str, open_tab: OpenTab, path: str, scripts: bool
) -> None:
    page = open_tab(own_address + path, scripts=scripts).page
    for width in (TWO_COLUMNS, LAPTOP, DESKTOP, WALL):
        resize(page, width)
        assert stands(page)
        assert all(one.note.left >= one.code.right for one in stands(page)), width


@pytest.mark.parametrize("path", ANNOTATED)
def test_notes_overlap_neither_each_other_nor_the_code_even_unfolded(
    own_address: str, open_tab: OpenTab, path: str
) -> None:
    page = open_tab(own_address + path).page
    for width in (DESKTOP, WALL, TWO_COLUMNS, PHONE):
        resize(page, width)
        assert not overlapping(page), width
    unfold(page)
    for width in (PHONE, TWO_COLUMNS, WALL, DESKTOP):
        resize(page, width)
        assert not overlapping(page), width


def overlapping(page: Page) -> list[tuple[Box, Box]]:
    notes, lines = boxes(page, ".note"), boxes(page, ".source .line")
    pairs = [*combinations(notes, 2), *((note, line) for note in notes for line in lines)]
    return [(one, other) for one, other in pairs if one.meets(other)]


@pytest.mark.parametrize("path", ANNOTATED)
def test_a_note_begins_level_with_its_first_line_or_little_below(
    own_address: str, open_tab: OpenTab, path: str
) -> None:
    page = open_tab(own_address + path, width=DESKTOP).page
    row = boxes(page, ".source .line")[0].height
    for one in stands(page):
        assert -HAIR <= one.note.top - one.line.top <= DRIFT * row


@pytest.mark.parametrize("path", ANNOTATED)
def test_the_column_of_code_is_nearly_all_code(own_address: str, open_tab: OpenTab, path: str) -> None:
    page = open_tab(own_address + path, width=DESKTOP).page
    lines, notes = boxes(page, ".source .line"), boxes(page, ".note")
    column = max(box.bottom for box in (*lines, *notes)) - lines[0].top
    assert sum(line.height for line in lines) / column >= 0.85


def test_eighty_columns_of_code_stand_on_one_row(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + ANNOTATED[0], width=DESKTOP).page
    text = page.locator(".line > code").first
    text.evaluate("(text, columns) => text.replaceChildren('x'.repeat(columns))", COLUMNS)
    assert boxes(page, ".line")[0].height == boxes(page, ".line")[2].height
    text.evaluate("(text, columns) => text.replaceChildren('x'.repeat(columns))", 2 * COLUMNS)
    assert boxes(page, ".line")[0].height > boxes(page, ".line")[2].height


@pytest.mark.parametrize("path", ANNOTATED)
def test_printed_a_note_stands_under_its_code_with_all_its_text(own_address: str, open_tab: OpenTab, path: str) -> None:
    page = open_tab(own_address + path, width=PAPER).page
    page.emulate_media(media="print")
    assert all(one.note.top >= one.code.bottom for one in stands(page))
    assert not overlapping(page)
    deeper = page.locator(".more > .prose").evaluate_all("all => all.map((prose) => prose.checkVisibility())")
    assert deeper
    assert all(deeper)
    assert page.locator(".more summary:visible").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_printed_there_is_nothing_to_press(own_address: str, open_tab: OpenTab, path: str) -> None:
    page = open_tab(own_address + path, width=PAPER).page
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert page.locator("button:visible, nav.sections:visible, .rail:visible, .neighbours:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == PAPER
