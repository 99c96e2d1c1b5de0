"""Running experiments many times over, and judging whether they showed the same each time."""

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias

from tests.experiments.checkout import PROJECT
from tests.experiments.crew import work_through
from tests.experiments.experiment import read_module
from tests.experiments.recording import Run, difference, observe


@dataclass(frozen=True, slots=True)
class Job:
    """An experiment, by its module and its slug, to run on a release."""

    module: str
    slug: str
    release: str

    def __str__(self) -> str:
        return f"{self.slug} on {self.release}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an experiment has nothing to record: it raised, or it showed this once and that another time."""

    text: str


Verdict: TypeAlias = Run | Failure


def run_campaign(
    attempt: Callable[[Job], Verdict], jobs: Sequence[Job], times: int, size: int, tell: Callable[[Job], None]
) -> Iterator[tuple[Job, Verdict]]:
    """Jobs and their verdicts, as they are reached; each job is attempted so many times, unless it fails.

    The rounds follow one another, so that the runs of a job stand beside many others; `size` is how many stand side by
    side, each in a process of its own, where `attempt`, a function of a module, is called. `tell` hears of every run
    that is done or saved.
    """
    runs: defaultdict[Job, list[Run]] = defaultdict(list)
    failed: set[Job] = set()

    def rounds() -> Iterator[Job]:
        for _ in range(times):
            for job in jobs:
                if job in failed:
                    tell(job)
                else:
                    yield job

    with closing(work_through(attempt, rounds(), size)) as attempts:
        for job, seen in attempts:
            tell(job)
            if job in failed:
                continue
            verdict = _judge(runs[job], seen)
            if isinstance(verdict, Failure):
                failed.add(job)
                yield job, verdict
                continue
            runs[job].append(verdict)
            if len(runs[job]) == times:
                yield job, verdict


def run_once(job: Job) -> Verdict:
    """One run of an experiment of this checkout; a failure is the trace of what the experiment raised."""
    try:
        return observe(read_module(job.module)[job.slug], PROJECT.tree(job.release))
    except Exception:
        return Failure(traceback.format_exc())


def _judge(before: Sequence[Run], seen: Verdict) -> Verdict:
    if isinstance(seen, Failure) or not before:
        return seen
    found = difference(before[0], seen, ("once", "another time"))
    return Failure(f"{found}\n") if found else seen
