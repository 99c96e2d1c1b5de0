"""What counts as code, as a definition, as noted and as covered."""

import ast
import dis
from collections.abc import Iterator
from pathlib import PurePosixPath
from textwrap import dedent
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.coverage import MAX_SPAN, Coverage, find_code_lines, is_definition, is_noted, measure, total
from render.notes import Note
from render.source import SourceFile, Span
from render.symbols import MODULE, find_symbols
from tests.notes import make_note, notes_on
from tests.upstream import read_upstream

PYTHON = [file for path, file in read_upstream().files.items() if path.suffix == ".py"]

LAMP = '''\
"""A lamp."""

import sys

WATTS = LIMIT = 60


class Lamp:
    """Shines."""

    on = False

    @property
    def watts(self):
        return WATTS if self.on else 0

    @watts.setter
    def watts(self, value):
        self.on = bool(value)


def main():
    lamp = Lamp()

    def blink():
        lamp.on = not lamp.on

    blink()
'''


def file(text: str, path: str = "lamp/bulb.py") -> SourceFile:
    return SourceFile(PurePosixPath(path), dedent(text))


def code_objects(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_objects(constant)


def executed(text: str) -> set[int]:
    """The lines on which the compiler sees something to do, docstrings included where they are a whole body."""
    compiled = compile(text, "", "exec", optimize=2)
    if compiled.co_code == compile("", "", "exec").co_code:
        return set()
    starts = (line for code in code_objects(compiled) for _, line in dis.findlinestarts(code))
    return {line for line in starts if line}  # what the compiler adds itself has 0 or None


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_whatever_is_executed_is_code_unless_it_is_a_docstring(one: SourceFile) -> None:
    others = executed(one.text) - find_code_lines(one)
    assert {line: one.line(line) for line in others if one.line(line).strip()[0] not in "\"'"} == {}


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_code_with_empty_docstrings_and_no_other_lines_is_executed_as_before(one: SourceFile) -> None:
    code = find_code_lines(one)
    kept = [text if line in code else "" for line, text in enumerate(one.lines, 1)]
    for node in ast.walk(ast.parse(one.text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            kept[node.body[0].lineno - 1] = " " * node.body[0].col_offset + "''"
    assert executed("\n".join(kept)) == executed(one.text)


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_no_line_of_code_is_blank(one: SourceFile) -> None:
    assert all(one.line(line).strip() for line in find_code_lines(one))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n", []),
        ("# a\n\n#b", []),
        ("a = 1", [1]),
        ("a = 1  # b\n", [1]),
        ('"""a"""\n', []),
        ('"""a\n\nb\n"""\nc = 1\n', [5]),
        ("'a' 'b'\nc = 1\n", [2]),
        ('"""a"""; b = 1\n', [1]),
        ('"""a\nb"""; c = 1\n', [2]),
        ("1\n'''a\nb'''\n", [1, 2, 3]),
        ("b'''a\nb'''\n", [1, 2]),
        ("a = '''b\n\n\nc\n'''\n", [1, 4, 5]),
        ("a = f'''b\n\n{c}\n'''\n", [1, 3, 4]),
        ("a = [\n    1,\n\n    # b\n    2,\n]\n", [1, 2, 5, 6]),
        ("a = 1 + \\\n    2\n", [1, 2]),
        ("if a:\n\n    # b\n    pass\nelse:\n    pass\n", [1, 4, 5, 6]),
        ("def a():\n    '''b'''\n", [1]),
        ("def a(): 'b'\n", [1]),
        ("def a():\n    '''b\n    c'''\n    'd'\n", [1, 4]),
        ("async def a():\n    'b'\n", [1]),
        ("class A:\n    'b'\n\n    c = 1\n    'd'\n", [1, 4, 5]),
        ("@a\n@b\ndef c():\n    pass\n", [1, 2, 3, 4]),
        ("a = 1\n\x0c\nb = 2\n", [1, 3]),
    ],
)
def test_code_is_what_is_neither_blank_nor_comment_nor_docstring(text: str, expected: list[int]) -> None:
    assert sorted(find_code_lines(file(text))) == expected


def test_there_is_no_code_in_what_is_not_python() -> None:
    assert find_code_lines(file("a = 1\n", "lamp/bulb.txt")) == frozenset()


def test_definitions_are_classes_functions_and_the_module_s_variables() -> None:
    definitions = [symbol.name for symbol in find_symbols(file(LAMP)) if is_definition(symbol)]
    assert definitions == ["WATTS", "LIMIT", "Lamp", "Lamp.watts", "Lamp.watts", "main", "main.blink"]


@pytest.mark.parametrize(
    ("span", "inside", "noted"),
    [
        (Span(5, 5), MODULE, ["5 WATTS", "5 LIMIT"]),
        (Span(3, 5), MODULE, ["5 WATTS", "5 LIMIT"]),
        (Span(3, 3), MODULE, []),
        (Span(8, 11), "Lamp", ["8 Lamp"]),
        (Span(11, 11), "Lamp", ["8 Lamp"]),
        (Span(13, 15), "Lamp.watts", ["13 Lamp.watts"]),
        (Span(15, 15), "Lamp.watts", ["13 Lamp.watts"]),
        (Span(18, 19), "Lamp.watts", ["17 Lamp.watts"]),
        (Span(13, 19), "Lamp", ["8 Lamp"]),
        (Span(8, 23), MODULE, []),
        (Span(25, 26), "main.blink", ["25 main.blink"]),
        (Span(25, 28), "main", ["22 main"]),
        (Span(1, 28), MODULE, ["5 WATTS", "5 LIMIT"]),
        (Span(5, 5), None, []),
        (Span(13, 15), None, []),
    ],
)
def test_a_note_is_about_the_innermost_definition_around_it(span: Span, inside: str | None, noted: list[str]) -> None:
    symbols = [symbol for symbol in find_symbols(file(LAMP)) if is_definition(symbol)]
    notes = [make_note("n", span, inside)]
    assert [f"{symbol.span.first} {symbol.name}" for symbol in symbols if is_noted(symbol, notes)] == noted


def test_a_file_is_measured() -> None:
    lamp = file(LAMP)
    notes = [
        make_note("class", Span(8, 19), "Lamp"),
        make_note("property", Span(14, 15), "Lamp.watts"),
        make_note("watts", Span(3, 5), MODULE),
    ]
    assert measure(lamp, find_symbols(lamp), notes) == Coverage(lamp.path, 3, 7, 4, 15, 10)
    assert measure(file("", "lamp/a.txt"), (), ()) == Coverage(PurePosixPath("lamp/a.txt"), 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("length", "covered"), [(1, 1), (MAX_SPAN, MAX_SPAN), (MAX_SPAN + 1, 0)])
def test_a_span_that_is_too_long_covers_nothing(length: int, covered: int) -> None:
    assert measure(file("a = 1\n" * 60), (), [make_note("n", Span(3, length + 2))]).covered == covered


@given(notes_on(60))
def test_a_line_is_covered_by_short_spans_only(notes: tuple[Note, ...]) -> None:
    long = file("a = 1\n\n" * 30)
    covered = {
        line
        for note in notes
        for line in range(note.anchor.span.first, note.anchor.span.last + 1)
        if note.anchor.span.last - note.anchor.span.first < MAX_SPAN and line % 2
    }
    figures = measure(long, (), notes)
    assert (figures.code_lines, figures.covered) == (30, len(covered))


@pytest.mark.parametrize(
    ("covered", "code_lines", "percent"), [(0, 0, 100), (0, 9, 0), (1, 3, 33), (2, 3, 66), (999, 1000, 99), (7, 7, 100)]
)
def test_percent_is_rounded_down(covered: int, code_lines: int, percent: int) -> None:
    assert Coverage(PurePosixPath(), 0, 0, 0, code_lines, covered).percent == percent


@given(st.lists(st.tuples(*[st.integers(0, 99)] * 5)))
def test_a_total_is_the_sum_of_every_column(rows: list[tuple[int, int, int, int, int]]) -> None:
    sums = [sum(column) for column in zip(*rows, strict=True)] or [0] * 5
    assert total(Coverage(PurePosixPath("a"), *row) for row in rows) == Coverage(PurePosixPath(), *sums)
