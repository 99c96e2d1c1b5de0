import signal
from dataclasses import replace

import pytest

from tests.experiments.applications import APP, HOLDING, answering
from tests.experiments.checkout import UPSTREAM
from tests.experiments.client import GET
from tests.experiments.lab import Lab
from tests.experiments.server import NeverListened, TooLate
from tests.experiments.waiting import wait_until


def test_a_server_that_ends_instead_of_listening_is_quoted() -> None:
    with Lab(UPSTREAM) as lab, pytest.raises(NeverListened, match=r"^Error: No application module specified\.$"):
        lab.start().listening()


def test_a_server_that_neither_listens_nor_ends_is_given_up() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("gunicorn.conf.py", "import signal\nprint('waiting for ever')\nsignal.pause()")
        server = lab.start("app")
        assert wait_until(lambda: server.stdout == ["waiting for ever"], 30)
        hasty = replace(server, patience=0.1)
        with pytest.raises(TooLate, match=r"did not listen within 0.1 s; it said:\n    waiting for ever$"):
            hasty.listening()
        with pytest.raises(TooLate, match=r"did not end within 0.1 s"):
            hasty.ended()
        with pytest.raises(TooLate, match=r"did not say 'hello' within 0.1 s"):
            hasty.wait_for("hello")
    assert server.ending == "killed by SIGKILL"


def test_a_server_answers_until_a_signal_ends_it() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        server = lab.start("app").listening()
        assert server.ask()[0] == "HTTP/1.1 200 OK"
        assert server.ask(b"nonsense\r\n\r\n")[0] == "HTTP/1.1 400 Bad Request"
        assert server.ending == "still running"
        server.wait_until_idle()
        server.wait_for("Booting worker")
        server.send(signal.SIGTERM)
        assert server.ended().outcome[-2:] == ["[master] [INFO] Shutting down: Master", "exit code 0"]
        lab.wait_until_empty()
        assert server.ask() == ["connection refused"]


def test_a_reload_leaves_none_of_the_workers_of_before() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", answering("os.getpid()"))
        server = lab.start("app").listening()
        before = server.ask()[-1]
        assert server.workers == {int(before)}
        server.reload()
        server.wait_for("Booting worker", times=2)
        assert server.workers == {int(server.ask()[-1])} != {int(before)}


def test_a_server_is_asked_where_it_listens_on_tcp_and_on_unix_sockets() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", answering("environ['SERVER_NAME']"))
        lab.write("there/empty")
        server = lab.start(
            "--bind", "unix:here.sock", "--chdir", "there", "app", env={"PYTHONPATH": f"{lab.upstream}:.."}
        )
        assert server.listening().ask()[-1] == "127.0.0.1"
        assert server.ask(at=1)[0] == "HTTP/1.1 200 OK"
        assert (lab.folder / "there/here.sock").exists()
        with server.connect(at=1) as client:
            assert client.ask().told("Content-Type") == ["HTTP/1.1 200 OK", "lab"]


def test_a_request_is_held_until_a_file_lets_it_go() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", HOLDING)
        server = lab.start("app").listening()
        with server.connect() as first, server.connect() as second:
            first.send(b"GET /gate HTTP/1.1\r\n\r\n")
            server.wait_for_output("holding gate")
            second.send(GET)
            assert not second.is_heard(within=0.1)
            lab.write("gate")
            assert [first.answer().body, second.answer().body] == ["let go of gate", "let go of "]


def test_sigusr2_begins_a_second_master_that_outlives_the_first() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        first = lab.start("app").listening()
        first.ask()
        worker = first.worker
        first.send(signal.SIGUSR2)
        second = first.successor().listening()
        second.wait_for("Booting worker", times=2)
        assert first.workers == {worker}
        assert second.worker != worker
        first.send(signal.SIGQUIT)
        assert first.ended().ending == "exit code 0"
        assert second.ending == "still running"
        assert second.ask()[0] == "HTTP/1.1 200 OK"
        second.send(signal.SIGTERM)
        assert second.ended().ending == "gone"
        speakers = [event.speaker for event in first.events if event.message.startswith("Starting gunicorn")]
        assert speakers == ["master", "second master"]


def test_a_daemon_is_found_by_its_pidfile_and_heard_in_its_log() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        shell = lab.start("--daemon", "--pid", "x.pid", "app", log="x.log").ended()
        daemon = lab.find(shell, "x.pid").listening()
        assert daemon.ask()[0] == "HTTP/1.1 200 OK"
        assert (daemon.log[0], daemon.stderr) == (f"[master] [INFO] Starting gunicorn {lab.release}", [])


def test_a_frozen_process_does_nothing_until_it_is_let_go() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        server = lab.start("app").listening()
        server.ask()
        worker = server.worker
        with server.frozen():
            server.send(signal.SIGKILL, worker)
            server.wait_until_gone(worker)
            assert len([event for event in server.events if event.pid == server.pid]) == 3
        server.wait_for("was sent SIGKILL")
        with server.frozen(server.worker), server.connect() as client:
            client.send(GET)
            assert not client.is_heard(within=0.1)
        assert server.ask()[0] == "HTTP/1.1 200 OK"


def test_workers_are_waited_for_by_their_number() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        server = lab.start("--workers", "2", "app").listening()
        assert len(server.wait_for_workers(2)) == 2
        server.wait_for("Booting worker", times=2)
        server.send(signal.SIGTTOU)
        assert len(server.wait_for_workers(1)) == 1
