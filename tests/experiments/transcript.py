"""A server's words without what differs from run to run: dates, pids, ports, addresses, folders, tracebacks' frames."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_LOG_LINE = re.compile(r"(?:\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] )?\[(\d+)\] \[([A-Z]+)\] (.*)")
_PID = re.compile(r"(\bpid:? ?|<Worker |\((?=\d+\)$))\d+", re.IGNORECASE)
_PORT = re.compile(r"(127\.0\.0\.1:|\[::1\]:|\('127\.0\.0\.1', |\('::1', )\d+")
_ADDRESS = re.compile(r"( at )0x[0-9a-f]+(?=>)")
_DATE = re.compile(r"(?<=\[)\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}(?=\])")
_USAGE = re.compile(r"(usage: \S+) \[-h\] ")
_NOISE = ("Control socket listening at ", "control socket thread did not stop before fork")
"""Said by a thread of the master in some releases, at any time: they have no place among the other lines."""

_MASTERS = ("master", "second master", "third master", "fourth master")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log; `str` of it is the line as it is recorded, `pid` is never recorded.

    `speaker` is "master", "worker", or "second master" and so on for those that SIGUSR2 begins.
    """

    speaker: str
    level: str
    message: str
    pid: int

    def __str__(self) -> str:
        return f"[{self.speaker}] [{self.level}] {self.message}"


def normalise(text: str, base: str, master: int | None = None) -> list[str]:
    """The lines of a text that are not blank.

    The log's `[date] [pid]` becomes `[master]` or `[worker]`: masters are `master` and whoever says that gunicorn
    starts. Other pids become PID and ports PORT, addresses of objects ADDRESS, dates of the access log DATE. The
    folder `base` is cut from the front of paths, and the interpreter's path becomes `python`. Of a traceback, the
    heading and the exceptions are left, of a list of options nothing; lines about the control socket are left out.
    """
    return [str(line) for line in _read(text, base, master)]


def read_events(text: str, base: str, master: int | None = None) -> list[Event]:
    """Those lines of a text that are the log's, normalised likewise."""
    return [line for line in _read(text, base, master) if isinstance(line, Event)]


def _read(text: str, base: str, master: int | None) -> Iterator[Event | str]:
    speakers = _name_masters(text, master)
    lines = (line.rstrip() for line in text.replace(base, "").replace(sys.executable, "python").splitlines())
    for line in _without_options(_without_frames(filter(None, lines))):
        logged = _LOG_LINE.fullmatch(line)
        if logged is None:
            yield _normalise_words(line)
        elif not logged[3].startswith(_NOISE):
            pid = int(logged[1])
            yield Event(speakers.get(pid, "worker"), logged[2], _normalise_words(logged[3]), pid)


def _name_masters(text: str, master: int | None) -> Mapping[int, str]:
    logged = (found for line in text.splitlines() if (found := _LOG_LINE.fullmatch(line.rstrip())))
    masters = [int(line[1]) for line in logged if int(line[1]) == master or line[3].startswith("Starting gunicorn ")]
    return dict(zip(dict.fromkeys(masters), _MASTERS, strict=False))


def _without_frames(lines: Iterable[str]) -> Iterator[str]:
    within = False
    for line in lines:
        within = line.startswith("Traceback ") or (within and line.startswith(" "))
        if not within or not line.startswith(" "):
            yield line


def _without_options(lines: Iterable[str]) -> Iterator[str]:
    """A usage that lists the options, as each Python breaks and spells it, is left with the program's name."""
    within = False
    for line in lines:
        found = _USAGE.match(line)
        within = found is not None or (within and line.startswith(" "))
        if found:
            yield f"{found[1]} …"
        elif not within:
            yield line


def _normalise_words(line: str) -> str:
    line = _PORT.sub(r"\1PORT", _PID.sub(r"\1PID", line))
    return _DATE.sub("DATE", _ADDRESS.sub(r"\1ADDRESS", line))
