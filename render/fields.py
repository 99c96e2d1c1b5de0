"""The kinds of text that people write under a key, what each may hold, and what an editor is told of it."""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from render.prose import is_line, is_words

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_LINES = r"^[1-9][0-9]{0,6}(-[1-9][0-9]{0,6})?$"
_DIGEST = r"^[0-9a-f]{12}$"
_RELEASE = r"^[0-9]\S*$"
_ORDINAL = r"^[1-9][0-9]{0,2}$"

UNDECIDED = "?"
"""What ends `lines` that a person has yet to decide."""


def _forwards(lines: str) -> str:
    first, _, last = lines.partition("-")
    if last and int(last) < int(first):
        raise ValueError(f"{lines} runs backwards; write the smaller number first")
    return lines


def _decided(lines: object) -> object:
    if isinstance(lines, str) and lines.endswith(UNDECIDED):
        advice = "read both releases, mend what is written, then these lines, without the question mark"
        raise ValueError(f"{lines} was left to be decided when it was ported; {advice}")
    return lines


def _inside_release(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.name or str(path) != name or "\\" in name:
        raise ValueError(f"`{name}` leaves the release or is not plain; write it as in gunicorn/arbiter.py")
    return name


def _one_line(markdown: str) -> str:
    if not is_line(markdown):
        raise ValueError("not one line of words, or it holds a link; leave out references, HTML, lists and the like")
    return markdown


def _plain(words: str) -> str:
    if not is_words(words):
        raise ValueError("shown as it stands, without Markdown; leave the markup out")
    return words


def _once_each(slugs: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if repeated:
        raise ValueError(f"`{repeated[0]}` is named twice; keep one")
    return slugs


def _or_number(kind: str, minimum: int, pattern: str, description: str) -> WithJsonSchema:
    """An editor reads 42 as a number where we read text; let it accept both."""
    schema = {"type": ["string", kind], "minimum": minimum, "pattern": pattern, "description": description}
    return WithJsonSchema(schema)


Slug = Annotated[str, Field(pattern=SLUG, max_length=60)]
Slugs = Annotated[tuple[Slug, ...], AfterValidator(_once_each), Field(json_schema_extra={"uniqueItems": True})]

Prose = Annotated[str, Field(pattern=r"\S")]
"""Markdown."""

Line = Annotated[Prose, AfterValidator(_one_line)]
"""Inline Markdown on one line; free of links, because it is itself the text of links."""

Words = Annotated[Prose, AfterValidator(_plain)]
"""Text that is shown as it stands."""

VendoredFile = Annotated[str, Field(pattern=r"\S"), AfterValidator(_inside_release)]
VendoredRelease = Annotated[str, Field(pattern=_RELEASE), _or_number("number", 0, _RELEASE, "As in 23.0.0")]
Lines = Annotated[
    str,
    BeforeValidator(_decided),
    Field(pattern=_LINES),
    AfterValidator(_forwards),
    _or_number("integer", 1, _LINES, "First and last line, 1-based, both ends in"),
]
Ordinal = Annotated[str, Field(pattern=_ORDINAL), _or_number("integer", 1, _ORDINAL, "Counted from 1")]
Inside = Annotated[str, Field(description="Innermost definition around the span; filled by `annotated stamp`")]
Opens = Annotated[str, Field(description="First line of the span, stripped; filled by `annotated stamp`")]
Digest = Annotated[
    str,
    Field(pattern=_DIGEST),
    _or_number("number", 0, _DIGEST, "First 12 hex digits of the SHA-256 of the span; filled by `annotated stamp`"),
]
