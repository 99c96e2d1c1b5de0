"""An application fails, or a client leaves, while a response is on its way; and files that the kernel sends."""

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="an-application-that-raises",
    title="After the first byte an exception is no longer an answer, only an end",
    question="An application raises: what does the client see, and what does the log say?",
    topic="response",
    where=("gunicorn.workers.sync.SyncWorker.handle_request", "gunicorn.workers.base.Worker.handle_error"),
)
def an_application_that_raises(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        class Body:
            def __iter__(self):
                return iter([b"body"])

            def close(self):
                raise ValueError("in close()")

        def generate(start_response, headers):
            start_response("200 OK", headers)
            yield b"begun"
            raise ValueError("after the first byte")

        def application(environ, start_response):
            case = environ["PATH_INFO"]
            if case == "/chunked":
                return generate(start_response, [])
            if case == "/length":
                return generate(start_response, [("Content-Length", "9")])
            if case == "/before":
                raise ValueError("before start_response")
            start_response("200 OK", [("X-A", "1")])
            if case == "/after":
                raise ValueError("after start_response")
            return Body()
        """,
    )
    server = lab.start("--access-logfile", "access.log", "--access-logformat", "%(U)s %(s)s %(B)s", "app").listening()
    observations = {}
    for case, path in (
        ("before start_response", "/before"),
        ("after start_response", "/after"),
        ("after a chunk", "/chunked"),
        ("after 5 of 9 bytes", "/length"),
        ("in close()", "/close"),
    ):
        with server.connect() as client:
            answer = client.ask(f"GET {path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
            client.is_closed(within=30)  # by then all is logged
        page = answer.body.startswith("<html>")
        observations[case] = [answer.status, "(an error page)"] if page else answer.told("X-A", "Transfer-Encoding")
    first = next(at for at, line in enumerate(server.log) if "[ERROR]" in line)
    return {
        **observations,
        "error log": [line for line in server.log[first:] if not line.startswith("Traceback ")],
        "access log (path, status, bytes)": lab.read("access.log"),
    }


@experiment(
    slug="files-that-the-kernel-sends",
    title="A file goes out from where it stands, and an empty one ends twice",
    question="What is sent of a file that is returned in wsgi.file_wrapper?",
    topic="response",
    where=("gunicorn.http.wsgi.Response.sendfile", "gunicorn.http.wsgi.Response.write_file"),
)
def files_that_the_kernel_sends(lab: Lab) -> Observations:
    lab.write("ten", "0123456789")
    lab.write("empty", "")
    lab.write(
        "app.py",
        """
        import io

        def application(environ, start_response):
            name, start, length = environ["PATH_INFO"].strip("/").split("/")
            body = io.BytesIO(b"0123456789") if name == "BytesIO" else open(name, "rb")
            body.seek(int(start))
            start_response("200 OK", [("Content-Length", length)] if length != "none" else [])
            return environ["wsgi.file_wrapper"](body)
        """,
    )
    server = lab.start("app").listening()
    observations: dict[str, str | list[str]] = {}
    for method, path in (
        ("GET", "ten/0/none"),
        ("GET", "ten/4/none"),
        ("GET", "ten/0/4"),
        ("GET", "empty/0/none"),
        ("GET", "BytesIO/4/none"),
        ("HEAD", "ten/0/10"),
        ("GET", "ten/4/10"),
    ):
        name, start, length = path.split("/")
        case = f"{method} {name}, at {start}, Content-Length: {length}"
        with server.connect() as client:
            client.send(f"{method} /{path} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
            if client.is_closed(within=3):
                usual = ("Server:", "Date:", "Connection:")
                observations[case] = [
                    line for line in client.rest().splitlines() if line and not line.startswith(usual)
                ]
            else:
                observations[case] = "no end within 3 s"
    server = lab.start("--worker-class", "gevent", "app").listening()
    with server.connect() as client:
        client.ask(b"GET /empty/0/none HTTP/1.1\r\nHost: lab\r\n\r\n")
        after = client.ask(b"GET /empty/0/0 HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n").status
    return {**observations, "GET empty, connection kept alive: the next answer begins": after}


@experiment(
    slug="a-client-that-hangs-up",
    title="Nobody complains of a client that hangs up: close() is called, the access log says 200",
    question="A client goes away in the middle of a response: what do application and log notice?",
    topic="response",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base_async.AsyncWorker.handle",
    ),
)
def a_client_that_hangs_up(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        class Endless:
            def __iter__(self):
                return self

            def __next__(self):
                return b"." * 65536

            def close(self):
                print("close() is called", flush=True)

        def application(environ, start_response):
            start_response("200 OK", [])
            return Endless() if environ["PATH_INFO"] == "/endless" else []
        """,
    )
    observations = {}
    for worker in ("sync", "gevent"):
        access = f"{worker}.log"
        server = lab.start(
            "--worker-class", worker, "--access-logfile", access, "--access-logformat", "%(U)s %(s)s", "app"
        ).listening()
        with server.connect() as client:
            client.send(b"GET /endless HTTP/1.1\r\nHost: lab\r\n\r\n")
            client.is_heard(within=30)
            client.reset()
        server.wait_for_output("close() is called")
        observations[worker] = [
            *server.stdout,
            f"access log: {', '.join(lab.read(access)) or 'nothing'}",
            f"error log: {[str(event) for event in server.events if event.level != 'INFO'] or 'nothing'}",
            f"next client: {server.ask(GET)[0]}",
        ]
    return observations
