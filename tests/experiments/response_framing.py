"""How the end of a response is told, and which headers of the application's are not passed on."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server


def told(server: Server, request: bytes) -> list[str]:
    """All that comes in answer, without what every answer has."""
    return [line for line in server.ask(request) if line and not line.startswith(("Server:", "Date:"))]


@experiment(
    slug="response-without-a-length",
    title="Nothing is counted: without a length it is chunks, or the end of the connection",
    question="How does a client learn where a body ends that came without Content-Length?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.is_chunked", "gunicorn.http.wsgi.Response.write"),
)
def response_without_a_length(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        BODIES = {
            "/one": [b"one"],
            "/three": [b"one", b"", b"three"],
            "/none": [],
        }

        def application(environ, start_response):
            write = start_response("200 OK", [])
            if environ["PATH_INFO"] == "/written":
                write(b"written")
                return [b"returned"]
            return BODIES[environ["PATH_INFO"]]
        """,
    )
    server = lab.start("app").listening()
    return {
        f"{body}, {version}": told(server, f"GET /{path} {version}\r\nHost: lab\r\n\r\n".encode())
        for path, body in (
            ("one", "[b'one']"),
            ("three", "[b'one', b'', b'three']"),
            ("none", "[]"),
            ("written", "write(b'written'), then [b'returned']"),
        )
        for version in ("HTTP/1.1", "HTTP/1.0")
    }


@experiment(
    slug="bodies-where-none-may-be",
    title="Until 25.3.0 a body goes out behind HEAD, 204 and 304",
    question="What becomes of a body that the application returns to HEAD, or with 204 or 304?",
    topic="response",
    where=(
        "gunicorn.http.wsgi.Response.write",
        "gunicorn.http.wsgi.Response.start_response",
        "gunicorn.http.wsgi.Response._response_omits_body",
        "gunicorn.http.wsgi.Response._response_forbids_content_length",
    ),
)
def bodies_where_none_may_be(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            status, length = environ["PATH_INFO"].strip("/").split("/")
            start_response(f"{status} Said", [("Content-Length", length)] if length != "none" else [])
            return [b"body"]
        """,
    )
    server = lab.start("--worker-class", "gevent", "app").listening()
    observations: dict[str, str | list[str]] = {}
    for method, status in (("HEAD", "200"), ("GET", "204"), ("GET", "304")):
        for length in ("4", "none"):
            request = f"{method} /{status}/{length} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"
            observations[f"{method}, {status}, Content-Length: {length}"] = told(server, request.encode())
    with server.connect() as client:
        client.send(b"HEAD /200/4 HTTP/1.1\r\nHost: lab\r\n\r\nGET /200/4 HTTP/1.1\r\nHost: lab\r\n\r\n")
        head = client.answer("HEAD").header("Connection")
        observations[f"HEAD, Connection: {head}; the next answer begins"] = client.answer().status
    bare = [line for line in server.stderr if not line.startswith("[")]
    return {**observations, "stderr, first line outside the log": bare[:1] or "nothing"}


@experiment(
    slug="a-length-that-is-wrong",
    title="A body that is too long is cut; one too short takes its end from the next response",
    question="What if the body is not as long as the application's Content-Length says?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.write", "gunicorn.http.wsgi.Response.process_headers"),
)
def a_length_that_is_wrong(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response("200 OK", [("Content-Length", environ["PATH_INFO"].strip("/"))])
            return [b"12", b"345"]
        """,
    )
    server = lab.start("--worker-class", "gevent", "app").listening()
    with server.connect() as client:
        right = client.ask(b"GET /5 HTTP/1.1\r\nHost: lab\r\n\r\n")
        long = client.ask(b"GET /3 HTTP/1.1\r\nHost: lab\r\n\r\n")
        client.send(b"GET /9 HTTP/1.1\r\nHost: lab\r\n\r\n")
        client.send(b"GET /5 HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
        short = client.answer()
        after = client.rest().splitlines()[0]
    with server.connect() as client:
        refused = client.ask(b"GET /five HTTP/1.1\r\nHost: lab\r\n\r\n").status
    return {
        "5 bytes, Content-Length: 5": right.told("Connection"),
        "5 bytes, Content-Length: 3": long.told("Connection"),
        "5 bytes, Content-Length: 9": short.told("Connection"),
        "and the answer to the next request begins": after,
        "Content-Length: five": refused,
        "log": [str(event) for event in server.events if event.level != "INFO"],
    }


@experiment(
    slug="headers-that-stay-behind",
    title="Server, Date and all that is said between neighbours are dropped without a word",
    question="Which headers of the application's never reach the client?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.process_headers", "gunicorn.http.wsgi.Response.default_headers"),
)
def headers_that_stay_behind(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            name, _, value = environ["QUERY_STRING"].partition("=")
            start_response("200 OK", [("Content-Length", "0"), (name, value)])
            return []
        """,
    )
    server = lab.start("--worker-class", "gevent", "app").listening()

    def answer_with(header: str) -> list[str]:
        request = f"GET /?{header.replace(': ', '=')} HTTP/1.1\r\nHost: lab\r\n\r\n"
        with server.connect() as client:
            return [f"{name}: {value}" for name, value in client.ask(request.encode()).headers]

    usual = answer_with("X: y")
    observations: dict[str, str | list[str]] = {"X: y": usual}
    for header in (
        "Server: mine",
        "Date: mine",
        "Connection: close",
        "Connection: upgrade",
        "Upgrade: websocket",
        "Upgrade: h2c",
        "Keep-Alive: timeout=5",
        "Transfer-Encoding: gzip",
        "Proxy-Authenticate: Basic",
        "Trailers: X-Sum",
        "Trailer: X-Sum",
    ):
        observations[header] = [line for line in answer_with(header) if line not in usual] or "nothing"
    return observations
