"""The schemas judge what an editor sees as `annotated check` judges what stands in the file.

An editor reads YAML 1.2 with its types: `42` is a number there, and `title:` with nothing behind it is null.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from render.folders import find_documents
from render.project import Project
from render.releases import read_releases
from render.schemas import find_stale, make_schemas, write_schemas
from tests.test_changenotes import write_change_notes
from tests.test_malformed import CHAPTER, CHAPTERS, KEYS, NOTES, Case
from tests.test_stamps import Draft, drafts, stamp_for, stamped

REPOSITORY = Project(Path(__file__).resolve().parents[1])
VALIDATORS = {name: Draft202012Validator(json.loads(text)) for name, text in make_schemas().items()}

SEEN = re.compile(
    "the key `.*` is missing|`body` is missing|unknown key|no colon|not text|not a list|not a mapping|is empty|"
    "does not match|may have|named twice|shows nothing|keys of its own|two forms|has no item|write both"
)
"""What `check` says of keys and kinds of value; of what lines, names and texts mean a schema knows nothing."""

TAKEN_FOR_NUMBERS = {"lines: 1e1", f"lines: {'9' * 5000}"}


def seen_by_an_editor(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def schema_of(project: Project, file: Path) -> str:
    if file.parent == project.changes:
        return "changes.json"
    chapters = project.chapters(read_releases(project.releases, project.name(project.releases)).documented)
    return "notes.json" if file.parent != chapters else "index.json" if file.name == "index.yaml" else "chapters.json"


def faults(schema: str, text: str) -> list[str]:
    return [error.message for error in VALIDATORS[schema].iter_errors(seen_by_an_editor(text))]


def test_the_schemas_that_stand_here_say_what_the_models_say() -> None:
    assert find_stale(REPOSITORY.schemas) == ()


def test_schemas_are_stale_when_missing_or_changed_until_they_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    written = tuple(folder / name for name in ("changes.json", "chapters.json", "index.json", "notes.json"))
    assert find_stale(folder) == written
    assert write_schemas(folder) == written
    assert find_stale(folder) == ()
    written[1].write_text("{}", encoding="utf-8")
    assert find_stale(folder) == (written[1],)


@pytest.mark.parametrize("name", VALIDATORS)
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[name].schema)


def test_everything_written_here_is_as_its_schema_asks() -> None:
    files = find_documents(REPOSITORY.annotations)
    assert files
    for file in files:
        assert faults(schema_of(REPOSITORY, file), file.read_text(encoding="utf-8")) == [], file


def test_a_small_project_is_as_its_schemas_ask(tiny_project: Project) -> None:
    write_change_notes(tiny_project)
    used = set()
    for file in find_documents(tiny_project.annotations):
        used.add(schema_of(tiny_project, file))
        assert faults(schema_of(tiny_project, file), file.read_text(encoding="utf-8")) == [], file
    assert used == set(VALIDATORS)


@given(drafts())
def test_stamped_notes_in_any_style_are_as_the_schema_asks(draft: Draft) -> None:
    assert faults("notes.json", stamped(draft.text, lambda *about: stamp_for(about[-1]))) == []


@pytest.mark.parametrize(
    ("schema", "path", "case"),
    [
        *(("notes.json", NOTES, case) for case in KEYS if case[1] not in TAKEN_FOR_NUMBERS),
        *(("chapters.json", CHAPTER, case) for case in CHAPTERS),
    ],
    ids=lambda value: f"{value[1]!r:.40}" if isinstance(value, tuple) else "",
)
def test_what_has_the_wrong_keys_or_kinds_of_value_is_refused_by_the_schema_too(
    tiny_project: Project, schema: str, path: str, case: Case
) -> None:
    old, new, _, telling = case
    text = (tiny_project.root / path).read_text(encoding="utf-8").replace(old, new, 1)
    assert bool(faults(schema, text)) == bool(SEEN.search(telling))
