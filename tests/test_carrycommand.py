"""The notes on every other vendored release, as the command tells of them."""

import json
from pathlib import PurePosixPath

import pytest

from render.carrycommand import carry_to, journey_json
from render.problems import ProblemsFound
from render.releases import read_releases
from render.source import Spot, read_tree
from render.survey import read_edition
from tests.upstream import REPOSITORY

_RELEASES = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
OTHERS = tuple(one.name for one in _RELEASES.all if one.name != _RELEASES.documented)


@pytest.mark.parametrize("release", OTHERS)
def test_every_note_has_one_state_and_a_true_place_on_each_vendored_release(release: str) -> None:
    edition = read_edition(REPOSITORY)
    (carried,) = carry_to(REPOSITORY, edition, [release]).values()
    assert [one.note for one in carried] == [note.id for note in edition.all_notes]
    tree = read_tree(REPOSITORY.tree(release), release, "gunicorn", PurePosixPath(release))
    for note, one in zip(edition.all_notes, carried, strict=True):
        assert (one.state == "lost") == (one.spot is None)
        if one.spot is None:
            continue
        text = tree.files[one.spot.path].cut(one.spot.span)
        own = edition.ground.tree.files[note.anchor.path].cut(note.anchor.span)
        assert len(text) == len(one.spot.span)
        assert text[0].strip()
        assert text[-1].strip()
        assert (text == own) == (one.state != "edited")
        assert (one.state == "kept") == (text == own and one.spot == Spot(note.anchor.path, note.anchor.span))


def test_the_figures_of_a_release_add_up_to_its_notes() -> None:
    edition = read_edition(REPOSITORY)
    told = json.loads(journey_json(carry_to(REPOSITORY, edition, OTHERS[:1])))[OTHERS[0]]
    assert list(told["counts"]) == ["kept", "moved", "edited", "lost"]
    assert sum(told["counts"].values()) == len(told["notes"]) == len(edition.all_notes)
    lost = [one for one in told["notes"] if one["state"] == "lost"]
    assert all(one["path"] is one["lines"] is None for one in lost)
    assert any({"path", "lines", "score"} == candidate.keys() for one in lost for candidate in one["candidates"])


def test_a_release_that_is_not_vendored_is_a_problem() -> None:
    with pytest.raises(ProblemsFound, match=r"1\.2\.3 is not vendored"):
        carry_to(REPOSITORY, read_edition(REPOSITORY), ["1.2.3"])
