"""YAML in: what is read, where it stands, what is refused."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.document import MAX_BYTES, Document, Scalar, find_node, parse_document, plain, read_document
from render.problems import Problem, ProblemsFound

NAME = PurePosixPath("annotations/a.yaml")


def parse(text: str) -> Document:
    return parse_document(text, NAME)


def problem(text: str) -> Problem:
    with pytest.raises(ProblemsFound) as found:
        parse(text)
    (one,) = found.value.problems
    assert one.place.path == NAME
    return one


def test_every_scalar_is_the_text_its_author_typed() -> None:
    assert plain(parse("a: no\nb: 12:30\nc: 0123\nd: 1e10\ne: ~\nf:\n").root) == {
        "a": "no",
        "b": "12:30",
        "c": "0123",
        "d": "1e10",
        "e": "~",
        "f": "",
    }


def test_a_value_knows_its_line_its_column_and_its_offsets() -> None:
    document = parse("# comment\nnotes:\n- id: one\n  lines: 42-44  # here\n")
    node, line = find_node(document.root, ("notes", 0, "lines"))
    assert isinstance(node, Scalar)
    assert (line, node.line, document.text[node.start : node.end]) == (4, 4, "42-44")


def test_the_text_of_a_block_begins_on_the_line_below() -> None:
    node, _ = find_node(parse("a: x\nbody: |\n  first\n  second\n").root, ("body",))
    assert isinstance(node, Scalar)
    assert (node.line, node.text_line, node.text) == (2, 3, "first\nsecond\n")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "empty"),
        ("- a\n", 1, "not a mapping"),
        ("a: 1\nb: [\n", 3, "not YAML"),
        ("a: 'x\n", 2, "not YAML"),
        ("a:\n\tb: 1\n", 2, "a tab character"),
        ("a: 1\r\n", 1, "carriage return"),
        ("\ufeffa: 1\n", 1, "byte-order mark"),
        ("a: \x07\n", 1, "not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands at line 1 too"),
        ("a: &x 1\nb: 2\n", 1, "an anchor `&x`"),
        ("a: 1\nb: *x\n", 2, "an alias `*x`"),
        ("a:\n  <<: {b: 1}\n", 2, "merge key"),
        ("a: !!python/object:os.system x\n", 1, "a tag"),
        ("a: 1\n---\nb: 2\n", 3, "second document"),
        ("? [a]\n: 1\n", 1, "a key that is not text"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, "deep"),
        ("a: " + "{b: " * 3000 + "1" + "}" * 3000, 1, "deep"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not YAML"),
        ("a: @x\n", 1, "not YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_a_problem_at_its_line(text: str, line: int, said: str) -> None:
    found = problem(text)
    assert said in found.message
    assert found.place.line == line


def test_an_alias_bomb_ends_at_its_first_anchor() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))
    assert "anchor" in problem(bomb).message


def test_a_file_that_is_too_large_or_not_utf_8_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for content, said in ((b"a: " + b"x" * MAX_BYTES, "split it"), (b"a: \xff\n", "not UTF-8")):
        file.write_bytes(content)
        with pytest.raises(ProblemsFound, match=said):
            read_document(file, NAME)


@given(st.text(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"#%@`? \n", max_size=60))
def test_no_text_makes_the_reader_fail_otherwise_than_by_a_problem(text: str) -> None:
    try:
        kind: object = type(plain(parse(text).root))
    except ProblemsFound as found:
        kind = {1 <= one.place.line <= text.count("\n") + 2 for one in found.problems}
    assert kind in (dict, {True})
