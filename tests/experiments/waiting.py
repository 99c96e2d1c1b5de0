"""Waiting for what no process tells, and comparing how long it took."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def wait_until(done: Callable[[], bool], patience: float) -> bool:
    """Whether it came true within so many seconds; it is asked often, since a process tells nobody that it changes."""
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Runs from its making; tells durations only as comparisons, since records hold nothing that differs by run."""

    _start: float = field(default_factory=time.monotonic)

    def compare(self, low: float, high: float) -> str:
        """ "within L s", "after L s, within H s" or "after more than H s", whichever is so now."""
        elapsed = time.monotonic() - self._start
        if elapsed < low:
            return f"within {low:g} s"
        return f"after {low:g} s, within {high:g} s" if elapsed < high else f"after more than {high:g} s"

    def within(self, limit: float) -> str:
        """ "within N s" or "after more than N s"."""
        return self.compare(limit, limit)
