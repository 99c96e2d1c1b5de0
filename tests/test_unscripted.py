"""A reader whose browser runs no scripts has all of it: the text, the links, what folds, the drawer."""

import pytest
from playwright.sync_api import Page, expect

from tests.tabs import OpenTab

FILE = "23.0.0/gunicorn/app/base.py.html"
PHONE, DESKTOP = 390, 1440


@pytest.fixture
def page(own_address: str, open_tab: OpenTab) -> Page:
    return open_tab(own_address + FILE, scripts=False).page


def test_nothing_is_offered_that_would_not_work(page: Page) -> None:
    expect(page.locator("button:visible")).to_have_count(0)
    expect(page.locator(".scope")).to_be_hidden()


def test_what_is_folded_opens_at_a_click(page: Page) -> None:
    details = page.locator(".note .more:has(> .prose)").first
    expect(details.locator(".prose")).to_be_hidden()
    details.locator("summary").click()
    expect(details.locator(".prose")).to_be_visible()


def test_a_link_leads_to_its_page(page: Page, own_address: str) -> None:
    page.get_by_role("link", name="Chapters").click()
    page.wait_for_url(f"{own_address}index.html#_chapters")
    expect(page.get_by_role("heading", name="Chapters")).to_be_in_viewport()


def test_the_address_of_a_note_s_lines_leads_to_the_first_of_them(page: Page) -> None:
    place = page.locator(".note .place").nth(20)
    first, *_ = (place.text_content() or "").removeprefix("Lines ").split("-")
    place.click()
    line = page.locator(f".line:has(> #L{first})")
    expect(line).to_be_in_viewport()
    expect(line).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_the_drawer_opens_and_leads_on(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + FILE, width=PHONE, scripts=False).page
    expect(page.locator(".rail")).to_be_hidden()
    page.get_by_role("button", name="Contents").click()
    page.locator(".rail").get_by_role("link", name="wsgiapp.py").click()
    page.wait_for_url(f"{own_address}23.0.0/gunicorn/app/wsgiapp.py.html")
