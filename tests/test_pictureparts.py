"""Pictures on their pages: links to the code and to the steps, words that can be read and selected."""

import pytest
from playwright.sync_api import Page

from render.build import draft
from render.pictureparts import show_picture
from render.project import Project
from render.sitecommands import open_cache
from tests.conftest import Host
from tests.tabs import OpenTab
from tests.test_pictures import LAMP, LIFE, read

CHAPTER = "1.0/chapters/boil.html"


def test_a_box_leads_to_its_code_and_a_message_to_its_step() -> None:
    view = show_picture(read(LIFE), "code/{}.html".format)
    assert [shape.href for shape in view.shapes] == ["code/Switch.on.html", "code/Bulb.html"]
    assert [caption.href for caption in view.captions] == [None, "#step-1", None, "#step-3"]
    assert (view.title, view.description) == ("Its life", "From the switch to the dark.")


def test_words_of_arrows_between_boxes_lead_nowhere() -> None:
    view = show_picture(read(LAMP), str)
    assert [caption.href for caption in view.captions] == [None, None]


@pytest.fixture
def tiny_address(tiny_project: Project, host: Host) -> str:
    return host(draft(tiny_project, open_cache(tiny_project)).site)


def test_a_chapter_shows_its_picture_between_its_intro_and_its_first_step(tiny_address: str, open_tab: OpenTab) -> None:
    page = open_tab(tiny_address + CHAPTER, scripts=False).page
    order = (
        page.locator("main")
        .locator(".heading, .picture, .step")
        .evaluate_all("elements => elements.map((element) => element.className)")
    )
    assert order == ["heading", "picture", "step", "step"]
    svg = page.get_by_role("group", name="Who heats").locator("svg")
    assert svg.evaluate("svg => document.getElementById(svg.getAttribute('aria-describedby')).textContent") == (
        "A cook switches the boiler on, and it boils."
    )
    assert page.locator("svg").get_by_role("link").evaluate_all("links => links.map((link) => link.textContent)") == [
        "Cook",
        "The boilerfull",
        "switch",
        "boils",
    ]
    page.locator("svg").get_by_role("link", name="Step 2: boils").click()
    assert page.url.endswith("#step-2")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["index.html", CHAPTER])
def test_words_lie_within_their_boxes_and_the_picture_within_the_page(
    tiny_address: str, open_tab: OpenTab, path: str, width: int
) -> None:
    page = open_tab(tiny_address + path, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert spilt(page) == []
    sizes = page.locator("svg text").evaluate_all("texts => texts.map((text) => getComputedStyle(text).fontSize)")
    assert {"14px", "13px"} <= set(sizes) <= {"14px", "13px", "12px"}


def spilt(page: Page) -> list[str]:
    """Words that reach beyond their box."""
    found: list[str] = page.locator(".shape text").evaluate_all(
        """texts => texts.filter((text) => {
            const words = text.getBoundingClientRect();
            const box = text.parentElement.querySelector("rect").getBoundingClientRect();
            return words.left < box.left || words.right > box.right || words.top < box.top || words.bottom > box.bottom;
        }).map((text) => text.textContent)"""
    )
    return found
