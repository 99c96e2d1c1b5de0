"""The names of a Python file, held against what Python itself makes of the same text."""

import ast
import inspect
import symtable
from collections.abc import Iterator
from pathlib import PurePosixPath
from textwrap import dedent
from types import CodeType

import pytest

from render.source import SourceFile, Span
from render.symbols import MODULE, Symbol, enclosing, find_symbols
from render.syntax import find_syntax_fault
from tests.upstream import read_upstream

PYTHON = [file for path, file in read_upstream().files.items() if path.suffix == ".py"]


def file(text: str, path: str = "lamp/bulb.py") -> SourceFile:
    return SourceFile(PurePosixPath(path), dedent(text))


def rows(text: str) -> list[tuple[str, str, str, int]]:
    """What is found in a text: name, kind, lines, and the line of the name."""
    return [(one.name, one.kind, str(one.span), one.line) for one in find_symbols(file(text))]


def definitions(one: SourceFile) -> list[Symbol]:
    return [symbol for symbol in find_symbols(one) if symbol.kind != "variable"]


def code_objects(code: CodeType) -> Iterator[CodeType]:
    """Those of all classes and functions below a code object, lambdas and comprehensions left out."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from [] if constant.co_name.startswith("<") else [constant]
            yield from code_objects(constant)


def bound(table: symtable.SymbolTable, prefix: str = "") -> Iterator[str]:
    """The qualified names of all definitions, and of what modules and classes bind otherwise than by an import."""
    inside = table.get_type() == "function"
    for symbol in table.get_symbols():
        if symbol.is_namespace() or (symbol.is_assigned() and not symbol.is_imported() and not inside):
            yield f"{prefix}{symbol.get_name()}"
    for inner in table.get_children():
        yield from bound(inner, f"{prefix}{inner.get_name()}.")


def comprehended(text: str) -> set[str]:
    """The names that comprehensions bind; since Python 3.12 the symbol table counts them to the scope around."""
    targets = (node.target for node in ast.walk(ast.parse(text)) if isinstance(node, ast.comprehension))
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_definitions_are_those_that_the_compiler_makes(one: SourceFile) -> None:
    compiled = code_objects(compile(one.text, str(one.path), "exec"))
    expected = sorted((code.co_qualname.replace(".<locals>", ""), code.co_firstlineno) for code in compiled)
    assert sorted((symbol.name, symbol.span.first) for symbol in definitions(one)) == expected


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_a_definition_ends_where_the_inspect_module_sees_its_end(one: SourceFile) -> None:
    for symbol in definitions(one):
        block = inspect.getblock([f"{line}\n" for line in one.lines[symbol.span.first - 1 :]])
        while block[-1].strip().startswith("#") or not block[-1].strip():
            block.pop()  # it counts comments below the last statement
        assert len(symbol.span) == len(block), symbol.name


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_names_are_those_of_the_compiler_s_symbol_table(one: SourceFile) -> None:
    names = {symbol.name for symbol in find_symbols(one)}
    expected = set(bound(symtable.symtable(one.text, str(one.path), "exec")))
    assert names <= expected
    assert {name.rpartition(".")[2] for name in expected - names} <= comprehended(one.text)


@pytest.mark.parametrize("one", PYTHON, ids=lambda one: str(one.path))
def test_a_name_stands_on_its_line_and_inside_its_parent(one: SourceFile) -> None:
    symbols = find_symbols(one)
    for symbol in symbols:
        parent, _, name = symbol.name.rpartition(".")
        assert name in one.line(symbol.line)
        assert symbol.line in symbol.span
        assert symbol.parent == (parent or MODULE)
        assert not parent or any(other.name == parent and other.span.covers(symbol.span) for other in symbols)
    assert [symbol.span.first for symbol in symbols] == sorted(symbol.span.first for symbol in symbols)


def test_a_definition_begins_at_its_first_decorator_and_its_name_is_below() -> None:
    assert rows(
        """\
        @once
        @twice(
            1,
        )
        class A:
            @property
            def b(self):
                return 1

            @b.setter
            def b(self, value): ...
        """
    ) == [("A", "class", "1-11", 5), ("A.b", "function", "6-8", 7), ("A.b", "function", "10-11", 11)]


def test_definitions_are_found_in_each_other_and_under_every_condition() -> None:
    text = """\
        async def a():
            def b():
                class C:
                    d = 1
                    async def e(self): ...
        if True:
            def f(): ...
        else:
            def f(): ...
        try:
            def g(): ...
        except OSError:
            def h(): ...
        else:
            def i(): ...
        finally:
            def j(): ...
        with open("x") as k:
            def l(): ...
        for m in ():
            def n(): ...
        while False:
            def o(): ...
        match 1:
            case 1:
                def p(): ...
        """
    names = ["a", "a.b", "a.b.C", "a.b.C.d", "a.b.C.e", *"ffghijlnop"]
    assert [name for name, *_ in rows(text)] == names


def test_every_name_of_an_assignment_is_a_variable() -> None:
    text = """\
        a = b = 1
        c, [d, *e] = 1, [2, 3]
        f: int = 1
        g: int
        (
            h,
            i,
        ) = 1, 2
        a.j = b[0] = 1
        k += 1
        """
    assert rows(text) == [
        *((name, "variable", "1", 1) for name in "ab"),
        *((name, "variable", "2", 2) for name in "cde"),
        ("f", "variable", "3", 3),
        ("g", "variable", "4", 4),
        ("h", "variable", "5-8", 6),
        ("i", "variable", "5-8", 7),
    ]


def test_what_a_function_assigns_is_its_own() -> None:
    assert rows("def a():\n    b = 1\n    if b:\n        c = 2\n") == [("a", "function", "1-4", 1)]


def test_a_module_is_called_by_its_dotted_name() -> None:
    modules = {"lamp/bulb.py": "lamp.bulb", "lamp/__init__.py": "lamp", "lamp/a/__main__.py": "lamp.a.__main__"}
    for path, module in modules.items():
        (symbol,) = find_symbols(file("a = 1", path))
        assert symbol.module == module


@pytest.mark.parametrize("text", ["def a(:\n", "print 1\n", "a = '\n", "a = 1\n  b = 2\n", "a\0\n", "\u201ca\u201d"])
def test_what_this_python_cannot_parse_defines_nothing_and_its_line_is_told(text: str) -> None:
    assert find_symbols(file(f"a = 1\n{text}")) == ()
    fault = find_syntax_fault(file(f"a = 1\n{text}"))
    assert fault
    assert fault.line in (1, 2, 3)
    assert fault.message


def test_what_is_not_python_defines_nothing() -> None:
    assert find_symbols(file("a = 1\n", "lamp/bulb.txt")) == ()
    assert find_syntax_fault(file("a = (\n", "lamp/bulb.txt")) is None
    assert find_syntax_fault(file("a = 1\n")) is None


@pytest.mark.parametrize(
    ("span", "name"),
    [
        (Span(1, 1), MODULE),
        (Span(2, 2), "A"),
        (Span(4, 4), "A.b"),
        (Span(4, 5), "A.b"),
        (Span(6, 6), "A.b.c"),
        (Span(6, 7), "A.b.c"),
        (Span(6, 8), "A.b"),
        (Span(5, 10), "A"),
        (Span(10, 10), "A"),
        (Span(2, 10), "A"),
        (Span(1, 10), MODULE),
        (Span(10, 12), MODULE),
        (Span(12, 12), MODULE),
    ],
)
def test_the_innermost_definition_around_a_span_is_found(span: Span, name: str) -> None:
    text = """\
        import d
        class A:

            @d
            def b(self):
                def c():
                    return 1
                return c

            e = 1

        f = 1
        """
    assert enclosing(find_symbols(file(text)), span) == name
