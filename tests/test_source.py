"""Vendored text by line number."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.problems import ProblemsFound
from render.source import SourceFile, Span, Tree, read_tree, split_lines
from tests.upstream import REPOSITORY, read_upstream

LINE = st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=8)
SPAN = st.builds(lambda first, more: Span(first, first + more), st.integers(1, 9), st.integers(0, 9))


def file(*lines: str) -> SourceFile:
    return SourceFile(PurePosixPath("lamp/bulb.py"), "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("\n", ("",)),
        ("\n\n", ("", "")),
        ("a", ("a",)),
        ("a\n", ("a",)),
        ("a\nb", ("a", "b")),
        ("a\n\n", ("a", "")),
        ("a\x0cb\x0b\x1c\x85\u2028\u2029\n", ("a\x0cb\x0b\x1c\x85\u2028\u2029",)),
    ],
)
def test_a_text_is_cut_at_newlines_and_nowhere_else(text: str, lines: tuple[str, ...]) -> None:
    assert split_lines(text) == lines


@given(st.lists(LINE))
def test_lines_that_were_joined_are_cut_again(lines: list[str]) -> None:
    assert split_lines("".join(f"{line}\n" for line in lines)) == tuple(lines)


@given(st.lists(LINE, min_size=1))
def test_lines_are_counted_from_one(lines: list[str]) -> None:
    source = file(*lines)
    assert len(source) == len(lines)
    assert [source.line(line) for line in range(1, len(lines) + 1)] == lines


@given(st.lists(LINE, min_size=1), st.data())
def test_a_cut_has_both_ends_of_its_span(lines: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(lines)))
    span = Span(first, data.draw(st.integers(first, len(lines))))
    source = file(*lines)
    assert source.cut(span) == tuple(source.line(line) for line in range(span.first, span.last + 1))
    assert source.cut_text(span) == "".join(f"{line}\n" for line in source.cut(span))
    assert len(source.cut(span)) == len(span)


def test_a_cut_s_last_line_is_closed_even_where_the_file_s_is_not() -> None:
    assert SourceFile(PurePosixPath("a"), "b\nc").cut_text(Span(1, 2)) == "b\nc\n"


def test_a_span_reads_as_people_write_it() -> None:
    assert [str(Span(7, 7)), str(Span(7, 12))] == ["7", "7-12"]


@given(SPAN, SPAN)
def test_a_span_is_the_set_of_its_lines(one: Span, other: Span) -> None:
    lines = {line for line in range(1, 20) if line in one}
    assert len(lines) == len(one)
    assert one.covers(other) == ({line for line in range(1, 20) if line in other} <= lines)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read(folder: Path) -> Tree:
    return read_tree(folder, "1.0", "lamp", PurePosixPath("upstream/1.0"))


def test_a_tree_is_the_package_s_files_in_alphabetical_order(tmp_path: Path) -> None:
    bulb = "watts = 60  # två\x0c\n".encode()
    content = {"lamp/switch.py": b"on", "lamp/__init__.py": b"", "lamp/a/b.txt": b"\n", "lamp/bulb.py": bulb}
    tree = read(write(tmp_path, {**content, "LICENSE": b"", "lamps/x.py": b"", "lamp/__pycache__/a.pyc": b"\xff"}))
    assert tree.release == "1.0"
    assert list(map(str, tree.files)) == ["lamp/__init__.py", "lamp/a/b.txt", "lamp/bulb.py", "lamp/switch.py"]
    assert {str(path): one.text.encode() for path, one in tree.files.items()} == content
    assert all(one.path == path for path, one in tree.files.items())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\r\n", "carriage return"),
        (b"a = '\r'", "carriage return"),
        (b"\xef\xbb\xbfa", "byte-order mark"),
        (b"ok\n\xff", "not UTF-8 (byte 3)"),
        (b"\xed\xa0\x80", "not UTF-8 (byte 0)"),
    ],
)
def test_a_file_that_would_not_be_shown_to_the_letter_is_a_problem(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        read(write(tmp_path, {"lamp/a.py": content, "lamp/b.py": b"", "lamp/c.py": content}))
    assert [str(one.place) for one in found.value.problems] == ["upstream/1.0/lamp/a.py:1", "upstream/1.0/lamp/c.py:1"]
    assert all(said in one.message for one in found.value.problems)


def test_upstream_s_text_is_what_stands_on_disk() -> None:
    tree = read_upstream()
    folder = REPOSITORY.tree(tree.release)
    assert len(tree.files) > 30
    for path, one in tree.files.items():
        assert one.text.encode() == (folder / path).read_bytes()
        assert len(one) == one.text.count("\n") + (not one.text.endswith("\n") and one.text != "")
