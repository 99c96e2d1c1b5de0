import signal
from dataclasses import replace

import pytest

from tests.experiments.checkout import RELEASES, UPSTREAM
from tests.experiments.lab import APP, CONSOLE_SCRIPT, MODULE, Lab, StillAlive, answering
from tests.experiments.server import NeverListened, TooLate, wait_until


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


def test_processes_that_do_not_end_by_themselves_are_told() -> None:
    with Lab(UPSTREAM, patience=1) as lab:
        lab.write("gunicorn.conf.py", "import signal\nsignal.pause()")
        server = lab.start("app")
        with pytest.raises(StillAlive, match=rf"after 1 s there are still .*pid={server.process.pid}"):
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
        server.process.kill()


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
