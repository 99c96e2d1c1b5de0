import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CAN_SERVE = Path(".venv/can-serve")


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as in a shell of its own, whatever make has begun these tests."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "PYTHON"}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as make reads before it installs anything."""
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def write_stamp(checkout: Path, text: str) -> None:
    """What a finished installation leaves, for a Python that is there."""
    (checkout / CAN_SERVE).parent.joinpath("bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").symlink_to("/bin/sh")
    (checkout / CAN_SERVE).write_text(text)


def test_make_alone_lists_every_target(checkout: Path) -> None:
    listed = [line.split()[1] for line in make(checkout).stdout.splitlines()]
    targets = "help site serve test test-all check stamp coverage vendor verify bench observe lock clean"
    assert listed == targets.split()


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_without_a_python_that_is_new_enough_make_says_so_in_one_line(checkout: Path, python: str) -> None:
    result = make(checkout, "serve", f"PYTHON={python}")
    assert result.returncode == 2
    assert result.stdout == ""
    said, stopped = result.stderr.splitlines()
    assert said == f"{python} is not Python 3.11 or newer; name one that is: make PYTHON=python3.12 …"
    assert stopped.startswith("make: ***")
    assert not (checkout / ".venv").exists()


def test_an_installation_that_did_not_finish_does_not_count(checkout: Path) -> None:
    write_stamp(checkout, f"{checkout}\n")
    os.utime(checkout / CAN_SERVE, (0, 0))
    result = make(checkout, "serve", "PYTHON=true")  # which makes no folder, so that installing fails
    assert result.returncode == 2
    assert not (checkout / CAN_SERVE).exists()


def test_a_finished_installation_is_used_again(checkout: Path) -> None:
    write_stamp(checkout, f"{checkout.resolve()}\n")
    assert make(checkout, "--question", str(CAN_SERVE)).returncode == 0


def test_a_checkout_that_was_moved_is_set_up_anew(checkout: Path) -> None:
    write_stamp(checkout, "/where/it/was\n")
    assert make(checkout, "--question", str(CAN_SERVE)).returncode == 1


def test_a_checkout_whose_python_is_gone_is_set_up_anew(checkout: Path) -> None:
    write_stamp(checkout, f"{checkout.resolve()}\n")
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/no/such/python")
    assert make(checkout, "--question", str(CAN_SERVE)).returncode == 1


def test_a_changed_lock_is_installed_anew(checkout: Path) -> None:
    write_stamp(checkout, f"{checkout.resolve()}\n")
    os.utime(checkout / CAN_SERVE, (0, 0))
    assert make(checkout, "--question", str(CAN_SERVE)).returncode == 1


def test_vendoring_asks_which_release(checkout: Path) -> None:
    write_stamp(checkout, f"{checkout.resolve()}\n")
    result = make(checkout, "vendor")
    assert result.returncode == 2
    assert "which release? Say so: make vendor RELEASE=22.0.0" in result.stderr
