import signal
import socket

import pytest

from tests.experiments.applications import APP, answering
from tests.experiments.checkout import RELEASES, UPSTREAM
from tests.experiments.lab import CONSOLE_SCRIPT, MODULE, Lab, StillAlive
from tests.experiments.waiting import wait_until


def test_master_and_worker_are_gone_after_an_experiment_that_raises() -> None:
    def fail(lab: Lab) -> None:
        lab.write("app.py", APP)
        lab.start("app").listening().ask()
        assert len(lab.processes()) == 2
        raise ZeroDivisionError

    lab = Lab(UPSTREAM)
    with pytest.raises(ZeroDivisionError), lab:
        fail(lab)
    assert not lab.processes()
    assert not lab.folder.exists()


def test_a_daemon_that_left_the_session_is_gone_too() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        assert lab.start("--daemon", "app").ended().ending == "exit code 0"
        assert wait_until(lambda: len(lab.processes()) == 2, 30)
    assert not lab.processes()


def test_processes_that_do_not_end_by_themselves_are_told() -> None:
    with Lab(UPSTREAM, patience=1) as lab:
        lab.write("gunicorn.conf.py", "import signal\nsignal.pause()")
        server = lab.start("app")
        with pytest.raises(StillAlive, match=rf"after 1 s there are still .*pid={server.pid}"):
            lab.wait_until_empty()


def test_a_process_that_no_list_shows_as_the_labs_is_waited_for_all_the_same() -> None:
    with Lab(UPSTREAM, patience=1) as lab:
        lab.write("wait.py", "import signal\nprint('hidden', flush=True)\nsignal.pause()")
        lab.write("hide.py", "import os, sys\nos.execve(sys.executable, ['python', 'wait.py'], {})")
        server = lab.start(program=("hide.py",))
        assert wait_until(lambda: server.stdout == ["hidden"], 30)
        assert not lab.processes()
        with pytest.raises(StillAlive):
            lab.wait_until_empty()
        server.send(signal.SIGKILL)


def test_a_server_can_be_started_in_a_folder_beside_the_labs() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("../beside/app.py", answering("os.getcwd()"))
        assert lab.start("app", folder="../beside").listening().ask()[-1] == f"{lab.folder.parent}/beside"


@pytest.mark.parametrize("program", [CONSOLE_SCRIPT, MODULE])
def test_the_vendored_release_is_what_runs_and_it_stays_clean(program: tuple[str, ...]) -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("gunicorn.conf.py", "import gunicorn\nprint(gunicorn.__file__, gunicorn.__version__)")
        seen = lab.start(program=program).ended().stdout
    assert seen == [f"{UPSTREAM.resolve()}/gunicorn/__init__.py {RELEASES.documented}"]
    assert not list(UPSTREAM.rglob("__pycache__"))


def test_the_environment_of_the_caller_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--no-such-option")
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        assert lab.start("--check-config", "app").ended().outcome == ["exit code 0"]
        assert lab.start("app", env={"GUNICORN_CMD_ARGS": "--no-such-option"}).ended().ending == "exit code 2"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_that_the_caller_ignores_is_heard_by_a_server(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Lab(UPSTREAM) as lab:
            lab.write("gunicorn.conf.py", f"import signal\nprint(signal.getsignal({number:d}) == signal.SIG_IGN)")
            assert lab.start().ended().stdout == ["False"]
    finally:
        signal.signal(number, before)


def test_a_server_can_be_left_to_find_its_address_elsewhere() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        lab.write("gunicorn.conf.py", "bind = 'unix:here'")
        lab.start("app", bind=None).wait_for("Listening at: unix:here")


def test_two_labs_do_not_meet() -> None:
    with Lab(UPSTREAM) as one, Lab(UPSTREAM) as other:
        for lab in (one, other):
            lab.write("app.py", APP)
        first, second = one.start("app").listening(), other.start("app").listening()
        assert {process.pid for process in one.processes()}.isdisjoint(process.pid for process in other.processes())
        first.send(signal.SIGTERM)
        first.ended()
        assert second.ask()[0] == "HTTP/1.1 200 OK"


def test_a_file_is_written_without_its_indentation_and_with_its_folders() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write(
            "deep/down/conf.py",
            """
            if True:
                workers = 2
            """,
        )
        assert (lab.folder / "deep/down/conf.py").read_text() == "if True:\n    workers = 2\n"


def test_the_release_can_be_asked_for() -> None:
    with Lab(UPSTREAM) as lab:
        assert lab.release == RELEASES.documented
        assert (lab.is_since("23.0.0"), lab.is_since("9.9.9"), lab.is_since("23.0.1")) == (True, True, False)


def test_what_a_file_says_is_read_as_a_log_is() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("error.log", f"[2026-02-03 04:05:06 +0000] [77] [INFO] Starting gunicorn 1\n{lab.folder}/app.py\n")
        assert lab.read("error.log") == ["[master] [INFO] Starting gunicorn 1", "/lab/app.py"]
        assert lab.read("none") == []


def test_a_file_is_waited_for_with_a_limit() -> None:
    with Lab(UPSTREAM, patience=0.01) as lab:
        lab.write("here")
        lab.wait_for_file("here")
        with pytest.raises(TimeoutError, match=r"^after 0\.01 s there is no there$"):
            lab.wait_for_file("there")


def test_sockets_are_handed_down_as_systemd_does() -> None:
    with Lab(UPSTREAM) as lab:
        lab.write("app.py", APP)
        words = lab.receive("notify.sock")
        sockets = [lab.listen(), lab.listen("here.sock")]
        server = lab.start("app", bind=None, sockets=sockets, env={"NOTIFY_SOCKET": words.address}).listening()
        assert [server.ask(at=at)[0] for at in range(2)] == ["HTTP/1.1 200 OK"] * 2
        assert server.log[1] == "[master] [INFO] Listening at: http://127.0.0.1:PORT,unix:/lab/here.sock (PID)"
        words.wait_for("READY=1")
        server.send(signal.SIGTERM)
        server.ended()
        lab.wait_until_empty()


def test_datagrams_are_received_until_patience_ends() -> None:
    with Lab(UPSTREAM, patience=0.01) as lab, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver = lab.receive()
        host, port = receiver.address.split(":")
        for word in (b"one", b"two"):
            sender.sendto(word, (host, int(port)))
        receiver.wait_for("o", times=2)
        assert receiver.messages == ["one", "two"]
        with pytest.raises(TimeoutError, match=r"no 'three' came within 0\.01 s, but \['one', 'two'\]"):
            receiver.wait_for("three")
