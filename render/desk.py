"""A page yet to be made, and what every page is made with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from render.behaviourpage import BehaviourPage
from render.chapterpage import ChapterPage
from render.comparepage import ComparePage
from render.coveragepage import CoveragePage
from render.diffpage import DiffPage
from render.edition import Edition
from render.experimentpage import ExperimentPage
from render.filepage import FilePage
from render.frames import make_frame
from render.homepage import HomePage
from render.insights import Insights
from render.links import Links, href, release_page
from render.matrixpage import MatrixPage
from render.releasepage import ReleasePage
from render.remarks import Pen
from render.views import Choice, Frame

Page: TypeAlias = (
    HomePage
    | ChapterPage
    | FilePage
    | CoveragePage
    | ExperimentPage
    | ReleasePage
    | MatrixPage
    | BehaviourPage
    | ComparePage
    | DiffPage
)

Around: TypeAlias = tuple[Choice | None, Choice | None]
"""The pages before and after one, in the order of reading."""

ALONE: Around = (None, None)


@dataclass(frozen=True, slots=True)
class Leaf:
    """The page `here`, yet to be made: two leaves with equal `inputs` make equal pages."""

    here: PurePosixPath
    inputs: tuple[object, ...]
    make: Callable[[], Page]


@dataclass(frozen=True, slots=True)
class Desk:
    """An edition and what is computed about it."""

    edition: Edition
    insights: Insights

    def pen(self, here: PurePosixPath, links: Links | None = None) -> Pen:
        """References lead where `links` say, or else where the documented release's do."""
        return Pen(links or self.edition.links, self.insights.seen, here)

    def frame(
        self,
        here: PurePosixPath,
        title: str,
        description: str,
        around: Around = ALONE,
        release: str | None = None,
        releases: Callable[[str], PurePosixPath] = release_page,
    ) -> Frame:
        """The frame of a page about a release, the documented one if none is named; `releases` finds its like."""
        name = release or self.edition.release
        choices = tuple(Choice(other, href(releases(other), "", here), other == name) for other in self.edition.volumes)
        return make_frame(here, title, description, name, self.edition.releases.package, choices, around)
