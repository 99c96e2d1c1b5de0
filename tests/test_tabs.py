from pathlib import PurePosixPath

import pytest
from playwright.sync_api import Browser

from tests.conftest import Host
from tests.tabs import OpenTab, opening

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'


def page(markup: str) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath("index.html"): f'<!doctype html><link rel="icon" href="data:,">{markup}'.encode()}


def test_a_page_without_faults_has_no_complaints(open_tab: OpenTab, host: Host) -> None:
    tab = open_tab(host(page(f"{POLICY}<title>Quiet</title>")))
    assert tab.page.title() == "Quiet"
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ("<script>console.error('said aloud')</script>", "said aloud"),
        ("<script>throw new Error('thrown')</script>", "thrown"),
        (f"{POLICY}<script>1</script>", "Content Security Policy"),
        (f"{POLICY}<p style='color: red'>", "Content Security Policy"),
        ("<img src='missing.png'>", "404"),
        ("<img src='http://elsewhere.test/'>", "asks elsewhere: http://elsewhere.test/"),
        ("<link rel='stylesheet' href='http://127.0.0.1:9/'>", "asks elsewhere: http://127.0.0.1:9/"),
    ],
)
def test_what_is_wrong_with_a_page_is_a_complaint(browser: Browser, host: Host, markup: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint), opening(browser) as open_tab:
        open_tab(host(page(markup)))


def test_a_tab_has_the_size_and_colours_asked_for(open_tab: OpenTab, host: Host) -> None:
    tab = open_tab(host(page("")), width=390, height=800, colours="dark")
    assert tab.page.evaluate("[innerWidth, innerHeight]") == [390, 800]
    assert tab.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def test_a_tab_without_scripts_runs_none(open_tab: OpenTab, host: Host) -> None:
    tab = open_tab(host(page("<title>as written</title><script>document.title = 'as run'</script>")), scripts=False)
    assert tab.page.title() == "as written"
