"""What the tests share: one real browser for all of them, this repository's own site, and a small project beside it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, sync_playwright

from render.build import draft
from render.output import Site
from render.project import Project
from render.sitecommands import open_cache
from tests.browser import FLAGS, HOW_TO_GET_ONE, find_chromium
from tests.copies import copy_checkout, keep_releases
from tests.hosting import hosted
from tests.tabs import OpenTab, opening
from tests.tiny import write_tiny_pair, write_tiny_project
from tests.upstream import REPOSITORY

Host: TypeAlias = Callable[[Site], str]

settings.register_profile("patient", deadline=None)  # speed is measured in benchmarks, not in tests
settings.load_profile("patient")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> str:
    """The path of a browser that starts. Without one the tests fail: nothing is skipped."""
    found = find_chromium(playwright)
    if found is None:
        pytest.fail(HOW_TO_GET_ONE, pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """Opens pages; a test during which any of them complained fails, unless it takes the complaints out."""
    with opening(browser) as open_tab:
        yield open_tab


@pytest.fixture
def host() -> Iterator[Host]:
    """Hosts a site until the test ends, and gives the address of its root."""
    with ExitStack() as stack:
        yield lambda site: stack.enter_context(hosted(site))


@pytest.fixture(scope="session")
def own_site() -> Site:
    """The site of this very checkout, each page made when a test first asks for it."""
    return draft(REPOSITORY, open_cache(REPOSITORY)).site


@pytest.fixture(scope="session")
def own_address(own_site: Site) -> Iterator[str]:
    """Where the site of this checkout is hosted, with a slash at the end."""
    with hosted(own_site) as address:
        yield address


@pytest.fixture
def own_copy(tmp_path: Path) -> Project:
    """All that this checkout's site is made of, in a folder of its own: for tests that write."""
    return copy_checkout(tmp_path / "copy")


@pytest.fixture
def own_pair(tmp_path: Path) -> Project:
    """As `own_copy`, with two of the releases only, so that it is built in seconds."""
    return keep_releases(copy_checkout(tmp_path / "pair"), ("22.0.0", "23.0.0"))


@pytest.fixture
def tiny_project(tmp_path: Path) -> Project:
    """A stamped project about a package that is not gunicorn, in a folder of its own."""
    return write_tiny_project(tmp_path / "tiny")


@pytest.fixture
def tiny_pair(tmp_path: Path) -> Project:
    """The same with an older release, and with change notes."""
    return write_tiny_pair(tmp_path / "tiny")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the only place where packages are."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder
