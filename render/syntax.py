"""A Python file as this Python's parser and tokenizer see it."""

import ast
import io
import tokenize
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from render.source import SourceFile


@dataclass(frozen=True)
class Syntax:
    """The text of a file, and its tree."""

    text: str
    module: ast.Module

    @cached_property
    def tokens(self) -> tuple[tokenize.TokenInfo, ...]:
        """Comments and line ends included; made when they are asked for, since they are larger than the tree."""
        return tuple(_tokens(self.text))


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Why this Python cannot read a file, and at which line (1-based)."""

    line: int
    message: str


def find_syntax(file: SourceFile) -> Syntax | None:
    """What a file is made of; None for what is not Python, or not this Python's."""
    parsed = _parse(file)
    return parsed if isinstance(parsed, Syntax) else None


def find_syntax_fault(file: SourceFile) -> SyntaxFault | None:
    """Why this Python cannot read a file; None when it can, and for what is not Python."""
    parsed = _parse(file)
    return parsed if isinstance(parsed, SyntaxFault) else None


@lru_cache(maxsize=512)
def _parse(file: SourceFile) -> Syntax | SyntaxFault | None:
    """Parser and tokenizer must both agree: they differ about some odd indentation, and boundaries rest on tokens.

    Enough is kept for all files in which nine releases differ, as a comparison of all of them asks for each again.
    """
    if file.path.suffix != ".py":
        return None
    try:
        module = ast.parse(file.text)
        deque(_tokens(file.text), maxlen=0)
        return Syntax(file.text, module)
    except SyntaxError as error:
        return SyntaxFault(error.lineno or 1, error.msg)
    except tokenize.TokenError as error:
        message, (line, _) = error.args
        return SyntaxFault(line, message)
    except ValueError as error:  # a null character, before 3.12
        return SyntaxFault(1, str(error))


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)
