"""`make bench`: one table, all of it measured in this run on this machine."""

import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from rich.progress import track

from render.manifest import manifest_text
from render.project import Project, find_project
from render.releases import Releases, read_releases
from tests.bench.contestants import CONTESTANTS
from tests.bench.whole import measure_size, measure_whole

REPEATS = 7
SCALES = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and MB: the median of several runs."""

    wall: float
    cpu: float
    peak: float


def main() -> None:
    """Print the table as Markdown."""
    project = find_project(Path.cwd())
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(project, Path(folder)))
    sys.stdout.write(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}\n\n")
    sys.stdout.write("| work | files | lines | wall | CPU | peak memory | CPU per line |\n")
    sys.stdout.write("|---|--:|--:|--:|--:|--:|--:|\n")
    sys.stdout.writelines(rows)
    sys.stdout.write("\n| the whole site | wall | CPU | peak memory |\n|---|--:|--:|--:|\n")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "whole"
        sys.stdout.writelines(measure_whole(root))
        sys.stdout.write(f"\n{measure_size(Project(root).site)}")


def _rows(project: Project, folder: Path) -> Iterator[str]:
    once = _copy(project, folder / "once", 1)
    shutil.copytree(project.annotations, Project(once).annotations, ignore=shutil.ignore_patterns("changes"))
    shutil.copytree(project.root / "tests" / "experiments", once / "tests" / "experiments")
    runs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    for _ in track(range(REPEATS), "side by side", transient=True):
        for name in CONTESTANTS:  # in turn, so that a busy moment of the machine strikes all alike
            runs[name].append(_run(name, once))
    for name, costs in runs.items():
        yield _row(name, once, _median(costs))
    for scale in track(SCALES, "growing", transient=True):
        root = _copy(project, folder / f"times{scale}", scale)
        for name in ("annotated", "lexing alone"):
            yield _row(f"{name}, without notes, {scale} times the source", root, _run(name, root))
        shutil.rmtree(root)


def _copy(project: Project, root: Path, times: int) -> Path:
    """A project with the same source so many times, the copies in packages of other names, and no notes."""
    releases = read_releases(project.releases, project.name(project.releases))
    copy = Project(root)
    package = copy.tree(releases.documented) / releases.package
    shutil.copytree(project.tree(releases.documented), copy.tree(releases.documented))
    originals = {file.relative_to(package): file.read_bytes() for file in package.rglob("*") if file.is_file()}
    for number in range(2, times + 1):
        for name, content in originals.items():
            file = package / f"copy{number}" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    copy.releases.write_text(_only_the_documented(releases), encoding="utf-8")
    tree = copy.tree(releases.documented)
    files = {PurePosixPath(file.relative_to(tree)): file.read_bytes() for file in tree.rglob("*") if file.is_file()}
    manifest = manifest_text(copy, releases.documented, files)
    copy.manifest(releases.documented).write_text(manifest, encoding="utf-8")
    return root


def _only_the_documented(releases: Releases) -> str:
    """The list of releases without those that no page is made of yet."""
    row = releases.find(releases.documented)
    assert row
    return (
        f"package: {releases.package}\nrepository: {releases.repository}\ndocumented: {releases.documented}\n"
        f"releases:\n- {{release: {row.name}, date: {row.date}, sdist: {row.sdist}, sha256: {row.sha256}}}\n"
    )


def _run(name: str, root: Path) -> Cost:
    command = [sys.executable, "-m", "tests.bench.contestants", name, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout))


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*((c.wall, c.cpu, c.peak) for c in costs), strict=True)))


def _row(name: str, root: Path, cost: Cost) -> str:
    files = [file for file in (root / "upstream").rglob("*.py") if file.stat().st_size]
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    per_line = 1e6 * cost.cpu / lines
    return (
        f"| {name} | {len(files)} | {lines:,} | {cost.wall:.2f} s | {cost.cpu:.2f} s "
        f"| {cost.peak:.0f} MB | {per_line:.0f} µs |\n"
    )


if __name__ == "__main__":
    main()
