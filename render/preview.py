"""What the builds have come to: the last good site, and what keeps the next one from being made."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from render.output import Draft, Site
from render.problems import Problem, ProblemsFound


@dataclass(frozen=True, slots=True)
class Failure:
    """A build that gave no site: the problems for people to mend or, where there are none, the traceback of a bug."""

    problems: tuple[Problem, ...]
    traceback: str

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems)) or self.traceback


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last good site, None before it, with its digest, "" before it; and the failure of a build since then.

    Sites are told apart by their digests: to look at their pages would make all of them.
    """

    site: Site | None = field(compare=False)
    digest: str
    failure: Failure | None


NOTHING_YET = Outcome(None, "", None)


class Preview:
    """The outcome of the latest build: made in one thread, awaited in many."""

    def __init__(self, build: Callable[[], Draft]) -> None:
        self._build = build
        self._outcome = NOTHING_YET
        self._changed = threading.Condition()

    def rebuild(self) -> Failure | None:
        """Build, and wake those that wait unless the outcome is as before. Only ever called from one thread."""
        outcome = self._attempt()
        if outcome != self._outcome:
            with self._changed:
                self._outcome = outcome
                self._changed.notify_all()
        return outcome.failure

    def after(self, known: Outcome, seconds: float | None = None) -> Outcome:
        """The first outcome that is not `known`, or `known` when so many seconds brought no other."""
        with self._changed:
            self._changed.wait_for(lambda: self._outcome is not known, seconds)
            return self._outcome

    def _attempt(self) -> Outcome:
        try:
            made = self._build()
        except ProblemsFound as error:
            return replace(self._outcome, failure=Failure(error.problems, ""))
        except Exception:  # a bug in the renderer: whoever works on it sees it, and the server lives on
            return replace(self._outcome, failure=Failure((), traceback.format_exc()))
        return Outcome(made.site, made.digest, None)
