"""When the head of a response goes out, and which bytes of its body are counted."""

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="when-the-head-goes-out",
    title="An empty item sends the head, and after it an exception is no 500 any more",
    question="What has the client got when an application fails early, or returns a body without start_response?",
    topic="response",
    where=(
        "gunicorn.http.wsgi.Response.write",
        "gunicorn.http.wsgi.Response.send_headers",
        "gunicorn.http.wsgi.Response.should_close",
    ),
    since="20.1.0",  # 19.10.0 cannot run gthread
)
def when_the_head_goes_out(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def fail(start_response, items):
            start_response("200 OK", [])
            yield from items
            raise ValueError("too late?")

        def application(environ, start_response):
            case = environ["PATH_INFO"]
            if case == "/never":
                return [b"body"]
            return fail(start_response, [b""] if case == "/empty" else [])
        """,
    )
    observations = {}
    for workers, arguments in (("sync", []), ("gthread", ["--threads", "2"])):
        server = lab.start(*arguments, "app").listening()
        for case, path in (
            ("fails before its first item", "/none"),
            ("fails after an empty item", "/empty"),
            ("never calls start_response", "/never"),
        ):
            with server.connect() as client:
                answer = client.ask(f"GET {path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
            page = answer.body.startswith("<html>")
            told = [answer.status, "(an error page)"] if page else answer.told("Transfer-Encoding")
            observations[f"{workers}: {case}"] = told
    return observations


@experiment(
    slug="bytes-that-are-counted",
    title="The access log counts no byte of a file that the kernel sends",
    question="Of a body, what is taken from the application, what is sent, and what does the access log count?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.write", "gunicorn.http.wsgi.Response.sendfile"),
)
def bytes_that_are_counted(lab: Lab) -> Observations:
    lab.write("ten", "0123456789")
    lab.write(
        "app.py",
        """
        import io

        def items(number):
            for item in range(number):
                yield b"0123456789"
            print("taken:", number, flush=True)

        def application(environ, start_response):
            case = environ["PATH_INFO"]
            if case == "/read":
                file = open("ten", "rb")
                file.read(4)
                start_response("200 OK", [])
                return environ["wsgi.file_wrapper"](file)
            length = {"/short": "5"}.get(case, "10")
            start_response("200 OK", [("Content-Length", length)])
            if case == "/file":
                return environ["wsgi.file_wrapper"](open("ten", "rb"))
            if case == "/memory":
                return environ["wsgi.file_wrapper"](io.BytesIO(b"0123456789"))
            return items(1000 if case == "/short" else 1)
        """,
    )
    server = lab.start("--access-logfile", "access.log", "--access-logformat", "%(U)s %(b)s", "app").listening()
    observations: dict[str, str | list[str]] = {}
    for case, path in (
        ("one item of ten bytes", "/item"),
        ("1000 items, Content-Length: 5", "/short"),
        ("a file of ten bytes", "/file"),
        ("ten bytes in memory, in wsgi.file_wrapper", "/memory"),
        ("a file of ten bytes, four of them read", "/read"),
    ):
        with server.connect() as client:
            observations[case] = client.ask(GET.replace(b" / ", f" {path} ".encode())).body
            client.is_closed(within=30)  # by then all is logged
    return {**observations, "items taken": server.stdout, "access log (path, bytes)": lab.read("access.log")}
