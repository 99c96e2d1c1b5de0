"""TLS: when a certificate is read, whether sessions are resumed, and a certificate that is none."""

import socket
import ssl

from tests.experiments.applications import APP
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server
from tests.experiments.sockets_mishaps import free_ports
from tests.experiments.workers_sync import CERTIFICATE

RENEWED = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+LnGxMAHjfUcI3PA
eWYFg0hr0d0cwIjpfjt0Z3dqzvChRANCAAQf/SGnBiydMNPw3MvEaOXrdNP7d8RC
aPIh2GOEJHGKL2UE4VV5TeIaZqAJkBL7oJ5WBfCbyru2wczGia/Zzwxh
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBfDCCASGgAwIBAgIUd6ROmgUwL+WydK14/ivVVYAy1AYwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHcmVuZXdlZDAgFw0yNjExMjIxNTI3NDRaGA8yMTI2MTAyOTE1
Mjc0NFowEjEQMA4GA1UEAwwHcmVuZXdlZDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABB/9IacGLJ0w0/Dcy8Ro5et00/t3xEJo8iHYY4QkcYovZQThVXlN4hpmoAmQ
EvugnlYF8JvKu7bBzMaJr9nPDGGjUzBRMB0GA1UdDgQWBBRoM+E0Z/uecn6i9YLN
+J34TzsodDAfBgNVHSMEGDAWgBRoM+E0Z/uecn6i9YLN+J34TzsodDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQD5Aqe23++CMWKJfH5VTqs/bC4n
0kgX5kkFanv4QL96CQIhAMKQCGdP+kpCITqeTyRjJDu8blT9XcnoaHNlW9y0eYn3
-----END CERTIFICATE-----
"""

WORKERS = ("sync", "gthread", "gevent")


class Visitor:
    """A client that resumes its session if it can; `patience` is in seconds."""

    def __init__(self, port: int, patience: float = 30) -> None:
        self._port = port
        self._patience = patience
        self._session: ssl.SSLSession | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE

    def visit(self) -> str:
        """What it sees of TLS, with one request on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=self._patience) as plain:
            try:
                with self._context.wrap_socket(plain, session=self._session) as client:
                    client.sendall(GET)
                    client.recv(4096)  # TLS 1.3 sends its session after the handshake
                    self._session = client.session
                    name = "renewed" if b"renewed" in (client.getpeercert(binary_form=True) or b"") else "first"
                    return f"{name} certificate, session {'resumed' if client.session_reused else 'new'}"
            except OSError:
                return "no handshake"


@experiment(
    slug="certificates-by-worker",
    title="Only gevent resumes TLS sessions, and it alone misses a renewed certificate",
    question="What becomes of a second visit, of a renewed certificate, of a bad one, and of a silent client?",
    topic="sockets",
    where=(
        "gunicorn.sock.create_sockets",
        "gunicorn.sock.ssl_context",
        "gunicorn.sock.ssl_wrap_socket",
        "gunicorn.workers.gthread.TConn.init",
        "gunicorn.workers.ggevent.GeventWorker.run",
    ),
    since="21.2.0",
)
def certificates_by_worker(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("bad.pem", "no certificate")
    ports = iter(free_ports(7))
    return {
        **{kind: _renewed(lab, kind, next(ports)) for kind in WORKERS},
        **{f"{kind}, a file that is no certificate": _bad(lab, kind, next(ports)) for kind in WORKERS},
        "gthread, --do-handshake-on-connect, and a silent client": _beside_silence(lab, next(ports)),
    }


def _start(lab: Lab, kind: str, port: int, pem: str, *options: str) -> Server:
    server = lab.start("-k", kind, "--certfile", pem, "--keyfile", pem, *options, "app", bind=f"127.0.0.1:{port}")
    server.wait_for("Booting worker")
    return server


def _renewed(lab: Lab, kind: str, port: int) -> list[str]:
    lab.write(f"{kind}.pem", CERTIFICATE)
    _start(lab, kind, port, f"{kind}.pem")
    visitor = Visitor(port)
    visits = [f"first visit: {visitor.visit()}", f"second visit: {visitor.visit()}"]
    lab.write(f"{kind}.pem", RENEWED)
    return [*visits, f"another client, when the files were renewed: {Visitor(port).visit()}"]


def _bad(lab: Lab, kind: str, port: int) -> list[str]:
    server = _start(lab, kind, port, "bad.pem")
    if kind == "gevent":
        server.wait_for("Booting worker", 3)
        seen = ["no connection yet, and already a third worker"]
    else:
        seen = [Visitor(port).visit()]
        server.wait_until(lambda: _told(server) or _replaced(server), "warn or replace its worker")
        seen += ["a warning" if _told(server) else "another worker"]
    return [*seen, "listens" if "Listening at: https" in "".join(server.log) else "does not listen", server.ending]


def _beside_silence(lab: Lab, port: int) -> list[str]:
    lab.write("silent.pem", CERTIFICATE)
    server = _start(lab, "gthread", port, "silent.pem", "--threads", "4", "--do-handshake-on-connect")
    Visitor(port).visit()
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"\x16")  # the first byte of a handshake
        beside = Visitor(port, patience=2).visit()
    server.wait_until(lambda: "certificate" in Visitor(port).visit(), "serve again")
    return [f"beside it: {beside}", f"it hangs up: {'another' if _replaced(server) else 'the same'} worker serves"]


def _told(server: Server) -> bool:
    return "[WARNING] Invalid request" in "".join(server.log)


def _replaced(server: Server) -> bool:
    return sum("Booting worker" in line for line in server.log) > 1
