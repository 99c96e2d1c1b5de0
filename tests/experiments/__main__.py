"""Run experiments, and record what they show: `python -m tests.experiments [SLUG…] [--release RELEASE|all]`."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.experiments.campaign import Failure, Job, run_campaign, run_once
from tests.experiments.checkout import PROJECT, RELEASES
from tests.experiments.experiment import Experiment, find_experiments
from tests.experiments.recording import write_record

_ALL = "all"
_TIMES = 3


def main(arguments: Sequence[str], records: Path) -> int:
    """Record in the folder `records`.

    Exit status: 0 when all was recorded, 1 when something had nothing to record, 130 after Ctrl-C."""
    experiments = find_experiments()
    chosen = _parse(arguments, experiments)
    names = [each.name for each in RELEASES.all]
    releases = names if _ALL in chosen.release else chosen.release or [RELEASES.documented]
    slugs = chosen.slugs or sorted(slug for slug, each in experiments.items() if each.can_run)
    jobs = [
        Job(experiments[slug].module, slug, name)
        for slug in slugs
        for name in releases
        if experiments[slug].is_about(name)
    ]
    try:
        return _run(jobs, experiments, records, chosen.times, chosen.jobs)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what had been run often enough is recorded\n")
        return 130


def _parse(arguments: Sequence[str], experiments: Mapping[str, Experiment]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.experiments", description=__doc__)
    parser.add_argument("slugs", metavar="SLUG", nargs="*", help="an experiment; all of them when none is named")
    parser.add_argument(
        "--release",
        action="append",
        default=[],
        choices=[*(each.name for each in RELEASES.all), _ALL],
        help=f"{RELEASES.documented} when none is named; may be given several times",
    )
    parser.add_argument(
        "--times",
        type=_positive,
        default=_TIMES,
        help="how often each must show the same to be recorded (default: %(default)s)",
    )
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, help="how many run side by side")
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.slugs) - set(experiments)):
        parser.error(f"no experiment is called {', '.join(unknown)}; there are {', '.join(sorted(experiments))}")
    if barred := sorted(slug for slug in chosen.slugs if not experiments[slug].can_run):
        parser.error(f"only root can run {', '.join(barred)}")
    return chosen


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return int(text)


def _run(jobs: Sequence[Job], experiments: Mapping[str, Experiment], records: Path, times: int, size: int) -> int:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("runs"), TimeRemainingColumn())
    failures = 0
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=len(jobs) * times)
        size = min(size, len(jobs) * times)
        for job, verdict in run_campaign(run_once, jobs, times, size, lambda _: progress.advance(bar)):
            if isinstance(verdict, Failure):
                failures += 1
                console.print(f"{job}: nothing recorded\n{verdict.text}", end="")
            else:
                write_record(experiments[job.slug], job.release, verdict, records)
                console.print(f"{job}: {'recorded' if 'observed' in verdict else 'cannot, recorded'}")
    console.print(f"recorded: {len(jobs) - failures}, not recorded: {failures}; each run {times} times")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:], PROJECT.observations))
