"""No page bars readers with other eyes or hands, as far as axe-core can tell."""

from collections.abc import Sequence
from itertools import product
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Page

from tests.tabs import OpenTab

PAGES = (
    "23.0.0/gunicorn/app/wsgiapp.py.html",
    "23.0.0/chapters/boot.html",
    "23.0.0/coverage.html",
    "experiments/hup-with-a-broken-config.html",
    "index.html",
)
"""One of each kind."""

WIDTHS = (390, 1440)
COLOURS: Sequence[Literal["light", "dark"]] = ("light", "dark")


def assert_open_to_all(page: Page) -> None:
    for width, colours in product(WIDTHS, COLOURS):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=colours)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{width} px, {colours}: {found.generate_report()}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_open_to_all(own_address: str, open_tab: OpenTab, path: str) -> None:
    page = open_tab(own_address + path).page
    page.locator("main details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
    assert_open_to_all(page)


def test_the_list_of_keys_is_open_to_all(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + PAGES[0]).page
    page.keyboard.press("?")
    assert_open_to_all(page)
