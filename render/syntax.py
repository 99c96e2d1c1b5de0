"""A Python file as this Python's parser and tokenizer see it, each asked once."""

import ast
import io
import tokenize
from dataclasses import dataclass
from functools import lru_cache

from render.source import SourceFile


@dataclass(frozen=True, slots=True)
class Syntax:
    """The tree of a file, and its tokens, comments and line ends included."""

    module: ast.Module
    tokens: tuple[tokenize.TokenInfo, ...]


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


@lru_cache(maxsize=128)
def _parse(file: SourceFile) -> Syntax | SyntaxFault | None:
    """Parser and tokenizer must both agree: they differ about some odd indentation, and boundaries rest on tokens."""
    if file.path.suffix != ".py":
        return None
    try:
        tokens = tokenize.generate_tokens(io.StringIO(file.text).readline)
        return Syntax(ast.parse(file.text), tuple(tokens))
    except SyntaxError as error:
        return SyntaxFault(error.lineno or 1, error.msg)
    except tokenize.TokenError as error:
        message, (line, _) = error.args
        return SyntaxFault(line, message)
    except ValueError as error:  # a null character, before 3.12
        return SyntaxFault(1, str(error))
