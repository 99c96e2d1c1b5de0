import pytest

from tests.experiments.waiting import Stopwatch, wait_until


def test_waiting_ends_when_it_comes_true_or_patience_ends() -> None:
    answers = iter([False, False, True])
    assert wait_until(lambda: next(answers), 30)
    assert not wait_until(lambda: False, 0.02)


def test_what_is_true_at_once_is_found_without_patience() -> None:
    assert wait_until(lambda: True, 0)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(100, 200, "within 100 s"), (0, 100, "after 0 s, within 100 s"), (0, 0, "after more than 0 s")],
)
def test_a_duration_is_told_as_a_comparison(low: float, high: float, words: str) -> None:
    assert Stopwatch().compare(low, high) == words


def test_one_limit_parts_in_two() -> None:
    watch = Stopwatch()
    assert (watch.within(100), watch.within(0)) == ("within 100 s", "after more than 0 s")
