"""How long a request line and a header may be, and how many headers there may be."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, verdict
from tests.experiments.lab import Lab

_LINE = "--limit-request-line"
_FIELDS = "--limit-request-fields"
_SIZE = "--limit-request-field_size"


@experiment(
    slug="limits-of-the-head",
    title="A request may have a line of 4094 bytes and 100 headers of 8190; zero lifts the limits",
    question="At which lengths and numbers is a request refused, and with which status?",
    topic="http",
    where=(
        "gunicorn.http.message.Request.__init__",
        "gunicorn.http.message.Request.read_line",
        "gunicorn.http.message.Message.__init__",
        "gunicorn.http.message.Message.parse_headers",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def limits_of_the_head(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    by_default = lab.start("app").listening()
    raised = lab.start(_LINE, "9999", _FIELDS, "999", _SIZE, "9999", "app").listening()
    lifted = lab.start(_LINE, "0", _FIELDS, "0", _SIZE, "0", "app").listening()
    observations = {}
    for name, server, lengths, numbers, sizes in (
        ("by default", by_default, (4094, 4095), (100, 101), (8190, 8191)),
        ("9999, 999 and 9999", raised, (8190, 8191), (999, 1000), (9999, 10000)),
        ("zero", lifted, (20000,), (2000,), (8191,)),
    ):
        for length in lengths:
            line = f"GET /{'a' * (length - len('GET / HTTP/1.1'))} HTTP/1.1"
            observations[f"{name}: a line of {length}"] = verdict(server, request(line))
        for number in numbers:
            fields = ["X-A: a"] * (number - 1)
            observations[f"{name}: {number} headers"] = verdict(server, request("GET / HTTP/1.1", *fields))
        for size in sizes:
            field = "X-A: ".ljust(size - len("\r\n"), "a")
            observations[f"{name}: a header of {size}"] = verdict(server, request("GET / HTTP/1.1", field))
    fields = ["X_A: a"] * 200
    observations["by default: 200 headers with underscores"] = verdict(by_default, request("GET / HTTP/1.1", *fields))
    return observations
