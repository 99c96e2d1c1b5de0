"""Builds: a later one uses what an earlier one made, and never anything that has changed since."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from render.authoring import stamp_files
from render.build import build, draft
from render.cache import Cache
from render.grounds import find_grounds
from render.manifest import manifest_text
from render.output import Site
from render.project import Project
from render.releases import read_releases
from tests.tiny import OLDER, RELEASE

NOTES = f"annotations/{RELEASE}/kettle/boiler.yaml"
CHAPTER = f"annotations/{RELEASE}/chapters/boil.yaml"
CHANGES = f"annotations/changes/{OLDER}...{RELEASE}.yaml"
RECORD = "annotations/observations/boiling-takes-eight-steps.json"


def replace_in(project: Project, name: str, old: str, new: str) -> None:
    file = project.root / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    stamp(project)


def stamp(project: Project) -> None:
    releases = read_releases(project.releases, project.name(project.releases))
    stamp_files(project, releases, find_grounds(project, releases).__getitem__, ())


def revendor(project: Project, release: str, name: str, old: str, new: str) -> None:
    """Change a vendored file, and its digest with it."""
    tree = project.tree(release)
    file = tree / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    files = {PurePosixPath(one.relative_to(tree)): one.read_bytes() for one in tree.rglob("*") if one.is_file()}
    project.manifest(release).write_text(manifest_text(project, release, files), encoding="utf-8")
    stamp(project)


CHANGED: dict[str, Callable[[Project], None]] = {
    "the body of a note": lambda one: replace_in(one, NOTES, "hotter", "warmer"),
    "the title of a note": lambda one: replace_in(one, NOTES, "Ordered by heat", "In order of heat"),
    "the lines of a note": lambda one: replace_in(one, NOTES, "lines: 33-38", "lines: 34-38"),
    "a tag": lambda one: replace_in(one, NOTES, "[order]", "[heat]"),
    "the summary of a file": lambda one: replace_in(one, NOTES, "A loop around", "Loops around"),
    "the title of a chapter": lambda one: replace_in(one, CHAPTER, "From cold to boiling", "From ice to steam"),
    "a step": lambda one: replace_in(one, CHAPTER, "Eight times round.", "Eight times."),
    "a change note": lambda one: replace_in(one, CHANGES, "A hundred has a name", "A hundred is named"),
    "a record": lambda one: replace_in(one, RECORD, "Boiling takes eight steps", "Boiling takes steps"),
    "the code of an experiment": lambda one: replace_in(one, "tests/experiments/heat.py", '"8"', '"9"'),
    "the date of a release": lambda one: replace_in(one, "upstream/releases.yaml", "2019-01-01", "2019-01-02"),
    "the newer source": lambda one: revendor(one, RELEASE, "kettle/lid.py", "slam", "bang"),
    "the older source": lambda one: revendor(one, OLDER, "kettle/whistle.py", "wheee", "whooo"),
    "the licence": lambda one: revendor(one, OLDER, "LICENSE", "please", "like"),
}


def whole(project: Project, cache: Cache) -> Site:
    return build(project, cache, lambda *_: None)


@pytest.mark.parametrize("what", CHANGED)
def test_whatever_changed_is_made_again(what: str, tiny_pair: Project) -> None:
    before = whole(tiny_pair, Cache(tiny_pair.cache, b"one"))
    CHANGED[what](tiny_pair)
    warm = whole(tiny_pair, Cache(tiny_pair.cache, b"one"))
    assert warm == whole(tiny_pair, Cache(None, b"")) != before


def test_a_second_build_makes_nothing_again(tiny_pair: Project) -> None:
    first = whole(tiny_pair, Cache(tiny_pair.cache, b"one"))
    kept = {file.name: file.stat().st_mtime_ns for file in tiny_pair.cache.iterdir()}
    assert whole(tiny_pair, Cache(tiny_pair.cache, b"one")) == first
    assert {file.name: file.stat().st_mtime_ns for file in tiny_pair.cache.iterdir()} == kept


def test_the_cache_may_be_deleted_at_any_time(tiny_pair: Project) -> None:
    made = whole(tiny_pair, Cache(tiny_pair.cache, b"one"))
    site = draft(tiny_pair, Cache(tiny_pair.cache, b"one")).site
    for file in tiny_pair.cache.iterdir():
        file.unlink()
    tiny_pair.cache.rmdir()
    assert dict(site) == made


def test_drafts_of_one_content_have_one_digest_and_others_another(tiny_pair: Project, tmp_path: Path) -> None:
    cache = Cache(None, b"")
    one, same = draft(tiny_pair, cache), draft(tiny_pair, cache)
    CHANGED["the body of a note"](tiny_pair)
    assert one.digest == same.digest != draft(tiny_pair, cache).digest


def test_a_draft_makes_only_what_is_asked_for(tiny_pair: Project) -> None:
    site = draft(tiny_pair, Cache(tiny_pair.cache, b"one")).site
    before = {file.name for file in tiny_pair.cache.iterdir()}
    page = PurePosixPath("index.html")
    assert site[page].startswith(b"<!doctype html>")
    assert len({file.name for file in tiny_pair.cache.iterdir()} - before) == 1
