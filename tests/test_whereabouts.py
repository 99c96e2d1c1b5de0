"""The definitions that an experiment names are found in every release that has them."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pytest

from render.anchors import Ground
from render.grounds import ground_of
from render.lazily import Lazily
from render.source import Span, Spot
from render.symbols import index_symbols
from render.whereabouts import Names, check_experiments, find_spots, linked_spans
from tests.records import make_experiment
from tests.steps import make_tree

OLD = {"lamp/bulb.py": "def glow():\n    pass\n\n\nclass Bulb:\n    def burn(self):\n        pass\n"}
NEW = {
    "lamp/bulb.py": "class Bulb:\n    if True:\n        def burn(self):\n            pass\n"
    "    else:\n        def burn(self):\n            return\n",
    "lamp/glow.py": "def glow():\n    pass\n\n\nclass Bulb:\n    pass\n",
    "glow.py": "lamp = 1\n",
}
BULB, GLOW = PurePosixPath("lamp/bulb.py"), PurePosixPath("lamp/glow.py")
GROUNDS: Mapping[str, Ground] = {"1.0": ground_of(make_tree("1.0", OLD)), "2.0": ground_of(make_tree("2.0", NEW))}


def names_of(release: str) -> Names:
    return index_symbols(symbol for symbols in GROUNDS[release].symbols.values() for symbol in symbols)


def problems_of(where: Sequence[str], since: str | None = None, documented: str = "2.0") -> list[str]:
    experiment = make_experiment({"1.0": {}}, where=where, since=since)
    return [str(problem) for problem in check_experiments([experiment], GROUNDS, documented)]


@pytest.mark.parametrize(
    ("name", "release", "spots"),
    [
        ("lamp.bulb.Bulb.burn", "1.0", (Spot(BULB, Span(6, 7)),)),
        ("Bulb.burn", "1.0", (Spot(BULB, Span(6, 7)),)),
        ("Bulb.burn", "2.0", (Spot(BULB, Span(3, 4)), Spot(BULB, Span(6, 7)))),
        ("lamp.glow.glow", "1.0", ()),
        ("lamp.glow.glow", "2.0", (Spot(GLOW, Span(1, 2)),)),
        ("glow.lamp", "2.0", (Spot(PurePosixPath("glow.py"), Span(1, 1)),)),
        ("burn", "2.0", ()),
    ],
)
def test_a_definition_is_found_by_either_of_its_names(name: str, release: str, spots: tuple[Spot, ...]) -> None:
    assert find_spots(name, names_of(release)) == spots


def test_a_name_that_one_release_defines_is_enough() -> None:
    assert problems_of(["lamp.bulb.glow", "lamp.glow.glow", "Bulb.burn"], since="2.0") == []


@pytest.mark.parametrize(
    ("where", "documented", "message"),
    [
        ("Bulb.melt", "2.0", "no vendored release has a definition `Bulb.melt`"),
        ("Bulb", "2.0", "`Bulb` is ambiguous, it may be lamp.bulb.Bulb, lamp.glow.Bulb"),
    ],
)
def test_a_name_that_leads_nowhere_or_to_several_places_is_a_problem(where: str, documented: str, message: str) -> None:
    remedy = "; mend `where` and run `make observe SLUGS=lamp`"
    assert problems_of([where], None, documented) == [f"annotations/observations/lamp.json:7: {message}{remedy}"]


def test_the_documented_release_has_the_first_word_on_what_is_ambiguous() -> None:
    assert problems_of(["Bulb"], documented="1.0") == []


def test_a_first_release_that_is_not_vendored_is_a_problem() -> None:
    message = "`since` is 1.5, which is not vendored; name a release that is"
    assert problems_of([], since="1.5") == [f"annotations/observations/lamp.json:7: {message}"]


def test_no_other_release_is_parsed_while_the_documented_one_answers() -> None:
    asked: list[str] = []

    def ask(release: str) -> Ground:
        asked.append(release)
        return GROUNDS[release]

    experiment = make_experiment({"1.0": {}}, where=["lamp.glow.glow"])
    assert list(check_experiments([experiment], Lazily(GROUNDS, ask), "2.0")) == []
    assert asked == ["2.0"]


def test_only_the_first_release_of_a_group_is_linked() -> None:
    alike = make_experiment({"1.0": {}, "2.0": {}}, where=["Bulb.burn", "lamp.glow.glow"])
    differs = make_experiment({"1.0": {"a": ["1"]}, "2.0": {"a": ["2"]}}, where=["Bulb.burn", "lamp.glow.glow"])
    assert linked_spans([alike], GROUNDS, "2.0", names_of("2.0")) == {}
    assert linked_spans([alike, differs], GROUNDS, "1.0", names_of("1.0")) == {BULB: (Span(6, 7),)}
    assert linked_spans([alike, differs], GROUNDS, "2.0", names_of("2.0")) == {
        BULB: (Span(3, 4), Span(6, 7)),
        GLOW: (Span(1, 2),),
    }
