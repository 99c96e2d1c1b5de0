"""A release with all that people wrote about it: read as far as it can be, and checked against each other."""

import shutil
from pathlib import Path, PurePosixPath

import pytest

from render.links import Target
from render.problems import ProblemsFound
from render.project import Project
from render.source import Span
from render.survey import read_edition, survey
from tests.tiny import RELEASE

BOILER = PurePosixPath("kettle/boiler.py")
NOTES = "annotations/1.0/kettle/boiler.yaml"
COIL = "annotations/1.0/kettle/parts/coil.yaml"
CHAPTER = "annotations/1.0/chapters/boil.yaml"
INDEX = "annotations/1.0/chapters/index.yaml"
RECORD = "annotations/observations/boiling-takes-eight-steps.json"


def edit(project: Project, path: str, old: str, new: str) -> None:
    file = project.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def told(project: Project) -> list[str]:
    return sorted(str(problem) for problem in survey(project)[1])


def places(project: Project) -> list[str]:
    return [problem.partition(": ")[0] for problem in told(project)]


def test_an_edition_has_the_release_and_everything_written_about_it(tiny_project: Project) -> None:
    edition = read_edition(tiny_project)
    assert edition.release == RELEASE
    assert [note.id for note in edition.notes_on(BOILER)] == ["whole-boiler", "never-above"]
    assert edition.notes_on(PurePosixPath("kettle/lid.py")) == ()
    assert [note.id for note in edition.all_notes] == ["whole-boiler", "never-above", "coil-steps"]
    assert [chapter.slug for chapter in edition.book.chapters] == ["boil"]
    assert [step.note for step in edition.steps] == [None, "never-above"]
    assert list(edition.experiments) == ["boiling-takes-eight-steps"]


@pytest.mark.parametrize(
    ("reference", "page", "fragment"),
    [
        ("Boiler.boil", "1.0/kettle/boiler.py.html", "L33"),
        ("kettle.parts.coil.Coil", "1.0/kettle/parts/coil.py.html", "L4"),
        ("note:coil-steps", "1.0/kettle/parts/coil.py.html", "coil-steps"),
        ("chapter:boil", "1.0/chapters/boil.html", ""),
        ("experiment:boiling-takes-eight-steps", "experiments/boiling-takes-eight-steps.html", ""),
        ("file:kettle/lid.py", "1.0/kettle/lid.py.html", ""),
    ],
)
def test_whatever_is_written_or_vendored_can_be_referred_to(
    tiny_project: Project, reference: str, page: str, fragment: str
) -> None:
    found = read_edition(tiny_project).links.find(reference)
    assert isinstance(found, Target)
    assert (str(found.page), found.fragment) == (page, fragment)


def test_an_edition_with_problems_is_not_given(tiny_project: Project) -> None:
    edit(tiny_project, NOTES, "tags: [order]", "tags: order")
    with pytest.raises(ProblemsFound) as found:
        read_edition(tiny_project)
    assert [str(problem) for problem in found.value.problems] == told(tiny_project)


def test_a_file_that_cannot_be_read_does_not_make_references_to_it_problems(tiny_project: Project) -> None:
    edit(tiny_project, COIL, "- id: coil-steps", "- id: coil steps")
    assert places(tiny_project) == [f"{COIL}:3"]
    edit(tiny_project, CHAPTER, "outro: |", "outro: >")
    assert places(tiny_project) == [f"{CHAPTER}:20", f"{COIL}:3"]
    edit(tiny_project, RECORD, '"topic"', '"topics"')
    assert {RECORD in place for place in places(tiny_project)} == {True, False}


def test_anchors_are_proved_even_while_other_files_cannot_be_read(tiny_project: Project) -> None:
    edit(tiny_project, COIL, "- id: coil-steps", "- id: coil steps")
    edit(tiny_project, NOTES, "lines: 16-41", "lines: 17-41")
    edit(tiny_project, CHAPTER, "digest:", "digest: 000000000000  #")
    assert places(tiny_project) == [f"{CHAPTER}:7", f"{NOTES}:6", f"{COIL}:3"]


def test_a_file_that_is_not_upstream_is_one_problem_however_many_notes_it_has(tiny_project: Project) -> None:
    file = tiny_project.notes(RELEASE) / "kettle" / "pot.yaml"
    notes = "".join(f"- {{id: n{number}, lines: {number}, title: T, body: B}}\n" for number in range(1, 5))
    file.write_text(f"# a pot\nfile: kettle/pot.py\nnotes:\n{notes}", encoding="utf-8")
    assert told(tiny_project) == [
        "annotations/1.0/kettle/pot.yaml:2: kettle/pot.py is not a file of 1.0; name one that is"
    ]


def test_an_experiment_may_be_named_only_when_it_was_run(tiny_project: Project) -> None:
    (tiny_project.root / RECORD).unlink()
    said = "there is no experiment `boiling-takes-eight-steps` that was run; record it, or mend the slug"
    assert told(tiny_project) == [f"{CHAPTER}:19: {said}", f"{NOTES}:28: {said}"]


def test_notes_for_a_release_that_is_not_documented_are_not_judged(tiny_project: Project) -> None:
    row = f'- release: "0.9"\n  date: 2019-01-01\n  sdist: kettle-0.9.tar.gz\n  sha256: {"1" * 64}\n'
    edit(tiny_project, "upstream/releases.yaml", "releases:\n", f"releases:\n{row}")
    shutil.copytree(tiny_project.tree(RELEASE), tiny_project.tree("0.9"))
    manifest = tiny_project.manifest(RELEASE).read_text(encoding="utf-8")
    tiny_project.manifest("0.9").write_text(manifest.replace("/1.0/", "/0.9/"), encoding="utf-8")
    other = tiny_project.notes("0.9") / "kettle" / "boiler.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("file: kettle/boiler.py\n", encoding="utf-8")
    assert told(tiny_project) == []
    other.rename(other.with_suffix(".yml"))
    assert places(tiny_project) == ["annotations/0.9/kettle/boiler.yml:1"]


def test_a_licence_that_is_gone_is_a_problem(tiny_project: Project) -> None:
    (tiny_project.tree(RELEASE) / "LICENSE").unlink()
    (problem,) = told(tiny_project)
    assert problem == "upstream/1.0.sha256:1: upstream/1.0/LICENSE is not there; run `annotated vendor 1.0`"


def test_a_release_that_is_documented_and_not_vendored_is_a_problem_by_itself(tiny_project: Project) -> None:
    tiny_project.tree(RELEASE).rename(tiny_project.root / "elsewhere")
    with pytest.raises(ProblemsFound, match=r"1\.0 is documented and not vendored; run `annotated vendor 1\.0`"):
        survey(tiny_project)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("def f(:\n    pass\n", 1, "invalid syntax"),
        ("x = 1\nf(\n", 2, "'(' was never closed"),
        ("if x:\n        a\n    b\n", 3, "unindent does not match any outer indentation level"),
        ("if x:\n    a\n  \\\n\nb\n", 3, "unindent does not match any outer indentation level"),
        ("'''\n", 1, "unterminated triple-quoted string literal"),
        ("x = 1\n\0\n", 1, "source code string cannot contain null bytes"),
    ],
)
def test_python_that_does_not_parse_is_a_problem_by_itself(
    tiny_project: Project, text: str, line: int, said: str
) -> None:
    (tiny_project.tree(RELEASE) / "kettle" / "lid.py").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        survey(tiny_project)
    (problem,) = found.value.problems
    assert str(problem).startswith(f"upstream/1.0/kettle/lid.py:{line}: this Python cannot parse it: {said}")
    assert problem.message.endswith("; run `annotated vendor 1.0`, or take a Python that can")


def test_a_change_to_any_vendored_line_is_told_for_its_file_and_for_whatever_stands_on_it(
    tiny_project: Project,
) -> None:
    file = tiny_project.tree(RELEASE) / BOILER
    lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    anchored = {f"{NOTES}:6": Span(16, 41), f"{NOTES}:15": Span(33, 38), f"{CHAPTER}:7": Span(22, 24)}
    assert places(tiny_project) == []
    for at in range(len(lines)):
        file.write_text("\n".join([*lines[:at], f"{lines[at]}  # edited", *lines[at + 1 :], ""]), encoding="utf-8")
        touched = [place for place, span in anchored.items() if at + 1 in span]
        assert places(tiny_project) == sorted([*touched, "upstream/1.0.sha256:3"]), at + 1


def test_without_a_list_of_releases_nothing_can_be_judged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        survey(Project(tmp_path))
