"""An sdist: fetched by pip without being built, opened without being trusted."""

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from render.problems import Place, Problem, ProblemsFound, refuse

_BACKENDS = (
    "flit_core.buildapi",
    "hatchling.build",
    "pdm.backend",
    "poetry.core.masonry.api",
    "setuptools.build_meta",
    "uv_build",
)


class DownloadError(OSError):
    """pip could not bring the file; the message is one line and holds pip's own reason."""


@dataclass(frozen=True, slots=True)
class Sdist:
    """An archive as the registry gave it: the name and the bytes of its file."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Contents:
    """An archive's files by their names below its one folder.

    `built` (ISO 8601, UTC) is the day on which the newest member was written: that of the sdist's making, unless the
    tool that made it writes the same day into every sdist.
    """

    files: Mapping[PurePosixPath, bytes]
    built: str


def fetch_sdist(package: str, release: str) -> Sdist:
    """Ask pip, as the user has set it up, for the sdist of a release. Raises DownloadError.

    pip wants the metadata of every sdist that it downloads and runs the sdist's build backend to get it
    (https://github.com/pypa/pip/issues/1884). So it is handed a backend that runs nothing of the sdist; only an sdist
    that carries a backend of its own (`backend-path`) gets that one run.
    """
    with TemporaryDirectory() as scratch:
        backends, target = Path(scratch, "backends"), Path(scratch, "target")
        _write_backends(backends)
        options = ["--no-deps", "--no-binary=:all:", "--no-build-isolation", "--ignore-requires-python", "--no-input"]
        result = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", *options, f"--dest={target}", f"{package}=={release}"],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": str(backends), "PIP_USE_PEP517": "1"},
            capture_output=True,
            check=False,
            text=True,
        )
        if result.returncode:
            raise DownloadError(f"pip could not fetch the sdist of {package} {release}: {_reason(result.stderr)}")
        (file,) = target.iterdir()
        return Sdist(file.name, file.read_bytes())


def open_sdist(sdist: Sdist, place: Place) -> Contents:
    """Read the archive into memory; nothing is unpacked.

    Raises ProblemsFound, at `place`, for what is not a whole .tar.gz and for any member that leaves the archive's one
    folder, is neither a file nor a folder, or comes twice.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(sdist.content)), mode="r:") as archive:
            members = archive.getmembers()
            refuse(Problem(place, f"{sdist.name}: {fault}; do not use this file") for fault in _faults(members))
            files = {
                PurePosixPath(*PurePosixPath(member.name).parts[1:]): opened.read()
                for member in members
                if (opened := archive.extractfile(member))
            }
            newest = max((member.mtime for member in members), default=0)
            return Contents(files, datetime.fromtimestamp(newest, UTC).date().isoformat())
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError) as error:
        raise ProblemsFound(
            [Problem(place, f"{sdist.name} is not a whole .tar.gz ({error}); do not use this file")]
        ) from None


def _write_backends(folder: Path) -> None:
    for name in _BACKENDS:
        module = folder.joinpath(*name.split(".")).with_suffix(".py")
        module.parent.mkdir(parents=True, exist_ok=True)
        for package in module.relative_to(folder).parents[:-1]:
            (folder / package / "__init__.py").touch()
        shutil.copyfile(Path(__file__).with_name("backend.py"), module)


def _reason(stderr: str) -> str:
    """The line that tells why pip gave up; when the index was out of reach, its last line blames the release."""
    lines = stderr.splitlines() or ["it gave no reason"]
    broken = [line for line in lines if "connection broken" in line]
    errors = [line for line in lines if line.lower().startswith("error:")]
    return (broken or errors or lines)[-1]


def _faults(members: Sequence[tarfile.TarInfo]) -> Iterator[str]:
    top = PurePosixPath(members[0].name).parts[:1] if members else ()
    seen: set[PurePosixPath] = set()
    for member in members:
        path = PurePosixPath(member.name)
        shown = repr(member.name)
        if path.is_absolute() or ".." in path.parts or path.parts[:1] != top:
            yield f"its member {shown} leaves the archive's one folder"
        if not (member.isfile() or member.isdir()):
            yield f"its member {shown} is a link or a device"
        if re.search(r"[\\\x00-\x1f\x7f\ud800-\udfff]", member.name):  # tarfile makes surrogates of what is not UTF-8
            yield f"its member {shown} has a name that some system cannot hold"
        if path in seen and not member.isdir():
            yield f"its member {shown} comes twice"
        seen.add(path)
