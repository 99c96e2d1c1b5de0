"""Digests of values: equal for equal content, in whatever process and however it came to be."""

import subprocess
import sys
from pathlib import PurePosixPath

import pytest

from render.digests import Digester
from render.links import Links
from render.source import SourceFile, Span, Tree

PATH = PurePosixPath("lamp/bulb.py")

PROGRAM = """
from pathlib import PurePosixPath
from render.digests import Digester
from render.source import SourceFile, Span, Tree

path = PurePosixPath("lamp/bulb.py")
tree = Tree("1.0", {path: SourceFile(path, "watts = 60" + chr(10))})
print(Digester().digest(tree, "wa" + "tts", Span(1, 2), {"a": ("x", "x")}))
"""


def lamp(text: str, release: str = "1.0") -> Tree:
    return Tree(release, {PATH: SourceFile(PATH, text)})


def links(title: str) -> Links:
    return Links("1.0", "https://example.org", {}, (PATH,), {}, {"hot": (PATH, title)}, {}, {}, {})


def test_a_digest_is_the_same_in_another_process_and_for_other_objects() -> None:
    letters = "".join(["x"])
    own = Digester().digest(lamp("watts = 60\n"), "watts", Span(1, 2), {"a": (letters, letters)})
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == own


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        (("a", "b"), ("ab",)),
        (1, "1"),
        (Span(1, 2), Span(1, 3)),
        (lamp("a = 1\n"), lamp("a = 2\n")),
        (lamp("a = 1\n"), lamp("a = 1\n", "1.1")),
        (lamp("a = 1\n").files[PATH], SourceFile(PurePosixPath("lamp/glass.py"), "a = 1\n")),
        (links("Glass gets hot"), links("Glass gets warm")),
    ],
)
def test_another_content_has_another_digest(one: object, other: object) -> None:
    digester = Digester()
    assert digester.digest(one) == Digester().digest(one) != digester.digest(other)


def test_several_values_are_not_one() -> None:
    assert Digester().digest("a", "b") != Digester().digest("ab")
    assert Digester().digest(("a", "b")) != Digester().digest("a", "b")


def test_names_that_are_looked_up_elsewhere_count_too() -> None:
    one, other = links("Glass gets hot"), links("Glass gets warm")
    with_one, with_other = (Links("0.9", "", {}, (), {}, {}, {}, {}, {}, fallback) for fallback in (one, other))
    assert Digester().digest(with_one) != Digester().digest(with_other)
