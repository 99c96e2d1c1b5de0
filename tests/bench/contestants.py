"""The work that is measured, each piece in a process of its own: `python -m tests.bench.contestants NAME ROOT`."""

import contextlib
import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pycco  # type: ignore[import-untyped]  # Pycco carries no types
from pygments.lexers.python import PythonLexer

from render.cache import Cache
from render.desk import Desk
from render.fileleaves import file_leaves
from render.insights import Insights
from render.output import write_folder
from render.project import Project
from render.survey import read_edition
from render.theme import Theme


def annotate(root: Path) -> None:
    """Read and check everything, make the page of every file, write them: a build without its other pages."""
    edition = read_edition(Project(root))
    theme = Theme()
    desk = Desk(edition, Insights(edition, Cache(None, b"")))
    leaves = file_leaves(desk, desk.insights.renditions[edition.release])
    site = {**theme.assets(), **{leaf.here: theme.html(leaf.make()) for leaf in leaves}}
    with tempfile.TemporaryDirectory() as folder:
        write_folder(site, Path(folder) / "site")


def document_with_pycco(root: Path) -> None:
    """Pycco's page for every file."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        pycco.process([str(file) for file in _sources(root)], outdir=folder, preserve_paths=True)


def lex_alone(root: Path) -> None:
    """Pygments' tokens of every file, thrown away: the floor under anything that colours code."""
    for file in _sources(root):
        for _ in PythonLexer().get_tokens(file.read_text(encoding="utf-8")):
            pass


CONTESTANTS: Mapping[str, Callable[[Path], None]] = {
    "annotated": annotate,
    "Pycco": document_with_pycco,
    "lexing alone": lex_alone,
}


def _sources(root: Path) -> list[Path]:
    return sorted(file for file in (root / "upstream").rglob("*.py") if file.stat().st_size)


def _measure(work: Callable[[Path], None], root: Path) -> dict[str, float]:
    """Seconds of wall and processor time of one run, and the peak of resident memory in MB."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(root)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return {"wall": wall, "cpu": cpu, "peak": peak}


if __name__ == "__main__":
    json.dump(_measure(CONTESTANTS[sys.argv[1]], Path(sys.argv[2])), sys.stdout)
