"""A preview in a child process, for the tests that talk to one: it is killed in the end, whatever happens."""

import os
import re
import signal
import subprocess
import threading
from contextlib import ExitStack, suppress


def guard(stack: ExitStack, process: subprocess.Popen[str], deadline: float) -> str:
    """The address of a preview, once it listens.

    Its process group is killed when the stack closes, or after so many seconds, lest a read wait for ever.
    """
    stack.enter_context(process)
    watchdog = threading.Timer(deadline, kill_group, [process])
    watchdog.start()
    stack.callback(kill_group, process)
    stack.callback(watchdog.cancel)
    assert process.stdout is not None
    address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
    assert address is not None
    return address[0]


def kill_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
