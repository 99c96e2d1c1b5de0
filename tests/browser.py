"""Which browser the tests drive; `python -m tests.browser` makes sure that there is one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
"""No sound but the page's own: the browser asks nobody anything, and no host but this one has an address."""

HOW_TO_GET_ONE = (
    "no Chromium or Chrome that starts; install one: `apt-get install chromium` on Debian, Google Chrome from its "
    "makers, or `.venv/bin/playwright install --with-deps chromium`"
)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_DEBIAN_PACKAGES = ("chromium", "fonts-liberation")


def find_chromium(playwright: Playwright) -> str | None:
    """The system's Chromium or Chrome, else Playwright's own download; one that does not start does not count."""
    return next(filter(_starts, _candidates(playwright)), None)


def _candidates(playwright: Playwright) -> Iterator[str]:
    yield from filter(None, map(shutil.which, _NAMES))
    yield _ON_A_MAC
    yield playwright.chromium.executable_path


def _starts(program: str) -> bool:
    if not Path(program).is_file():
        return False
    asked = subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return asked.returncode == 0


def _ways_to_get_one() -> Iterator[list[list[str]]]:
    """The commands of each way that may work here, best first."""
    debian = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if debian:
        yield [
            ["apt-get", "update", "--quiet"],
            ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *_DEBIAN_PACKAGES],
        ]
    yield [[sys.executable, "-m", "playwright", "install", *(["--with-deps"] if debian else []), "chromium"]]


def _run(command: list[str]) -> None:
    """A command that fails is no matter: what counts is whether there is a browser then."""
    print("No browser yet; running", *command, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False)


def main() -> None:
    """Exits with a line on what to do when none is to be had."""
    with sync_playwright() as playwright:
        found = find_chromium(playwright)
        for commands in [] if found else _ways_to_get_one():
            for command in commands:
                _run(command)
            found = find_chromium(playwright)
            if found:
                break
    sys.exit(None if found else HOW_TO_GET_ONE)


if __name__ == "__main__":
    main()
