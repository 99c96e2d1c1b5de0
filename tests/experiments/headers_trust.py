"""Two questions of trust on one connection: who may send a PROXY line, and whose headers are believed after it."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, verdict
from tests.experiments.lab import Lab

_LOGS = ("--log-level", "debug", "--access-logfile", "access.log", "--access-logformat", "%(h)s %(s)s")
_LINE = "PROXY TCP4 10.0.0.1 10.0.0.2 1111 80\r\n"
_TOLD = answering(
    "f\"{environ['wsgi.url_scheme']} from {environ['REMOTE_ADDR']}, SCRIPT_NAME {environ['SCRIPT_NAME'] or 'empty'}\""
)
_HEADERS = request("GET /a/b HTTP/1.1", "X-Forwarded-Proto: https", "SCRIPT_NAME: /a")
_DISAGREE = request("GET /a/b HTTP/1.1", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off")


@experiment(
    slug="trust-is-the-peers",
    title="Headers are believed for the sake of the peer, whatever client a PROXY line has named",
    question="If a PROXY line names a client, must that client be trusted, or the proxy that sent the line?",
    topic="headers",
    where=(
        "gunicorn.http.message.Message.parse_headers",
        "gunicorn.http.message.Request.proxy_protocol_access_check",
        "gunicorn.http.wsgi.proxy_environ",
        "gunicorn.workers.base.Worker.handle_error",
    ),
)
def trust_is_the_peers(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("gunicorn.conf.py", "proxy_protocol = True")
    proxy = lab.start(*_LOGS, "app").listening()
    client = lab.start("--forwarded-allow-ips", "10.0.0.1", "app").listening()
    stranger = lab.start("--proxy-allow-from", "10.0.0.1", "app").listening()
    observations: dict[str, str | list[str]] = {
        "the proxy is trusted, line and headers": verdict(proxy, _LINE + _HEADERS),
        "the proxy is trusted, headers alone": verdict(proxy, _HEADERS),
        "the client in the line is trusted, line and headers": verdict(client, _LINE + _HEADERS),
        "the client in the line may send lines, line and headers": verdict(stranger, _LINE + _HEADERS),
        "the client in the line may send lines, headers alone": verdict(stranger, _HEADERS),
    }
    proxy.wait_until_idle()
    observations["access log of the first two"] = lab.read("access.log")
    observations["the proxy is trusted, line and headers that disagree"] = verdict(proxy, _LINE + _DISAGREE)
    proxy.wait_for("Contradictory")
    observations["and in the log"] = [event.message for event in proxy.events if "Contradictory" in event.message]
    return observations
