"""Chunks: their sizes, their ends, what comes after them, and what the application sees when they are wrong."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import READING, request, spell, verdict
from tests.experiments.lab import Lab

_CHUNKED = "Transfer-Encoding: chunked"
_SIZE = "gunicorn.http.body.ChunkedReader.parse_chunk_size"
_CHUNK = "gunicorn.http.body.ChunkedReader.parse_chunked"
_TRAILERS = "gunicorn.http.body.ChunkedReader.parse_trailers"


@experiment(
    slug="chunk-sizes",
    title="A chunk size that is not hex digits closes the connection without an answer",
    question="Which spellings of a chunk's size are sizes, and what does the client hear of the others?",
    topic="http",
    where=(_SIZE, "gunicorn.workers.sync.SyncWorker.handle", "gunicorn.http.errors.InvalidChunkSize"),
)
def chunk_sizes(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("app").listening()
    sizes = ("3", "003", "0x3", "0_3", "+3", "-3", " 3", "3 ", "3;x=y", "3 ;x=y", "3;x y", "3;x=\ry", "", ";x=y", "g")
    return {
        spell(f"{size}\r\n"): verdict(server, request("POST / HTTP/1.1", _CHUNKED, body=f"{size}\r\nabc\r\n0\r\n\r\n"))
        for size in sizes
    }


@experiment(
    slug="chunks-that-break-off",
    title="Since 23.0.0 a body that breaks off behind a chunk no longer holds its worker until the timeout",
    question="What becomes of chunks that end too late, too soon, or not at all?",
    topic="http",
    where=(_CHUNK, _SIZE, _TRAILERS),
)
def chunks_that_break_off(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("--timeout", "4", "app").listening()
    observations = {}
    timeouts = 0
    for body in (
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\nabc\n0\n\n",
        "3\r\nabc\r\n0\r\n",
        "3\r\nabc\r\n",
        "3\r\nabc",
        "3\r\nab",
        "3",
        "",
    ):
        answer = verdict(server, request("POST / HTTP/1.1", _CHUNKED, body=body))
        before, timeouts = timeouts, str(server.events).count("WORKER TIMEOUT")
        observations[spell(body) or "(nothing)"] = answer if timeouts == before else f"{answer}, after the timeout"
    return observations


@experiment(
    slug="trailers",
    title="Trailers are held to the rules of headers, and the application never sees them",
    question="What may stand behind the last chunk?",
    topic="http",
    where=(_TRAILERS, "gunicorn.http.message.Message.parse_headers"),
)
def trailers(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            body = environ["wsgi.input"].read()
            answer = f"{body}, {environ['wsgi.url_scheme']}, {environ.get('HTTP_X_A', 'no X-A')}".encode()
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        """,
    )
    server = lab.start("app").listening()
    observations = {}
    for lines in (
        ["X-A: a"],
        ["X-A: a", " folded"],
        ["X-A : a"],
        ["no colon"],
        ["X-A: a\nX-B: b"],
        ["Content-Length: 9"],
        ["Host: other"],
        ["X-Forwarded-Proto: https"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"],
    ):
        body = "\r\n".join(["3", "abc", "0", *lines, "", ""])
        observations[spell("\r\n".join(lines))] = verdict(server, request("POST / HTTP/1.1", _CHUNKED, body=body))
    return observations


@experiment(
    slug="broken-bodies-in-the-application",
    title="A broken chunk is an exception in the application; a body short of its Content-Length is just short",
    question="What does an application catch that reads a body with a fault in it?",
    topic="http",
    where=(
        _CHUNK,
        "gunicorn.http.body.LengthReader.read",
        "gunicorn.http.errors.InvalidChunkSize",
        "gunicorn.http.errors.ChunkMissingTerminator",
    ),
)
def broken_bodies_in_the_application(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            try:
                answer = f"reads {environ['wsgi.input'].read()}".encode()
            except Exception as error:
                kind = "an OSError" if isinstance(error, OSError) else "no OSError"
                answer = f"catches {type(error).__name__}, {kind}".encode()
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        """,
    )
    server = lab.start("app").listening()
    faults = {
        "a size that is none": (_CHUNKED, "g\r\nabc\r\n0\r\n\r\n"),
        "no size": (_CHUNKED, "\r\nabc\r\n0\r\n\r\n"),
        "no line end behind a chunk": (_CHUNKED, "3\r\nabcd\r\n0\r\n\r\n"),
        "cut off within a chunk": (_CHUNKED, "3\r\nab"),
        "cut off before the last chunk": (_CHUNKED, "3\r\nabc\r\n"),
        "cut off behind the last chunk": (_CHUNKED, "3\r\nabc\r\n0\r\n"),
        "a nameless trailer": (_CHUNKED, "3\r\nabc\r\n0\r\n: a\r\n\r\n"),
        "5 bytes of Content-Length: 6": ("Content-Length: 6", "hello"),
    }
    return {
        fault: verdict(server, request("POST / HTTP/1.1", field, body=body)) for fault, (field, body) in faults.items()
    }
