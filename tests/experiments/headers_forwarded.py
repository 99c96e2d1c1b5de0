"""What a proxy says of its client: the scheme, the address, and whether it is believed."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, spell, verdict
from tests.experiments.lab import Lab
from tests.experiments.server import NeverListened

_PARSE_HEADERS = "gunicorn.http.message.Message.parse_headers"
_POLICY = "gunicorn.http.message.HeaderPolicy._apply_header_policy"
_TRUST = "gunicorn.http.message.HeaderPolicy._peer_trusted_for_forwarded"
_TOLD = answering("f\"{environ['wsgi.url_scheme']} from {environ['REMOTE_ADDR']}\"")


@experiment(
    slug="forwarded-scheme",
    title="A proxy says https by three headers, each with one spelling; no header changes REMOTE_ADDR",
    question="Which headers make wsgi.url_scheme https or REMOTE_ADDR another, and what if they disagree?",
    topic="headers",
    where=(_PARSE_HEADERS, _POLICY, "gunicorn.http.wsgi.create", "gunicorn.config.SecureSchemeHeader"),
)
def forwarded_scheme(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("own.py", "secure_scheme_headers = {'X-SCHEME': 'https', 'X-Mixed': 'https'}")
    server = lab.start("app").listening()
    with_own = lab.start("-c", "own.py", "app").listening()
    heads = (
        ["X-Forwarded-Proto: https"],
        ["X-Forwarded-Proto: HTTPS"],
        ["X-Forwarded-Proto: https "],
        ["X-Forwarded-Proto: https, http"],
        ["X-Forwarded-Protocol: ssl"],
        ["X-Forwarded-Protocol: https"],
        ["X-Forwarded-Ssl: on"],
        ["X_Forwarded_Proto: https"],
        ["Forwarded: for=10.0.0.1;proto=https"],
        ["X-Forwarded-For: 10.0.0.1"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: on"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"],
        ["X-Forwarded-Proto: http", "X-Forwarded-Ssl: off"],
    )
    own = ("X-Scheme: https", "X-Mixed: https", "X-Forwarded-Proto: https")
    return {
        **{spell(" + ".join(head)): verdict(server, request("GET / HTTP/1.1", *head)) for head in heads},
        **{f"own headers: {field}": verdict(with_own, request("GET / HTTP/1.1", field)) for field in own},
    }


@experiment(
    slug="who-may-say-https",
    title="The peer's address decides whether https is believed, and a Unix socket is always trusted",
    question="Whose X-Forwarded-Proto counts, and which values of forwarded_allow_ips are accepted?",
    topic="headers",
    where=(_PARSE_HEADERS, _TRUST, "gunicorn.config.ForwardedAllowIPS", "gunicorn.config.validate_string_to_addr_list"),
)
def who_may_say_https(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    https = request("GET / HTTP/1.1", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: on")
    conflict = request("GET / HTTP/1.1", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off")
    stranger = lab.start("--bind", "unix:here.sock", "--forwarded-allow-ips", "10.0.0.1", "app").listening()
    observations = {
        '"10.0.0.1", over TCP': verdict(stranger, https),
        '"10.0.0.1", over TCP, headers that disagree': verdict(stranger, conflict),
        '"10.0.0.1", over a Unix socket': verdict(stranger, https, at=1),
    }
    for allowed in ("10.0.0.1, 127.0.0.1", "127.0.0.0/8", "127.0.0.1/8", "localhost"):
        server = lab.start("--forwarded-allow-ips", allowed, "app")
        try:
            observations[f'"{allowed}", over TCP'] = verdict(server.listening(), https)
        except NeverListened as reason:
            observations[f'"{allowed}", over TCP'] = f"does not start: {reason}"
    return observations
