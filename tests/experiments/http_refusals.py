"""Where a refused request is heard of, and what a strange one leaves in the logs."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import READING, request, spell, verdict
from tests.experiments.lab import Lab
from tests.experiments.server import Server

_ACCESS = ("--access-logfile", "access.log", "--access-logformat", "%(h)s %(r)s %(s)s")


@experiment(
    slug="refusals-in-the-access-log",
    title="A head that is refused leaves no line in the access log; a bad length or trailer does",
    question="Which refused requests are found in the access log?",
    topic="http",
    where=(
        "gunicorn.workers.base.Worker.handle_error",
        "gunicorn.http.message.Message.__init__",
        "gunicorn.http.message.Message.set_body_reader",
        "gunicorn.http.errors.InvalidHeader",
    ),
)
def refusals_in_the_access_log(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start(*_ACCESS, "app").listening()
    observations: dict[str, list[str]] = {}
    for path, raw in enumerate(
        (
            request("POST /{} HTTP/1.1", "Content-Length: +5"),
            request("POST /{} HTTP/1.1", "Content-Length: 5", "Content-Length: 5"),
            request("POST /{} HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length: 5"),
            request("POST /{} HTTP/1.1", "Transfer-Encoding: xchunked"),
            request("GET /{} HTTP/1.1", "X A: a"),
            request("GET /{} HTTP/1.1", "no colon"),
            request("GET /{} HTTP/2.0", "X-A: a"),
            request("get /{} HTTP/1.1", "X-A: a"),
            request("POST /{} HTTP/1.1", "Transfer-Encoding: chunked", body="0\r\nX A: a\r\n\r\n"),
        ),
        start=1,
    ):
        said = verdict(server, raw.replace("/{}", f"/{path}"))
        server.wait_until_idle()
        logged = [line for line in lab.read("access.log") if f"/{path} " in line]
        label = raw.replace("/{}", "/").removesuffix("\r\n\r\n").replace("\r\nHost: lab\r\n", " + ")
        observations[spell(label)] = [said, f"access log: {', '.join(logged) or 'nothing'}"]
    return observations


@experiment(
    slug="line-feeds-in-the-target",
    title="From 22.0.0 to 26.2.0 a line feed in the request target begins a new line of the access log",
    question="What becomes of a bare CR or LF in the request target?",
    topic="http",
    where=(
        "gunicorn.http.message.Request.read_line",
        "gunicorn.http.message.Request.parse_request_line",
        "gunicorn.glogging.Logger.atoms",
    ),
)
def line_feeds_in_the_target(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start(*_ACCESS, "app").listening()
    said = verdict(server, request("GET /a\n10.0.0.1\tGET\t/forged HTTP/1.1"))
    server.wait_until_idle()
    return {"GET /a\\n10.0.0.1\\tGET\\t/forged HTTP/1.1": said, "access.log": lab.read("access.log")}


@experiment(
    slug="a-bad-header-is-quoted-whole",
    title="A header line that is none is quoted whole, in the log and in the answer, whatever the limits say",
    question="How much of a long line that is refused goes to the log?",
    topic="http",
    where=("gunicorn.http.message.Message.parse_headers", "gunicorn.workers.base.Worker.handle_error"),
)
def a_bad_header_is_quoted_whole(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("app").listening()

    def told(head: str) -> list[str]:
        """The start of the answer, and how long the last refusal in the log is."""
        said = verdict(server, request("GET / HTTP/1.1", head))
        refusals = [line for line in server.log if "Invalid request" in line or "Error parsing headers" in line]
        return [f"{said[:40]}…", *map(_length, refusals[-1:])]

    return {
        "100000 bytes without a colon": told("a" * 100_000),
        "a name of 100000 bytes with blanks": told("a " * 50_000 + ": a"),
        "a value of 100000 bytes": told("X-A: " + "a" * 100_000),
    }


@experiment(
    slug="unlimited-headers-have-a-limit",
    title="With a header size of 0, all headers still share 819204 bytes, and since 25.3.0 one has a limit again",
    question="How long may a header be with --limit-request-field_size 0?",
    topic="http",
    where=("gunicorn.http.message.Message.__init__", "gunicorn.http.message.Request.parse"),
)
def unlimited_headers_have_a_limit(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    server = lab.start("--limit-request-field_size", "0", "app").listening()
    return {f"a header of {size} bytes": _of_one_header(server, size) for size in (100_000, 819_202, 819_203)}


def _of_one_header(server: Server, size: int) -> str:
    return verdict(server, "GET / HTTP/1.1\r\n" + "X-A: ".ljust(size - len("\r\n"), "a") + "\r\n\r\n")


def _length(line: str) -> str:
    return "a line of more than 100000 characters in the log" if len(line) > 100_000 else "a shorter line in the log"
