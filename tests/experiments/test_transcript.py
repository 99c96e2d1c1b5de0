import sys

import pytest

from tests.experiments.transcript import Event, normalise, read_events


@pytest.mark.parametrize(
    ("line", "normal"),
    [
        (
            "[2026-02-03 04:05:06 +0000] [77] [INFO] Starting gunicorn 23.0.0",
            "[master] [INFO] Starting gunicorn 23.0.0",
        ),
        ("[2026-02-03 04:05:06 -0330] [78] [ERROR] Oh", "[worker] [ERROR] Oh"),
        ("[78] [AUDIT] os.fork", "[worker] [AUDIT] os.fork"),
        ("[77] says nothing", "[77] says nothing"),
        ("Listening at: http://127.0.0.1:34567 (77)", "Listening at: http://127.0.0.1:PORT (PID)"),
        ("Booting worker with pid: 78", "Booting worker with pid: PID"),
        ("Worker (pid:78) exited with code 3", "Worker (pid:PID) exited with code 3"),
        (
            "Already running on PID 79 (or pid file 'a.pid' is stale)",
            "Already running on PID PID (or pid file 'a.pid' is stale)",
        ),
        ("Parent changed, shutting down: <Worker 78>", "Parent changed, shutting down: <Worker PID>"),
        ("<function reload at 0x7f23a3d9f420>", "<function reload at ADDRESS>"),
        ("/tmp/base/lab/conf.py is not there", "/lab/conf.py is not there"),
        (f"{sys.executable}: No module named gunicorn", "python: No module named gunicorn"),
        ("Listening at: http://[::1]:34567 (77)", "Listening at: http://[::1]:PORT (PID)"),
        ("Connection in use: ('127.0.0.1', 34567)", "Connection in use: ('127.0.0.1', PORT)"),
        ('[03/Feb/2026:04:05:06 +0000] "GET / HTTP/1.1" 200', '[DATE] "GET / HTTP/1.1" 200'),
        ("code (3) and pidgin 4 stay", "code (3) and pidgin 4 stay"),
    ],
)
def test_what_differs_from_run_to_run_is_taken_out(line: str, normal: str) -> None:
    assert normalise(line, "/tmp/base", 77) == [normal]


def test_blank_lines_are_dropped() -> None:
    assert normalise("\nError: no\n\n", "/tmp/base", 77) == ["Error: no"]


def test_of_a_traceback_the_heading_and_the_exceptions_are_left() -> None:
    text = """\
  indented before
Traceback (most recent call last):
  File "app.py", line 1, in <module>
    raise KeyError(1)
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "app.py", line 3, in <module>
    raise ValueError
ValueError
  indented after
"""
    assert normalise(text, "/tmp/base", 77) == [
        "  indented before",
        "Traceback (most recent call last):",
        "KeyError: 1",
        "During handling of the above exception, another exception occurred:",
        "Traceback (most recent call last):",
        "ValueError",
        "  indented after",
    ]


def test_of_a_usage_that_lists_the_options_the_name_is_left() -> None:
    text = """\
usage: custom.py [-h] [-v] [-c CONFIG]
                 [-k STRING]
custom.py: error: no
usage: gunicorn [OPTIONS] [APP_MODULE]
"""
    assert normalise(text, "/tmp/base") == [
        "usage: custom.py …",
        "custom.py: error: no",
        "usage: gunicorn [OPTIONS] [APP_MODULE]",
    ]


LOG = """\
[2026-02-03 04:05:06 +0000] [77] [INFO] Starting gunicorn 23.0.0
[2026-02-03 04:05:06 +0000] [77] [INFO] Control socket listening at /tmp/base/gunicorn.ctl
[2026-02-03 04:05:06 +0000] [78] [INFO] Booting worker with pid: 78
printed by somebody
[2026-02-03 04:05:06 +0000] [79] [INFO] Starting gunicorn 23.0.0
[2026-02-03 04:05:06 +0000] [77] [INFO] Handling signal: quit
"""


def test_masters_are_told_from_workers_and_from_each_other() -> None:
    assert normalise(LOG, "/tmp/base") == [
        "[master] [INFO] Starting gunicorn 23.0.0",
        "[worker] [INFO] Booting worker with pid: PID",
        "printed by somebody",
        "[second master] [INFO] Starting gunicorn 23.0.0",
        "[master] [INFO] Handling signal: quit",
    ]


def test_the_log_is_read_as_events_with_their_pids() -> None:
    assert read_events(LOG, "/tmp/base")[1] == Event("worker", "INFO", "Booting worker with pid: PID", 78)
    assert len(read_events(LOG, "/tmp/base")) == 4
