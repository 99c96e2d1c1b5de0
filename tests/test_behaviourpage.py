"""The page of all experiments by releases: its cells, its marks, its words, its filter; and the same for machines."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Locator, Page, expect

from render.behaviour import find_turns
from render.behaviourpage import BehaviourPage, behaviour_json, make_behaviour_page
from render.build import draft
from render.cache import Cache
from render.frames import make_frame
from render.links import behaviour_page
from render.observations import Cannot, Experiment
from render.output import Site
from render.project import Project
from render.theme import Theme
from render.views import Choice
from tests.records import RELEASES, Seen, make_experiment, records, write_record
from tests.tabs import OpenTab
from tests.tiny import RELEASE

ON: Seen = {"lamp": ["on"]}
OFF: Seen = {"lamp": ["off"]}


def page_of(*experiments: Experiment, releases: Sequence[str] = RELEASES) -> BehaviourPage:
    frame = make_frame(behaviour_page(), "Behaviour", "", "1.0", "lamp", ())
    choices = [Choice(name, f"{name}/index.html", False) for name in releases]
    return make_behaviour_page(frame, choices, experiments, "behaviour.json")


def row_of(runs: Mapping[str, Seen]) -> list[str]:
    """The label of a record's row, if any, and its cells; each is as wide as it has dashes, and `|` marks a turn."""
    ((row,),) = (topic.rows for topic in page_of(make_experiment(runs)).topics)
    cells = [f"{'|' if cell.turned else ''}{cell.words}{'-' * cell.width}" for cell in row.cells]
    return [*([row.label] if row.label else []), *cells]


@pytest.mark.parametrize(
    ("runs", "cells"),
    [
        (dict.fromkeys(RELEASES, ON), ["alike-----"]),
        (dict.fromkeys(RELEASES, "no lamp"), ["cannot run-----"]),
        ({"2.0": ON}, ["--", "observed-", "--"]),
        ({"2.0": ON, "3.0": ON, "10.0": ON}, ["--", "alike---"]),
        (
            {"1.0": ON, "1.5": OFF, "2.0": OFF, "3.0": OFF, "10.0": ON},
            ["lamp", "on-", "|off---", "|on-"],
        ),
        ({"1.0": "no lamp", "1.5": ON, "2.0": ON, "3.0": ON, "10.0": ON}, ["cannot run-", "|runs----"]),
        ({"1.0": ON, "2.0": ON, "3.0": OFF}, ["lamp", "on-", "-", "on-", "|off-", "-"]),
    ],
)
def test_a_row_has_a_cell_for_each_stretch_of_releases_that_behave_alike(
    runs: Mapping[str, Seen], cells: list[str]
) -> None:
    assert row_of(runs) == cells


def test_what_is_too_long_for_its_cell_has_letters() -> None:
    long: tuple[Seen, Seen] = ({"log": ["one " * 9]}, {"log": ["two " * 9]})
    assert row_of({"1.0": long[0], "1.5": long[1], "2.0": long[0], "3.0": "no lamp", "10.0": long[1]}) == [
        *("A-", "|B-", "|A-", "|cannot run-", "|B-")
    ]
    assert row_of({"1.0": long[0], "1.5": long[0], "2.0": long[1], "3.0": long[1]})[0] == "log"


def test_what_no_single_label_tells_apart_has_letters() -> None:
    runs: Mapping[str, Seen] = {
        "1.0": {"a": ["1"], "b": ["1"]},
        "1.5": {"a": ["1"], "b": ["2"]},
        "2.0": {"a": ["2"], "b": ["2"]},
    }
    assert row_of(runs) == ["A-", "|B-", "|C-", "--"]


@given(records, st.sets(st.sampled_from(RELEASES)))
def test_the_cells_of_a_row_are_all_releases_and_the_marks_are_the_turns(
    experiment: Experiment, vendored: set[str]
) -> None:
    releases = [name for name in RELEASES if name in vendored]
    runs = {name: experiment.runs[name] for name in releases if name in experiment.runs}
    ((row,),) = (topic.rows for topic in page_of(experiment, releases=releases).topics)
    assert sum(cell.width for cell in row.cells) == len(releases)
    starts = [sum(cell.width for cell in row.cells[:at]) for at in range(len(row.cells))]
    marked = [releases[start] for start, cell in zip(starts, row.cells, strict=True) if cell.turned]
    assert marked == [turn.new for turn in find_turns(runs)]
    for start, cell in zip(starts, row.cells, strict=True):
        for name in releases[start : start + cell.width]:
            assert (cell.kind == "none") == (name not in runs) == (not cell.words)
            assert (cell.kind == "cannot") == isinstance(runs.get(name), Cannot)


@given(records)
def test_cells_with_the_same_words_are_of_the_same_group(experiment: Experiment) -> None:
    ((row,),) = (topic.rows for topic in page_of(experiment).topics)
    starts = [RELEASES[sum(cell.width for cell in row.cells[:at])] for at in range(len(row.cells))]
    seen = {start: cell.words for start, cell in zip(starts, row.cells, strict=True) if cell.kind in ("seen", "alike")}
    groups = {release: group[0] for group in json_of(experiment)["groups"] for release in group}
    for one, words in seen.items():
        for other, other_words in seen.items():
            assert (words == other_words) == (groups[one] == groups[other])


def test_topics_are_in_order_and_what_differs_comes_first_in_each() -> None:
    differs: Mapping[str, Seen] = {"1.0": ON, "2.0": OFF}
    page = page_of(
        make_experiment({"1.0": ON}, "bulb", "light"),
        make_experiment(differs, "wick", "light"),
        make_experiment(differs, "match", "fire"),
    )
    assert [(topic.name, topic.id, topic.href, topic.differing) for topic in page.topics] == [
        ("fire", "_topic-fire", "#_topic-fire", 1),
        ("light", "_topic-light", "#_topic-light", 1),
    ]
    assert [[row.experiment.text for row in topic.rows] for topic in page.topics] == [["Match"], ["Wick", "Bulb"]]
    assert (page.total, page.differing) == (3, 2)


def json_of(experiment: Experiment, releases: Sequence[str] = RELEASES) -> dict[str, Any]:
    told = json.loads(behaviour_json([experiment], releases))
    assert told["releases"] == list(releases)
    (found,) = told["experiments"]
    assert isinstance(found, dict)
    return found


@given(records)
def test_what_machines_are_told_is_what_was_recorded(experiment: Experiment) -> None:
    told = json_of(experiment)
    runs = {
        name: {"cannot": run.reason}
        if isinstance(run, Cannot)
        else {"observed": {label: list(texts) for label, texts in run.facts.items()}}
        for name, run in experiment.runs.items()
    }
    assert told["releases"] == runs
    assert sorted(name for group in told["groups"] for name in group) == sorted(runs)


def test_machines_are_told_of_everything_else_and_of_vendored_releases_only() -> None:
    experiment = make_experiment({"1.0": ON, "2.0": ON}, where=["Lamp.light"], since="1.0")
    assert json_of(experiment, ("2.0", "3.0")) == {
        "slug": "lamp",
        "title": "Lamp",
        "question": "Does it?",
        "topic": "light",
        "where": ["Lamp.light"],
        "since": "1.0",
        "releases": {"2.0": {"observed": {"lamp": ["on"]}}},
        "groups": [["2.0"]],
    }


def test_a_mark_is_a_word_too_for_those_who_do_not_see_it() -> None:
    html = Theme().html(page_of(make_experiment({"1.0": ON, "1.5": OFF}))).decode()
    assert re.findall(r"<td class=\"([^\"]+)\" colspan=\"(\d)\"[^>]*>(.*?)</td>", html) == [
        ("seen", "1", "on"),
        ("seen turn", "1", '<span class="hidden">Differs: </span>off'),
        ("none", "3", '<span class="hidden">not run</span>'),
    ]


@pytest.fixture
def address(tiny_project: Project, host: Callable[[Site], str]) -> str:
    """The page of a site with three experiments on two topics."""
    write_record(tiny_project, {RELEASE: {"light": ["on"]}}, "lamp", "light")
    write_record(tiny_project, {RELEASE: {"light": ["off"]}}, "fuse", "light")
    return host(draft(tiny_project, Cache(None, b"")).site) + str(behaviour_page())


def test_the_buttons_filter_and_the_address_keeps_the_topic(address: str, open_tab: OpenTab) -> None:
    page = open_tab(address).page
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="light").click()
    expect(rows(page)).to_have_text(["Fuse", "Lamp"])
    expect(page.get_by_role("button", name="light")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="all")).to_have_attribute("aria-pressed", "false")
    assert page.url == f"{address}#_topic-light"
    page.reload()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="all").click()
    expect(rows(page)).to_have_count(3)
    assert page.url == address


def rows(page: Page) -> Locator:
    return page.locator("tbody th[scope='row']:visible")


def test_without_scripts_everything_is_shown_and_the_topics_are_links(address: str, open_tab: OpenTab) -> None:
    page = open_tab(address, scripts=False).page
    expect(rows(page)).to_have_count(3)
    expect(page.locator(".choices")).to_be_hidden()
    page.locator(".topics").get_by_role("link", name="light").click()
    expect(page.get_by_role("heading", name="light")).to_be_in_viewport()
    assert page.url == f"{address}#_topic-light"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_table_scrolls_inside_its_own_block(address: str, open_tab: OpenTab, width: int) -> None:
    page = open_tab(address, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = page.locator(".wide").evaluate("(block) => block.scrollWidth > block.clientWidth")
    assert wide == (width < 1000)


def test_the_page_stands_where_the_masthead_says(tiny_project: Project) -> None:
    site = draft(tiny_project, Cache(None, b"")).site
    assert 'href="behaviour.html"' in site[PurePosixPath("index.html")].decode()
    assert json.loads(site[PurePosixPath("behaviour.json")])["releases"] == [RELEASE]
