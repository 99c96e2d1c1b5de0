"""The command line from outside: what it prints, where, and with which exit status."""

import json
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from typer.testing import CliRunner, Result

from render.cli import app
from render.problems import Place, Problem
from render.project import Project
from render.reports import problems_github, problems_json, problems_text
from tests.tiny import RELEASE

NOTES = "annotations/1.0/kettle/boiler.yaml"


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A real run, as the installed command makes it."""
    command = [sys.executable, "-c", "from render.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def project(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tiny_project.root)
    return tiny_project


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def spoil(project: Project) -> None:
    """Two problems in one file."""
    file = project.root / NOTES
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[[Coil.heat]]", "[[100%]]").replace("is *less*", "is [[a,b:c]]"), encoding="utf-8")


TOLD = [
    (3, "[[100%]]: nothing is called `100%` in 1.0; name a definition, as in Arbiter.run"),
    (12, "[[a,b:c]]: `a,b:` is no kind of reference; use "),
]


def test_a_sound_project_ends_well(project: Project) -> None:
    done = run(project.root, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "notes: 3, chapters: 1; all hold on 1.0\n"


def test_a_project_is_found_from_any_folder_of_it(project: Project) -> None:
    assert run(project.notes(RELEASE) / "kettle", "check").returncode == 0


def test_outside_a_project_there_is_one_line_and_status_2(tmp_path: Path) -> None:
    for arguments in (["check"], ["show", "a.py:1"], ["build"]):
        done = run(tmp_path, *arguments)
        told = f"{tmp_path}: no upstream/releases.yaml here or above; run this inside a checkout\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_what_the_disk_refuses_is_one_line_and_status_2(project: Project) -> None:
    done = run(project.root, "stamp", "annotations/1.0/kettle/none.yaml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "annotations/1.0/kettle/none.yaml" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["chekc"],
        ["check", "--format", "xml"],
        ["check", "--nosuch"],
        ["new"],
        ["show", "kettle/boiler.py"],
        ["show", "kettle/boiler.py:0"],
        ["show", "kettle/boiler.py:a"],
        ["show", "kettle/boiler.py:1-2-3"],
        ["show", "kettle/boiler.py:\u0661"],
        ["show", f"kettle/boiler.py:{'9' * 5000}"],
        ["show", ":1"],
        ["new", "kettle/boiler.py:9-7"],
    ],
)
def test_a_wrong_call_is_told_with_its_usage_and_status_2(project: Project, arguments: list[str]) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert "Usage:" in done.output


def test_without_a_command_the_help_is_printed(project: Project) -> None:
    done = invoke()
    commands = ("build", "serve", "check", "stamp", "new", "show", "coverage", "schema", "vendor")
    assert all(command in done.output for command in commands)


def test_problems_are_printed_as_compilers_print_them(project: Project) -> None:
    spoil(project)
    done = run(project.root, "check")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert len(lines) == len(TOLD)
    assert all(line.startswith(f"{NOTES}:{at}: {said}") for line, (at, said) in zip(lines, TOLD, strict=True))


def test_problems_are_printed_as_json(project: Project) -> None:
    assert json.loads(invoke("check", "--format", "json").stdout) == []
    spoil(project)
    done = invoke("check", "--format", "json")
    rows = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [(row["path"], row["line"]) for row in rows] == [(NOTES, at) for at, _ in TOLD]
    assert all(row["message"].startswith(said) for row, (_, said) in zip(rows, TOLD, strict=True))
    assert all(row.keys() == {"path", "line", "message"} for row in rows)


def test_problems_are_printed_for_github(project: Project) -> None:
    sound = invoke("check", "--format", "github")
    assert (sound.exit_code, sound.stdout) == (0, "")
    spoil(project)
    done = invoke("check", "--format", "github")
    first, second = done.stdout.splitlines()
    assert done.exit_code == 1
    assert first == (
        f"::error file={NOTES},line=3::[[100%25]]: nothing is called `100%25` in 1.0; name a definition, "
        "as in Arbiter.run"
    )
    assert second.startswith(f"::error file={NOTES},line=12::[[a,b:c]]: `a,b:` is no kind of reference; use ")


def test_what_means_something_to_github_is_escaped() -> None:
    problem = Problem(Place(PurePosixPath("a, b:c%/\r\n.yaml"), 7), "50% off:\r\n::set-output name=x::y")
    assert problems_github([problem]) == (
        "::error file=a%2C b%3Ac%25/%0D%0A.yaml,line=7::50%25 off:%0D%0A::set-output name=x::y\n"
    )


def test_reports_of_several_problems_have_one_for_each_in_their_order() -> None:
    problems = [Problem(Place(PurePosixPath("b.yaml"), 2), 'é "q"'), Problem(Place(PurePosixPath("a.yaml"), 1), "x")]
    assert problems_text(problems) == 'b.yaml:2: é "q"\na.yaml:1: x\n'
    assert '"message": "é \\"q\\""' in problems_json(problems)
    assert [row["path"] for row in json.loads(problems_json(problems))] == ["b.yaml", "a.yaml"]
    assert problems_github(problems).count("\n") == 2


def test_the_notes_that_cover_a_line_are_shown(project: Project) -> None:
    done = invoke("show", "kettle/boiler.py:35")
    assert done.exit_code == 0
    assert "kettle/boiler.py:16-41  whole-boiler" in done.stdout
    assert "kettle/boiler.py:33-38  never-above" in done.stdout
    assert "Ten degrees at a time" in done.stdout
    assert f"{NOTES}:14" in done.stdout
    assert "never-above" not in invoke("show", "kettle/boiler.py:39-41").stdout


def test_a_line_without_notes_and_a_file_that_is_none_are_told(project: Project) -> None:
    assert invoke("show", "kettle/boiler.py:3").stdout == "no note covers kettle/boiler.py:3\n"
    done = run(project.root, "show", "kettle/pot.py:3")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "kettle/pot.py:3: not a file of 1.0; name one that is\n"


def test_stamping_tells_what_it_changed(project: Project) -> None:
    assert invoke("stamp").stdout == "nothing to stamp\n"
    file = project.root / NOTES
    file.write_text(file.read_text(encoding="utf-8").replace("  in: Boiler\n", ""), encoding="utf-8")
    assert invoke("check").exit_code == 1
    assert invoke("stamp", NOTES).stdout == f"stamped {NOTES}\n"
    assert invoke("check").exit_code == 0


def test_a_new_note_is_begun_and_its_place_told(project: Project) -> None:
    done = invoke("new", "kettle/lid.py:4-6", "--title", "Ajar")
    assert done.stdout == "annotations/1.0/kettle/lid.yaml:4: write its body, then run `annotated check`\n"
    assert run(project.root, "new", "kettle/lid.py:7").returncode == 1


def test_coverage_is_printed_as_a_table_and_as_json(project: Project) -> None:
    table = invoke("coverage").stdout
    assert "kettle/boiler.py" in table
    assert "all files" in table
    report = json.loads(invoke("coverage", "--json").stdout)
    assert report["release"] == RELEASE
    rows = {row["path"]: row for row in report["files"]}
    assert set(rows) == {f"kettle/{name}.py" for name in ("__init__", "boiler", "lid", "parts/__init__", "parts/coil")}
    assert rows["kettle/boiler.py"]["notes"] == 2
    assert rows["kettle/parts/coil.py"]["percent"] == 66
    keys = {"notes", "definitions", "noted", "code_lines", "covered"}
    assert all(report["total"][key] == sum(row[key] for row in rows.values()) for key in keys)
    assert report["total"].keys() == keys | {"percent"}


def test_schemas_are_written_and_found_stale(project: Project) -> None:
    stale = run(project.root, "schema", "--check")
    names = [f"annotations/schema/{name}.json" for name in ("changes", "chapters", "index", "notes")]
    assert (stale.returncode, stale.stdout) == (1, "")
    assert stale.stderr == "".join(f"{name}:1: stale; run `annotated schema`\n" for name in names)
    assert invoke("schema").stdout == "".join(f"wrote {name}\n" for name in names)
    fresh = run(project.root, "schema", "--check")
    assert (fresh.returncode, fresh.stdout, fresh.stderr) == (0, "", "")
    assert invoke("check").exit_code == 0


def test_a_site_is_built_or_the_old_one_kept(project: Project) -> None:
    done = run(project.root, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" MB, in site/\n")
    before = {path: path.read_bytes() for path in project.site.rglob("*") if path.is_file()}
    spoil(project)
    spoilt = run(project.root, "build")
    assert (spoilt.returncode, spoilt.stdout) == (1, "")
    assert [line.split(": ")[0] for line in spoilt.stderr.splitlines()] == [f"{NOTES}:{at}" for at, _ in TOLD]
    assert {path: path.read_bytes() for path in project.site.rglob("*") if path.is_file()} == before


def test_a_vendored_file_that_is_not_upstream_s_is_a_problem(project: Project) -> None:
    (project.tree(RELEASE) / "kettle" / "lid.py").write_text("pass\n", encoding="utf-8")
    done = run(project.root, "check")
    assert done.returncode == 1
    assert "upstream/1.0/kettle/lid.py is not as upstream released it" in done.stdout


def test_vendored_python_that_does_not_parse_is_one_problem_by_itself(project: Project) -> None:
    file = project.tree(RELEASE) / "kettle" / "boiler.py"
    file.write_text(file.read_text(encoding="utf-8").replace("        )\n", "", 1), encoding="utf-8")
    done = run(project.root, "check")
    assert done.returncode == 1
    assert done.stdout == (
        "upstream/1.0/kettle/boiler.py:35: this Python cannot parse it: '(' was never closed; "
        "run `annotated vendor 1.0`, or take a Python that can\n"
    )
