import subprocess
import sys
from pathlib import Path

from tests.tiny import write_tiny_project
from tests.upstream import REPOSITORY

PROGRAM = "import typer; from render.observecommand import observe_experiments; typer.run(observe_experiments)"


def observe(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY.root), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_experiments_of_the_checkout_are_run_with_what_was_asked_for() -> None:
    done = observe(REPOSITORY.root / "tests", "nowhere", "--release", "19.10.0", "--release", "all", "--times", "2")
    assert done.returncode == 2
    assert "python -m tests.experiments: error: no experiment is called nowhere; there are " in done.stderr


def test_a_release_that_is_not_vendored_is_refused() -> None:
    done = observe(REPOSITORY.root, "boot-order", "--release", "1.0")
    assert done.returncode == 2
    assert "argument --release: invalid choice: '1.0'" in done.stderr


def test_outside_a_clone_of_the_repository_it_says_where_it_belongs(tmp_path: Path) -> None:
    project = write_tiny_project(tmp_path / "tiny")
    assert "no tests/experiments here; run this in a clone of the whole repository" in observe(project.root).stderr
    assert "run this inside a checkout" in observe(tmp_path).stderr
