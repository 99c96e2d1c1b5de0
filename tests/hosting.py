"""A site from memory on a free port of this machine, for a browser to read."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from threading import Thread
from urllib.parse import unquote, urlsplit

from render.output import Site


@contextmanager
def hosted(site: Site) -> Iterator[str]:
    """The address of the site's root, with its slash, until the context is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(site)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = PurePosixPath(unquote(urlsplit(self.path).path).lstrip("/"))
            content = site.get(path, site.get(path / "index.html"))
            self.send_response(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK)
            self.send_header("Content-Type", mimetypes.guess_type(path.name or "index.html")[0] or "text/html")
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Keeps the tests' output free of a line for each request."""

    return Handler
