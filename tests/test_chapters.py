"""Chapters and their index that are as they should be: what is read from them, where it stands, in which order."""

from pathlib import Path, PurePosixPath

import pytest

from render.chapters import Book, Chapter, FrontPage, Step, parse_chapter, read_book
from render.document import parse_document
from render.notes import Anchor, Stamp, Text
from render.problems import Place, ProblemsFound
from render.source import Span

FOLDER = PurePosixPath("annotations/1.0/chapters")
NAME = FOLDER / "light.yaml"

CHAPTER = """\
title: Light
question: From the switch to the bulb?
intro: |
  It is dark.
steps:
- note: the-switch
  title: A *click*
  text: |
    Then a current.
  observed: [click]
- file: lamp/bulb.py
  lines: 4-9
  in: Bulb
  opens: "class Bulb:"
  digest: abcdefabcdef
  title: Light
  process: one & only
  text: It glows.
outro: |
  It is light.
"""


def at(line: int) -> Place:
    return Place(NAME, line)


def parse(text: str, name: PurePosixPath = NAME) -> Chapter:
    return parse_chapter(parse_document(text, name))


def test_a_chapter_knows_all_that_was_written_and_where() -> None:
    chapter = parse(CHAPTER)
    assert chapter.slug == "light"
    assert chapter.title == Text("Light", at(1))
    assert chapter.question == Text("From the switch to the bulb?", at(2))
    assert chapter.intro == Text("It is dark.\n", at(4))
    assert chapter.outro == Text("It is light.\n", at(20))
    assert len(chapter.steps) == 2


def test_a_step_shows_the_span_of_a_note_or_one_of_its_own() -> None:
    stamp = Stamp("Bulb", "class Bulb:", "abcdefabcdef")
    own = Anchor(PurePosixPath("lamp/bulb.py"), Span(4, 9), stamp, "step 2", at(12))
    click, glow = Text("A *click*", at(7)), Text("It glows.", at(18))
    current, light = Text("Then a current.\n", at(9)), Text("Light", at(16))
    assert parse(CHAPTER).steps == (
        Step("the-switch", None, click, None, current, ("click",), at(6), at(10)),
        Step(None, own, light, "one & only", glow, (), at(11), at(11)),
    )


def test_every_markdown_text_of_a_chapter_is_among_its_texts() -> None:
    chapter = parse(CHAPTER)
    assert [text.place.line for text in chapter.texts] == [1, 2, 4, 7, 9, 16, 18, 20]


@pytest.mark.parametrize("name", ["Light.yaml", "a b.yaml", "index-.yaml", "light.boil.yaml"])
def test_a_chapter_s_file_is_called_by_a_slug(name: str) -> None:
    with pytest.raises(ProblemsFound, match="is no name for a chapter"):
        parse(CHAPTER, FOLDER / name)


def book(folder: Path, **files: str) -> tuple[Book, list[str]]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    read, problems = read_book(folder, FOLDER)
    return read, sorted(map(str, problems))


INDEX = "title: A lamp\nintro: |\n  Switch it on.\nchapters: [light, dark]\n"


def test_a_book_is_in_the_order_of_its_index(tmp_path: Path) -> None:
    read, problems = book(tmp_path, index=INDEX, dark=CHAPTER, light=CHAPTER)
    assert problems == []
    assert [chapter.slug for chapter in read.chapters] == ["light", "dark"]
    index = FOLDER / "index.yaml"
    assert read.front == FrontPage(Text("A lamp", Place(index, 1)), Text("Switch it on.\n", Place(index, 3)), None)


def test_a_release_without_running_text_has_an_empty_book(tmp_path: Path) -> None:
    assert book(tmp_path) == (Book(None, ()), [])


def test_an_index_alone_is_a_front_page(tmp_path: Path) -> None:
    read, problems = book(tmp_path, index="title: A lamp\nintro: Soon.\n")
    assert (read.chapters, problems) == ((), [])
    assert read.front is not None


def test_what_can_be_read_is_given_with_the_problems_of_the_rest(tmp_path: Path) -> None:
    read, problems = book(tmp_path, index=INDEX, dark="title: D\n", light=CHAPTER)
    assert [chapter.slug for chapter in read.chapters] == ["light"]
    assert problems == [
        f"{FOLDER}/dark.yaml:1: the key `{key}` is missing; add it" for key in ("intro", "outro", "question", "steps")
    ]


def test_an_index_that_cannot_be_read_leaves_the_chapters_readable(tmp_path: Path) -> None:
    read, problems = book(tmp_path, index="title: [\n", dark=CHAPTER, light=CHAPTER)
    assert [chapter.slug for chapter in read.chapters] == ["dark", "light"]
    assert read.front is None
    assert len(problems) == 1
