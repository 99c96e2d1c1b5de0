"""What was made before, found again by the content it was made from."""

import hashlib
import os
import pickle
import sys
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_SEAL = hashlib.sha256().digest_size


class Cache:
    """A folder of values, each in a file named by the digest of all that it was made from.

    `salt` stands for what every value depends on: the program (`program_digest`). Without a folder nothing is kept.

    Values are pickled. Reading a pickle may run whatever was put into it, but whoever can write into this folder can
    as well write into the program beside it; and only what bears its own digest is unpickled, so that an entry cut
    short, damaged or put there by something else is made anew. The folder may be deleted at any time, and any number
    of runs may share it. What the disk refuses to keep is made again by the next run, and is no error.
    """

    def __init__(self, folder: Path | None, salt: bytes) -> None:
        self._folder = folder
        self._salt = salt
        self._used: set[str] = set()

    def get(self, kind: str, key: bytes | str, make: Callable[[], T]) -> T:
        """What `make` gave when it was last asked for the same `kind` and `key`, or what it gives now.

        `key` must hold everything that `make` looks at (see `digest`), and `kind` says what is made of it. The value
        may be a copy, so that only its content counts.
        """
        if self._folder is None:
            return make()
        name = digest(self._salt, kind, key).hex()
        self._used.add(name)
        packed = _read(self._folder, name)
        if packed is not None:
            kept: T = pickle.loads(zlib.decompress(packed))
            return kept
        value = make()
        _write(self._folder, name, zlib.compress(pickle.dumps(value), 1))
        return value

    def sweep(self) -> None:
        """Remove what this run had no use for, and what killed runs left; another run makes again what it needs."""
        if self._folder is None:
            return
        for file in _files(self._folder):
            if file.name not in self._used:
                with suppress(OSError):
                    file.unlink()


def digest(*parts: bytes | str) -> bytes:
    """One SHA-256 of several parts, each with its length, so that no other parts have the same."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "big") + content)
    return found.digest()


def program_digest(sources: Path) -> bytes:
    """What a change of the program changes: its files below `sources`, this Python, and all packages installed."""
    files = [file for file in sorted(sources.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]
    contents = [part for file in files for part in (str(file.relative_to(sources)), file.read_bytes())]
    packages = sorted(f"{package.name} {package.version}" for package in distributions())
    return digest(sys.version, "\n".join(packages), *contents)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(folder: Path, name: str) -> bytes | None:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return None
    seal, packed = content[:_SEAL], content[_SEAL:]
    return packed if seal == digest(name, packed) else None


def _write(folder: Path, name: str, packed: bytes) -> None:
    """A file of its own for each writer, and one rename: a killed run leaves no half, and two do not mix."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(prefix=".new-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(digest(name, packed) + packed)
            os.replace(new, folder / name)
        finally:
            Path(new).unlink(missing_ok=True)
