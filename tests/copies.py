"""Copies of this checkout, for tests that write into one or want less of it."""

import json
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from ruamel.yaml import YAML

from render.project import Project
from tests.upstream import REPOSITORY


def copy_checkout(folder: Path) -> Project:
    """All that the site of this checkout is made of."""
    for part in ("annotations", "upstream", "tests/experiments"):
        shutil.copytree(REPOSITORY.root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return Project(folder)


def keep_releases(project: Project, names: Collection[str]) -> Project:
    """Take all other releases out, with what was written and observed on them."""
    yaml = YAML()
    listed = yaml.load(project.releases)
    gone = {row["release"] for row in listed["releases"]} - set(names)
    listed["releases"] = [row for row in listed["releases"] if row["release"] in names]
    yaml.dump(listed, project.releases)
    for name in gone:
        shutil.rmtree(project.tree(name))
        project.manifest(name).unlink()
        shutil.rmtree(project.notes(name), ignore_errors=True)
    for file in project.changes.glob("*.yaml"):
        if gone & set(file.stem.split("...")):
            file.unlink()
    _drop_lost_references(project)
    defined = _find_defined(project, names)
    for file in project.observations.iterdir():
        record = json.loads(file.read_text(encoding="utf-8"))
        record["releases"] = {name: seen for name, seen in record["releases"].items() if name in names}
        record["where"] = [name for name in record.get("where", ()) if name.rpartition(".")[2] in defined]
        if record.get("since") in gone:
            del record["since"]
        file.write_text(json.dumps(record), encoding="utf-8")
    return project


def _find_defined(project: Project, names: Collection[str]) -> set[str]:
    """The last parts of the names that the releases define."""
    texts = (file.read_text(encoding="utf-8") for name in names for file in project.tree(name).rglob("*.py"))
    return {found for text in texts for found in re.findall(r"(?:def|class) (\w+)", text)}


def _drop_lost_references(project: Project) -> None:
    """Write the ids of change notes that are no longer there where they were linked."""
    texts = {file: file.read_text(encoding="utf-8") for file in project.annotations.rglob("*.yaml")}
    left = {name for file in project.changes.glob("*.yaml") for name in re.findall(r"- id: (\S+)", texts[file])}
    for file, text in texts.items():
        file.write_text(
            re.sub(r"\[\[change:([^|\]]+)[^\]]*\]\]", lambda found: found[0 if found[1] in left else 1], text),
            encoding="utf-8",
        )
