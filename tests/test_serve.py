import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import psutil
import pytest

from render.serve import THREADS, listen
from tests.previews import guard

DEADLINE = 30
"""Seconds after which a server that still runs is killed, so that no read in a test waits for ever."""

Event: TypeAlias = dict[str, str | None]

PROGRAM = """
import hashlib
import sys
from pathlib import Path, PurePosixPath
from render.output import Draft
from render.problems import Place, Problem, ProblemsFound
from render.serve import serve

folder = Path(sys.argv[1])

def build():
    text = (folder / "page.txt").read_text()
    print("built", flush=True)
    if text == "slow":
        while (folder / "page.txt").read_text() == "slow":
            pass
    if text == "wrong":
        raise ProblemsFound([Problem(Place(PurePosixPath("page.txt"), 7), "says <wrong>; mend it")])
    if text == "bug":
        raise KeyError("<no such thing>")
    page = f"<!doctype html><title>A</title><body><h1>{text}</h1></body>".encode()
    site = {
        PurePosixPath("index.html"): page,
        PurePosixPath("1.0/é.py.html"): page,
        PurePosixPath("1.0/index.html"): page,
        PurePosixPath("plain.html"): b"no end tag",
        PurePosixPath("assets/0a1b/main.js"): b"export {};",
        PurePosixPath("assets/none.css"): b"a {}",
        PurePosixPath("search.json"): b"{}",
        PurePosixPath("data.unknown"): b"?",
    }
    return Draft(site, hashlib.sha256(text.encode()).hexdigest())

serve(build, [folder], sys.argv[2])
"""


@dataclass(frozen=True)
class Server:
    """The preview of `folder` in a child process that leads a group of its own."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    def save(self, text: str) -> None:
        """Save the page in one step, as careful editors do: written aside, then renamed."""
        draft = self.folder.with_name("draft")
        draft.write_text(text)
        draft.rename(self.folder / "page.txt")

    def ask(self, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request(method, path)
            response = connection.getresponse()
            return response, response.read().decode()

    def wait_for_build(self) -> None:
        """Wait until one more build has begun."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "built\n"

    def family(self) -> list[psutil.Process]:
        master = psutil.Process(self.process.pid)
        return [master, *master.children(recursive=True)]


class Stream:
    """An open page's stream of events."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port)
        self._connection.request("GET", "/-/events")
        self.response = self._connection.getresponse()

    def event(self) -> Event:
        """The next event; heartbeats are passed over."""
        while not (line := self.response.readline().decode()).startswith("data: "):
            assert line in ("\n", ":\n")
        event: Event = json.loads(line.removeprefix("data: "))
        return event

    def heartbeat(self) -> None:
        """Wait until nothing was to be said for a while."""
        while self.response.readline() != b":\n":
            assert not self.response.isclosed()

    def close(self) -> None:
        self.response.close()
        self._connection.close()


Start: TypeAlias = Callable[[str], Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the preview of a folder where the page says the given text; kills it when the deadline passes."""
    with ExitStack() as stack:

        def launch(text: str) -> Server:
            folder = tmp_path / "watched"
            folder.mkdir()
            (folder / "page.txt").write_text(text)
            process = run(folder, "127.0.0.1:0")
            port = urlsplit(guard(stack, process, DEADLINE)).port
            assert port is not None
            return Server(process, folder, port)

        yield launch


@pytest.fixture
def opened() -> Iterator[Callable[[Server], Stream]]:
    """Opens a stream, to be closed at the end."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(closing(Stream(server)))


Opened: TypeAlias = Callable[[Server], Stream]


def run(folder: Path, bind: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(folder), bind]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True
    )


def assert_ended_at_once(server: Server, family: list[psutil.Process]) -> None:
    """After a second the master would kill its worker; then nothing is left for the master itself to wait for."""
    _, working = psutil.wait_procs(family[1:], timeout=0.9)
    assert working == []
    assert server.process.wait() == 0
    assert not any(process.is_running() for process in family)
    with pytest.raises(ProcessLookupError):
        os.killpg(server.process.pid, 0)


def test_a_page_is_the_site_s_own_save_for_one_script(start: Start) -> None:
    server = start("hello")
    response, body = server.ask("/1.0/%C3%A9.py.html")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert re.sub(r'<script type="module" src="/-/live.js\?[0-9a-f]+"></script></body>', "</body>", body) == (
        "<!doctype html><title>A</title><body><h1>hello</h1></body>"
    )
    assert body.endswith("</script></body>")


def test_a_page_without_an_end_tag_still_follows_the_builds(start: Start) -> None:
    _, body = start("hello").ask("/plain.html")
    assert re.fullmatch(r'no end tag<script type="module" src="/-/live.js\?[0-9a-f]+"></script>', body)


@pytest.mark.parametrize(
    ("path", "kind", "cache", "content"),
    [
        ("/assets/0a1b/main.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "export {};"),
        ("/assets/none.css", "text/css; charset=utf-8", "no-store", "a {}"),
        ("/search.json", "application/json", "no-store", "{}"),
        ("/data.unknown", "application/octet-stream", "no-store", "?"),
    ],
)
def test_a_file_has_its_type_and_is_cached_only_under_a_digest(
    start: Start, path: str, kind: str, cache: str, content: str
) -> None:
    response, body = start("hello").ask(path)
    assert (response.headers["Content-Type"], response.headers["Cache-Control"], body) == (kind, cache, content)


def test_a_folder_is_its_index_below_an_address_with_a_slash(start: Start) -> None:
    server = start("hello")
    assert "<h1>hello</h1>" in server.ask("/")[1]
    assert "<h1>hello</h1>" in server.ask("/1.0/")[1]
    response, _ = server.ask("/1.0")
    assert (response.status, response.headers["Location"]) == (307, "/1.0/")


@pytest.mark.parametrize("path", ["/nothing<b>", "/index.html/", "/../page.txt", "//index.html", "/-/serve.py", "/%ff"])
def test_an_address_without_a_page_is_not_found(start: Start, path: str) -> None:
    response, body = start("hello").ask(path)
    assert response.status == 404
    assert "<b>" not in body
    assert "live.js" in body


def test_what_the_preview_adds_is_served_beside_the_site(start: Start) -> None:
    server = start("wrong")
    assert server.ask("/-/live.js")[0].headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert server.ask("/-/live.css")[0].headers["Content-Type"] == "text/css; charset=utf-8"


def test_head_answers_as_get_does_but_without_the_body(start: Start) -> None:
    server = start("hello")
    whole, body = server.ask("/")
    with socket.create_connection(("127.0.0.1", server.port)) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status, *headers = answer.read().decode().split("\r\n")
    assert status == "HTTP/1.1 200 OK"
    assert f"Content-Length: {whole.headers['Content-Length']}" == f"Content-Length: {len(body)}" in headers
    assert headers[-2:] == ["", ""]


@pytest.mark.parametrize("path", ["/", "/nothing", "/-/events"])
def test_only_get_and_head_are_allowed(start: Start, path: str) -> None:
    response, _ = start("hello").ask(path, "POST")
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


def test_every_one_of_a_dozen_open_pages_hears_of_a_change(start: Start, opened: Opened) -> None:
    server = start("one")
    streams = [opened(server) for _ in range(12)]
    before = [stream.event() for stream in streams]
    server.save("two")
    after = [stream.event() for stream in streams]
    assert len({event["site"] for event in before}) == len({event["site"] for event in after}) == 1
    assert before[0]["site"] != after[0]["site"]
    page = server.ask("/")[1]
    assert "<h1>two</h1>" in page
    assert f"live.js?{after[0]['site']}" in page


def test_a_file_written_in_place_is_a_change_too(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    stream.event()
    (server.folder / "page.txt").write_text("two")
    while "<h1>two</h1>" not in server.ask("/")[1]:
        assert stream.event()["failure"] is None


def test_a_change_during_a_build_is_followed_by_another_build(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    stream.event()
    server.wait_for_build()
    server.save("slow")
    server.wait_for_build()
    server.save("two")
    server.wait_for_build()
    stream.event()
    stream.event()
    assert "<h1>two</h1>" in server.ask("/")[1]


def test_a_build_that_gives_an_equal_site_is_not_an_event(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    first = stream.event()
    server.wait_for_build()
    server.save("one")
    server.wait_for_build()
    server.save("two")
    assert stream.event()["site"] != first["site"]


def test_problems_are_shown_over_the_last_good_site_until_they_are_mended(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    good = stream.event()
    server.save("wrong")
    failed = stream.event()
    assert failed["site"] == good["site"]
    assert failed["failure"] is not None
    assert "<code>page.txt:7</code>" in failed["failure"]
    assert "says &lt;wrong&gt;; mend it" in failed["failure"]
    assert "<h1>one</h1>" in server.ask("/")[1]
    server.save("one")
    assert stream.event() == good
    server.save("wrong")
    stream.event()
    server.save("two")
    mended = stream.event()
    assert mended["failure"] is None
    assert mended["site"] != good["site"]


def test_a_page_opened_while_problems_stand_hears_of_them_at_once(start: Start, opened: Opened) -> None:
    server = start("one")
    first = opened(server)
    first.event()
    server.save("wrong")
    failed = first.event()
    assert failed["failure"] is not None
    assert opened(server).event() == failed


def test_a_bug_is_shown_with_its_traceback(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    stream.event()
    server.save("bug")
    failure = stream.event()["failure"]
    assert failure is not None
    assert "Traceback (most recent call last)" in failure
    assert "&lt;no such thing&gt;" in failure
    server.save("two")
    assert stream.event()["failure"] is None


@pytest.mark.parametrize(("text", "reason"), [("wrong", "<code>page.txt:7</code>"), ("bug", "Traceback")])
def test_without_a_first_site_every_address_says_what_to_mend(
    start: Start, opened: Opened, text: str, reason: str
) -> None:
    server = start(text)
    for path in ("/", "/1.0/", "/nothing"):
        response, body = server.ask(path)
        assert (response.status, response.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert reason in body
        assert 'src="/-/live.js?"' in body
    stream = opened(server)
    assert stream.event()["site"] == ""
    server.save("two")
    assert stream.event()["site"] != ""
    assert server.ask("/")[0].status == 200


def test_the_first_build_is_waited_for_and_a_change_during_it_is_followed_by_another(start: Start) -> None:
    server = start("slow")
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", "/")
        server.wait_for_build()
        server.save("two")
        assert connection.getresponse().status == 200
    server.wait_for_build()


def test_a_closed_page_frees_its_thread(start: Start) -> None:
    server = start("one")
    streams = [Stream(server) for _ in range(THREADS)]
    for stream in streams:
        stream.event()
    for stream in streams:
        stream.close()
    assert server.ask("/")[0].status == 200


def test_the_terminal_sees_the_address_and_what_to_mend_and_no_more(start: Start, opened: Opened) -> None:
    server = start("one")
    stream = opened(server)
    stream.heartbeat()
    server.save("wrong")
    stream.event()
    server.process.send_signal(signal.SIGINT)
    said, complained = server.process.communicate()
    assert said == "built\n" * 2
    assert complained == "page.txt:7: says <wrong>; mend it\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("to_all", [True, False], ids=["to the group", "to the master"])
def test_a_signal_ends_it_at_once_whatever_is_open(start: Start, opened: Opened, name: str, to_all: bool) -> None:
    server = start("one")
    for _ in range(2):
        opened(server).event()
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(b"GET / HT")
        family = server.family()
        assert len(family) == 2
        (os.killpg if to_all else os.kill)(server.process.pid, signal.Signals[name])
        assert_ended_at_once(server, family)


def test_a_signal_ends_it_in_the_midst_of_a_build(start: Start) -> None:
    server = start("slow")
    server.wait_for_build()
    family = server.family()
    server.process.send_signal(signal.SIGINT)
    assert_ended_at_once(server, family)


def test_the_worker_does_not_outlive_a_killed_master(start: Start, opened: Opened) -> None:
    server = start("one")
    opened(server).event()
    _, worker = server.family()
    server.process.kill()
    _, alive = psutil.wait_procs([worker], timeout=DEADLINE / 2)
    assert alive == []


def test_a_port_in_use_is_said_once_and_nothing_is_served(tmp_path: Path) -> None:
    with listen("127.0.0.1:0") as taken:
        port = taken.getsockname()[1]
        with run(tmp_path, f"127.0.0.1:{port}") as process:
            said, complained = process.communicate(timeout=DEADLINE)
    assert said == ""
    assert (
        complained.splitlines()[-1] == f"OSError: 127.0.0.1:{port}: address already in use; free it or choose another"
    )
    assert complained.count("in use") == 1


def test_a_folder_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    with run(tmp_path / "nowhere", "127.0.0.1:0") as process:
        said, complained = process.communicate(timeout=DEADLINE)
    assert said == ""
    assert (
        complained.splitlines()[-1] == f"FileNotFoundError: [Errno 2] No such file or directory: '{tmp_path}/nowhere'"
    )


@pytest.mark.parametrize("bind", ["127.0.0.1:0", "localhost:0", "127.9.9.9:0"])
def test_loopback_is_listened_at(bind: str) -> None:
    with listen(bind) as listener:
        assert listener.getsockname()[0].startswith("127.")


def test_an_address_that_others_reach_is_refused_unless_allowed() -> None:
    with pytest.raises(PermissionError, match=r"0\.0\.0\.0:0: other machines reach it"):
        listen("0.0.0.0:0")
    with listen("0.0.0.0:0", exposed=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


@pytest.mark.parametrize("bind", ["127.0.0.1:http!", "127.0.0.1:99999", "no.such.host.invalid:8000"])
def test_what_is_no_address_is_refused_with_an_example(bind: str) -> None:
    with pytest.raises(OSError, match=f"{re.escape(bind)}: .*; give a host and a port, as in 127"):
        listen(bind)
