import os
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.experiments.applications import APP
from tests.experiments.checkout import PROJECT, UPSTREAM
from tests.experiments.crew import work_through
from tests.experiments.lab import Lab
from tests.experiments.marks import marked
from tests.experiments.waiting import wait_until


def double(number: int) -> int:
    return 2 * number


def leave_behind(how: str) -> str:
    """Begin a server and end in a way that gives nobody the time to clear away."""
    lab = Lab(UPSTREAM)
    lab.write("app.py", APP)
    lab.start("app").listening()
    if how == "dies":
        os._exit(1)
    return str(lab.folder.parent)


def test_every_task_is_done_once() -> None:
    assert sorted(work_through(double, range(7), 3)) == [(number, 2 * number) for number in range(7)]
    assert [*work_through(double, [], 2)] == []


def test_tasks_are_taken_only_when_somebody_is_free() -> None:
    tasks = iter(range(9))
    with closing(work_through(double, tasks, 2)) as done:
        next(done)
        assert next(tasks) == 2


@pytest.mark.parametrize("how", ["returns", "dies"])
def test_what_a_process_leaves_is_cleared_away(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if how == "dies":
        with pytest.raises(EOFError):
            [*work_through(leave_behind, [how], 1)]
    else:
        with closing(work_through(leave_behind, [how], 1)) as done:
            _, folder = next(done)
            assert len(marked(folder)) >= 1
            assert folder.startswith(str(tmp_path.resolve()))
    assert marked(str(tmp_path.resolve())) == []
    assert [*tmp_path.iterdir()] == []


RUNS = ("tests.experiments", "boot-order", "hup-with-preload", "--times", "9999", "--jobs", "2")
"""They would last for hours, and record nothing before the end."""

TESTS = ("pytest", "-n", "2", "-p", "no:cacheprovider", "tests/experiments/test_experiments.py")


def begin(folder: Path, *module: str) -> subprocess.Popen[str]:
    """A run whose temporary files are all in a folder, once it has a server going."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    begun = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=PROJECT.root,
        env={**inherited, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert wait_until(lambda: bool(marked(str(folder.resolve()))), 60)
    return begun


def left_in(folder: Path) -> list[str]:
    """Processes and files, but for the folder that pytest keeps for those who look into its results."""
    files = [file.name for file in folder.iterdir() if not file.name.startswith("pytest-of-")]
    return [*map(str, marked(str(folder.resolve()))), *files]


@pytest.mark.parametrize("to_all", [True, False], ids=["as a terminal does", "to the one process"])
def test_ctrl_c_leaves_no_process_and_no_file(to_all: bool, tmp_path: Path) -> None:
    begun = begin(tmp_path, *RUNS)
    (os.killpg if to_all else os.kill)(begun.pid, signal.SIGINT)
    assert begun.communicate(timeout=60)[1] == "interrupted; what had been run often enough is recorded\n"
    assert begun.returncode == 130
    assert left_in(tmp_path) == []


def test_sigterm_leaves_no_process_and_no_file_either(tmp_path: Path) -> None:
    begun = begin(tmp_path, *RUNS)
    begun.terminate()
    begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert left_in(tmp_path) == []


def test_ctrl_c_among_the_tests_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    begun = begin(tmp_path, *TESTS)
    os.killpg(begun.pid, signal.SIGINT)
    begun.communicate(timeout=60)
    assert begun.returncode == 2
    assert left_in(tmp_path) == []


def test_a_run_that_is_killed_hard_leaves_no_process(tmp_path: Path) -> None:
    begun = begin(tmp_path, *RUNS)
    begun.kill()
    begun.communicate(timeout=60)  # its processes hold stderr open
    assert wait_until(lambda: marked(str(tmp_path.resolve())) == [], 30)
