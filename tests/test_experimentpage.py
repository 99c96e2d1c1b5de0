"""The page of an experiment: releases that behave alike, what changed, the lines responsible, and what rests on it."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from render.build import draft
from render.cache import Cache
from render.desk import Desk
from render.experimentpage import ExperimentPage, GroupView, StopView
from render.insights import Insights
from render.links import experiment_page
from render.output import Site
from render.pages import compose
from render.project import Project
from render.survey import read_edition, survey
from render.views import Choice
from tests.addresses import find_hrefs, find_ids
from tests.records import Seen, write_record
from tests.test_theme import resolve
from tests.tiny import OLDER, RELEASE, add_release, write_tiny_pair

NEWER = "1.1"
SLUG = "boiling-takes-eight-steps"
LOUD: Seen = {"steps": ["8"], "noise": ["a click", "wheee"], "coil": ["on"], "lid": ["open"]}
QUIET: Seen = {"steps": ["8"], "noise": ["a clack"], "coil": ["on"], "lamp": ["lit"]}
WHERE = ("kettle.boiler.Boiler.boil", "whistle", "kettle.parts.coil.Coil")
BACK: Mapping[str, Seen] = {OLDER: LOUD, RELEASE: QUIET, NEWER: LOUD}


@pytest.fixture(scope="module")
def kettle(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny project with three releases."""
    project = write_tiny_pair(tmp_path_factory.mktemp("kettle"))
    add_release(project, NEWER, {})
    return project


def page_of(project: Project, runs: Mapping[str, Seen], slug: str = SLUG) -> ExperimentPage:
    write_record(project, runs, slug, "heat", WHERE)
    edition = read_edition(project)
    leaves = compose(Desk(edition, Insights(edition, Cache(None, b""))))
    page = next(leaf for leaf in leaves if leaf.here == experiment_page(slug)).make()
    assert isinstance(page, ExperimentPage)
    return page


def told(group: GroupView) -> list[str]:
    """A group line by line; `!` stands before the label of what changed."""
    lines = [f"{', '.join(group.releases)} ({group.against})"]
    for fact in group.facts:
        lines.append(f"{'!' if fact.changed else ''}{fact.label}:")
        for edit in fact.lines:
            words = "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in edit.pieces)
            lines.append(f"{edit.sign} {words}")
    return lines


def test_a_group_shows_what_differs_and_marks_what_changed(kettle: Project) -> None:
    page = page_of(kettle, BACK)
    assert [told(group) for group in page.groups] == [
        [f"{OLDER}, {NEWER} (None)", "noise:", "  a click", "  wheee", "lid:", "  open"],
        [
            f"{RELEASE} ({OLDER})",
            "!noise:",
            "- a [click]",
            "- wheee",
            "+ a [clack]",
            "!lamp:",
            "+ lit",
            "!lid:",
            "- open",
        ],
    ]
    assert (page.everywhere, page.shared) == ("Everywhere", (("steps", ("8",)), ("coil", ("on",))))
    assert page.outcome == f"differs from {RELEASE} and {NEWER} on"


def test_releases_that_all_behave_alike_show_everything_once(kettle: Project) -> None:
    page = page_of(kettle, dict.fromkeys((OLDER, RELEASE, NEWER), QUIET))
    (group,) = page.groups
    assert told(group) == [
        f"{OLDER}, {RELEASE}, {NEWER} (None)",
        *("steps:", "  8", "noise:", "  a clack", "coil:", "  on", "lamp:", "  lit"),
    ]
    assert page.shared == ()


def test_a_release_that_could_not_run_it_says_why_and_is_not_compared_with(kettle: Project) -> None:
    page = page_of(kettle, {OLDER: LOUD, RELEASE: "no water", NEWER: QUIET})
    assert [(group.releases, group.cannot, group.against) for group in page.groups] == [
        ((OLDER,), None, None),
        ((RELEASE,), "no water", None),
        ((NEWER,), None, OLDER),
    ]
    assert page.everywhere == "Wherever it could be run"


def test_the_one_group_that_could_run_it_has_all_that_was_seen(kettle: Project) -> None:
    page = page_of(kettle, {OLDER: "no water", RELEASE: QUIET, NEWER: QUIET})
    assert [len(group.facts) for group in page.groups] == [0, 4]
    assert page.shared == ()


def test_every_definition_is_followed_through_the_releases(kettle: Project) -> None:
    page = page_of(kettle, BACK)
    assert {definition.name: [stop_text(stop) for stop in definition.stops] for definition in page.definitions} == {
        "kettle.boiler.Boiler.boil": [
            "0.9: kettle/boiler.py:32-40",
            "0.9 → 1.0: changed",
            "1.0: kettle/boiler.py:33-41",
            "1.0 → 1.1: the same text",
        ],
        "whistle": [
            "0.9: kettle/whistle.py:1-2",
            "0.9 → 1.0: gone",
            "1.0: not there",
            "1.0 → 1.1: not there",
        ],
        "kettle.parts.coil.Coil": [
            "0.9: not there",
            "0.9 → 1.0: new",
            "1.0: kettle/parts/coil.py:4-6",
            "1.0 → 1.1: the same text",
        ],
    }


def stop_text(stop: StopView) -> str:
    links = [link.text for link in (*stop.spots, *([stop.difference] if stop.difference else []))]
    return f"{stop.when}: {' '.join([*links, *([stop.words] if stop.words else [])])}"


def test_what_rests_on_it_is_cited_with_its_place(kettle: Project) -> None:
    page = page_of(kettle, BACK)
    assert [(kind, [(one.title, one.place) for one in cited]) for kind, cited in page.cited] == [
        (
            "Notes",
            [
                (
                    Choice("The limit is never passed", "../1.0/kettle/boiler.py.html#never-above", False),
                    "kettle/boiler.py",
                )
            ],
        ),
        (
            "Chapters",
            [
                (
                    Choice("It heats until it boils", "../1.0/chapters/boil.html#step-2", False),
                    "From cold to boiling, step 2",
                )
            ],
        ),
        ("Changes", [(Choice("It is silent now", "../compare/0.9...1.0/index.html#no-whistle", False), "0.9 → 1.0")]),
    ]


def test_nothing_is_cited_for_an_experiment_on_which_nothing_rests(kettle: Project) -> None:
    assert page_of(kettle, BACK, "unused").cited == ()


@pytest.mark.parametrize("runs", [BACK, {RELEASE: QUIET}, dict.fromkeys(BACK, "no water")])
def test_every_link_of_the_page_leads_to_something_that_is_there(kettle: Project, runs: Mapping[str, Seen]) -> None:
    write_record(kettle, runs, SLUG, "heat", WHERE)
    site = draft(kettle, Cache(None, b"")).site
    here = experiment_page(SLUG)
    addresses = [unquote(found) for found in find_hrefs(site[here].decode())]
    assert any("heat" in address for address in addresses)
    assert [address for address in addresses if not leads_somewhere(site, address)] == []


def leads_somewhere(site: Site, address: str) -> bool:
    page, _, fragment = address.partition("#")
    target = resolve(experiment_page(SLUG), page) if page else experiment_page(SLUG)
    return target in site and (not fragment or fragment in find_ids(site[target].decode()))


def test_a_name_that_no_release_defines_keeps_the_site_from_being_built(tmp_path: Path) -> None:
    project = write_tiny_pair(tmp_path / "kettle")
    write_record(project, {OLDER: LOUD, RELEASE: QUIET}, SLUG, "heat", ["Boiler.melt"])
    _, problems = survey(project)
    assert [str(problem).partition(";")[0] for problem in problems] == [
        f"annotations/observations/{SLUG}.json:7: no vendored release has a definition `Boiler.melt`"
    ]
