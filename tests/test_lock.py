"""The locks hold what pyproject.toml asks for, and nothing that is particular to the machine that made them."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
LINE = re.compile(
    r"([a-z0-9-]+)==([0-9][\w.+!]*)( ; [^\\/]+)? \\"  # a pin, perhaps for some systems only
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
    r"|(    )?#[^/]*"
)


def requirements(*groups: str) -> tuple[Requirement, ...]:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    grouped = (line for group in groups for line in asked["dependency-groups"][group])
    return tuple(map(Requirement, (*asked["project"]["dependencies"], *grouped)))


def pins(name: str) -> Mapping[str, str]:
    return dict(PIN.findall((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize(
    ("name", "groups"),
    [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "test", "bench"])],
)
def test_a_lock_pins_what_is_asked_for(name: str, groups: list[str]) -> None:
    locked = pins(name)
    unmet = [
        str(asked)
        for asked in requirements(*groups)
        if not asked.specifier.contains(locked.get(canonicalize_name(asked.name), "0"))
    ]
    assert unmet == [], "run `make lock`"


def test_the_tests_run_on_what_readers_run_on() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_pins_and_hashes_only(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
