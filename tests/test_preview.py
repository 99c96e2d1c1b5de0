"""The preview as an author has it: `annotated serve` in a process of its own, its pages open in a real browser."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from render.project import Project
from tests.previews import guard
from tests.tabs import OpenTab
from tests.tiny import RELEASE

ANNOTATED = Path(sys.executable).with_name("annotated")

DEADLINE = 120
"""Seconds after which a preview that still runs is killed, so that nothing in a test waits for ever."""

SOON = 15_000
"""Milliseconds within which a page has followed a change, on a machine however busy."""

NOTES = f"{RELEASE}/kettle/boiler.yaml"
BOILER = f"{RELEASE}/kettle/boiler.py.html"
LID = f"{RELEASE}/kettle/lid.py.html"


@dataclass(frozen=True)
class Serving:
    """The preview of a project, in a child process that leads a group of its own."""

    process: subprocess.Popen[str]
    project: Project
    address: str

    def edit(self, name: str, old: str, new: str) -> None:
        """Change an author's file, named below `annotations`, in one step as careful editors do."""
        file = self.project.annotations / name
        text = file.read_text("utf-8")
        assert old in text
        draft = self.project.root / "draft"
        draft.write_text(text.replace(old, new, 1), "utf-8")
        draft.rename(file)

    def spoil(self) -> None:
        self.edit(NOTES, "id: never-above", "id: Never Above")

    def mend(self) -> None:
        self.edit(NOTES, "id: Never Above", "id: never-above")


Start: TypeAlias = Callable[[Project], Serving]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the preview of a project; kills it at the end, or when the deadline passes."""
    with ExitStack() as stack:

        def launch(project: Project) -> Serving:
            command = [str(ANNOTATED), "serve", "--bind", "127.0.0.1:0"]
            process = subprocess.Popen(
                command, cwd=project.root, stdout=subprocess.PIPE, text=True, start_new_session=True
            )
            return Serving(process, project, guard(stack, process, DEADLINE))

        yield launch


@pytest.fixture
def serving(start: Start, tiny_project: Project) -> Serving:
    return start(tiny_project)


def overlay(page: Page) -> Locator:
    return page.locator("dialog.build-failure")


def test_a_mended_note_is_on_the_page_and_the_page_where_it_was(serving: Serving, open_tab: OpenTab) -> None:
    page = open_tab(serving.address + BOILER, height=400).page
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY === 300")
    serving.edit(NOTES, "the last step is shorter", "the eighth step is shorter")
    expect(page.locator("#never-above")).to_contain_text("the eighth step is shorter", timeout=SOON)
    page.wait_for_function("scrollY === 300")


def test_a_problem_lies_over_the_page_with_its_place_until_it_is_mended(serving: Serving, open_tab: OpenTab) -> None:
    page = open_tab(serving.address + BOILER).page
    serving.spoil()
    expect(overlay(page)).to_be_visible(timeout=SOON)
    expect(overlay(page).locator("code")).to_have_text(f"annotations/{NOTES}:14")
    expect(page.locator("#never-above")).to_be_in_viewport()
    serving.mend()
    expect(overlay(page)).to_have_count(0, timeout=SOON)


def test_a_problem_laid_aside_leaves_the_whole_site_to_be_read(serving: Serving, open_tab: OpenTab) -> None:
    page = open_tab(serving.address + BOILER).page
    serving.spoil()
    expect(overlay(page)).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    expect(overlay(page)).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url(serving.address + LID)
    expect(overlay(page)).to_be_visible(timeout=SOON)
    overlay(page).get_by_role("button", name="Close").click()
    expect(overlay(page)).to_be_hidden()
    expect(page.get_by_role("heading", name="kettle/lid.py")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("system", "presses", "dark"), [("dark", 0, True), ("light", 0, False), ("dark", 1, False), ("light", 2, True)]
)
def test_a_problem_is_shown_in_the_colours_of_the_page(
    serving: Serving, open_tab: OpenTab, system: Literal["light", "dark"], presses: int, dark: bool
) -> None:
    page = open_tab(serving.address + BOILER, colours=system).page
    for _ in range(presses):
        page.keyboard.press("t")
    serving.spoil()
    expect(overlay(page)).to_be_visible(timeout=SOON)
    paper, ink = overlay(page).evaluate(
        "(dialog) => [getComputedStyle(dialog).backgroundColor, getComputedStyle(dialog).color]"
    )
    assert (brightness(paper) < brightness(ink)) is dark


def brightness(colour: str) -> int:
    """Of an opaque colour as browsers tell it, as in "rgb(24, 26, 25)"."""
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", colour)
    return sum(map(int, re.findall(r"\d+", colour)))


def test_what_keeps_the_first_site_from_being_made_gives_way_to_it(
    start: Start, tiny_project: Project, open_tab: OpenTab
) -> None:
    notes = tiny_project.annotations / NOTES
    notes.write_text(notes.read_text("utf-8").replace("id: never-above", "id: Never Above"), "utf-8")
    serving = start(tiny_project)
    tab = open_tab(serving.address + BOILER)
    expect(tab.page.locator("main.build-failure code")).to_have_text(f"annotations/{NOTES}:14")
    serving.mend()
    expect(tab.page.locator("#never-above")).to_be_visible(timeout=SOON)
    assert all("status of 503" in complaint for complaint in tab.complaints)
    tab.complaints.clear()


def test_an_interrupt_ends_everything_while_a_page_is_open(serving: Serving, open_tab: OpenTab) -> None:
    tab = open_tab(serving.address + BOILER)
    tab.page.wait_for_function("document.querySelector('link[href=\"/-/live.css\"]')?.sheet")
    master = psutil.Process(serving.process.pid)
    family = [master, *master.children(recursive=True)]
    assert len(family) > 1
    os.killpg(serving.process.pid, signal.SIGINT)
    assert serving.process.wait() == 0
    assert not any(process.is_running() for process in family)
    tab.page.close()
    assert all("net::ERR_" in complaint for complaint in tab.complaints)
    tab.complaints.clear()


def test_a_page_of_this_repository_follows_its_author(start: Start, own_copy: Project, open_tab: OpenTab) -> None:
    """Prints how long it takes from saving to the reloaded page."""
    serving = start(own_copy)
    address = f"{serving.address}23.0.0/gunicorn/app/base.py.html"
    with urlopen(address, timeout=DEADLINE) as first:  # nine releases are read before it; no later one waits so long
        assert first.status == HTTPStatus.OK
    page = open_tab(address).page
    title = page.locator(".note h2").first.text_content() or ""
    seconds = []
    for number in range(1, 6):
        old, title = title, f"Saved {number}"
        begun = time.perf_counter()
        serving.edit("23.0.0/gunicorn/app/base.yaml", f"  title: {old}\n", f"  title: {title}\n")
        page.wait_for_function(
            "title => document.readyState === 'complete' && document.querySelector('.note h2')?.textContent === title",
            arg=title,
            timeout=1000 * DEADLINE,
        )
        seconds.append(time.perf_counter() - begun)
    print("from saving to the reloaded page:", ", ".join(f"{one:.2f} s" for one in seconds))
