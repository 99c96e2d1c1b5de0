"""The page of a release."""

from collections.abc import Mapping

import pytest

from render.cache import Cache
from render.desk import Desk
from render.insights import Insights
from render.pages import compose
from render.project import Project
from render.releasepage import ReleasePage
from render.survey import read_edition
from tests.tiny import OLDER, RELEASE


@pytest.fixture
def pages(tiny_pair: Project) -> Mapping[str, ReleasePage]:
    edition = read_edition(tiny_pair)
    made = (leaf.make() for leaf in compose(Desk(edition, Insights(edition, Cache(None, b"")))))
    return {page.release: page for page in made if isinstance(page, ReleasePage)}


def test_notes_are_counted_by_how_they_stand(pages: Mapping[str, ReleasePage]) -> None:
    told = {name: [(one.count, one.words, one.href) for one in page.standing] for name, page in pages.items()}
    assert told == {
        OLDER: [(2, "on text that reads otherwise here", "#_edited"), (1, "without a place here", "#_lost")],
        RELEASE: [(3, "written for this release", None)],
    }


def test_every_edited_and_every_lost_note_is_listed(pages: Mapping[str, ReleasePage]) -> None:
    older = pages[OLDER]
    assert [one.place for one in older.edited] == ["kettle/boiler.py:15-40", "kettle/boiler.py:32-37"]
    assert [(one.id, one.fits.text) for one in older.lost] == [("coil-steps", f"{RELEASE}, kettle/parts/coil.py:5-6")]
    assert (pages[RELEASE].edited, pages[RELEASE].lost) == ((), ())


def test_what_changed_since_the_release_before_is_counted_and_its_notes_are_named(
    pages: Mapping[str, ReleasePage],
) -> None:
    assert pages[OLDER].before is None
    step = pages[RELEASE].before
    assert step is not None
    assert step.pair.text == f"{OLDER} → {RELEASE}"
    files = dict(step.figures)["files"]
    assert {one.words: one.count for one in files} == {"added": 1, "removed": 1, "changed": 2}
    assert [href.rpartition("#")[2] for _, href in step.notes] == ["boiling-has-a-name", "no-whistle"]
