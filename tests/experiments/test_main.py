import json
from pathlib import Path

import pytest

from tests.experiments.__main__ import main
from tests.experiments.checkout import PROJECT


def test_what_is_the_same_every_time_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "program-name",
        "pidfile-in-use",
        "--release",
        "20.1.0",
        "--release",
        "23.0.0",
        "--times",
        "2",
        "--jobs",
        "2",
    ]
    assert main(asked, tmp_path) == 0
    for slug in ("program-name", "pidfile-in-use"):
        record = json.loads((tmp_path / f"{slug}.json").read_text(encoding="utf-8"))
        known = json.loads((PROJECT.observations / f"{slug}.json").read_text(encoding="utf-8"))
        known["releases"] = {name: run for name, run in known["releases"].items() if name in {"20.1.0", "23.0.0"}}
        assert record == known
    told = capsys.readouterr().out.splitlines()
    assert "program-name on 20.1.0: recorded" in told
    assert told[-1] == "recorded: 4, not recorded: 0; each run 2 times"


def test_an_unknown_slug_is_refused_with_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["boot-order", "nowhere"], tmp_path)
    told = capsys.readouterr().err
    assert "no experiment is called nowhere; there are " in told
    assert " boot-order," in told


@pytest.mark.parametrize("option", ["--times", "--jobs"])
def test_nothing_is_run_less_than_once(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["boot-order", option, "0"], tmp_path)
    assert f"argument {option}: 0 is not a number from 1 on" in capsys.readouterr().err
