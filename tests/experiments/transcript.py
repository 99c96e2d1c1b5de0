"""A server's words without what differs from run to run: dates, pids, ports, addresses, folders, tracebacks' frames."""

import re
import sys
from collections.abc import Iterable, Iterator

_LOG_LINE = re.compile(r"(?:\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] )?\[(\d+)\] (\[[A-Z]+\] .*)")
_PID = re.compile(r"(\bpid:? ?|<Worker |\((?=\d+\)$))\d+", re.IGNORECASE)
_PORT = re.compile(r"(127\.0\.0\.1:)\d+")
_ADDRESS = re.compile(r"( at )0x[0-9a-f]+(?=>)")


def normalise(text: str, master: int, base: str) -> list[str]:
    """The lines of a text that are not blank.

    The log's `[date] [pid]` becomes `[master]`, if `master` is the pid, or `[worker]`; other pids become PID and ports
    PORT, addresses of objects ADDRESS. The folder `base` is cut from the front of paths, and the interpreter's path
    becomes `python`. Of a traceback, the heading and the exceptions are left.
    """
    lines = (line.rstrip() for line in text.replace(base, "").replace(sys.executable, "python").splitlines())
    return [_normalise_line(line, master) for line in _without_frames(filter(None, lines))]


def _without_frames(lines: Iterable[str]) -> Iterator[str]:
    within = False
    for line in lines:
        within = line.startswith("Traceback ") or (within and line.startswith(" "))
        if not within or not line.startswith(" "):
            yield line


def _normalise_line(line: str, master: int) -> str:
    if logged := _LOG_LINE.fullmatch(line):
        speaker = "master" if int(logged[1]) == master else "worker"
        line = f"[{speaker}] {logged[2]}"
    return _ADDRESS.sub(r"\1ADDRESS", _PORT.sub(r"\1PORT", _PID.sub(r"\1PID", line)))
