"""Tokens: the text to the letter, line by line, and nothing but Pygments' short classes."""

import io
import tokenize as python

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import STANDARD_TYPES

from render.source import SourceFile, split_lines
from render.tokens import TokenLine, tokenize, tokenize_sample
from tests.upstream import read_upstream

ODD = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\xa0\u200b\ufeff\0\r"
"""What Python or Unicode takes for a line's end, for nothing at all, or for an encoding."""

NAMES = ["a.py", "a.txt", "a", "a.cfg", "a.toml", "a.rst", "a.html", "a.sh", "a.unknown"]
LANGUAGES = ["python", "console", "pycon", "sh", "http", "nginx", "ini", "yaml", "html", "text", "", "no such language"]

TEXT = st.text(st.characters(codec="utf-8")) | st.text("a1 \n\t'\"#\\([{:=$>.@" + ODD)


def texts(lines: tuple[TokenLine, ...]) -> tuple[str, ...]:
    return tuple("".join(text for _, text in line) for line in lines)


def assert_to_the_letter(lines: tuple[TokenLine, ...], text: str) -> None:
    assert texts(lines) == split_lines(text)
    tokens = [token for line in lines for token in line]
    assert all(text for _, text in tokens)
    assert {css for css, _ in tokens} <= set(STANDARD_TYPES.values())


@pytest.mark.parametrize("file", read_upstream().files.values(), ids=lambda file: str(file.path))
def test_upstream_is_tokenized_to_the_letter(file: SourceFile) -> None:
    assert_to_the_letter(tokenize(file.path.name, file.text), file.text)


@given(st.sampled_from(NAMES), TEXT)
def test_any_text_is_tokenized_to_the_letter(name: str, text: str) -> None:
    assert_to_the_letter(tokenize(name, text), text)


@given(st.sampled_from(LANGUAGES), TEXT)
def test_any_sample_is_tokenized_to_the_letter(language: str, text: str) -> None:
    assert_to_the_letter(tokenize_sample(language, text), text)


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", "a", "a\n", "\n\na", " \n", "a\x0c\n\x0cb", "'''\na"])
def test_the_edges_of_a_text_are_kept(text: str) -> None:
    for name in NAMES:
        assert_to_the_letter(tokenize(name, text), text)


@pytest.mark.parametrize("text", ["\ufeffa\n", "a\r\nb\n", "a\rb"])
def test_text_that_pygments_would_change_is_plain(text: str) -> None:
    assert {css for line in tokenize("a.py", text) for css, _ in line} == {""}


@pytest.mark.parametrize("file", read_upstream().files.values(), ids=lambda file: str(file.path))
def test_comments_are_where_python_itself_finds_them(file: SourceFile) -> None:
    lines = tokenize(file.path.name, file.text)
    found = {
        (line, sum(len(text) for _, text in tokens[:index]), tokens[index][1])
        for line, tokens in enumerate(lines, 1)
        for index, (css, _) in enumerate(tokens)
        if css in ("c1", "ch")
    }
    expected = {
        (*token.start, token.string)
        for token in python.generate_tokens(io.StringIO(file.text).readline)
        if token.type == python.COMMENT
    }
    assert found == expected


def test_the_name_of_a_file_chooses_its_language() -> None:
    assert tokenize("a.py", "def f(): pass")[0][0] == ("k", "def")
    assert tokenize("a.unknown", "def f(): pass") == ((("", "def f(): pass"),),)


def test_a_language_is_named_as_in_markdown() -> None:
    assert tokenize_sample("python", "return 1\n")[0][0] == ("k", "return")
    assert tokenize_sample("Python", "return 1\n")[0][0] == ("k", "return")
    assert tokenize_sample("pyhton", "return 1\n") == ((("", "return 1"),),)


def test_a_string_over_several_lines_has_its_class_on_each() -> None:
    lines = tokenize("a.py", 'x = """a\n\nb\n"""\n')
    assert [{css for css, text in line if text.strip()} for line in lines[1:]] == [set(), {"s2"}, {"s2"}]
