"""A document against a pydantic model: what does not fit becomes a problem at its line."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from render.document import Document, find_node, plain
from render.problems import Problem, ProblemsFound

Model = TypeVar("Model", bound=BaseModel)

_WANTED = {
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def validate(document: Document, model: type[Model]) -> Model:
    """The document as a value of the model. Raises ProblemsFound with everything that does not fit."""
    try:
        return model.model_validate(plain(document.root))
    except ValidationError as error:
        raise ProblemsFound(_problem(document, found) for found in error.errors() if not _is_echo(found)) from None


def _is_echo(found: Any) -> bool:
    """Whether a list is only called too short because none of its items fits, which is told of each."""
    return found["type"] == "too_short" and bool(found["input"])


def _problem(document: Document, found: Any) -> Problem:
    keys: tuple[str | int, ...] = found["loc"]
    _, line = find_node(document.root, keys)
    return Problem(document.place(line), _sentence(keys, found))


def _sentence(keys: tuple[str | int, ...], found: Any) -> str:
    key = next((key for key in reversed(keys) if isinstance(key, str)), "the file")
    said = _said(found["input"])
    match found["type"]:
        case "extra_forbidden":
            return f"unknown key `{key}`; remove it or spell it as the schema does"
        case "missing":
            return f"the key `{key}` is missing; add it"
        case "string_pattern_mismatch" if not found["input"].strip():
            return f"`{key}` is empty; write it, or remove the key if it may be absent"
        case "too_short":
            return f"`{key}` has no item; write one"
        case "string_too_long" | "too_long" if isinstance(found["input"], str):
            length, limit = len(found["input"]), found["ctx"]["max_length"]
            return f"`{key}` has {length} characters and may have {limit}; shorten it"
        case "string_pattern_mismatch":
            return f"`{key}` is {said}, which does not match {found['ctx']['pattern']}; write it so"
        case kind if kind in _WANTED:
            return f"`{key}` is {said}, not {_WANTED[kind]}; write {_WANTED[kind]}"
        case "value_error":
            return f"`{key}`: {found['ctx']['error']}"
        case _:
            return f"`{key}` is {said}: {found['msg'].lower()}; mend it"


def _said(value: Any) -> str:
    """A value in words; of a long text, its beginning."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:59]}…")
    return "a mapping" if isinstance(value, dict) else "a list"
