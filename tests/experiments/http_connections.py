"""What stands between the requests of a connection: unread bodies, pipelined requests, a client that waits for 100."""

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import CHUNKS, request, spell, sum_up
from tests.experiments.lab import Lab
from tests.experiments.waiting import Stopwatch

_SECOND = request("GET /second HTTP/1.1", "Connection: close")


@experiment(
    slug="pipelining",
    title="gevent answers two pipelined requests, sync the first; gthread forgets the second until keep-alive ends",
    question="What becomes of a second request that came together with the first?",
    topic="http",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base_async.AsyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.finish_request",
        "gunicorn.workers.gthread.ThreadWorker.handle",
    ),
)
def pipelining(lab: Lab) -> Observations:
    lab.write("app.py", answering("environ['PATH_INFO']"))
    workers = ("sync", "gevent", "gthread") if lab.is_since("20.1.0") else ("sync", "gevent")
    observations: dict[str, list[str]] = {}
    for worker in workers:
        server = lab.start("--worker-class", worker, "--keep-alive", "2", "app").listening()
        with server.connect() as client:
            client.send((request("GET /first HTTP/1.1") + _SECOND).encode())
            first = sum_up(client.answer())
            watch = Stopwatch()
            second = sum_up(client.answer())
            observations[worker] = [first, f"{second}, {watch.compare(1.5, 10)}"]
    return observations


@experiment(
    slug="between-two-requests",
    title="An unread body is thrown away before the next request; behind gzip, chunked there is no next one",
    question="After which requests is the next one on the same connection answered?",
    topic="http",
    where=(
        "gunicorn.http.parser.Parser.__next__",
        "gunicorn.http.message.Message.should_close",
        "gunicorn.http.message.Message.set_body_reader",
    ),
)
def between_two_requests(lab: Lab) -> Observations:
    lab.write("app.py", answering("environ['PATH_INFO']"))
    server = lab.start("--worker-class", "gevent", "app").listening()
    observations: dict[str, list[str]] = {}
    for line, field, body in (
        ("POST /first HTTP/1.1", "Content-Length: 5", "hello"),
        ("POST /first HTTP/1.1", "Transfer-Encoding: chunked", CHUNKS),
        ("POST /first HTTP/1.1", "Transfer-Encoding: chunked", "0x3\r\nabc\r\n0\r\n\r\n"),
        ("POST /first HTTP/1.1", "Transfer-Encoding: gzip, chunked", CHUNKS),
        ("CONNECT other:80 HTTP/1.1", "X-A: a", ""),
        ("GET /first HTTP/1.0", "X-A: a", ""),
        ("GET /first HTTP/1.0", "Connection: keep-alive", ""),
        ("GET /first HTTP/1.1", "Connection: close", ""),
        ("GET /first HTTP/1.1", "Connection: close, X-A", ""),
        ("GET /first HTTP/1.1", "X A: a", ""),
    ):
        with server.connect() as client:
            client.send((request(line, field, body=body) + _SECOND).encode())
            label = spell(" + ".join(filter(None, [line, field, body])))
            observations[label] = [sum_up(client.answer()), sum_up(client.answer())]
    return observations


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
