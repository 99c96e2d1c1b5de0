"""Files in memory, and the one move that puts them on disk: a whole folder, or a single text."""

import ctypes
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

Files: TypeAlias = Mapping[PurePosixPath, bytes]
"""Every file of a folder: its path from that folder, and its bytes."""

Site: TypeAlias = Files
"""Every file of the site."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A site whose files are made when they are asked for; drafts of equal `digest` are the same site."""

    site: Site
    digest: str


_KEPT = ".gitignore"
_PREFIX = ".new-"


def exchange(one: Path, other: Path) -> bool:
    """Let two folders trade names in one step; False where the system cannot."""
    libc = ctypes.CDLL(None)
    here = -100  # AT_FDCWD on Linux
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        return bool(libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), 2) == 0)  # RENAME_EXCHANGE
    if sys.platform == "darwin":
        return bool(libc.renamex_np(os.fsencode(one), os.fsencode(other), 2) == 0)  # RENAME_SWAP
    return False


def write_folder(files: Files, folder: Path, exchange: Callable[[Path, Path], bool] = exchange) -> None:
    """Make `folder` hold exactly `files` (and the `.gitignore` it had).

    The new folder is written beside the old one and takes its place by one rename, so that a reader or a killed run
    never meets half of it; where folders cannot be exchanged it takes two, and between them there is none. Of two
    runs at once the second waits for the first. Raises OSError, with the old folder untouched, when the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent):
        _sweep(folder.parent)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder.parent))
        try:
            new = staging / "new"
            _write(files, new)
            if (folder / _KEPT).is_file():
                shutil.copyfile(folder / _KEPT, new / _KEPT)
            _swap(new, folder, exchange)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def write_file(text: str, file: Path) -> None:
    """Make `file` hold exactly `text`, in one move; its folder is made where there is none.

    Raises OSError, and UnicodeEncodeError for what is no text, with the old file untouched.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Hold the system's lock on a folder, which a killed process loses: whoever holds it is the only writer there."""
    lock = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove what killed runs left behind; no other run is at work, or it would hold the lock."""
    for left in parent.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


def _write(files: Files, folder: Path) -> None:
    folder.mkdir()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _swap(new: Path, folder: Path, exchange: Callable[[Path, Path], bool]) -> None:
    if not folder.exists():
        os.rename(new, folder)
    elif not folder.is_dir():
        raise NotADirectoryError(f"{folder}: a file stands where a folder belongs; move it away")
    elif not exchange(new, folder):
        old = new.with_name("old")
        os.rename(folder, old)
        os.rename(new, folder)
