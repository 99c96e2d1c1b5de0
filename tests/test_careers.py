"""The careers of definitions, over small histories and over all that is vendored."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePosixPath

import pytest

from render.careers import Career, find_careers
from render.definitions import find_definitions
from tests.histories import compare_row, compare_vendored, make_grounds, read_vendored

A, B = "kettle/a.py", "kettle/b.py"

BOIL = """\
def boil(water):
    while water.cold():
        water.heat()
    return water
"""


def career(name: str, *releases: Mapping[str, str], path: str = A, shown: int = 1) -> Career:
    """Of a definition by its name in one file of one release: the number `shown`, counted from 1."""
    grounds = make_grounds(*releases)
    return find_careers(grounds, compare_row(grounds))[str(shown)][PurePosixPath(path)][name]


def states(one: Career) -> list[str]:
    return [stage.state for stage in one]


def places(one: Career) -> list[str]:
    return [f"{stage.spot} {stage.name}" for stage in one if stage.spot]


def in_class(name: str, text: str = BOIL) -> str:
    return f"class {name}:\n" + "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param(["def f(): pass"], "appeared", id="one release"),
        pytest.param(["def f(): pass"] * 3, "appeared stayed stayed", id="nothing happens"),
        pytest.param(["def f(): pass", "def f(a): pass"], "appeared changed", id="signature"),
        pytest.param(["def f(): pass", "def f(): return 1"], "appeared changed", id="body"),
        pytest.param(["def f(): pass", "def f():\n  # a\n  pass"], "appeared layout", id="comment"),
        pytest.param(["def f(): pass", "def f(): 'a'", "def f(): 'b'"], "appeared changed layout", id="docstring"),
        pytest.param(["def f(): pass", "x = 1\ndef f(): pass"], "appeared stayed", id="other lines"),
        pytest.param(["def f(): pass", "", ""], "appeared went absent", id="it goes"),
        pytest.param(["def f(): pass", "f = None"], "appeared went", id="a variable is no definition"),
        pytest.param(["def f(): pass", "", "def f(): pass"], "appeared went appeared", id="it comes again at once"),
        pytest.param(["def f(): pass", "", "", "def f(): pass"], "appeared went absent appeared", id="it comes again"),
        pytest.param(["def f(): pass", "def f(:"], "appeared went", id="what cannot be parsed has no definitions"),
        pytest.param(["def f(): pass", "def f(:", "def f(): pass"], "appeared went appeared", id="and is parsed again"),
        pytest.param([BOIL.replace("boil", "f"), BOIL], "appeared moved", id="another name"),
        pytest.param(
            [BOIL.replace("boil", "f"), BOIL, BOIL.replace("cold", "icy")], "appeared moved changed", id="and a change"
        ),
        pytest.param(["class f: pass", "class f:\n  def g(self): pass"], "appeared changed", id="pass is its own"),
        pytest.param(
            ["class f:\n  def g(self): pass", "class f:\n  def g(self): return"],
            "appeared stayed",
            id="what is inside it has a career of its own",
        ),
    ],
)
def test_each_release_says_what_it_did_to_a_definition(texts: list[str], told: str) -> None:
    assert states(career("f", *({A: text} for text in texts))) == told.split()


def test_a_definition_that_comes_late_is_absent_before() -> None:
    one = career("f", {A: ""}, {A: ""}, {A: "def f(): pass"}, shown=3)
    assert states(one) == ["absent", "absent", "appeared"]
    assert [(stage.spot is None, stage.name) for stage in one] == [(True, None), (True, None), (False, "f")]


def test_a_definition_is_followed_to_another_class_and_another_file() -> None:
    row = ({A: in_class("Pot"), B: ""}, {A: in_class("Jar"), B: ""}, {A: "", B: BOIL})
    first = career("Pot.boil", *row)
    assert places(first) == [f"{A}:2-5 Pot.boil", f"{A}:2-5 Jar.boil", f"{B}:1-4 boil"]
    assert states(first) == ["appeared", "moved", "moved"]
    assert career("boil", *row, path=B, shown=3) == first


def test_what_is_inside_a_definition_moves_with_it() -> None:
    one = career("Pot.boil", {A: in_class("Pot"), B: ""}, {A: "", B: "\n" + in_class("Pot")})
    assert states(one) == ["appeared", "moved"]
    assert places(one) == [f"{A}:2-5 Pot.boil", f"{B}:3-6 Pot.boil"]


def test_a_definition_moves_with_its_file_and_may_change_on_the_way() -> None:
    rest = "".join(f"x{number} = {number}\n" for number in range(20))
    row = (
        {A: f"{BOIL}def pour(): pass\n{rest}"},
        {B: f"{BOIL}def pour(): return 1\n{rest}"},
    )
    assert states(career("boil", *row)) == ["appeared", "moved"]
    assert states(career("pour", *row)) == ["appeared", "changed"]
    assert places(career("pour", *row)) == [f"{A}:5 pour", f"{B}:5 pour"]


def test_only_what_moved_is_taken_along() -> None:
    names = ({A: BOIL.replace("boil", "f") + "def f2(): pass\n"}, {A: BOIL + "def boil2(): pass\n"})
    assert states(career("f", *names)) == ["appeared", "moved"]
    assert states(career("f2", *names)) == ["appeared", "went"]
    other = {B: "def boil(): pass\n"}
    files = ({A: BOIL, "kettle/c.py": "", **other}, {A: "", "kettle/c.py": BOIL, **other})
    assert states(career("boil", *files)) == ["appeared", "moved"]
    assert states(career("boil", *files, path=B)) == ["appeared", "stayed"]


def test_who_left_a_name_does_not_take_it_up_again() -> None:
    row = ({A: BOIL}, {A: BOIL.replace("boil", "heat_up")}, {A: BOIL.replace("boil", "heat_up") + "def boil(): pass"})
    assert states(career("boil", *row)) == ["appeared", "moved", "stayed"]
    assert states(career("boil", *row, shown=3)) == ["absent", "absent", "appeared"]


def test_who_took_a_name_over_keeps_its_first_bearer_from_coming_again() -> None:
    third = {A: "", B: BOIL}
    row = ({A: BOIL, B: ""}, {A: "", B: ""}, third, {A: BOIL, B: ""}, {A: "", B: ""}, {A: BOIL, B: ""})
    assert states(career("boil", *row)) == ["appeared", "went", "absent", "absent", "absent", "absent"]
    second = career("boil", *row, path=B, shown=3)
    assert states(second) == ["absent", "absent", "appeared", "moved", "went", "appeared"]


def test_a_property_and_its_setter_have_one_career() -> None:
    text = "class Pot:\n  @property\n  def heat(self): pass\n  @heat.setter\n  def heat(self, to): pass\n"
    one = career("Pot.heat", {A: text}, {A: text.replace("to)", "new)")})
    assert states(one) == ["appeared", "changed"]
    assert places(one) == [f"{A}:2-3 Pot.heat"] * 2


def test_every_definition_of_every_release_has_one_career_whichever_release_shows_it() -> None:
    grounds = read_vendored()
    careers = find_careers(grounds, compare_vendored())
    for ground in grounds:
        shown = careers[ground.tree.release]
        assert shown.keys() == ground.tree.files.keys()
        for path, symbols in ground.symbols.items():
            assert shown[path].keys() == {symbol.name for symbol in symbols if symbol.kind != "variable"}
            for name, one in shown[path].items():
                assert [stage.release for stage in one] == [other.tree.release for other in grounds]
                here = one[grounds.index(ground)]
                assert here.spot
                assert (here.spot.path, here.name) == (path, name)
                for stage in one:
                    assert (stage.spot is None) == (stage.name is None) == (stage.state in ("absent", "went"))
                    if stage.spot is not None and stage.name is not None:
                        assert careers[stage.release][stage.spot.path][stage.name] is one


def test_what_stayed_reads_as_before_and_what_went_is_not_there() -> None:
    grounds = read_vendored()
    careers = find_careers(grounds, compare_vendored())
    files = [{path: find_definitions(file) for path, file in ground.tree.files.items()} for ground in grounds]
    seen = {id(one): one for paths in careers.values() for names in paths.values() for one in names.values()}
    for one in seen.values():
        for number, (before, now) in enumerate(pairwise(one), 1):
            if before.spot and before.name:
                was = files[number - 1][before.spot.path][before.name].own
                if now.spot and now.name:
                    same = was == files[number][now.spot.path][now.name].own
                    assert same == (now.state in ("stayed", "moved")), now
                else:
                    assert now.state == "went"
                    assert before.name not in careers[now.release].get(before.spot.path, {})
            else:
                assert now.state in ("absent", "appeared")
