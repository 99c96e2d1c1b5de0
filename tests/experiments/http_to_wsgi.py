"""What of a request, and of the address that it came to, an application finds in its environ."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="server-name-and-remote-addr",
    title="On a Unix socket SERVER_NAME is what the client says, and REMOTE_ADDR is empty",
    question="Where do SERVER_NAME, SERVER_PORT, REMOTE_ADDR and REMOTE_PORT come from?",
    topic="http",
    where=("gunicorn.http.wsgi.create",),
)
def server_name_and_remote_addr(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            listener = environ["gunicorn.socket"].getsockname()
            is_own = environ["SERVER_PORT"] == str(listener[1])
            remote = environ.get("REMOTE_PORT")
            start_response("200 OK", [])
            answer = (
                f"SERVER_NAME: {environ['SERVER_NAME']!r}",
                f"SERVER_PORT: {'that of the listener' if is_own else repr(environ['SERVER_PORT'])}",
                f"REMOTE_ADDR: {environ['REMOTE_ADDR']!r}",
                f"REMOTE_PORT: {'absent' if remote is None else 'a number' if remote.isdecimal() else repr(remote)}",
            )
            return ["\\n".join(answer).encode()]
        """,
    )
    server = lab.start("--bind", "unix:here.sock", "app").listening()
    observations = {}
    for at, case, headers in (
        (0, "TCP, Host: lab:81", "Host: lab:81\r\n"),
        (1, "Unix socket, Host: lab:81", "Host: lab:81\r\n"),
        (1, "Unix socket, Host: lab", "Host: lab\r\n"),
        (1, "Unix socket, Host: lab, X-Forwarded-Proto: https", "Host: lab\r\nX-Forwarded-Proto: https\r\n"),
        (1, "Unix socket, Host: [::1]:81", "Host: [::1]:81\r\n"),
        (1, "Unix socket, no Host", ""),
    ):
        with server.connect(at) as client:
            observations[case] = client.ask(f"GET / HTTP/1.0\r\n{headers}\r\n".encode()).body.splitlines()
    return observations


@experiment(
    slug="path-info-and-raw-uri",
    title="PATH_INFO is decoded, slashes and all; RAW_URI is what was sent",
    question="What do RAW_URI, PATH_INFO and QUERY_STRING hold of a request target?",
    topic="http",
    where=(
        "gunicorn.http.message.Request.parse_request_line",
        "gunicorn.util.split_request_uri",
        "gunicorn.util.unquote_to_wsgi_str",
        "gunicorn.http.wsgi.create",
    ),
)
def path_info_and_raw_uri(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response("200 OK", [])
            return [f"{name}: {environ[name]!r}\\n".encode() for name in ("RAW_URI", "PATH_INFO", "QUERY_STRING")]
        """,
    )
    server = lab.start("app").listening()
    observations = {}
    for target in (
        "/a%2Fb?c=%2F",
        "/caf%C3%A9",
        "/a+b;c?d?e",
        "//a//b",
        "/a/../b",
        "/a%00b",
        "/a%zz",
        "/a#b",
        "http://other:81/a?b",
        "*",
        "a",
    ):
        with server.connect() as client:
            answer = client.ask(f"GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
        observations[target] = answer.body.splitlines() if "200" in answer.status else [answer.status]
    return observations


@experiment(
    slug="reading-the-body",
    title="Reading past the end gives nothing; a body cut off is just short, unless it came in chunks",
    question="What do the methods of wsgi.input give, at the end and beyond, and when the client stops half-way?",
    topic="http",
    where=("gunicorn.http.body.Body", "gunicorn.http.body.LengthReader.read", "gunicorn.http.body.ChunkedReader"),
)
def reading_the_body(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            body = environ["wsgi.input"]
            try:
                seen = eval(environ["QUERY_STRING"], {"body": body})
            except Exception as error:
                seen = f"{type(error).__name__}, {'an' if isinstance(error, OSError) else 'no'} OSError"
            start_response("200 OK", [])
            return [str(seen).encode()]
        """,
    )
    server = lab.start("app").listening()
    length = b"Content-Length: 8\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"
    observations = {}
    for case, expression, body in (
        ("8 bytes", "body.read(),body.read()", length + b"one\ntwo\n"),
        ("8 bytes", "body.read(3),body.read(99),body.read(1)", length + b"one\ntwo\n"),
        ("8 bytes", "body.readline(),body.readline(2),body.readline(),body.readline()", length + b"one\ntwo\n"),
        ("8 bytes", "body.readlines(),list(body)", length + b"one\ntwo\n"),
        ("8 bytes", "body.read(-1),body.read(None)", length + b"one\ntwo\n"),
        ("2 chunks", "body.read(3),body.readline(),list(body)", chunked + b"6\r\none\ntw\r\n2\r\no\n\r\n0\r\n\r\n"),
        ("no body", "body.read(),body.read(1),body.readline()", b"\r\n"),
        ("3 of 8 bytes, then the end", "body.read(),body.read()", length + b"one"),
        ("1 of 2 chunks, then the end", "body.read()", chunked + b"3\r\none\r\n"),
        ("a chunk size of zz", "body.read()", chunked + b"zz\r\none\r\n0\r\n\r\n"),
        ("a chunk longer than its size", "body.read()", chunked + b"2\r\none\r\n0\r\n\r\n"),
        ("half a chunk, then the end", "body.read()", chunked + b"6\r\none"),
    ):
        with server.connect() as client:
            client.send(f"POST /?{expression} HTTP/1.1\r\nHost: lab\r\n".encode() + body)
            client.finish()
            observations[f"{case}: {expression}"] = client.answer().body
    return observations
