"""Notes on what changed between two releases: read, refused at their lines, and proved on the release they stand in."""

from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from render.anchors import Ground
from render.authoring import stamp_files
from render.changenotes import ChangeNotes, check_change_notes, read_change_notes
from render.folders import find_strays
from render.grounds import ground_of, read_release
from render.notes import Stamp
from render.problems import Problem, ProblemsFound
from render.project import Project
from render.releases import Releases, read_releases
from render.source import Span
from tests.tiny import PACKAGE, RELEASE, add_release

OLDER = "0.9"
NAME = "annotations/changes/0.9...1.0.yaml"
COOLER = PACKAGE["kettle/boiler.py"].replace("BOILING = 100", "BOILING = 95")
BEFORE = dedent(
    """\
    # yaml-language-server: $schema=../schema/changes.json
    old: 0.9
    new: 1.0   # a number to an editor
    summary: |
      Water boils at a *hundred* degrees.
    notes:
    - id: hotter   # why
      file: kettle/boiler.py
      lines: 7
      title: Five degrees more
      body: |
        Tea asked for it.
      more: |
        At length.
      observed: [boiling-takes-eight-steps]
      tags: [upgrade]
    - {id: 'was-cooler', release: '0.9', file: "kettle/boiler.py", lines: '7', title: T, body: B}
    """
)


def write_change_notes(project: Project, text: str = BEFORE, name: str = "0.9...1.0.yaml") -> Path:
    """Vendor a cooler release before that of the small project, if there is none, and write about the step."""
    if not project.tree(OLDER).exists():
        add_release(project, OLDER, {"kettle/boiler.py": COOLER})
    file = project.changes / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def releases_of(project: Project) -> Releases:
    return read_releases(project.releases, project.name(project.releases))


def grounds_of(project: Project) -> Callable[[str], Ground]:
    releases = releases_of(project)
    return cache(lambda name: ground_of(read_release(project, releases, name)))


def read(project: Project) -> tuple[tuple[ChangeNotes, ...], tuple[Problem, ...]]:
    return read_change_notes(project.changes, project.name(project.changes), releases_of(project))


def told(project: Project) -> list[str]:
    found, problems = read(project)
    return [*map(str, problems), *map(str, check_change_notes(found, grounds_of(project)))]


def stamp(project: Project, *files: Path) -> list[str]:
    return list(map(str, stamp_files(project, releases_of(project), grounds_of(project), files)))


def test_change_notes_are_read_with_all_that_they_say(tiny_project: Project) -> None:
    write_change_notes(tiny_project)
    (step,), problems = read(tiny_project)
    assert problems == ()
    assert (step.old, step.new, str(step.place)) == (OLDER, RELEASE, f"{NAME}:2")
    assert step.summary
    assert step.summary.markdown == "Water boils at a *hundred* degrees.\n"
    hotter, cooler = step.notes
    assert (hotter.id, hotter.release, cooler.id, cooler.release) == ("hotter", RELEASE, "was-cooler", OLDER)
    assert (hotter.anchor.path, hotter.anchor.span) == (PurePosixPath("kettle/boiler.py"), Span(7, 7))
    assert [text.markdown for text in hotter.texts] == ["Five degrees more", "Tea asked for it.\n", "At length.\n"]
    assert [text.markdown for text in cooler.texts] == ["T", "B"]
    assert (hotter.observed, hotter.tags) == (("boiling-takes-eight-steps",), ("upgrade",))
    assert (str(hotter.place), str(hotter.observed_place)) == (f"{NAME}:7", f"{NAME}:15")


def test_the_order_of_the_steps_is_that_of_their_versions_and_in_each_that_of_its_author(tiny_project: Project) -> None:
    write_change_notes(tiny_project, BEFORE.replace("lines: 7\n", "lines: 9\n"))
    add_release(tiny_project, "0.10", {})
    write_change_notes(tiny_project, "old: 0.10\nnew: 1.0\n", "0.10...1.0.yaml")
    write_change_notes(tiny_project, "old: 0.9\nnew: 0.10\n", "0.9...0.10.yaml")
    found, problems = read(tiny_project)
    assert problems == ()
    assert [(step.old, step.new) for step in found] == [("0.9", "0.10"), ("0.9", "1.0"), ("0.10", "1.0")]
    assert [note.id for note in found[1].notes] == ["hotter", "was-cooler"]


def test_without_the_folder_there_are_none(tiny_project: Project) -> None:
    assert read(tiny_project) == ((), ())


def test_each_note_is_stamped_from_the_release_that_its_lines_stand_in_and_no_other_byte_changes(
    tiny_project: Project,
) -> None:
    file = write_change_notes(tiny_project)
    assert told(tiny_project) == [
        f"{NAME}:9: change note `hotter`: `in`, `opens` or `digest` is missing; run `annotated stamp`",
        f"{NAME}:17: change note `was-cooler`: `in`, `opens` or `digest` is missing; run `annotated stamp`",
    ]
    assert stamp(tiny_project) == [NAME]
    assert told(tiny_project) == []
    (step,), _ = read(tiny_project)
    first, second = (note.anchor.stamp for note in step.notes)
    assert (first and first.opens, second and second.opens) == ("BOILING = 100", "BOILING = 95")
    text = file.read_text(encoding="utf-8")
    for stamped in (first, second):
        assert isinstance(stamped, Stamp)
        for row in (
            f'opens: "{stamped.opens}"',
            "in: <module>",
            f'digest: "{stamped.digest}"',
            f"digest: {stamped.digest}",
        ):
            text = text.replace(f"  {row}\n", "").replace(f", {row}", "")
    assert text == BEFORE
    assert stamp(tiny_project, file) == []


def test_a_change_note_whose_lines_changed_is_told_with_the_place_where_they_stand(tiny_project: Project) -> None:
    file = write_change_notes(tiny_project)
    stamp(tiny_project)
    file.write_text(file.read_text(encoding="utf-8").replace("lines: '7'", "lines: '5'"), encoding="utf-8")
    assert told(tiny_project) == [
        f"{NAME}:20: change note `was-cooler`: kettle/boiler.py lines 5 open with "
        "`from kettle.parts.coil import Coil`, not `BOILING = 95`; "
        "that text stands at kettle/boiler.py:7; mend `lines` and run `annotated stamp`"
    ]


def test_change_notes_that_cannot_stand_there_are_not_stamped(tiny_project: Project) -> None:
    add_release(tiny_project, OLDER, {"kettle/lid.py": None})
    text = BEFORE.replace('"kettle/boiler.py"', "kettle/lid.py")
    file = write_change_notes(tiny_project, text)
    said = f"{NAME}:17: change note `was-cooler`: kettle/lid.py is not a file of 0.9; name one that is"
    assert said in told(tiny_project)
    with pytest.raises(ProblemsFound, match=r"kettle/lid\.py is not a file of 0\.9"):
        stamp(tiny_project)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("old: 0.9", "old: 1.0", 2, "`old` is 1.0, and the file's name says 0.9; mend one of the two"),
        ("new: 1.0  ", "new: 0.9  ", 3, "`new` is 0.9, and the file's name says 1.0; mend one of the two"),
        ("old: 0.9\n", "", 2, "the key `old` is missing; add it"),
        ("old: 0.9", "old:", 2, "`old` is empty; write it, or remove the key if it may be absent"),
        ("'0.9'", "'0.8'", 17, "`release` is 0.8, neither 0.9 nor 1.0; write 0.9, or leave it out for 1.0"),
        ("'0.9'", "older", 17, "`release` is 'older', which does not match"),
        ("'was-cooler'", "hotter", 17, f"the id `hotter` stands at {NAME}:7 too; give this change note another"),
        ("id: hotter ", "id: Hotter ", 7, "`id` is 'Hotter', which does not match"),
        ("  file: kettle/boiler.py\n", "", 7, "the key `file` is missing; add it"),
        ("file: kettle/boiler.py", "file: ../boiler.py", 8, "`file`: `../boiler.py` leaves the release"),
        ("lines: 7\n", "lines: 7-6\n", 9, "`lines`: 7-6 runs backwards; write the smaller number first"),
        ("title: Five", "titel: Five", 10, "unknown key `titel`; remove it or spell it as the schema does"),
        ("title: Five degrees", "title: '[[Five]] degrees'  # ", 10, "`title`: not one line of words"),
        ("tags: [upgrade]", "tags: upgrade", 16, "`tags` is 'upgrade', not a list; write a list"),
        ("summary: |", "summary: >", 4, "text of several lines that YAML folds"),
    ],
)
def test_what_is_wrong_in_change_notes_is_told_at_its_line(
    tiny_project: Project, old: str, new: str, line: int, said: str
) -> None:
    assert BEFORE.count(old) == 1
    write_change_notes(tiny_project)
    stamp(tiny_project)
    write_change_notes(tiny_project, BEFORE.replace(old, new))
    problems = [str(problem) for problem in read(tiny_project)[1]]
    assert any(problem.startswith(f"{NAME}:{line}: {said}") for problem in problems), problems


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kettle.yaml", "`kettle.yaml` is not called OLD...NEW.yaml; name it after its two releases"),
        ("0.9..1.0.yaml", "`0.9..1.0.yaml` is not called OLD...NEW.yaml"),
        ("0.9....yaml", "`0.9....yaml` is not called OLD...NEW.yaml"),
        ("0.9...1.1.yaml", "1.1 is no release that is vendored; name the file after two of 0.9, 1.0"),
        ("1.0...0.9.yaml", "1.0 is not older than 0.9; name the file after two releases, the older first"),
        ("1.0...1.0.yaml", "1.0 is not older than 1.0; name the file after two releases, the older first"),
    ],
)
def test_a_file_that_is_not_called_after_two_releases_in_order_is_refused(
    tiny_project: Project, name: str, said: str
) -> None:
    write_change_notes(tiny_project, BEFORE, name)
    found, problems = read(tiny_project)
    assert found == ()
    assert any(str(problem).startswith(f"annotations/changes/{name}:1: {said}") for problem in problems), problems


def test_an_id_may_stand_once_in_all_files_together(tiny_project: Project) -> None:
    write_change_notes(tiny_project)
    add_release(tiny_project, "1.1", {})
    again = BEFORE.replace("new: 1.0", "new: 1.1").replace("hotter", "far-hotter")
    write_change_notes(tiny_project, again, "0.9...1.1.yaml")
    said = f"the id `was-cooler` stands at {NAME}:17 too; give this change note another"
    assert [str(problem) for problem in read(tiny_project)[1]] == [f"annotations/changes/0.9...1.1.yaml:17: {said}"]


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tiny_project: Project) -> None:
    add_release(tiny_project, "1.1", {})
    write_change_notes(tiny_project)
    write_change_notes(tiny_project, "old: 1.0\nnew: [1.1]\n", "1.0...1.1.yaml")
    found, problems = read(tiny_project)
    assert [step.old for step in found] == [OLDER]
    assert [str(problem.place) for problem in problems] == ["annotations/changes/1.0...1.1.yaml:2"]


def test_whatever_else_stands_among_the_change_notes_is_a_stray(tiny_project: Project) -> None:
    write_change_notes(tiny_project)
    releases = [release.name for release in releases_of(tiny_project).all]
    assert list(find_strays(tiny_project, releases)) == []
    write_change_notes(tiny_project, BEFORE, "0.9...1.0.yml")
    write_change_notes(tiny_project, BEFORE, ".draft.yaml")
    (tiny_project.changes / "old").mkdir()
    write_change_notes(tiny_project, BEFORE, "old/0.9...1.0.yaml")
    assert list(map(str, find_strays(tiny_project, releases))) == [
        "annotations/changes/0.9...1.0.yml:1: not read: change notes stand in files called *.yaml",
        "annotations/changes/old/0.9...1.0.yaml:1: not read: change notes stand in changes/ itself; move it there",
    ]
    assert len(read(tiny_project)[0]) == 1
