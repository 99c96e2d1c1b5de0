"""The request line: its method, its target, its version, and the blanks between them."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, spell, verdict
from tests.experiments.lab import Lab

_LINE = "gunicorn.http.message.Request.parse_request_line"
_READ_LINE = "gunicorn.http.message.Request.read_line"
_TOLD = answering("' '.join(environ[name] for name in ('REQUEST_METHOD', 'RAW_URI', 'SERVER_PROTOCOL'))")


@experiment(
    slug="methods",
    title="A method is a token of 3 to 20 characters, without small letters and #",
    question="Which words are methods, and what do the switches of later releases allow?",
    topic="http",
    where=(_LINE, "gunicorn.config.PermitUnconventionalHTTPMethod", "gunicorn.config.CasefoldHTTPMethod"),
)
def methods(lab: Lab) -> Observations:
    lab.write("app.py", answering("environ['REQUEST_METHOD']"))
    words = ("GET", "get", "GETx", "G~T", "GET#", "G=T", "GO", "A" * 20, "A" * 21)
    cases: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((), words)]
    if lab.is_since("22.0.0"):
        casefold, permit = "--casefold-http-method", "--permit-unconventional-http-method"
        cases += [((casefold,), ("get",)), ((permit, casefold), words[1:])]
    observations = {}
    for switches, chosen in cases:
        server = lab.start(*switches, "app").listening()
        for method in chosen:
            label = method if len(method) < 9 else f"{len(method)} letters"
            answer = verdict(server, request(f"{method} / HTTP/1.1"))
            observations[" | ".join(filter(None, [" ".join(switches), label]))] = answer
    return observations


@experiment(
    slug="http-versions",
    title="Every version from 1.0 to 1.9 is served, any other is refused",
    question="Which HTTP versions are answered, and does the worker live on after the others?",
    topic="http",
    where=(
        _LINE,
        "gunicorn.http.errors.InvalidHTTPVersion",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def http_versions(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    server = lab.start("app").listening()
    versions = ("HTTP/1.0", "HTTP/1.1", "HTTP/1.9", "HTTP/1.10", "HTTP/1.1x", "http/1.1", "HTTP/0.9", "HTTP/2.0")
    observations = {}
    for version in versions:
        worker = server.worker
        answer = verdict(server, request(f"GET / {version}"))
        server.ask()
        observations[version] = answer if server.worker == worker else f"{answer}, and the worker ends"
    return observations


@experiment(
    slug="request-targets",
    title="A target of any form is served, and CONNECT other:80 asks for the path 80",
    question="Which targets are refused, and what does the application see of the others?",
    topic="http",
    where=(_LINE, "gunicorn.util.split_request_uri", "gunicorn.http.wsgi.create"),
)
def request_targets(lab: Lab) -> Observations:
    lab.write("app.py", answering("ascii([environ[name] for name in ('PATH_INFO', 'QUERY_STRING', 'HTTP_HOST')])"))
    server = lab.start("app").listening()
    lines = (
        "GET /a%2Fb%00?c#d HTTP/1.1",
        "GET //a//b HTTP/1.1",
        "GET http://other/a?b HTTP/1.1",
        "GET http://[::1/a HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "GET * HTTP/1.1",
        "CONNECT other:80 HTTP/1.1",
        "GET other:80 HTTP/1.1",
        "GET a HTTP/1.1",
        "GET ?a HTTP/1.1",
        "GET /\xe9 HTTP/1.1",
        "GET /\x00 HTTP/1.1",
        "GET /\ta HTTP/1.1",
    )
    return {spell(line): verdict(server, request(line)) for line in lines}


@experiment(
    slug="blanks-in-the-request-line",
    title="A request line is cut at single spaces, and none of them may be missing or double",
    question="What if the request line has other blanks than the two spaces, or other lines before it?",
    topic="http",
    where=(_LINE, _READ_LINE, "gunicorn.http.message.Request.parse"),
)
def blanks_in_the_request_line(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    server = lab.start("app").listening()
    lines = (
        "GET  HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/\tHTTP/1.1",
        "GET /\x0bHTTP/2.0 HTTP/1.1",
        "GET / / HTTP/1.1",
        "GET /",
        "GET / HTTP/1.1\nX-A: a",
        "\r\nGET / HTTP/1.1",
        "\r\n\r\nGET / HTTP/1.1",
        "\nGET / HTTP/1.1",
    )
    bare = "GET / HTTP/1.1\nHost: lab\n\n"
    return {**{spell(line): verdict(server, request(line)) for line in lines}, spell(bare): verdict(server, bare)}
