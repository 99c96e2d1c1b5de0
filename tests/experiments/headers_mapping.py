"""From the names of headers to the keys of the WSGI environment, and who may choose them."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, verdict
from tests.experiments.lab import Lab

_PARSE_HEADERS = "gunicorn.http.message.Message.parse_headers"
_POLICY = "gunicorn.http.message.HeaderPolicy._apply_header_policy"
_CREATE = "gunicorn.http.wsgi.create"
_HTTP = answering("{name: value for name, value in environ.items() if name.startswith('HTTP_') and value != 'lab'}")
_PATHS = answering(
    "{name: environ[name] for name in"
    " ('SCRIPT_NAME', 'PATH_INFO', 'HTTP_SCRIPT_NAME', 'HTTP_PATH_INFO', 'REMOTE_USER', 'HTTP_REMOTE_USER')"
    " if environ.get(name)}"
)


@experiment(
    slug="repeated-headers",
    title="Headers of one name are joined by commas; of Content-Type the last one counts",
    question="What does the application see of a header that comes twice?",
    topic="headers",
    where=(_CREATE, _PARSE_HEADERS, _POLICY),
)
def repeated_headers(lab: Lab) -> Observations:
    names = ("HTTP_X_A", "HTTP_COOKIE", "HTTP_HOST", "CONTENT_TYPE")
    lab.write("app.py", answering(f"{{name: environ[name] for name in {names} if name in environ}}"))
    server = lab.start("app").listening()
    heads = (
        ["X-A: a", "X-A: b"],
        ["X-A: a", "x-a: b"],
        ["X-A: a, b", "X-A:"],
        ["Cookie: a=1", "Cookie: b=2"],
        ["Content-Type: text/plain", "Content-Type: text/html"],
        ["Host: a", "Host: b"],
        ["Host:"],
    )
    observations = {" + ".join(head): verdict(server, "\r\n".join(["GET / HTTP/1.1", *head, "", ""])) for head in heads}
    return {**observations, "(no header)": verdict(server, "GET / HTTP/1.1\r\n\r\n")}


@experiment(
    slug="underscores-in-header-names",
    title="Since 22.0.0 a header with an underscore is dropped, and cannot be taken for one with a hyphen",
    question="X_A and X-A make the same key: what does the application see of the one and of both?",
    topic="headers",
    where=(_PARSE_HEADERS, _POLICY, _CREATE, "gunicorn.config.HeaderMap"),
)
def underscores_in_header_names(lab: Lab) -> Observations:
    lab.write("app.py", _HTTP)
    choices = ("refuse", "dangerous") if lab.is_since("22.0.0") else ()
    observations = {}
    for options in ([], *(["--header-map", choice] for choice in choices)):
        server = lab.start(*options, "app").listening()
        for head in (["X_A: b"], ["X-A: a", "X_A: b"]):
            label = " | ".join(filter(None, [" ".join(options), " + ".join(head)]))
            observations[label] = verdict(server, request("GET / HTTP/1.1", *head))
    return observations


@experiment(
    slug="paths-and-users-in-headers",
    title="SCRIPT_NAME from a trusted proxy moves the application, PATH_INFO changes nothing, REMOTE_USER is dropped",
    question="What comes of headers that are named like keys of the environment, and from whom?",
    topic="headers",
    where=(_PARSE_HEADERS, _POLICY, _CREATE, "gunicorn.config.ForwarderHeaders"),
)
def paths_and_users_in_headers(lab: Lab) -> Observations:
    lab.write("app.py", _PATHS)
    observations = {}
    for peer, options in (("trusted", []), ("not trusted", ["--forwarded-allow-ips", "10.0.0.1"])):
        server = lab.start(*options, "app").listening()
        for header in ("SCRIPT_NAME: /a", "script_name: /a", "SCRIPT-NAME: /a", "SCRIPT_NAME: /b", "PATH_INFO: /c"):
            observations[f"{peer}: {header}"] = verdict(server, request("GET /a/b HTTP/1.1", header))
        observations[f"{peer}: REMOTE_USER: me"] = verdict(server, request("GET /a/b HTTP/1.1", "REMOTE_USER: me"))
    return observations


@experiment(
    slug="script-name-in-the-environment",
    title="With SCRIPT_NAME=/a in the environment /b is a 500, and /ab is the path b",
    question="Which paths does a server answer that was started with SCRIPT_NAME=/a in its environment?",
    topic="headers",
    where=(_CREATE, "gunicorn.workers.base.Worker.handle_error"),
)
def script_name_in_the_environment(lab: Lab) -> Observations:
    lab.write("app.py", _PATHS)
    server = lab.start("app", env={"SCRIPT_NAME": "/a"}).listening()
    paths = ("/a/b", "/a", "/ab", "/b", "/b/a/c")
    return {f"GET {path}": verdict(server, request(f"GET {path} HTTP/1.1")) for path in paths}


@experiment(
    slug="forwarder-headers",
    title="forwarder_headers lets names with underscores in, from trusted peers only, and replaces the default",
    question="What does --forwarder-headers let through, from whom, and what does --header-map refuse still refuse?",
    topic="headers",
    where=(_PARSE_HEADERS, _POLICY, "gunicorn.config.ForwarderHeaders"),
    since="23.0.0",
)
def forwarder_headers(lab: Lab) -> Observations:
    lab.write("app.py", _PATHS)
    strict = ["--forwarder-headers", "REMOTE_USER", "--header-map", "refuse"]
    observations = {}
    for options in (
        ["--forwarder-headers", ""],
        ["--forwarder-headers", "REMOTE_USER"],
        ["--forwarder-headers", "*"],
        strict,
        [*strict, "--forwarded-allow-ips", "10.0.0.1"],
    ):
        server = lab.start(*options, "app").listening()
        for header in ("SCRIPT_NAME: /a", "REMOTE_USER: me"):
            label = f"{' '.join(option or repr(option) for option in options)} | {header}"
            observations[label] = verdict(server, request("GET /a/b HTTP/1.1", header))
    return observations
