"""What stands between the requests of a connection: unread bodies, pipelined requests, a client that waits for 100."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request
from tests.experiments.lab import Lab


@experiment(
    slug="expect-100-continue",
    title="100 Continue is sent though the application never reads, and until 24.1.1 to HTTP/1.0 as well",
    question="Who is told to continue, and what of other expectations?",
    topic="http",
    where=("gunicorn.http.wsgi.create", "gunicorn.http.message.HeaderPolicy._apply_header_policy"),
)
def expect_100_continue(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("app").listening()
    observations = {}
    for line, *fields in (
        ("POST / HTTP/1.1", "Expect: 100-continue"),
        ("POST / HTTP/1.1", "Expect: 100-Continue"),
        ("POST / HTTP/1.1", "Expect: 100-continue", "Expect: 100-continue"),
        ("POST / HTTP/1.1", "Expect: 200-ok"),
        ("POST / HTTP/1.1", "Expect:"),
        ("POST / HTTP/1.0", "Expect: 100-continue"),
        ("GET / HTTP/1.1", "Expect: 100-continue"),
    ):
        told = server.ask(request(line, *fields).encode())
        observations[" + ".join([line, *fields])] = [each for each in told if each.startswith("HTTP/")]
    return observations
