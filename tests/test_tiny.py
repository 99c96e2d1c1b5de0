from pathlib import PurePosixPath

from render.build import build
from render.cache import Cache
from render.project import Project
from tests.conftest import Host
from tests.tabs import OpenTab
from tests.tiny import OLDER, PACKAGE, RELEASE

PAGES = {
    f"{OLDER}/index.html",
    *(f"{OLDER}/{name}.html" for name in PACKAGE if name.endswith(".py") and name != "kettle/lid.py"),
    f"{OLDER}/kettle/whistle.py.html",
    f"compare/{OLDER}...{RELEASE}/index.html",
    f"compare/{OLDER}...{RELEASE}/kettle/boiler.py.html",
    f"compare/{OLDER}...{RELEASE}/kettle/parts/coil.py.html",
    f"{RELEASE}/index.html",
    "behaviour.html",
    "notes.html",
    *(f"{RELEASE}/{name}.html" for name in PACKAGE if name.endswith(".py")),
    f"{RELEASE}/chapters/boil.html",
    f"{RELEASE}/coverage.html",
    "experiments/boiling-takes-eight-steps.html",
    "index.html",
}


def test_a_package_that_is_not_gunicorn_has_a_whole_site_without_complaints(
    tiny_pair: Project, host: Host, open_tab: OpenTab
) -> None:
    site = build(tiny_pair, Cache(None, b""), lambda *_: None)
    address = host(site)
    assert {path for path in site if path.suffix == ".html"} == set(map(PurePosixPath, PAGES))
    for page in sorted(PAGES):
        assert "kettle" in open_tab(f"{address}{page}").page.title(), page
