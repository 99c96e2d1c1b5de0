"""Which releases behave alike, where that changes, and the words for it."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
from hypothesis import given

from render.behaviour import (
    CANNOT,
    NOTHING,
    RUNS,
    Contrast,
    Turn,
    differing,
    differing_views,
    find_contrast,
    find_turns,
    group_runs,
    is_alike,
    shared_facts,
    summary,
)
from render.observations import Cannot, Experiment, Observed
from render.views import Choice
from tests.records import RELEASES, Seen, make_experiment, make_run, records

ON: Seen = {"lamp": ["on"]}
OFF: Seen = {"lamp": ["off"]}
BACK: Mapping[str, Seen] = {"1.0": ON, "1.5": ON, "2.0": OFF, "3.0": OFF, "10.0": ON}


def groups_of(runs: Mapping[str, Seen]) -> list[tuple[str, ...]]:
    return [group.releases for group in group_runs(make_experiment(runs).runs)]


def contrast_of(*seen: Seen, most: int = 20) -> Contrast | None:
    return find_contrast([make_run(one) for one in seen], most)


def test_releases_that_showed_the_same_are_one_group_wherever_they_stand() -> None:
    assert groups_of(BACK) == [("1.0", "1.5", "10.0"), ("2.0", "3.0")]


def test_the_order_of_labels_tells_no_releases_apart_and_that_of_texts_does() -> None:
    assert groups_of({"1.0": {"a": ["1"], "b": ["2"]}, "1.5": {"b": ["2"], "a": ["1"]}}) == [("1.0", "1.5")]
    assert groups_of({"1.0": {"a": ["1", "2"]}, "1.5": {"a": ["2", "1"]}}) == [("1.0",), ("1.5",)]


def test_releases_that_could_not_for_the_same_reason_are_one_group() -> None:
    assert groups_of({"1.0": "no lamp", "1.5": "no power", "2.0": ON, "3.0": "no lamp"}) == [
        ("1.0", "3.0"),
        ("1.5",),
        ("2.0",),
    ]


def test_neither_python_nor_platform_makes_a_difference() -> None:
    assert is_alike(Observed("3.11", "linux", {"a": ("1",)}), Observed("3.14", "darwin", {"a": ("1",)}))
    assert is_alike(Cannot("3.11", "linux", "why"), Cannot("3.14", "darwin", "why"))


def test_the_behaviour_turns_where_neighbours_differ() -> None:
    assert find_turns(make_experiment(BACK).runs) == (Turn("1.5", "2.0"), Turn("3.0", "10.0"))


@given(records)
def test_every_release_of_a_record_is_in_exactly_one_group(experiment: Experiment) -> None:
    groups = group_runs(experiment.runs)
    order = list(experiment.runs)
    assert sorted((release for group in groups for release in group.releases), key=order.index) == order
    firsts = [order.index(group.releases[0]) for group in groups]
    assert firsts == sorted(firsts)
    for one in experiment.runs:
        for other in experiment.runs:
            together = any({one, other} <= set(group.releases) for group in groups)
            assert together == is_alike(experiment.runs[one], experiment.runs[other])


@given(records)
def test_neighbours_of_different_groups_are_the_turns(experiment: Experiment) -> None:
    at = {release: number for number, group in enumerate(group_runs(experiment.runs)) for release in group.releases}
    expected = [(old, new) for old, new in pairwise(experiment.runs) if at[old] != at[new]]
    assert [(turn.old, turn.new) for turn in find_turns(experiment.runs)] == expected


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (dict.fromkeys(RELEASES, ON), "observed on 5 releases"),
        ({"2.0": ON}, "observed on 2.0"),
        ({"1.0": ON, "2.0": OFF, "3.0": OFF}, "differs from 2.0 on"),
        (BACK, "differs from 2.0 and 10.0 on"),
        ({"1.0": ON, "1.5": "no lamp", "2.0": ON, "3.0": OFF}, "differs from 1.5, 2.0 and 3.0 on"),
        (dict.fromkeys(RELEASES, "no lamp"), "could not be run on 5 releases"),
        ({"3.0": "no lamp"}, "could not be run on 3.0"),
        ({"0.1": ON}, "observed on no releases"),
    ],
)
def test_an_outcome_in_a_few_words(runs: Mapping[str, Seen], said: str) -> None:
    assert summary(make_experiment(runs), RELEASES) == said


def test_runs_of_other_releases_do_not_count_in_the_outcome() -> None:
    assert summary(make_experiment(BACK), ("1.0", "1.5")) == "observed on 2 releases"


def test_what_all_showed_is_shared() -> None:
    runs = [Observed("", "", {"a": ("1",), "b": ("2",), "c": ("3",)}), Observed("", "", {"c": ("3",), "a": ("0",)})]
    assert shared_facts(runs) == {"c": ("3",)}


def test_the_label_with_the_shortest_words_tells_runs_apart() -> None:
    one: Seen = {"same": ["x"], "long": ["a long answer"], "short": ["no"]}
    other: Seen = {"same": ["x"], "long": ["another answer"], "short": ["yes"]}
    assert contrast_of(one, other) == Contrast("short", ("no", "yes"))


def test_a_label_that_leaves_two_of_the_runs_alike_does_not_count() -> None:
    three: tuple[Seen, ...] = ({"a": ["1"], "b": ["one"]}, {"a": ["1"], "b": ["two"]}, {"a": ["2"], "b": ["three"]})
    assert contrast_of(*three) == Contrast("b", ("one", "two", "three"))
    assert contrast_of({"a": ["1"], "b": ["1"]}, {"a": ["1"], "b": ["2"]}, {"a": ["2"], "b": ["1"]}) is None


def test_the_line_that_the_others_lack_tells_runs_apart() -> None:
    assert contrast_of({"log": ["boot", "stop"]}, {"log": ["boot", "wait", "stop"]}) == Contrast(
        "log", (NOTHING, "wait")
    )


def test_a_line_without_a_word_in_it_tells_nothing() -> None:
    assert contrast_of({"log": ["stop"]}, {"log": ["!!!", "!!! a fault", "stop"]}) == Contrast(
        "log", (NOTHING, "!!! a fault")
    )


def test_lines_in_another_order_are_told_apart_by_their_place() -> None:
    assert contrast_of({"log": ["boot", "fork"]}, {"log": ["fork", "boot"]}) == Contrast("log", ("boot", "fork"))


def test_the_first_words_are_left_out_of_what_would_be_too_long() -> None:
    seen: tuple[Seen, Seen] = ({"answer": ["HTTP/1.1 200 OK"]}, {"answer": ["HTTP/1.1 400 Bad Request"]})
    assert contrast_of(*seen, most=24) == Contrast("answer", ("HTTP/1.1 200 OK", "HTTP/1.1 400 Bad Request"))
    assert contrast_of(*seen, most=20) == Contrast("answer", ("… 200 OK", "… 400 Bad Request"))


def test_a_run_that_could_not_is_told_apart_by_that() -> None:
    assert contrast_of("no lamp", ON) == Contrast("", (CANNOT, RUNS))
    assert contrast_of(ON, "no lamp", OFF) == Contrast("lamp", ("on", CANNOT, "off"))


@given(records)
def test_words_that_tell_groups_apart_are_different_words(experiment: Experiment) -> None:
    runs = [group.run for group in group_runs(experiment.runs)]
    found = find_contrast(runs, 4)
    if found:
        assert len(found.words) == len(runs)
        seen = [words for run, words in zip(runs, found.words, strict=True) if isinstance(run, Observed)]
        assert len(set(seen)) == len(seen)


def test_only_experiments_that_differ_between_two_releases_are_told_of_them() -> None:
    back, steady = make_experiment(BACK, "back"), make_experiment(dict.fromkeys(RELEASES, ON), "steady")
    partly = make_experiment({"2.0": OFF, "3.0": ON}, "partly")
    assert differing((back, steady, partly), "1.0", "2.0") == ((back, Contrast("lamp", ("on", "off"))),)
    assert differing((back, steady, partly), "1.0", "10.0") == ()


@given(records)
def test_every_two_runs_that_differ_are_told_apart(experiment: Experiment) -> None:
    for old in experiment.runs:
        for new in experiment.runs:
            found = differing([experiment], old, new)
            assert bool(found) != is_alike(experiment.runs[old], experiment.runs[new])


def test_what_differs_is_linked_and_shortened_for_a_page() -> None:
    long = make_experiment({"1.0": {"log": ["a" * 200]}, "2.0": {"log": ["b"]}})
    (view,) = differing_views([long], "1.0", "2.0", PurePosixPath("compare/1.0...2.0/index.html"))
    assert view.experiment == Choice("Lamp", "../../experiments/lamp.html", False)
    assert (view.label, view.was, view.now) == ("log", "a" * 89 + "…", "b")
