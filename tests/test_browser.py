from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser import find_chromium


def write_program(file: Path, exit_code: int) -> None:
    file.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    file.chmod(0o755)


def test_the_browser_is_a_real_one(browser: Browser) -> None:
    page = browser.new_page()
    assert "Chrome/" in page.evaluate("navigator.userAgent")
    page.close()


def test_a_browser_that_does_not_start_is_passed_over(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    write_program(tmp_path / "chromium", exit_code=1)
    write_program(tmp_path / "google-chrome", exit_code=0)
    assert find_chromium(playwright) == str(tmp_path / "google-chrome")
