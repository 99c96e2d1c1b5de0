"""The PROXY protocol: a line before the first request that tells the client's address."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, spell, verdict
from tests.experiments.lab import Lab

_V1_OF_OLD = "gunicorn.http.message.Request.parse_proxy_protocol"
_V1 = "gunicorn.http.message.Request._parse_proxy_protocol_v1"
_TOLD = answering("f\"from {environ['REMOTE_ADDR']}, {environ.get('PROXY_PROTOCOL')}\"")
_GET = request("GET / HTTP/1.1")
_GOOD = "PROXY TCP4 10.0.0.1 10.0.0.2 1111 80"


@experiment(
    slug="proxy-lines",
    title="A PROXY line is six words between single spaces; any other is a 400, UNKNOWN too",
    question="Which PROXY lines are believed, and what are the others answered?",
    topic="headers",
    where=(_V1_OF_OLD, _V1, "gunicorn.http.wsgi.proxy_environ"),
)
def proxy_lines(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("gunicorn.conf.py", "proxy_protocol = True")
    server = lab.start("app").listening()
    lines = (
        _GOOD,
        "PROXY TCP6 ::1 ::2 1111 80",
        "PROXY UNKNOWN",
        "PROXY UDP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY TCP4 ::1 ::2 1111 80",
        "PROXY TCP4 10.0.0.1 10.0.0.2 1111 65536",
        "PROXY TCP4 10.0.0.1 10.0.0.2 +1 80",
        "PROXY  TCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY\tTCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY TCP4 10.0.0.1 10.0.0.2 1111 80 ",
        "proxy TCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXYTCP4",
        f"{_GOOD}\r\n{_GOOD}",
    )
    without = {"(no such line)": verdict(server, _GET)}
    return {**{spell(line): verdict(server, f"{line}\r\n{_GET}") for line in lines}, **without}
