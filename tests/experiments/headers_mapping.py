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
