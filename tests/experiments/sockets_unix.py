"""Unix sockets and pidfiles: files that servers make, find in their way, and leave behind."""

import socket
from pathlib import Path
from signal import SIGTERM
from stat import S_IMODE

from tests.experiments.applications import APP, answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="what-stands-where-the-socket-should",
    title="A Unix socket is taken from a server that is alive",
    question="What if there is a file already where the Unix socket should be?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.__init__", "gunicorn.sock.UnixSocket.bind"),
)
def what_stands_where_the_socket_should(lab: Lab) -> Observations:
    lab.write("one.py", answering("'one'"))
    lab.write("two.py", answering("'two'"))
    lab.write("file")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(lab.folder / "dead.sock"))
    on_a_dead_socket = lab.start("one", bind="unix:dead.sock").listening()
    on_a_file = lab.start("one", bind="unix:file")
    one = lab.start("one", bind="unix:shared.sock").listening()
    before = one.ask()[-1]
    two = lab.start("two", bind="unix:shared.sock").listening()
    after = one.ask()[-1]
    one.wait_until_idle()
    one.send(SIGTERM)
    one.ended()
    return {
        "the socket of a server that is gone": on_a_dead_socket.ask()[-1],
        "an ordinary file": on_a_file.ended().outcome[-2:],
        "the socket of a server that is alive": f"answered by {before}, then by {after}; {one.ending}",
        "when the first server has ended": two.ask()[-1],
    }


@experiment(
    slug="mode-and-end-of-a-unix-socket",
    title="A changed bind leaves the file of the old Unix socket behind",
    question="What mode does the file of a Unix socket have, and when is it removed?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.bind", "gunicorn.sock.close_sockets", "gunicorn.arbiter.Arbiter.stop"),
)
def mode_and_end_of_a_unix_socket(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("gunicorn.conf.py", "bind = 'unix:first.sock'")

    def files() -> list[str]:
        return [f"{file.name} {S_IMODE(file.stat().st_mode):o}" for file in sorted(lab.folder.glob("*.sock"))]

    masked = lab.start("--umask", "077", "app", bind="unix:masked.sock").listening()
    server = lab.start("app", bind=None).listening()
    server.ask()
    running = files()
    lab.write("gunicorn.conf.py", "bind = 'unix:second.sock'")
    server.reload()
    reloaded = files()
    server.wait_until_idle()
    masked.ask()
    masked.wait_until_idle()
    for each in (server, masked):
        each.send(SIGTERM)
        each.ended()
    return {
        "two servers, one with --umask 077": running,
        "the other reloaded with bind = 'unix:second.sock'": reloaded,
        "both stopped by SIGTERM": files(),
    }


@experiment(
    slug="abstract-sockets",
    title="An abstract socket cannot be bound",
    question="Can bind name a socket of Linux's abstract namespace, which has no file?",
    topic="sockets",
    where=("gunicorn.sock.UnixSocket.__init__", "gunicorn.sock.UnixSocket.bind", "gunicorn.sock.close_sockets"),
)
def abstract_sockets(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    name = str(lab.folder)
    lab.write("gunicorn.conf.py", f"bind = 'unix:\\0{name}'")
    server = lab.start("app", bind=None)
    server.wait_until(lambda: server.has_ended or "Booting" in "".join(server.log), "listen")
    if server.has_ended:
        return {"bind = 'unix:\\0name'": server.outcome[-2:]}
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{name}")
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.recv(4096).decode().splitlines()[0]
    server.wait_until_idle()
    server.send(SIGTERM)
    return {"bind = 'unix:\\0name'": answer, "then SIGTERM": server.ended().outcome[-3:]}


@experiment(
    slug="life-of-a-pidfile",
    title="A pidfile that names nobody is replaced; SIGHUP moves it",
    question="What becomes of a stale pidfile, at SIGHUP with another name, and at the end?",
    topic="sockets",
    where=(
        "gunicorn.pidfile.Pidfile.create",
        "gunicorn.pidfile.Pidfile.validate",
        "gunicorn.pidfile.Pidfile.unlink",
        "gunicorn.arbiter.Arbiter.reload",
    ),
)
def life_of_a_pidfile(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("garbage.pid", "not a number")
    lab.write("stale.pid", "4194305")  # beyond the largest pid that Linux gives
    lab.write("gunicorn.conf.py", "pidfile = 'stale.pid'")

    def pidfiles() -> list[Path]:
        return sorted(lab.folder.glob("*.pid"))

    def files() -> list[str]:
        said = {file: "its pid" if file.read_text() == f"{server.pid}\n" else "not its pid" for file in pidfiles()}
        return [f"{file.name}, mode {S_IMODE(file.stat().st_mode):o}: {words}" for file, words in said.items()]

    server = lab.start("app").listening()
    server.ask()
    booted = files()
    lab.write("gunicorn.conf.py", "pidfile = 'garbage.pid'")
    server.reload()
    reloaded = files()
    server.wait_until_idle()
    server.send(SIGTERM)
    server.ended()
    return {
        "pidfile = 'stale.pid'": booted,
        "pidfile = 'garbage.pid' and SIGHUP": reloaded,
        "SIGTERM": files(),
        "--pid missing/server.pid": lab.start("--pid", "missing/server.pid", "app").ended().outcome[-2:],
    }
