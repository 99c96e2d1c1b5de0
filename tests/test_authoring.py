"""What `annotated stamp` and `annotated new` do to the files of a project, and when they leave them alone."""

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from render.anchors import Ground
from render.authoring import begin_note, stamp_files
from render.document import parse_document
from render.grounds import ground_of as find_ground
from render.grounds import read_ground, read_release
from render.notes import parse_notes
from render.problems import ProblemsFound
from render.project import Project
from render.releases import Releases, read_releases
from render.source import Span
from render.survey import survey
from tests.tiny import PACKAGE, RELEASE, add_release

BOILER = PurePosixPath("kettle/boiler.py")
NOTES = "annotations/1.0/kettle/boiler.yaml"
LID = "annotations/1.0/kettle/lid.yaml"


def releases_of(project: Project) -> Releases:
    return read_releases(project.releases, project.name(project.releases))


def ground_of(project: Project) -> Ground:
    return read_ground(project, releases_of(project))


def stamp(project: Project, files: Collection[Path] = ()) -> list[str]:
    """The files that were stamped."""
    releases = releases_of(project)
    ground = cache(lambda name: find_ground(read_release(project, releases, name)))
    return sorted(map(str, stamp_files(project, releases, ground, files)))


def contents(project: Project) -> Mapping[Path, bytes]:
    """Every file below `annotations/`."""
    return {file: file.read_bytes() for file in project.annotations.rglob("*") if file.is_file()}


def edit(project: Project, path: str, old: str, new: str) -> None:
    file = project.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def new(project: Project, path: str, first: int, last: int, title: str) -> str:
    return str(begin_note(project, ground_of(project), PurePosixPath(path), Span(first, last), title))


def problems(project: Project) -> list[str]:
    return [str(problem) for problem in survey(project)[1]]


def refused(project: Project, path: str, first: int, last: int) -> list[str]:
    """Why a note is not begun; nothing may be written then."""
    before = contents(project)
    with pytest.raises(ProblemsFound) as found:
        new(project, path, first, last, "A title")
    assert contents(project) == before
    return [str(problem) for problem in found.value.problems]


def test_a_stamped_project_has_nothing_to_stamp(tiny_project: Project) -> None:
    before = contents(tiny_project)
    assert stamp(tiny_project) == []
    assert contents(tiny_project) == before


def test_all_notes_and_chapters_are_stamped_when_none_is_named(tiny_project: Project) -> None:
    edit(tiny_project, NOTES, "digest: b796ad27d33f", "digest: 000000000000  # mine")
    edit(tiny_project, "annotations/1.0/chapters/boil.yaml", "  in: Boiler.__init__\n", "")
    assert stamp(tiny_project) == ["annotations/1.0/chapters/boil.yaml", NOTES]
    assert "digest: b796ad27d33f  # mine" in (tiny_project.root / NOTES).read_text(encoding="utf-8")
    assert problems(tiny_project) == []


def test_only_the_files_named_are_stamped(tiny_project: Project) -> None:
    edit(tiny_project, NOTES, "digest: b796ad27d33f", "digest: 000000000000")
    edit(tiny_project, "annotations/1.0/chapters/boil.yaml", "  in: Boiler.__init__\n", "")
    named = [tiny_project.root / NOTES, tiny_project.chapters(RELEASE) / "index.yaml"]
    assert stamp(tiny_project, named) == [NOTES]


def test_what_is_written_for_another_release_is_stamped_from_that_one(tiny_project: Project) -> None:
    add_release(tiny_project, "2.0", {"kettle/lid.py": "# A new lid.\n" + dedent(PACKAGE["kettle/lid.py"])})
    file = tiny_project.notes("2.0") / "kettle" / "lid.yaml"
    file.parent.mkdir(parents=True)
    text = "file: kettle/lid.py  # new\nnotes:\n- {id: new-lid, lines: 1, title: T, body: B}\n"
    file.write_text(text, encoding="utf-8")
    chapter = tiny_project.chapters("2.0") / "lids.yaml"
    chapter.parent.mkdir()
    steps = "title: T\nquestion: Q\nintro: I\nsteps:\n- file: kettle/lid.py\n  lines: 5-7\n  title: T\n  text: X\n"
    chapter.write_text(f"{steps}outro: O\n", encoding="utf-8")
    (chapter.parent / "index.yaml").write_text("title: T\nintro: I\nchapters: [lids]\n", encoding="utf-8")
    assert stamp(tiny_project) == ["annotations/2.0/chapters/lids.yaml", "annotations/2.0/kettle/lid.yaml"]
    put_in = ', in: <module>, opens: "# A new lid.", digest: '
    assert file.read_text(encoding="utf-8").startswith(text.partition(", title")[0] + put_in)
    assert '  lines: 5-7\n  in: toggle\n  opens: "def toggle(lid):"\n' in chapter.read_text(encoding="utf-8")
    assert stamp(tiny_project) == []


def test_nothing_is_stamped_while_any_file_has_a_problem(tiny_project: Project) -> None:
    edit(tiny_project, NOTES, "digest: b796ad27d33f", "digest: 000000000000")
    edit(tiny_project, "annotations/1.0/kettle/parts/coil.yaml", "lines: 5-6", "lines: 5-60")
    edit(tiny_project, "annotations/1.0/chapters/boil.yaml", "lines: 22-24", "lines: 17-22")
    before = contents(tiny_project)
    with pytest.raises(ProblemsFound) as found:
        stamp(tiny_project)
    assert list(map(str, found.value.problems)) == [
        "annotations/1.0/chapters/boil.yaml:7: step 1: lines 17-22 cut through the decorator that spans 16-17; "
        "take it whole or leave it out",
        "annotations/1.0/kettle/parts/coil.yaml:4: note `coil-steps`: kettle/parts/coil.py has 6 lines, not 60; "
        "choose lines inside it",
    ]
    assert contents(tiny_project) == before


def test_a_file_that_is_not_one_of_notes_is_not_stamped(tiny_project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "boiler.yaml"
    text = "file: kettle/boiler.py\nnotes:\n- {id: a, lines: 1, title: T, body: B}\n"
    elsewhere.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"the notes on kettle/boiler\.py belong in"):
        stamp(tiny_project, [elsewhere])
    assert elsewhere.read_text(encoding="utf-8") == text
    with pytest.raises(FileNotFoundError):
        stamp(tiny_project, [tmp_path / "none.yaml"])


def test_a_note_is_begun_in_a_file_of_its_own(tiny_project: Project) -> None:
    assert new(tiny_project, "kettle/lid.py", 4, 6, "Neither open, nor shut?") == f"{LID}:4"
    lines = ["def toggle(lid):\n", "    lid.open = not lid.open\n", "    return lid\n"]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()[:12]
    assert (tiny_project.root / LID).read_text(encoding="utf-8") == (
        "# yaml-language-server: $schema=../../schema/notes.json\n"
        "file: kettle/lid.py\n"
        "notes:\n"
        "- id: neither-open-nor-shut\n"
        "  lines: 4-6\n"
        "  in: toggle\n"
        '  opens: "def toggle(lid):"\n'
        f'  digest: "{digest}"\n'
        '  title: "Neither open, nor shut?"\n'
        "  body: |\n"
    )
    assert problems(tiny_project) == [f"{LID}:10: `body` is empty; write it, or remove the key if it may be absent"]
    edit(tiny_project, LID, "  body: |\n", "  body: |\n    Ajar.\n")
    assert problems(tiny_project) == []


def test_a_note_is_begun_at_the_end_of_a_file_that_exists(tiny_project: Project) -> None:
    before = (tiny_project.root / NOTES).read_text(encoding="utf-8")
    place = new(tiny_project, "kettle/boiler.py", 29, 31, "A title")
    after = (tiny_project.root / NOTES).read_text(encoding="utf-8")
    assert after.startswith(f"{before}- id: a-title\n  lines: 29-31\n  in: Boiler.boiling\n")
    assert place == f"{NOTES}:{before.count(chr(10)) + 1}"


LIST = "file: kettle/lid.py\nnotes:\n{0}- id: one\n{0}  lines: 1\n{0}  title: T\n{0}  body: |\n{0}    B"


@pytest.mark.parametrize("indent", ["", "  ", "      "])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n# the end\n"])
def test_a_note_is_begun_at_the_indentation_of_the_others(tiny_project: Project, indent: str, end: str) -> None:
    text = LIST.format(indent) + end
    (tiny_project.root / LID).write_text(text, encoding="utf-8")
    place = new(tiny_project, "kettle/lid.py", 4, 6, "A title")
    after = (tiny_project.root / LID).read_text(encoding="utf-8")
    assert after.startswith(text if text.endswith("\n") else f"{text}\n")
    assert after.split("\n")[int(place.rpartition(":")[2]) - 1] == f"{indent}- id: a-title"
    edit(tiny_project, LID, f"{indent}- id: a-title", f"{indent}- more: X\n{indent}  id: a-title")
    edit(tiny_project, LID, f'  title: "A title"\n{indent}  body: |\n', '  title: "A title"\n' + f"{indent}  body: B\n")
    folder = tiny_project.name(tiny_project.notes(RELEASE))
    document = parse_document((tiny_project.root / LID).read_text(encoding="utf-8"), PurePosixPath(LID))
    assert [note.id for note in parse_notes(document, folder).notes] == ["one", "a-title"]


@pytest.mark.parametrize(
    "text",
    [
        "notes:\n- {id: one, lines: 1, title: T, body: B}\nfile: kettle/lid.py\n",
        LIST.format("") + "\nsummary: |\n  Opens.\n",
        "file: kettle/lid.py\nnotes: [{id: one, lines: 1, title: T, body: B}]\n",
        "file: kettle/lid.py\nnotes: []\n",
        "file: kettle/lid.py\nsummary: Opens.\n",
        "{file: kettle/lid.py, notes: []}\n",
        LIST.format("  ").replace("  - id", "  -   id").replace("\n    ", "\n      ") + "\n",
        LIST.format("") + "\n...\n",
    ],
)
def test_a_file_whose_list_of_notes_does_not_end_it_is_left_alone(tiny_project: Project, text: str) -> None:
    (tiny_project.root / LID).write_text(text, encoding="utf-8")
    (told,) = refused(tiny_project, "kettle/lid.py", 4, 6)
    assert told == (
        f"{LID}:1: a note cannot be appended here; let `notes:` be the last key, with one `- id: …` for each note"
    )


@pytest.mark.parametrize("content", [b"", b"\xff", b"file: [\n", b"file: kettle/lid.py\r\nnotes:\r\n"])
def test_a_file_that_cannot_be_read_is_left_alone(tiny_project: Project, content: bytes) -> None:
    (tiny_project.root / LID).write_bytes(content)
    (told,) = refused(tiny_project, "kettle/lid.py", 4, 6)
    assert told.startswith(f"{LID}:")


@pytest.mark.parametrize(
    ("path", "first", "last", "told"),
    [
        ("kettle/boiler.py", 41, 42, "kettle/boiler.py:41: kettle/boiler.py has 41 lines, not 42; choose lines"),
        ("kettle/boiler.py", 16, 16, "kettle/boiler.py:16: lines 16 cut through the decorator that spans 16-17"),
        ("kettle/boiler.py", 2, 3, "kettle/boiler.py:2: lines 2-3 open on a blank line (2); leave it out"),
        ("kettle/parts/__init__.py", 1, 1, "kettle/parts/__init__.py:1: kettle/parts/__init__.py has 0 lines, not 1"),
        ("kettle/pot.py", 1, 1, "kettle/pot.py:1: kettle/pot.py is not a file of 1.0; name one that is"),
        ("../kettle/lid.py", 1, 1, "../kettle/lid.py:1: ../kettle/lid.py is not a file of 1.0"),
        ("/etc/passwd", 1, 1, "/etc/passwd:1: /etc/passwd is not a file of 1.0"),
        (".", 1, 1, ".:1: . is not a file of 1.0"),
        ("/", 1, 1, "/:1: / is not a file of 1.0"),
    ],
)
def test_a_note_is_not_begun_where_it_could_not_stand(
    tiny_project: Project, path: str, first: int, last: int, told: str
) -> None:
    (problem,) = refused(tiny_project, path, first, last)
    assert problem.startswith(told)


def test_the_id_of_a_new_note_is_one_that_no_note_has(tiny_project: Project) -> None:
    edit(tiny_project, NOTES, "id: never-above", "id: 'a-title'  # taken")
    for number, (first, last) in enumerate([(4, 6), (9, 11), (1, 1)], 2):
        place = new(tiny_project, "kettle/lid.py", first, last, "A title!")
        line = (tiny_project.root / LID).read_text(encoding="utf-8").split("\n")[int(place.rpartition(":")[2]) - 1]
        assert line == f"- id: a-title-{number}"


@pytest.mark.parametrize(
    ("title", "note_id"),
    [
        ("Five signals, then silence", "five-signals-then-silence"),
        ("`os.fork()` & [x]: 2 < 3", "os-fork-x-2-3"),
        ("Ωμέγα", "note"),
        ("", "note"),
        ("a" * 80, "a" * 50),
        (f"{'a' * 49} and more", f"{'a' * 49}"),
    ],
)
def test_an_id_is_made_of_the_title(tiny_project: Project, title: str, note_id: str) -> None:
    new(tiny_project, "kettle/lid.py", 4, 6, title)
    assert f"- id: {note_id}\n" in (tiny_project.root / LID).read_text(encoding="utf-8")


def test_a_title_that_is_no_text_is_refused(tiny_project: Project) -> None:
    before = contents(tiny_project)
    for title in ("two\nlines", "\ud800", "\x1b[31m"):
        with pytest.raises(ProblemsFound):
            new(tiny_project, "kettle/lid.py", 4, 6, title)
    assert contents(tiny_project) == before
