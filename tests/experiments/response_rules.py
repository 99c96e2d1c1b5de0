"""What gunicorn checks of what an application says: status line, headers, body; and what comes of a second say."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server


def ask_for(server: Server, path: str) -> list[str]:
    """The answer without what every answer has; of gunicorn's own error pages only the status."""
    with server.connect() as client:
        answer = client.ask(f"GET {path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        client.is_closed(within=30)  # by then all is logged
    if answer.body.startswith("<html>"):
        return [answer.status]
    usual = ("Server", "Date", "Connection")
    return answer.told(*(name for name, _ in answer.headers if name not in usual))


def exceptions_of(server: Server) -> list[str]:
    """The last lines of the tracebacks in the log."""
    return [line for line in server.log if not line.startswith(("[", "Traceback ", "During handling "))]


@experiment(
    slug="start-response-twice",
    title="A second start_response keeps the headers of the first",
    question="What if an application calls start_response twice, or not at all?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.start_response", "gunicorn.http.wsgi.Response.process_headers"),
)
def start_response_twice(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        import sys

        def application(environ, start_response):
            case = environ["PATH_INFO"]
            if case == "/never":
                return [b"body"]
            write = start_response("200 OK", [("X-First", "1"), ("Content-Length", "5")])
            if case == "/sent":
                write(b"begun")
            try:
                raise ValueError("too late")
            except ValueError:
                info = None if case == "/plain" else sys.exc_info()
                start_response("503 Sorry", [("X-Second", "2")], info)
            return [b"second body"]
        """,
    )
    server = lab.start("app").listening()
    return {
        "again, without exc_info": ask_for(server, "/plain"),
        "again, with exc_info": ask_for(server, "/unsent"),
        "again, with exc_info, after the first byte": ask_for(server, "/sent"),
        "never": ask_for(server, "/never"),
        "exceptions in the log": exceptions_of(server),
    }


@experiment(
    slug="what-an-application-returns",
    title="Text instead of bytes fails after the head has gone out",
    question="What does a client get when an application returns something that is no iterable of bytes?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.write", "gunicorn.workers.sync.SyncWorker.handle_request"),
)
def what_an_application_returns(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response("200 OK", [])
            return eval(environ["QUERY_STRING"])
        """,
    )
    server = lab.start("app").listening()
    values = ("None", "1", "b'ab'", "'ab'", "['ab']", "[b'ab','cd']", "[bytearray(b'ab')]")
    return {
        **{f"return {value}": ask_for(server, f"/?{value}") for value in values},
        "exceptions in the log": exceptions_of(server),
    }


@experiment(
    slug="response-headers-that-are-refused",
    title="Until 26.2.0 a bad response header is answered as if the client were to blame",
    question="Which names and values may an application's headers have, and what if they have not?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.process_headers", "gunicorn.workers.base.Worker.handle_error"),
)
def response_headers_that_are_refused(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        HEADERS = {
            "name with a blank": ("X A", "1"),
            "name with a colon": ("X:A", "1"),
            "name with an underscore": ("X_A", "1"),
            "name empty": ("", "1"),
            "name of bytes": (b"X-A", "1"),
            "value of bytes": ("X-A", b"1"),
            "value a number": ("X-A", 1),
            "value with blanks around it": ("X-A", "  1  "),
            "value with CR LF": ("X-A", "1\\r\\nX-B: 2"),
            "value with LF": ("X-A", "1\\n"),
            "value with NUL": ("X-A", "1\\0"),
            "value with an accent": ("X-A", "\\xe9"),
            "value beyond Latin-1": ("X-A", "\\u20ac"),
        }

        def application(environ, start_response):
            start_response("200 OK", [HEADERS[environ["PATH_INFO"].strip("/")], ("Content-Length", "0")])
            return []
        """,
    )
    server = lab.start("app").listening()
    cases = (
        "name with a blank",
        "name with a colon",
        "name with an underscore",
        "name empty",
        "name of bytes",
        "value of bytes",
        "value a number",
        "value with blanks around it",
        "value with CR LF",
        "value with LF",
        "value with NUL",
        "value with an accent",
        "value beyond Latin-1",
    )
    observations = {case: ask_for(server, "/" + case.replace(" ", "%20")) for case in cases}
    complaint = next(str(event) for event in server.events if event.level in ("WARNING", "ERROR"))
    return {**observations, "log, name with a blank": complaint}


@experiment(
    slug="status-lines",
    title="Until 26.2.0 a status goes out as it is, line ends and all",
    question="What does gunicorn check of the status that an application gives?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.start_response", "gunicorn.http.wsgi.Response.default_headers"),
)
def status_lines(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response(eval(environ["QUERY_STRING"].replace("+", " ")), [("Content-Length", "0")])
            return []
        """,
    )
    server = lab.start("app").listening()
    cases = ("'404'", "'404+'", "'OK'", "'2000+Long'", "'-1+Minus'", "''", "200", "b'200+OK'", "'200+OK\\r\\nX-Set:+1'")
    return {case.replace("+", " "): ask_for(server, f"/?{case}") for case in cases}
