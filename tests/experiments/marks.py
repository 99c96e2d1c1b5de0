"""The mark in the environment by which the processes of labs are known, wherever they have gone."""

from collections.abc import Iterable
from contextlib import suppress

import psutil

MARK = "GUNICORN_LAB"


def marked(base: str) -> list[psutil.Process]:
    """All living processes of labs whose folder is `base`, or lies below it."""
    return [process for process in psutil.process_iter() if _is_marked(process, base)]


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill them, at once; those that have gone meanwhile do not matter."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _is_marked(process: psutil.Process, base: str) -> bool:
    try:
        mark = process.environ().get(MARK, "")
    except psutil.Error:  # it ended meanwhile, or is another user's
        return False
    return mark == base or mark.startswith(f"{base}/")
