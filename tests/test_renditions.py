"""The notes as they stand on each release."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from render.authoring import stamp_files
from render.cache import Cache
from render.edition import Edition
from render.grounds import find_grounds
from render.insights import Insights
from render.links import Target
from render.project import Project
from render.releases import read_releases
from render.renditions import Rendition
from render.survey import read_edition
from tests.tiny import OLDER, RELEASE

OWN = """\
file: kettle/boiler.py
notes:
- id: never-above
  lines: 32-37
  title: It was never told
  body: |
    Written for this release.
- id: only-here
  lines: 19
  title: Only here
  body: |
    Nowhere else.
"""


@pytest.fixture
def edition(tiny_pair: Project) -> Edition:
    return read_edition(tiny_pair)


@pytest.fixture
def renditions(edition: Edition) -> Mapping[str, Rendition]:
    return Insights(edition, Cache(None, b"")).renditions


def standings(rendition: Rendition) -> dict[str, str]:
    placed = {one.note.id: f"{one.standing} {one.note.anchor.span}" for one in rendition.all_notes}
    return placed | {one.note.id: f"lost, fits {one.fits}" for one in rendition.lost}


def test_every_note_stands_where_it_was_written(edition: Edition, renditions: Mapping[str, Rendition]) -> None:
    assert [one.note for one in renditions[RELEASE].all_notes] == list(edition.all_notes)
    assert {one.standing for one in renditions[RELEASE].all_notes} == {"written"}
    assert renditions[RELEASE].lost == ()


def test_every_note_has_its_standing_on_another_release(renditions: Mapping[str, Rendition]) -> None:
    assert standings(renditions[OLDER]) == {
        "whole-boiler": "edited 15-40",
        "never-above": "edited 32-37",
        "coil-steps": f"lost, fits {RELEASE}",
    }


def test_a_carried_note_has_both_texts_and_the_definition_that_it_is_in_now(
    edition: Edition, renditions: Mapping[str, Rendition]
) -> None:
    (placed,) = (one for one in renditions[OLDER].all_notes if one.note.id == "never-above")
    assert (placed.home, str(placed.written)) == (RELEASE, "kettle/boiler.py:33-38")
    assert "                self.limit," in placed.before
    assert "                100," in placed.now
    assert placed.note.anchor.stamp is not None
    assert placed.note.anchor.stamp.inside == "Boiler.boil"


def test_a_journey_has_every_release_in_order(renditions: Mapping[str, Rendition]) -> None:
    for rendition in renditions.values():
        for placed in rendition.all_notes:
            assert [stop.release for stop in placed.journey] == [OLDER, RELEASE]
            own = next(stop for stop in placed.journey if stop.release == rendition.name)
            assert (own.standing, own.spot) == (placed.standing, own.spot)
            assert own.spot is not None
            assert own.spot.span == placed.note.anchor.span


def test_a_note_written_for_a_release_stands_there_in_place_of_the_carried_one(tiny_pair: Project) -> None:
    file = tiny_pair.notes(OLDER) / "kettle" / "boiler.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(OWN, encoding="utf-8")
    renditions = Insights(read_stamped(tiny_pair), Cache(None, b"")).renditions
    assert standings(renditions[OLDER])["never-above"] == "written 32-37"
    assert standings(renditions[OLDER])["only-here"] == "written 19"
    assert standings(renditions[RELEASE])["never-above"] == "written 33-38"
    (own,) = (one for one in renditions[OLDER].all_notes if one.note.id == "only-here")
    assert [stop.standing for stop in own.journey] == ["written", "absent"]
    assert own.note.title.markdown == "Only here"


def read_stamped(project: Project) -> Edition:
    """The edition after what is new in it was stamped."""
    releases = read_releases(project.releases, project.name(project.releases))
    stamp_files(project, releases, find_grounds(project, releases).__getitem__, ())
    return read_edition(project)


def test_a_reference_leads_to_the_same_release_first(renditions: Mapping[str, Rendition]) -> None:
    older = renditions[OLDER].links
    assert str(target_page(older.find("Boiler.boil"))) == f"{OLDER}/kettle/boiler.py.html"
    assert str(target_page(older.find("note:never-above"))) == f"{OLDER}/kettle/boiler.py.html"
    assert str(target_page(older.find("note:coil-steps"))) == f"{RELEASE}/kettle/parts/coil.py.html"
    assert str(target_page(older.find("chapter:boil"))) == f"{RELEASE}/chapters/boil.html"
    assert isinstance(older.find("Boiler.cool"), str)


def target_page(found: Target | str) -> PurePosixPath | None:
    assert isinstance(found, Target)
    return found.page
