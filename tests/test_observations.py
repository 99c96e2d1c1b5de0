import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from render.observations import Cannot, Observed, read_experiments
from render.problems import ProblemsFound
from render.project import Project, find_project

SOURCE = '''\
"""Experiments about boots."""

from lab import experiment


@experiment(
    slug="laces",
)
def laces(lab):
    """Not indented by the text within:
no.
    """
    return {"tied": "yes"}


def plain(lab):
    return {}


class Shoe:
    def heel(self):
        return {}
'''

RECORD = {
    "slug": "laces",
    "title": "Laces hold",
    "question": "Do they?",
    "topic": "boots",
    "source": "tests/experiments/boots.py",
    "function": "laces",
    "releases": {
        "23.0.0": {"python": "3.11", "platform": "linux", "observed": {"tied": "yes", "in order": ["a", "b"]}}
    },
}


def project_with(root: Path, record: Any = RECORD, name: str = "laces.json") -> Project:
    text = record if isinstance(record, str) else json.dumps(record, indent=2)
    write(root / "tests/experiments/boots.py", SOURCE)
    write(root / "annotations/observations" / name, text)
    return Project(root)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def problems_of(project: Project) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read_experiments(project)
    return [str(problem) for problem in found.value.problems]


def test_a_record_is_read_with_the_code_of_its_function(tmp_path: Path) -> None:
    (experiment,) = read_experiments(project_with(tmp_path))
    assert (experiment.slug, experiment.title, experiment.question) == ("laces", "Laces hold", "Do they?")
    assert (experiment.topic, experiment.function) == ("boots", "laces")
    assert experiment.source == PurePosixPath("tests/experiments/boots.py")
    assert experiment.code == SOURCE[SOURCE.index("@experiment") : SOURCE.index("\n\ndef plain")]
    assert experiment.runs == {"23.0.0": Observed("3.11", "linux", {"tied": ("yes",), "in order": ("a", "b")})}


def test_a_record_may_name_the_lines_responsible_and_its_first_release(tmp_path: Path) -> None:
    (plain,) = read_experiments(project_with(tmp_path))
    assert (plain.where, plain.since) == ({}, None)
    text = changed(where=["shoes.Boot.tie", "Boot"], since="9.1")
    (experiment,) = read_experiments(project_with(tmp_path, text))
    lines = text.splitlines()
    assert [lines[place.line - 1].strip(' ",') for place in experiment.where.values()] == ["shoes.Boot.tie", "Boot"]
    assert list(experiment.where) == ["shoes.Boot.tie", "Boot"]
    assert experiment.since == "9.1"
    assert lines[experiment.since_place.line - 1] == '  "since": "9.1"'


def test_a_function_without_decorator_is_found_too(tmp_path: Path) -> None:
    (experiment,) = read_experiments(project_with(tmp_path, {**RECORD, "function": "plain"}))
    assert experiment.code == "def plain(lab):\n    return {}\n"


def test_runs_stand_in_the_order_of_versions_and_one_may_be_impossible(tmp_path: Path) -> None:
    seen = {"python": "3.11", "platform": "linux", "observed": {}}
    impossible = {"python": "3.8", "platform": "darwin", "cannot": "no such option"}
    releases = {"23.0.0": seen, "9.1": seen, "20.1.0": impossible}
    (experiment,) = read_experiments(project_with(tmp_path, {**RECORD, "releases": releases}))
    assert list(experiment.runs) == ["9.1", "20.1.0", "23.0.0"]
    assert experiment.runs["20.1.0"] == Cannot("3.8", "darwin", "no such option")


def test_records_are_read_in_the_order_of_their_slugs_and_other_files_are_let_be(tmp_path: Path) -> None:
    for slug in ("laces", "heels", "toes"):
        project = project_with(tmp_path, {**RECORD, "slug": slug}, f"{slug}.json")
    write(tmp_path / "annotations/observations/README.md", "# Records")
    assert [experiment.slug for experiment in read_experiments(project)] == ["heels", "laces", "toes"]


def test_a_project_without_records_has_no_experiments(tmp_path: Path) -> None:
    assert read_experiments(Project(tmp_path)) == ()


REMEDY = "; record it anew with `make observe SLUGS=laces`"


def changed(**changes: Any) -> str:
    """The record as text, other values in some of its keys; None drops the key."""
    return json.dumps({key: value for key, value in {**RECORD, **changes}.items() if value is not None}, indent=2)


def with_run(**run: Any) -> str:
    return changed(releases={"23.0.0": {"python": "3.11", "platform": "linux", **run}})


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "not JSON: Expecting value"),
        ('{\n"slug": "laces",\n<<<<<<< ours\n', 3, "not JSON: Expecting property name enclosed in double quotes"),
        ("[]", 1, "the record: input should be a valid dictionary"),
        (changed(title=None), 1, "`title`: field required"),
        (changed(question=7), 4, "`question`: input should be a valid string"),
        (changed(mood="good"), 21, "`mood`: extra inputs are not permitted"),
        (changed(topic="Old boots"), 5, "`topic`: string should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'"),
        (
            changed(where=["not a name"]),
            21,
            r"`where.0`: string should match pattern '^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$'",
        ),
        (changed(since=23), 21, "`since`: input should be a valid string"),
        (changed(since="24.1.1"), 9, "`since` is 24.1.1, and there is a run of 23.0.0"),
        (changed(releases={}), 8, "`releases`: dictionary should have at least 1 item after validation, not 0"),
        (
            changed(source="tests/../../secret.py"),
            6,
            r"`source`: string should match pattern '^tests/experiments/\w+\.py$'",
        ),
        (changed(slug="heels"), 2, "`slug` is 'heels' and the file is called laces.json"),
        (changed(function="knot"), 7, "tests/experiments/boots.py has no function `knot`"),
        (changed(function="heel"), 7, "tests/experiments/boots.py has no function `heel`"),
        (changed(source="tests/experiments/hats.py"), 7, "tests/experiments/hats.py has no function `laces`"),
        (with_run(), 9, "`releases.23.0.0`: it must have either `observed` or `cannot`"),
        (with_run(observed={}, cannot="why"), 9, "`releases.23.0.0`: it must have either `observed` or `cannot`"),
        (with_run(observed={"a": 1}), 13, "`releases.23.0.0.observed.a.str`: input should be a valid string"),
    ],
)
def test_a_malformed_record_is_a_problem_at_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    assert f"annotations/observations/laces.json:{line}: {message}{REMEDY}" in problems_of(project_with(tmp_path, text))


def test_a_record_that_is_not_utf_8_is_a_problem(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    (project.observations / "laces.json").write_bytes(b'{"slug": "\xff"}')
    assert problems_of(project) == [f"annotations/observations/laces.json:1: not UTF-8 (byte 10){REMEDY}"]


def test_experiments_that_are_not_python_are_a_problem_in_their_own_file(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    write(tmp_path / "tests/experiments/boots.py", "import lab\n\ndef laces(lab:\n    return {}\n")
    assert problems_of(project) == ["tests/experiments/boots.py:3: not Python: '(' was never closed; mend it"]


def test_the_problems_of_all_records_are_told_at_once(tmp_path: Path) -> None:
    project_with(tmp_path, "{", "heels.json")
    found = problems_of(project_with(tmp_path, changed(topic=None, title=None)))
    assert [problem.split(":")[0] for problem in found] == [
        "annotations/observations/heels.json",
        "annotations/observations/laces.json",
        "annotations/observations/laces.json",
    ]


def test_the_code_of_every_recorded_experiment_is_a_function_that_names_its_slug() -> None:
    for experiment in read_experiments(find_project(Path(__file__))):
        assert experiment.code.startswith("@experiment(\n")
        assert f'slug="{experiment.slug}"' in experiment.code
        compile(experiment.code, "experiment", "exec")
