from importlib.metadata import Distribution
from pathlib import Path

import pytest

from render.backend import prepare_metadata_for_build_wheel
from tests.archives import LAMP


def test_the_metadata_are_those_that_the_sdist_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sdist, prepared = tmp_path / "sdist", tmp_path / "prepared"
    sdist.mkdir()
    prepared.mkdir()
    (sdist / "PKG-INFO").write_bytes(LAMP["PKG-INFO"])
    monkeypatch.chdir(sdist)

    folder = prepare_metadata_for_build_wheel(str(prepared))

    assert folder == "lamp-1.0.dist-info"
    found = Distribution.at(prepared / folder)
    assert (found.name, found.version) == ("lamp", "1.0")
    assert (prepared / folder / "METADATA").read_bytes() == LAMP["PKG-INFO"]
