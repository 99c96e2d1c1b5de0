"""The whole site, built from nothing, built again, and built after one note was edited: time, memory and size."""

import gzip
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from render.build import build
from render.output import write_folder
from render.project import Project
from render.sitecommands import open_cache
from tests.copies import copy_checkout

NOTES = "gunicorn/app/base.yaml"
WORD, OTHER = "arbiter and its workers", "arbiter with its workers"
"""Words of one note, and what is put in their place."""


def measure_whole(folder: Path) -> Iterator[str]:
    """The rows of a table; everything is built in a copy of this checkout in `folder`."""
    project = copy_checkout(folder)
    yield _row("from nothing", _run(project))
    yield _row("again, nothing changed", _run(project))
    notes = project.notes("23.0.0") / NOTES
    text = notes.read_text(encoding="utf-8")
    assert WORD in text
    notes.write_text(text.replace(WORD, OTHER), encoding="utf-8")
    yield _row("again, one note edited", _run(project))


def measure_size(folder: Path) -> str:
    """Files and MB of the site that stands in `folder`, and what its largest page weighs when packed."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    packed = {file: len(gzip.compress(file.read_bytes())) for file in files if file.suffix == ".html"}
    largest = max(packed, key=lambda file: packed[file])
    size = sum(file.stat().st_size for file in files) / 1e6
    return (
        f"{len(files)} files, {size:.1f} MB; the largest page packed: "
        f"{largest.relative_to(folder)}, {packed[largest] / 1e3:.0f} kB\n"
    )


def _run(project: Project) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-m", __name__, project.root], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _row(name: str, cost: dict[str, float]) -> str:
    return f"| {name} | {cost['wall']:.1f} s | {cost['cpu']:.1f} s | {cost['peak']:.0f} MB |\n"


def _build(root: Path) -> dict[str, float]:
    from_wall, from_cpu = time.perf_counter(), time.process_time()
    project = Project(root)
    cache = open_cache(project)
    write_folder(build(project, cache, lambda *_: None), project.site)
    cache.sweep()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return {"wall": time.perf_counter() - from_wall, "cpu": time.process_time() - from_cpu, "peak": peak}


if __name__ == "__main__":
    json.dump(_build(Path(sys.argv[1])), sys.stdout)
