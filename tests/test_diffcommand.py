"""`annotated diff` from outside: what it prints, and what it refuses."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from render.diffcommand import compare_releases
from render.diffreport import comparison_text
from render.project import Project
from tests.tiny import RELEASE
from tests.upstream import REPOSITORY

NEWER = "1.1"


def diff(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A real run, as the installed command makes it."""
    command = [sys.executable, "-c", "from render.cli import main; main()", "diff", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def project(tiny_project: Project) -> Project:
    """The small project with a second release of the kettle, in which its lid slams and its coil is called a wire."""
    old, new = tiny_project.tree(RELEASE), tiny_project.tree(NEWER)
    for file in old.rglob("*.py"):
        text = file.read_text(encoding="utf-8").replace("    return lid\n", "    return None\n", 1)
        target = new / file.relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (new / "kettle/parts/coil.py").rename(new / "kettle/parts/wire.py")
    record = tiny_project.releases.read_text(encoding="utf-8")
    row = record[record.index("- release") :]
    tiny_project.releases.write_text(record + row.replace(RELEASE, NEWER), encoding="utf-8")
    return tiny_project


SUMMARY = """\
1.0 → 1.1

files
  > kettle/parts/coil.py → kettle/parts/wire.py
  ~ 1 edited

definitions
  ~ kettle.lid.toggle: body

kettle/lid.py
 3  3
 4  4  def toggle(lid):
 5  5      lid.open = not lid.open
 6    -    return lid
    6 +    return None
 7  7
 8  8
 9  9  def slam(lid):
"""


def test_a_summary_comes_first_and_then_the_lines(project: Project) -> None:
    done = diff(project.root, RELEASE, NEWER)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == SUMMARY


def test_a_release_does_not_differ_from_itself(project: Project) -> None:
    assert diff(project.root, RELEASE, RELEASE).stdout == "1.0 → 1.0\nno difference\n"


def test_one_file_is_told_by_itself(project: Project) -> None:
    done = diff(project.root, RELEASE, NEWER, "kettle/parts/coil.py")
    assert done.stdout == "1.0 → 1.1\n\nfiles\n  > kettle/parts/coil.py → kettle/parts/wire.py\n"


def test_a_terminal_gets_colours_and_marked_words(project: Project) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", highlight=False, no_color=False)
    with console.capture() as capture:
        for line in comparison_text(compare_releases(project, RELEASE, NEWER)):
            console.print(line, soft_wrap=True)
    assert "\x1b[31m-\x1b[0m\x1b[31m    return \x1b[0m\x1b[1;4;31mlid\x1b[0m" in capture.get()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([RELEASE, "9.9"], "upstream/releases.yaml:1: 9.9 is not listed; name one that is: 1.0, 1.1\n"),
        (
            [RELEASE, NEWER, "kettle/tap.py"],
            "kettle/tap.py:1: not a file of 1.0 or of 1.1; name one that is\n",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(project: Project, arguments: list[str], told: str) -> None:
    done = diff(project.root, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_a_release_that_is_listed_and_not_vendored_is_a_problem(project: Project) -> None:
    project.tree(NEWER).rename(project.root / "elsewhere")
    told = "upstream/releases.yaml:1: 1.1 is listed and not vendored; run `annotated vendor 1.1`\n"
    assert diff(project.root, RELEASE, NEWER).stderr == told


def test_json_holds_every_line_that_the_newer_release_needs() -> None:
    done = diff(REPOSITORY.root, "22.0.0", "23.0.0", "--json")
    report = json.loads(done.stdout)
    assert (report["old"], report["new"]) == ("22.0.0", "23.0.0")
    for file in report["files"]:
        old, new = (
            (REPOSITORY.tree(name) / file[side]).read_text(encoding="utf-8").splitlines()
            for name, side in (("22.0.0", "old"), ("23.0.0", "new"))
        )
        built: list[str] = []
        done_with = 0
        for hunk in file["hunks"]:
            kept = hunk["new"]["first"] - 1 - len(built) if hunk["new"] else hunk["old"]["first"] - 1 - done_with
            built += old[done_with : done_with + kept] + (hunk["new"]["lines"] if hunk["new"] else [])
            done_with += kept + (len(hunk["old"]["lines"]) if hunk["old"] else 0)
        assert built + old[done_with:] == new


FORWARDED = {
    "subject": "setting",
    "kind": "validator",
    "name": "forwarded_allow_ips",
    "was": "validate_string_to_list",
    "now": "validate_string_to_addr_list",
    "old": {"path": "gunicorn/config.py", "first": 1258, "last": 1340},
    "new": {"path": "gunicorn/config.py", "first": 1271, "last": 1359},
}


def test_json_tells_what_changed_and_where() -> None:
    report = json.loads(diff(REPOSITORY.root, "22.0.0", "23.0.0", "gunicorn/config.py", "--json").stdout)
    assert FORWARDED in report["changes"]
    assert {change["new"]["path"] for change in report["changes"] if change["new"]} == {"gunicorn/config.py"}
