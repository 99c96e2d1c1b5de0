from pathlib import PurePosixPath

from render.build import build
from render.project import Project
from tests.conftest import Host
from tests.tabs import OpenTab
from tests.tiny import PACKAGE, RELEASE

PAGES = {
    *(f"{RELEASE}/{name}.html" for name in PACKAGE if name.endswith(".py")),
    f"{RELEASE}/chapters/boil.html",
    f"{RELEASE}/coverage.html",
    "experiments/boiling-takes-eight-steps.html",
    "index.html",
}


def test_a_package_that_is_not_gunicorn_has_a_whole_site_without_complaints(
    tiny_project: Project, host: Host, open_tab: OpenTab
) -> None:
    site = build(tiny_project, {}, lambda *_: None)
    address = host(site)
    assert {path for path in site if path.suffix == ".html"} == set(map(PurePosixPath, PAGES))
    for page in sorted(PAGES):
        assert "kettle" in open_tab(f"{address}{page}").page.title(), page
