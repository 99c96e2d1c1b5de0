"""What readers with other eyes and hands are owed: axe-core finds no fault on any kind of page."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types

from tests.tabs import OpenTab

PAGES = (
    "23.0.0/gunicorn/app/wsgiapp.py.html",
    "23.0.0/chapters/boot.html",
    "23.0.0/coverage.html",
    "experiments/hup-with-a-broken-config.html",
    "index.html",
)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barriers(own_address, open_tab: OpenTab, path, width, colours) -> None:
    page = open_tab(own_address + path, width=width, colours=colours).page
    import time
    t=time.time()
    r=Axe().run(page)
    print(time.time()-t)
    assert not r.violations_count, r.generate_report()
