"""Pages as HTML, and the style sheets, scripts and icon they ask for: decides how the site looks and nothing else."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from render.behaviourpage import BehaviourPage
from render.chapterpage import ChapterPage
from render.comparepage import ComparePage
from render.coveragepage import CoveragePage
from render.desk import Page
from render.diffpage import DiffPage
from render.experimentpage import ExperimentPage
from render.filepage import FilePage
from render.homepage import HomePage
from render.links import href
from render.matrixpage import MatrixPage
from render.output import Site
from render.releasepage import ReleasePage

_TEMPLATES: Mapping[type[Page], str] = {
    FilePage: "file.html",
    ChapterPage: "chapter.html",
    HomePage: "home.html",
    CoveragePage: "coverage.html",
    ExperimentPage: "experiment.html",
    ReleasePage: "release.html",
    MatrixPage: "matrix.html",
    BehaviourPage: "behaviour.html",
    ComparePage: "compare.html",
    DiffPage: "diff.html",
}


class Theme:
    """The templates and assets that lie beside this module, read once."""

    def __init__(self) -> None:
        here = Path(__file__).parent
        self._templates = make_environment(here / "templates")
        self._assets = name_assets({file.name: file.read_bytes() for file in (here / "static").iterdir()})
        self._addresses = {path.name: path for path in self._assets}
        self.digest = digest_files({file.name: file.read_bytes() for file in (here / "templates").iterdir()})

    def html(self, page: Page) -> bytes:
        """The page's whole document."""
        frame = page.frame

        def asset(name: str) -> str:
            return href(self._addresses[name], "", frame.here)

        template = self._templates.get_template(_TEMPLATES[type(page)])
        return template.render(page=page, frame=frame, asset=asset).encode()

    def assets(self) -> Site:
        """What the pages ask for; the same for every page, and for every site until an asset changes."""
        return self._assets


def make_environment(templates: Path) -> Environment:
    """Escapes everything that is not Markup; whatever a page does not have is an error."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def name_assets(contents: Mapping[str, bytes]) -> Site:
    """The files in one folder named for what is in them all: browsers may keep it for ever, and its scripts import
    each other by plain relative names."""
    folder = PurePosixPath("assets") / digest_files(contents)
    return {folder / name: content for name, content in sorted(contents.items())}


def digest_files(contents: Mapping[str, bytes]) -> str:
    """12 hex digits for some files and their names."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
