"""One request from the first hook to the end of its connection: what comes when, and which lines the access log has."""

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="order-of-a-request",
    title="The head leaves with the first item, the log line is written before close(), the connection goes last",
    question="In which order do hooks, application, response and access log come, and when does the client hear?",
    topic="response",
    where=("gunicorn.workers.sync.SyncWorker.handle_request", "gunicorn.workers.sync.SyncWorker.handle"),
)
def order_of_a_request(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        import os
        import time

        def tell(*words):
            print(*words, flush=True)

        def wait_for(gate):
            tell("waits at the gate", gate)
            while not os.path.exists(gate):
                time.sleep(0.01)

        class Body:
            def __iter__(self):
                tell("application: asked for the first item")
                yield b"first"
                wait_for("two")
                yield b"second"
                tell("application: has no more")

            def close(self):
                tell("application: close()")

        def application(environ, start_response):
            tell("application: called")
            start_response("200 OK", [])
            wait_for("one")
            return Body()
        """,
    )
    lab.write(
        "gunicorn.conf.py",
        """
        accesslog = "-"
        access_log_format = "access log: %(s)s %(B)s"

        def pre_request(worker, req):
            print("hook: pre_request", flush=True)

        def post_request(worker, req, environ, resp):
            import app
            print("hook: post_request", resp.status, flush=True)
            app.wait_for("three")
        """,
    )
    server = lab.start("app").listening()
    observations: dict[str, str | list[str]] = {}
    with server.connect() as client:
        client.send(GET)
        server.wait_for_output("waits at the gate one")
        heard = client.is_heard(within=0.5)
        observations["start_response has returned: the client hears"] = "something" if heard else "nothing"
        lab.write("one")
        server.wait_for_output("waits at the gate two")
        heard = client.is_heard(within=30)
        observations["the second item is asked for: the client hears"] = "something" if heard else "nothing"
        lab.write("two")
        server.wait_for_output("waits at the gate three")
        answer = client.answer()
        observations["post_request runs: the client has"] = [*answer.told("Connection"), *answer.chunks]
        observations["and the connection is"] = "closed" if client.is_closed(within=0.5) else "open"
        lab.write("three")
        observations["post_request has returned: the connection is"] = (
            "closed" if client.is_closed(within=30) else "open"
        )
    observations["in order"] = list(server.stdout)
    return observations


@experiment(
    slug="lines-for-a-failure",
    title="A generator that fails early has a line for its own status beside that of the 500",
    question="Which lines does the access log have for a request that fails before its head is out?",
    topic="response",
    where=("gunicorn.workers.sync.SyncWorker.handle_request", "gunicorn.workers.base.Worker.handle_error"),
)
def lines_for_a_failure(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def fail(environ):
            if environ["PATH_INFO"].endswith("/value"):
                raise ValueError("no database")
            if environ["PATH_INFO"].endswith("/file"):
                open("missing")
            environ["wsgi.input"].read()

        def generate(environ, start_response):
            if not environ["PATH_INFO"].startswith("/silent"):
                start_response("200 OK", [])
            fail(environ)
            yield b""

        def application(environ, start_response):
            if not environ["PATH_INFO"].startswith("/function"):
                return generate(environ, start_response)
            start_response("200 OK", [])
            fail(environ)
            return []
        """,
    )
    server = lab.start("--access-logfile", "access.log", "--access-logformat", "%(s)s", "app").listening()
    observations: dict[str, str | list[str]] = {}
    for who, path in (
        ("a function", "/function"),
        ("a generator", "/generator"),
        ("a generator that has not called start_response", "/silent"),
    ):
        for fault, end, body in (
            ("a ValueError", "/value", b"0\r\n\r\n"),
            ("a FileNotFoundError", "/file", b"0\r\n\r\n"),
            ("a chunk that is none", "/chunk", b"zz\r\n"),
            ("a chunk that breaks off", "/chunk", b"5\r\nab"),
        ):
            before = len(lab.read("access.log"))
            with server.connect() as client:
                client.send(f"POST {path}{end} HTTP/1.1\r\nHost: lab\r\n".encode())
                client.send(b"Transfer-Encoding: chunked\r\n\r\n" + body)
                client.finish()
                status = client.answer().status
                client.is_closed(within=30)  # by then all is logged
            lines = lab.read("access.log")[before:]
            observations[f"{who}, {fault}"] = [status, f"access log: {', '.join(lines) or 'nothing'}"]
    return observations
