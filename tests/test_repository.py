"""This very checkout: what people wrote in it holds, and its site is the same whenever and wherever it is built."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from render.coverage import Coverage, measure_all, total
from render.edition import Edition
from render.project import Project
from render.prose import plain_text
from render.schemas import find_stale
from render.survey import read_edition, survey
from tests.upstream import REPOSITORY

LONGEST_BODY = 90
"""Words of a note's body."""

ANNOTATED = tuple(
    map(
        PurePosixPath,
        ("gunicorn/__init__.py", "gunicorn/__main__.py", "gunicorn/app/base.py", "gunicorn/app/wsgiapp.py"),
    )
)
"""The files whose notes are complete."""

BUILD = """
import hashlib, json, sys
from pathlib import Path
from render.build import build
from render.cache import Cache
from render.project import Project

site = build(Project(Path(sys.argv[1])), Cache(None, b""), lambda *_: None)
print(json.dumps({str(path): hashlib.sha256(content).hexdigest() for path, content in site.items()}))
"""


@pytest.fixture(scope="module")
def edition() -> Edition:
    return read_edition(REPOSITORY)


@pytest.fixture(scope="module")
def figures(edition: Edition) -> Mapping[PurePosixPath, Coverage]:
    """Those of the annotated files."""
    ground = edition.ground
    rows = measure_all(ground.tree.files, ground.symbols, edition.notes_on)
    return {row.path: row for row in rows if row.path in ANNOTATED}


def test_everything_that_was_written_holds() -> None:
    _, problems = survey(REPOSITORY)
    assert [*map(str, problems)] == []


def test_the_schemas_say_what_the_models_say() -> None:
    assert find_stale(REPOSITORY.schemas) == ()


def test_the_body_of_a_note_is_short(edition: Edition) -> None:
    lengths = {note.id: len(plain_text(note.body.markdown).split()) for note in edition.all_notes}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_BODY} == {}


def test_every_definition_of_an_annotated_file_has_a_note_of_its_own(
    figures: Mapping[PurePosixPath, Coverage],
) -> None:
    assert all(figures[path].notes for path in ANNOTATED)
    assert {path: row.noted for path, row in figures.items()} == {
        path: row.definitions for path, row in figures.items()
    }


def test_nine_tenths_of_the_code_of_the_annotated_files_are_covered(
    figures: Mapping[PurePosixPath, Coverage],
) -> None:
    assert total(figures.values()).percent >= 90


def test_the_site_does_not_depend_on_where_or_under_what_seed_it_is_built(own_pair: Project, tmp_path: Path) -> None:
    elsewhere = Project(tmp_path / "elsewhere")
    shutil.copytree(own_pair.root, elsewhere.root)
    environments = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
    ]
    builds = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD, project.root], cwd=elsewhere.root, env=environment, stdout=subprocess.PIPE
        )
        for project, environment in zip((own_pair, elsewhere), environments, strict=True)
    ]
    said = []
    for process in builds:
        with process:
            said.append(json.loads(process.communicate()[0]))
    assert said[0] == said[1] != {}
