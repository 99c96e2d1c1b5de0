"""Bodies that nobody reads, that break off under a reader, or that come more slowly than they are read."""

from concurrent.futures import ThreadPoolExecutor

from tests.experiments.applications import APP
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, sum_up
from tests.experiments.lab import Lab
from tests.experiments.server import Server

_CHUNKED = "Transfer-Encoding: chunked"
_EVALUATING = """
    def application(environ, start_response):
        body = environ["wsgi.input"]
        answer = str(eval(environ["QUERY_STRING"], {"body": body})).encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]
    """
_CATCHING = """
    def application(environ, start_response):
        body = environ["wsgi.input"]
        answer = "no body" if environ["REQUEST_METHOD"] == "GET" else ""
        for read in (1, 2) if environ["REQUEST_METHOD"] == "POST" else ():
            try:
                answer += f"read {read}: {body.read()}; "
            except Exception as error:
                answer += f"read {read}: {type(error).__name__}; "
        answer = f"{environ['PATH_INFO']}: {answer}".encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]
    """


@experiment(
    slug="lines-that-wait",
    title="readline() waits for 1024 bytes, though the line is there; with a size it waits for no more than that",
    question="A line has arrived and the client pauses: which methods of wsgi.input return it?",
    topic="http",
    where=(
        "gunicorn.http.body.Body.read",
        "gunicorn.http.body.Body.readline",
        "gunicorn.http.body.ChunkedReader.read",
        "gunicorn.http.body.LengthReader.read",
    ),
)
def lines_that_wait(lab: Lab) -> Observations:
    lab.write("app.py", _EVALUATING)
    server = lab.start("app").listening()
    observations = {}
    for kind, field, first, more in (
        ("chunks", _CHUNKED, "8\r\none\ntwo\n\r\n", "3f8\r\n" + "x" * 1016 + "\r\n"),
        ("a length", "Content-Length: 2000", "one\ntwo\n", "x" * 1016),
    ):
        for call in ("body.readline()", "next(body)", "body.read(3)", "body.readline(3)"):
            with server.connect() as client:
                client.send(request(f"POST /?{call} HTTP/1.1", field, body=first).encode())
                at_once = client.is_heard(within=0.7)
                client.send(more.encode())
                answer = client.answer().body
                when = "at once" if at_once else "when 1024 bytes are there"
                observations[f"8 bytes of {kind}, then a pause: {call}"] = f"{answer} {when}"
    return observations


def _ask_beside(server: Server, sent: str, then: str) -> list[str]:
    """How others fare beside a client whose body of 20000 bytes was answered unread, and how it fares itself."""
    server.listening().ask()
    with server.connect() as uploading:
        head = request("POST / HTTP/1.1", "Content-Length: 20000", body=sent)
        first = uploading.ask(head.encode(), "POST")
        seen = [f"the response: {' '.join(first.told('Connection'))}"]
        uploading.send(then.encode())
        uploading.is_closed(within=0.5)
        with server.connect() as other:
            other.send(GET)
            if other.is_heard(within=6):
                after = "closes" if uploading.is_closed(within=6) else "stays open"
                return [*seen, f"another client: {other.answer().status}", f"the first connection {after}"]
            uploading.close()
            return [*seen, "another client waits", f"once the first has left: {other.answer().status}"]


@experiment(
    slug="bodies-that-nobody-reads",
    title="Until 25.3.0 an unread body holds a thread of gthread; gevent lets go after keep-alive, sync at once",
    question="The application answers without reading the body, the client stays: is another client served?",
    topic="http",
    where=(
        "gunicorn.http.parser.Parser.__next__",
        "gunicorn.workers.gthread.ThreadWorker.finish_request",
        "gunicorn.workers.gthread.ThreadWorker.handle",
        "gunicorn.workers.base_async.AsyncWorker.handle",
        "gunicorn.workers.sync.SyncWorker.handle",
    ),
    since="20.1.0",
)
def bodies_that_nobody_reads(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    cases = {
        "gthread, 1 thread; the whole body is sent": ("gthread", "x" * 20000, ""),
        "gthread, 1 thread; no byte of it is sent": ("gthread", "", ""),
        "gthread, 1 thread; one byte is sent, after the response": ("gthread", "", "x"),
        "gevent; one byte is sent, after the response": ("gevent", "", "x"),
        "sync; no byte of it is sent": ("sync", "", ""),
    }
    servers = {
        case: lab.start("--worker-class", worker, "--threads", "1", "--keep-alive", "1", "app")
        for case, (worker, *_) in cases.items()
    }
    with ThreadPoolExecutor() as pool:  # side by side, since most of it is waiting
        seen = {case: pool.submit(_ask_beside, servers[case], sent, then) for case, (_, sent, then) in cases.items()}
        return {case: future.result() for case, future in seen.items()}


@experiment(
    slug="after-a-broken-body",
    title="Until 26.2.0 a broken chunk that the application survives ends the body; the rest is the next request",
    question="An application catches the error of a broken body and answers: what do it and the parser read next?",
    topic="http",
    where=(
        "gunicorn.http.body.ChunkedReader.read",
        "gunicorn.http.body.ChunkedReader.parse_chunked",
        "gunicorn.http.parser.Parser.__next__",
    ),
)
def after_a_broken_body(lab: Lab) -> Observations:
    lab.write("app.py", _CATCHING)
    server = lab.start("--worker-class", "gevent", "app").listening()
    observations = {}
    for fault, body in (
        ("a size that is none", "3\r\nabc\r\nzz\r\n"),
        ("no line end behind a chunk", "3\r\nabcdef\r\n"),
        ("a nameless trailer", "3\r\nabc\r\n0\r\n: a\r\n\r\n"),
        ("none", "3\r\nabc\r\n0\r\n\r\n"),
    ):
        with server.connect() as client:
            first = client.ask(request("POST /first HTTP/1.1", _CHUNKED, body=body).encode(), "POST")
            second = sum_up(client.ask(request("GET /second HTTP/1.1", "Connection: close").encode()))
            observations[f"fault: {fault}"] = [
                f"{sum_up(first)}{first.header('Connection')}",
                f"what comes then: {second if '200' in second else 'the connection is closed'}",
            ]
    return observations
