"""The PROXY protocol: a line before the first request that tells the client's address."""

from struct import pack

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, spell, sum_up, verdict
from tests.experiments.lab import Lab
from tests.experiments.server import NeverListened

_ACCESS = "gunicorn.http.message.Request.proxy_protocol_access_check"
_V1_OF_OLD = "gunicorn.http.message.Request.parse_proxy_protocol"
_V1 = "gunicorn.http.message.Request._parse_proxy_protocol_v1"
_TOLD = answering("f\"from {environ['REMOTE_ADDR']}, {environ.get('PROXY_PROTOCOL')}\"")
_GET = request("GET / HTTP/1.1")
_GOOD = "PROXY TCP4 10.0.0.1 10.0.0.2 1111 80"


@experiment(
    slug="proxy-lines",
    title="A PROXY line is six words between single spaces; any other is a 400, UNKNOWN too",
    question="Which PROXY lines are believed, and what are the others answered?",
    topic="headers",
    where=(_V1_OF_OLD, _V1, "gunicorn.http.wsgi.proxy_environ"),
)
def proxy_lines(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("gunicorn.conf.py", "proxy_protocol = True")
    server = lab.start("app").listening()
    lines = (
        _GOOD,
        "PROXY TCP6 ::1 ::2 1111 80",
        "PROXY UNKNOWN",
        "PROXY UDP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY TCP4 ::1 ::2 1111 80",
        "PROXY TCP4 10.0.0.1 10.0.0.2 1111 65536",
        "PROXY TCP4 10.0.0.1 10.0.0.2 +1 80",
        "PROXY  TCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY\tTCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXY TCP4 10.0.0.1 10.0.0.2 1111 80 ",
        "proxy TCP4 10.0.0.1 10.0.0.2 1111 80",
        "PROXYTCP4",
        f"{_GOOD}\r\n{_GOOD}",
    )
    without = {"(no such line)": verdict(server, _GET)}
    return {**{spell(line): verdict(server, f"{line}\r\n{_GET}") for line in lines}, **without}


@experiment(
    slug="who-may-send-a-proxy-line",
    title="A PROXY line from a peer that is not trusted is a 403, and one that nobody asked for is a 400",
    question="Who may send a PROXY line, and what of a server that does not expect one?",
    topic="headers",
    where=(_ACCESS, "gunicorn.http.message.Request.parse", "gunicorn.config.ProxyAllowFrom"),
)
def who_may_send_a_proxy_line(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("on.py", "proxy_protocol = True")
    line = f"{_GOOD}\r\n{_GET}"
    off = lab.start("app").listening()
    stranger = lab.start("-c", "on.py", "--proxy-allow-from", "10.0.0.1", "--bind", "unix:here.sock", "app").listening()
    network = lab.start("-c", "on.py", "--proxy-allow-from", "127.0.0.0/8", "app")
    try:
        from_network = verdict(network.listening(), line)
    except NeverListened as reason:
        from_network = f"does not start: {reason}"
    return {
        "proxy_protocol is off": verdict(off, line),
        "--proxy-allow-from 10.0.0.1, over TCP": verdict(stranger, line),
        "--proxy-allow-from 10.0.0.1, over TCP, no line": verdict(stranger, _GET),
        "--proxy-allow-from 10.0.0.1, over a Unix socket": verdict(stranger, line, at=1),
        "--proxy-allow-from 127.0.0.0/8, over TCP": from_network,
    }


@experiment(
    slug="proxy-line-on-a-kept-connection",
    title="With gevent the PROXY line counts for the whole connection, with gthread for its first request",
    question="Which address has the second request on a connection, and may it bring a PROXY line of its own?",
    topic="headers",
    where=(
        "gunicorn.workers.base_async.AsyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.handle",
        "gunicorn.http.message.Request.proxy_protocol",
        "gunicorn.http.message.Request.parse",
    ),
)
def proxy_line_on_a_kept_connection(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("gunicorn.conf.py", "proxy_protocol = True")
    observations = {}
    for worker in ("gevent", "gthread") if lab.is_since("20.1.0") else ("gevent",):
        server = lab.start("--worker-class", worker, "app").listening()
        for label, second in (("without a line", _GET), ("with a line", f"{_GOOD}\r\n{_GET}")):
            with server.connect() as client:
                first = sum_up(client.ask(f"{_GOOD}\r\n{_GET}".encode()))
                observations[f"{worker}: a second {label}"] = [first, sum_up(client.ask(second.encode()))]
    return observations


@experiment(
    slug="proxy-protocol-version-2",
    title="Until 23.0.0 version 2 of the PROXY protocol is a bad request; later a fault in it is a 500",
    question="What becomes of a binary header of the PROXY protocol?",
    topic="headers",
    where=(
        "gunicorn.http.message.Request._handle_proxy_protocol",
        "gunicorn.http.message.Request._parse_proxy_protocol_v2",
    ),
)
def proxy_protocol_version_2(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    lab.write("gunicorn.conf.py", "proxy_protocol = True")
    server = lab.start("app").listening()
    signature = b"\r\n\r\n\0\r\nQUIT\n"
    addresses = bytes([10, 0, 0, 1, 10, 0, 0, 2]) + pack(">HH", 1111, 80)
    heads = {
        "PROXY, TCP over IPv4": pack(">BBH", 0x21, 0x11, len(addresses)) + addresses,
        "LOCAL": pack(">BBH", 0x20, 0, 0),
        "PROXY, UDP over IPv4": pack(">BBH", 0x21, 0x12, len(addresses)) + addresses,
        "PROXY, no family": pack(">BBH", 0x21, 0, 0),
        "version 1 in the binary form": pack(">BBH", 0x11, 0x11, len(addresses)) + addresses,
    }
    return {name: verdict(server, (signature + head).decode("latin-1") + _GET) for name, head in heads.items()}
