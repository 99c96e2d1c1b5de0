"""What each address of the preview answers, as a WSGI application."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from render.preview import NOTHING_YET, Failure, Outcome, Preview

HEARTBEAT = 1.0
"""Seconds between two signs of life on an event stream; a page that was closed is noticed at the second."""

_LIVE = Path(__file__).with_name("live")
_INDEX = "index.html"
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": _HTML,
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": _TEXT,
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
}


_StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: HTTPStatus
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answers:
    """Answers with the preview's last good site, or with what keeps the first one from being made."""

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._templates = Environment(loader=FileSystemLoader(_LIVE), autoescape=True, undefined=StrictUndefined)

    def __call__(self, environ: Mapping[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        method = environ["REQUEST_METHOD"]
        if path == "/-/events" and method == "GET":
            start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")])
            return self._events()
        answer = self._answer(path) if method in ("GET", "HEAD") else _refuse()
        length = ("Content-Length", str(len(answer.body)))
        start_response(f"{answer.status} {answer.status.phrase}", [*answer.headers, length])
        return () if method == "HEAD" else (answer.body,)

    def _events(self) -> Iterator[bytes]:
        """How things stand, now and after each change; between them comments, which fail once the page is closed."""
        known = NOTHING_YET
        while True:
            outcome = self._preview.after(known, HEARTBEAT)
            yield b":\n\n" if outcome is known else self._event(outcome)
            known = outcome

    def _event(self, outcome: Outcome) -> bytes:
        failure = outcome.failure and self._render("_failure.html", failure=outcome.failure)
        return f"data: {json.dumps({'site': outcome.digest, 'failure': failure})}\n\n".encode()

    def _answer(self, path: str) -> _Answer:
        if path in ("/-/live.css", "/-/live.js"):
            file = _LIVE / path.removeprefix("/-/")
            return _Answer(HTTPStatus.OK, _headers(_TYPES[file.suffix]), file.read_bytes())
        outcome = self._preview.after(NOTHING_YET)
        if outcome.site is None:
            page = self._render("failure.html", failure=outcome.failure)
            return _page(HTTPStatus.SERVICE_UNAVAILABLE, page.encode(), outcome)
        name = PurePosixPath(path[1:] + _INDEX if path.endswith("/") else path[1:])
        if name in outcome.site:
            return _found(name, outcome.site[name], outcome)
        if name / _INDEX in outcome.site:
            return _move(f"/{name}/")
        page = self._render("missing.html", path=path)
        return _page(HTTPStatus.NOT_FOUND, page.encode(), outcome)

    def _render(self, template: str, **values: str | Failure | None) -> str:
        return self._templates.get_template(template).render(values)


def _found(name: PurePosixPath, content: bytes, outcome: Outcome) -> _Answer:
    kind = _TYPES.get(name.suffix, "application/octet-stream")
    if kind == _HTML:
        return _page(HTTPStatus.OK, content, outcome)
    hashed = name.parts[0] == "assets" and len(name.parts) > 2
    cache = "public, max-age=31536000, immutable" if hashed else "no-store"
    return _Answer(HTTPStatus.OK, _headers(kind, cache), content)


def _page(status: HTTPStatus, html: bytes, outcome: Outcome) -> _Answer:
    """The page with a script that follows the builds from the one that this page came of."""
    body, closing, rest = html.rpartition(b"</body>")
    script = f'<script type="module" src="/-/live.js?{outcome.digest}"></script>'.encode()
    return _Answer(status, _headers(_HTML), body + script + closing + rest if closing else html + script)


def _move(path: str) -> _Answer:
    """Relative links on a folder's page hold only below an address that ends in a slash."""
    headers = (*_headers(_TEXT), ("Location", quote(path)))
    return _Answer(HTTPStatus.TEMPORARY_REDIRECT, headers, b"")


def _refuse() -> _Answer:
    headers = (*_headers(_TEXT), ("Allow", "GET, HEAD"))
    return _Answer(HTTPStatus.METHOD_NOT_ALLOWED, headers, b"Only GET and HEAD are answered here.\n")


def _headers(kind: str, cache: str = "no-store") -> tuple[tuple[str, str], ...]:
    return ("Content-Type", kind), ("Cache-Control", cache), ("X-Content-Type-Options", "nosniff")
