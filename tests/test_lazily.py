"""Mappings whose values are made when they are asked for."""

import pytest

from render.lazily import Lazily


def test_a_value_is_made_when_it_is_first_asked_for_and_only_then() -> None:
    made: list[str] = []

    def make(key: str) -> int:
        made.append(key)
        return len(key)

    lengths = Lazily(("one", "three", "one"), make)
    assert (list(lengths), len(lengths), "three" in lengths, made) == (["one", "three"], 2, True, [])
    assert (lengths["three"], lengths["three"], made) == (5, 5, ["three"])
    assert dict(lengths) == {"one": 3, "three": 5}
    assert made == ["three", "one"]


def test_there_is_nothing_under_any_other_key() -> None:
    lengths = Lazily(("one",), len)
    assert "two" not in lengths
    assert lengths.get("two") is None
    with pytest.raises(KeyError):
        lengths["two"]


def test_what_fails_is_tried_again() -> None:
    failures = [ValueError("not yet")]

    def make(_: str) -> int:
        if failures:
            raise failures.pop()
        return 1

    lengths = Lazily(("one",), make)
    with pytest.raises(ValueError, match="not yet"):
        lengths["one"]
    assert lengths["one"] == 1
