"""A page open in a real browser, and everything about it that a reader's console would show."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError


@dataclass(frozen=True, slots=True)
class Tab:
    """`complaints` grows: errors of scripts and console, breaches of the policy among them, and requests elsewhere."""

    page: Page
    complaints: list[str]


class OpenTab(Protocol):
    """Opens an address in a fresh profile; sizes are in CSS pixels."""

    def __call__(
        self,
        url: str,
        *,
        width: int = 1440,
        height: int = 900,
        colours: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> Tab: ...


@contextmanager
def opening(browser: Browser) -> Iterator[OpenTab]:
    """Opens tabs, and closes them on leaving; raises AssertionError then if any has a complaint left."""
    tabs: list[Tab] = []

    def open_tab(
        url: str,
        *,
        width: int = 1440,
        height: int = 900,
        colours: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=colours, java_script_enabled=scripts
        )
        complaints: list[str] = []
        _listen(context, url, complaints)
        tab = Tab(context.new_page(), complaints)
        tabs.append(tab)
        tab.page.goto(url)
        return tab

    try:
        yield open_tab
    finally:
        for tab in tabs:
            tab.page.context.close()
    complaints = [complaint for tab in tabs for complaint in tab.complaints]
    assert not complaints, "\n".join(complaints)


def _listen(context: BrowserContext, url: str, complaints: list[str]) -> None:
    home = urlsplit(url).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def on_error(error: WebError) -> None:
        complaints.append(str(error.error))

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc not in ("", home):
            complaints.append(f"asks elsewhere: {request.url}")

    context.on("console", on_console)
    context.on("weberror", on_error)
    context.on("request", on_request)
