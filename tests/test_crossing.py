"""What readers of several releases do: switch and keep the place, follow a strip, unfold a difference."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.tabs import OpenTab

FILE = "gunicorn/app/base.py"
ARBITER = "gunicorn/arbiter.py"
DIFF = "compare/19.10.0...23.0.0/gunicorn/app/base.py.html"
PHONE = 390


def code(page: Page, line: int) -> str:
    return page.locator(f".line:has(> #L{line}) > code").text_content() or ""


def switch(page: Page, release: str, key: str | None = None) -> None:
    if key:
        page.keyboard.press(key)
    else:
        page.locator(".releases summary").click()
    page.locator(".releases").get_by_role("link", name=release, exact=True).click()


def line_named(page: Page) -> int:
    found = re.search(r"#L(\d+)$", page.url)
    assert found, page.url
    return int(found[1])


def test_the_release_switch_leads_to_the_same_line(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{ARBITER}.html#L482").page
    wanted = code(page, 482)
    for release in ("19.10.0", "27.0.1", "23.0.0"):
        switch(page, release)
        page.wait_for_url(f"**/{release}/{ARBITER}.html#L*")
        assert code(page, line_named(page)) == wanted
        expect(page.locator(f"#L{line_named(page)}")).to_be_in_viewport()
    assert line_named(page) == 482


def test_where_no_line_is_named_the_first_one_in_sight_counts(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{ARBITER}.html").page
    page.locator("#L482").scroll_into_view_if_needed()
    first = page.locator(".source .line > a[id]").evaluate_all(
        "all => Number(all.find((one) => one.getBoundingClientRect().top >= 0).textContent)"
    )
    wanted = code(page, first)
    switch(page, "22.0.0", key="r")
    page.wait_for_url(f"**/22.0.0/{ARBITER}.html#L*")
    assert code(page, line_named(page)) == wanted


def test_at_the_top_of_a_page_the_switch_leads_to_the_top(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{ARBITER}.html").page
    switch(page, "22.0.0")
    page.wait_for_url(f"**/22.0.0/{ARBITER}.html")


def test_a_file_that_a_release_has_not_leads_to_the_release(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}27.0.1/gunicorn/http2/stream.py.html#L20").page
    switch(page, "20.1.0")
    page.wait_for_url("**/20.1.0/index.html")
    expect(page.get_by_role("heading", name="gunicorn 20.1.0")).to_be_visible()


def test_a_strip_leads_to_the_note_on_each_release_that_has_it(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{FILE}.html").page
    note = page.locator(".note").first
    name = note.get_attribute("id")
    cells = note.locator(".strip > *")
    expect(cells).to_have_count(9)
    assert [cell.get_attribute("title", timeout=1000).split(":")[0] for cell in cells.all()] == [  # type: ignore[union-attr]
        "19.10.0",
        "20.1.0",
        "21.2.0",
        "22.0.0",
        "23.0.0",
        "24.1.1",
        "25.3.0",
        "26.2.0",
        "27.0.1",
    ]
    expect(note.locator(".strip [aria-current]")).to_have_attribute("title", re.compile(r"^23\.0\.0: "))
    cells.nth(8).click()
    page.wait_for_url(f"**/27.0.1/{FILE}.html#{name}")
    expect(page.locator(f"#{name}")).to_be_in_viewport()


def test_a_lost_note_is_on_the_page_of_its_release_with_the_way_back(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}notes.html").page
    page.locator("a.lost").first.click()
    page.wait_for_url("**/19.10.0/index.html#*")
    lost = page.locator(".lost li:target")
    expect(lost).to_be_in_viewport()
    lost.get_by_role("link").first.click()
    expect(page.locator(".note:target")).to_be_in_viewport()


def test_an_edited_note_says_so_and_shows_the_change(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}19.10.0/{FILE}.html", scripts=False).page
    note = page.locator(".note.stale").first
    edits = note.locator(".edits")
    expect(edits.locator("summary")).to_have_text("written for 23.0.0, text changed here")
    expect(edits.locator(".edit")).to_be_hidden()
    edits.locator("summary").click(position={"x": 4, "y": 4})
    expect(edits.locator(".removed").first).to_be_visible()
    expect(edits.locator(".added").first).to_be_visible()


def test_the_age_of_lines_is_told_on_demand(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{ARBITER}.html", scripts=False).page
    line = page.locator(".line[data-since='23.0.0']").first
    shown = "(line) => getComputedStyle(line, '::before').content"
    assert line.evaluate(shown) == "none"
    page.get_by_label("in which release each line first stood").check()
    assert line.evaluate(shown) == '"23.0.0"'


def test_the_history_of_a_definition_leads_to_the_differences(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}23.0.0/{ARBITER}.html").page
    strip = page.locator(".line:has(.nf:text-is('reap_workers')) > .strip")
    expect(strip.locator("> *")).to_have_count(9)
    strip.locator("a.changed").last.click()
    page.wait_for_url(f"**/compare/*/{ARBITER}.html#L*")
    expect(page.locator(":target")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_unchanged_lines_of_a_difference_unfold(own_address: str, open_tab: OpenTab, scripts: bool) -> None:
    page = open_tab(own_address + DIFF, scripts=scripts).page
    fold = page.locator("details.fold", has_text="unchanged lines").first
    lines = fold.locator("a[id^=L]")
    expect(lines.first).to_be_hidden()
    fold.locator("summary").click()
    expect(lines.first).to_be_visible()
    said = re.search(r"(\d+) unchanged", fold.locator("summary").text_content() or "")
    assert said
    assert lines.count() == int(said[1])


def test_a_note_at_a_hunk_leads_to_its_place(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + DIFF).page
    link = page.locator(".difference a[href*='23.0.0/gunicorn/app/base.py.html#']:not([href*='#L'])").first
    link.evaluate(
        "link => { for (let up = link; up; up = up.parentElement) { if (up.tagName === 'DETAILS') up.open = true } }"
    )
    link.click()
    page.wait_for_url(f"**/23.0.0/{FILE}.html#*")
    expect(page.locator(".note:target")).to_be_in_viewport()


def left(there: Locator) -> float:
    box = there.bounding_box()
    assert box
    return box["x"]


def test_a_difference_is_side_by_side_or_on_a_phone_one_below_the_other(own_address: str, open_tab: OpenTab) -> None:
    wide, phone = (open_tab(own_address + DIFF, width=width).page for width in (1440, PHONE))
    for page in (wide, phone):
        removed, added = page.locator("del:visible").first, page.locator("ins:visible").first
        assert (left(removed) < left(added)) == (page is wide)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    narrow = [box["width"] for line in phone.locator("ins:visible").all()[:20] if (box := line.bounding_box())]
    assert min(narrow) > 0.8 * PHONE
