"""Notes and chapters written once more for another release: what is sure is ready, and the rest is asked."""

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from render.anchors import Ground, check_anchors
from render.authoring import stamp_files
from render.chapters import INDEX, parse_chapter
from render.cli import app
from render.document import Scalar, parse_document
from render.grounds import ground_of, read_release
from render.items import find_items
from render.notes import Anchor, parse_notes
from render.port import Ported, port, write_ported
from render.portcommand import port_report, port_to
from render.problems import ProblemsFound
from render.project import Project
from render.releases import read_releases
from render.survey import survey
from tests.tiny import PACKAGE, RELEASE, add_release
from tests.upstream import REPOSITORY

NEXT = "2.0"
RELEASES = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
OTHERS = [release.name for release in RELEASES.all if release.name != RELEASES.documented]


@cache
def ground(name: str) -> Ground:
    return ground_of(read_release(REPOSITORY, RELEASES, name))


@dataclass(frozen=True)
class Voyage:
    """What is written here for the documented release, alone in a project, ported to another release."""

    project: Project
    release: str
    ported: Ported


@pytest.fixture(scope="module", params=OTHERS)
def voyage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Voyage:
    project = Project(tmp_path_factory.mktemp("voyage"))
    shutil.copytree(REPOSITORY.notes(RELEASES.documented), project.notes(RELEASES.documented))
    return Voyage(project, request.param, port(project, ground(RELEASES.documented), ground(request.param)))


def anchors_in(project: Project, file: Path, text: str) -> Mapping[str, Anchor]:
    """What stands in a ported text, as if everything were decided."""
    decided = re.sub(r"^( *lines: [0-9-]+)\?", r"\1", text, flags=re.MULTILINE)
    document = parse_document(decided, project.name(file))
    if file.parent.name == "chapters":
        steps = enumerate(parse_chapter(document).steps, 1)
        return {f"{file.stem}/{number}": step.anchor for number, step in steps if step.anchor}
    release = PurePosixPath(*document.path.parts[:2])
    return {note.id: note.anchor for note in parse_notes(document, release).notes}


def bare(text: str) -> str:
    """A text without its anchors' values and without the comments that ask something."""
    document = parse_document(text, PurePosixPath("annotations/1.0/x.yaml"))
    values = [
        (entry.value.start, entry.value.end)
        for item in (*find_items(document, "notes"), *find_items(document, "steps"))
        for key, entry in item.table.entries.items()
        if key in ("file", "lines", "in", "opens", "digest") and isinstance(entry.value, Scalar)
    ]
    for start, end in sorted(values, reverse=True):
        text = text[:start] + text[end:]
    asking = r"^# (?:edited|lost|kept|moved) between [^\n]+\n(?:# [^\n]+\n)*?(?=- )"
    return re.sub(asking, "", text, flags=re.MULTILINE)


def test_all_that_is_written_here_can_be_ported_and_what_is_sure_holds_there(voyage: Voyage) -> None:
    ported = voyage.ported
    sure = {one.note for one in ported.carried if one.state in ("kept", "moved")}
    asked = {str(problem.place) for problem in ported.undecided}
    seen = set()
    for file, text in ported.texts.items():
        if file.name == INDEX:
            continue
        for name, anchor in anchors_in(voyage.project, file, text).items():
            seen.add(name)
            if str(anchor.place) not in asked:
                assert name in sure
                assert list(check_anchors([anchor], ground(voyage.release))) == []
    assert seen == {one.note for one in ported.carried}
    assert len(asked) >= len(seen) - len(sure)


def test_what_is_ported_differs_only_in_its_anchors_and_in_the_file_that_its_lines_are_in_now(voyage: Voyage) -> None:
    here, there = voyage.project.notes(RELEASES.documented), voyage.project.notes(voyage.release)
    originals = {file.relative_to(here): split(file.read_text(encoding="utf-8")) for file in here.rglob("*.yaml")}
    ported = {file.relative_to(there): split(text) for file, text in voyage.ported.texts.items()}
    assert {file: head for file, (head, *_) in ported.items() if file in originals} == {
        file: head for file, (head, *_) in originals.items()
    }
    assert count_items(ported) == count_items(originals)


def split(text: str) -> list[str]:
    """What stands before the items, and each item, without anchors."""
    return re.split(r"^(?=- )", bare(text), flags=re.MULTILINE)


def count_items(texts: Mapping[Path, list[str]]) -> Counter[str]:
    return Counter(item for _, *items in texts.values() for item in items)


def test_what_a_person_must_decide_is_refused_at_its_place_until_that_is_done(voyage: Voyage) -> None:
    refused = set()
    for file, text in voyage.ported.texts.items():
        document = parse_document(text, voyage.project.name(file))
        try:
            if file.parent.name != "chapters":
                parse_notes(document, voyage.project.name(voyage.project.notes(voyage.release)))
            elif file.name != INDEX:
                parse_chapter(document)
        except ProblemsFound as error:
            told = [problem for problem in error.problems if "was left to be decided" in problem.message]
            refused |= {str(problem.place) for problem in told}
    assert refused == {str(problem.place) for problem in voyage.ported.undecided}


def test_porting_twice_is_porting_once(voyage: Voyage) -> None:
    write_ported(voyage.ported)
    again = port(voyage.project, ground(RELEASES.documented), ground(voyage.release))
    assert (again.texts, again.carried, again.undecided) == ({}, (), ())


def vendor_next(project: Project) -> None:
    """A release in which the coil has another file, the boiler shuts off, and the lid is gone."""
    boiler = PACKAGE["kettle/boiler.py"]
    edited = boiler.replace("BOILING = 100\n", "BOILING = 100\n            STEAM = True\n")
    edited = edited.replace('print("done")\n                    print("done")\n', 'print("click")\n', 1)
    assert edited.count("\n") == boiler.count("\n")
    changed = {
        "kettle/boiler.py": edited,
        "kettle/lid.py": None,
        "kettle/parts/coil.py": None,
        "kettle/heat.py": PACKAGE["kettle/parts/coil.py"],
    }
    add_release(project, NEXT, changed)


def edit(project: Project, path: str, old: str, new: str) -> None:
    file = project.root / path
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def stamp(project: Project, *files: Path) -> None:
    releases = read_releases(project.releases, project.name(project.releases))
    stamp_files(project, releases, lambda name: ground_of(read_release(project, releases, name)), files)


def add_lid(project: Project, text: str) -> None:
    file = project.notes(RELEASE) / "kettle" / "lid.yaml"
    file.write_text(f"# about lids\nfile: kettle/lid.py\n{text}", encoding="utf-8")
    stamp(project)


def contents(project: Project) -> Mapping[str, str]:
    """All that is written for the next release, by its place there."""
    folder = project.notes(NEXT)
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*.yaml")}


def original(project: Project, path: str) -> str:
    return (project.notes(RELEASE) / path).read_text(encoding="utf-8")


EDITED = "edited between 1.0 and 2.0 (0.97 alike): read both, mend it, take the question mark from `lines`"
LOST = "lost between 1.0 and 2.0, and nothing is like it: choose its lines, or remove it"


def test_each_note_is_written_where_its_lines_went(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    add_lid(tiny_project, "summary: Opens.\nnotes:\n- {id: lifted, lines: '4-6', title: T, body: B}  # flow\n")
    ported = port_to(tiny_project, NEXT)
    found = contents(tiny_project)
    assert sorted(found) == ["chapters/boil.yaml", "chapters/index.yaml", *(f"kettle/{one}.yaml" for one in FILES)]
    assert found["chapters/index.yaml"] == original(tiny_project, "chapters/index.yaml")
    assert found["chapters/boil.yaml"] == original(tiny_project, "chapters/boil.yaml").replace("22-24", "23-25")
    boiler = original(tiny_project, "kettle/boiler.yaml").replace("33-38", "34-39").replace("16-41", "17-41?")
    assert found["kettle/boiler.yaml"] == boiler.replace("- id: whole", f"# {EDITED}\n- id: whole")
    coil = original(tiny_project, "kettle/parts/coil.yaml").replace("parts/coil", "heat")
    assert found["kettle/heat.yaml"] == f"# yaml-language-server: $schema=../../schema/notes.json\n{coil}"
    lid = original(tiny_project, "kettle/lid.yaml").replace("'4-6'", "'4-6?'")
    assert found["kettle/lid.yaml"] == lid.replace("- {id", f"# {LOST}\n- {{id")
    assert port_report(ported) == (
        "ported 5: 0 kept, 3 moved, 1 edited, 1 lost\n"
        f"annotations/2.0/kettle/boiler.yaml:7: `whole-boiler` is {EDITED}\n"
        f"annotations/2.0/kettle/lid.yaml:6: `lifted` is {LOST}\n"
        "to be decided: 2, each below a comment in its file\n"
    )


FILES = ("boiler", "heat", "lid")


def test_a_step_that_is_ported_names_the_file_in_which_its_lines_are_now(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    chapter = f"annotations/{RELEASE}/chapters/boil.yaml"
    edit(tiny_project, chapter, "- note: never-above\n", '- file: "kettle/parts/coil.py"\n  lines: 4-6  # all\n')
    stamp(tiny_project)
    port_to(tiny_project, NEXT)
    assert '- file: "kettle/heat.py"\n  lines: 4-6  # all\n' in contents(tiny_project)["chapters/boil.yaml"]


def test_what_was_left_to_be_decided_is_neither_accepted_nor_stamped_until_it_is(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    port_to(tiny_project, NEXT)
    asked = "annotations/2.0/kettle/boiler.yaml:7: `lines`: 17-41? was left to be decided when it was ported; "
    assert [str(problem)[: len(asked)] for problem in survey(tiny_project)[1]] == [asked]
    with pytest.raises(ProblemsFound, match="17-41\\? was left to be decided"):
        stamp(tiny_project)
    edit(tiny_project, "annotations/2.0/kettle/boiler.yaml", "17-41?", "17-41")
    (problem,) = survey(tiny_project)[1]
    assert "lines 17-41 read otherwise than when the note was written; that text stands nowhere" in problem.message
    stamp(tiny_project)
    assert survey(tiny_project)[1] == ()


def test_what_a_person_has_written_for_the_release_is_never_overwritten(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    port_to(tiny_project, NEXT)
    edit(tiny_project, "annotations/2.0/kettle/boiler.yaml", "17-41?", "17-24?  # thinking")
    edit(tiny_project, "annotations/2.0/kettle/heat.yaml", "Steps of ten", "Ten at a time")
    edit(tiny_project, "annotations/2.0/chapters/boil.yaml", "Now pour.", "Now drink.")
    before = contents(tiny_project)
    assert port_report(port_to(tiny_project, NEXT)) == "nothing to port: all that is written has its place there\n"
    assert contents(tiny_project) == before


def test_a_file_that_is_there_gets_only_the_notes_that_the_release_has_not_and_at_its_end(
    tiny_project: Project,
) -> None:
    vendor_next(tiny_project)
    file = tiny_project.notes(NEXT) / "kettle" / "boiler.yaml"
    file.parent.mkdir(parents=True)
    own = "# mine\nfile: kettle/boiler.py\nnotes:\n  # anew\n  - id: whole-boiler\n    lines: 9\n"
    file.write_text(own, encoding="utf-8")
    ported = port_to(tiny_project, NEXT)
    note = contents(tiny_project)["kettle/boiler.yaml"].removeprefix(own)
    assert note.startswith("  - id: never-above\n    lines: 34-39\n    in: Boiler.boil\n")
    assert note.endswith("\n    observed: [boiling-takes-eight-steps]\n")
    assert "whole-boiler" not in {one.note for one in ported.carried}
    assert port_to(tiny_project, NEXT).texts == {}


def test_a_summary_of_a_file_that_all_notes_left_stays_to_be_decided(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    coil = f"annotations/{RELEASE}/kettle/parts/coil.yaml"
    edit(tiny_project, coil, "notes:\n", "summary: Hot.\nnotes:\n")
    port_to(tiny_project, NEXT)
    assert contents(tiny_project)["kettle/parts/coil.yaml"] == "file: kettle/parts/coil.py\nsummary: Hot.\n"
    edit(tiny_project, f"annotations/{NEXT}/kettle/boiler.yaml", "17-41?", "17-41")
    stamp(tiny_project, tiny_project.notes(NEXT) / "kettle" / "boiler.yaml")
    told = "annotations/2.0/kettle/parts/coil.yaml:1: kettle/parts/coil.py is not a file of 2.0; name one that is"
    assert list(map(str, survey(tiny_project)[1])) == [told]


def test_nothing_is_written_when_anything_is_wrong(tiny_project: Project) -> None:
    vendor_next(tiny_project)
    coil = f"annotations/{RELEASE}/kettle/parts/coil.yaml"
    text = (tiny_project.root / coil).read_text(encoding="utf-8")
    flow = "file: kettle/parts/coil.py\nnotes: [{id: coil-steps, lines: 5-6, title: T, body: B}]\n"
    (tiny_project.root / coil).write_text(flow, encoding="utf-8")
    stamp(tiny_project)
    with pytest.raises(ProblemsFound, match=rf"{coil}:1: a note cannot be taken from this list or added to it"):
        port_to(tiny_project, NEXT)
    (tiny_project.root / coil).write_text(text.replace("digest: b", "digest: c"), encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"coil\.py lines 5-6"):
        port_to(tiny_project, NEXT)
    assert contents(tiny_project) == {}
    file = tiny_project.notes(NEXT) / "kettle" / "boiler.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("file: [", encoding="utf-8")
    (tiny_project.root / coil).write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"annotations/2\.0/kettle/boiler\.yaml:1: not YAML"):
        port_to(tiny_project, NEXT)
    assert contents(tiny_project) == {"kettle/boiler.yaml": "file: ["}


def test_a_note_whose_text_has_a_twin_on_the_other_release_is_to_be_decided(tiny_project: Project) -> None:
    lid = dedent(PACKAGE["kettle/lid.py"])
    toggle = lid[lid.index("def toggle") : lid.index("def slam")]
    add_release(tiny_project, NEXT, {"kettle/lid.py": f"{lid}\n\n{toggle}SHUT = True\n"})
    add_lid(tiny_project, "notes:\n- {id: lifted, lines: 5-6, title: T, body: B}\n")
    (told,) = port_to(tiny_project, NEXT).undecided
    assert "lines: 5-6?" in contents(tiny_project)["kettle/lid.yaml"]
    said = "kept between 1.0 and 2.0, but lines 5-6 with their context stand at line 15 too; widen the span until it is"
    assert str(told) == f"annotations/2.0/kettle/lid.yaml:6: `lifted` is {said} unique"


@pytest.mark.parametrize(
    ("release", "said"),
    [
        (RELEASE, "1.0 is the documented one, and its notes are there; name another release to port them to: 2.0"),
        ("3.0", "3.0 is not vendored; name another release to port them to: 2.0"),
    ],
)
def test_notes_are_ported_to_another_release_that_is_vendored(tiny_project: Project, release: str, said: str) -> None:
    vendor_next(tiny_project)
    with pytest.raises(ProblemsFound) as found:
        port_to(tiny_project, release)
    assert [str(problem) for problem in found.value.problems] == [f"upstream/releases.yaml:1: {said}"]
    assert contents(tiny_project) == {}


def test_the_command_tells_what_it_wrote(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor_next(tiny_project)
    monkeypatch.chdir(tiny_project.annotations)
    first, second = (CliRunner().invoke(app, ["port", NEXT]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith(
        "ported 4: 0 kept, 3 moved, 1 edited, 0 lost\nannotations/2.0/kettle/boiler.yaml:7: "
    )
    assert second.output == "nothing to port: all that is written has its place there\n"
