"""Run experiments and record what they show: `python -m tests.experiments [SLUG…] [--release RELEASE]`."""

import argparse
import sys
from collections.abc import Sequence

from tests.experiments.checkout import PROJECT, RELEASES
from tests.experiments.experiment import find_experiments
from tests.experiments.recording import observe, write_record


def main(arguments: Sequence[str]) -> None:
    experiments = find_experiments()

    parser = argparse.ArgumentParser(prog="python -m tests.experiments", description=__doc__)
    parser.add_argument("slugs", metavar="SLUG", nargs="*", help="an experiment; all of them when none is named")
    parser.add_argument("--release", default=RELEASES.documented, choices=[each.name for each in RELEASES.all])
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.slugs) - set(experiments)):
        parser.error(f"no experiment is called {', '.join(unknown)}; there are {', '.join(sorted(experiments))}")

    for slug in chosen.slugs or sorted(experiments):
        run = observe(experiments[slug], PROJECT.tree(chosen.release))
        write_record(experiments[slug], chosen.release, run, PROJECT.observations)
        print(f"{slug}: {'recorded' if 'observed' in run else 'cannot run'} on {chosen.release}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
