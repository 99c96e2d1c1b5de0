"""A request with every fault at once: which one is noticed first, and which next."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import verdict
from tests.experiments.lab import Lab

_SHAPE = (
    "{proxy}{method} {target}{length} {version}\r\nHost: lab\r\n{framing}{script}"
    "{name}: a{value}{size}\r\n{fold}{colon}{scheme}{number}\r\n"
)

_FAULTS = {
    "a PROXY line of two words": ("proxy", "PROXY UNKNOWN\r\n", ""),
    "a line that is too long": ("length", "a" * 200, ""),
    "a method in small letters": ("method", "get", "GET"),
    "a target that is no URL": ("target", "http://[", "/"),
    "HTTP/2.0": ("version", "HTTP/2.0", "HTTP/1.1"),
    "a header's name with a blank": ("name", "X A", "X-A"),
    "its value, on two lines": ("fold", " folded\r\n", ""),
    "its value, with a NUL": ("value", "\0", ""),
    "its size": ("size", "a" * 200, ""),
    "a next header without a colon": ("colon", "no colon\r\n", ""),
    "scheme headers that disagree": ("scheme", "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n", ""),
    "the number of headers": ("number", "X-B: b\r\n" * 9, ""),
    "a length beside chunks": ("framing", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", ""),
    "a prefix that the path has not": ("script", "SCRIPT_NAME: /b\r\n", ""),
}
"""In the order in which 23.0.0 notices them: the place of a fault, with it and without."""


@experiment(
    slug="every-fault-at-once",
    title="Of many faults the first is reported: the line, the headers from the top, the framing, the prefix",
    question="A request has every fault at once, and each that is reported is mended: in which order do they come up?",
    topic="http",
    where=(
        "gunicorn.http.message.Message.__init__",
        "gunicorn.http.message.Message.parse_headers",
        "gunicorn.http.message.Message.set_body_reader",
        "gunicorn.http.message.Request.parse",
        "gunicorn.http.message.Request.parse_request_line",
        "gunicorn.http.wsgi.create",
    ),
)
def every_fault_at_once(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write(
        "gunicorn.conf.py",
        """\
        proxy_protocol = True
        limit_request_line = 100
        limit_request_fields = 9
        limit_request_field_size = 100
        """,
    )
    server = lab.start("app").listening()
    parts = {place: faulty for place, faulty, _ in _FAULTS.values()}
    observations = {}
    for fault, (place, _, mended) in _FAULTS.items():
        observations[f"with {fault} and all that follows"] = verdict(server, _SHAPE.format(**parts))
        parts[place] = mended
    observations["without any"] = verdict(server, _SHAPE.format(**parts))
    return observations
