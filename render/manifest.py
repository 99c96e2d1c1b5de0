"""The digests of a release's vendored files, in the format of `sha256sum`, and the proof that the files have them."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from render.problems import Place, Problem
from render.project import Project

_LINE = re.compile(r"([0-9a-f]{64})  (.*\S)")


def manifest_text(project: Project, release: str, files: Mapping[PurePosixPath, bytes]) -> str:
    """The manifest of a release's files, which are given by their names inside it."""
    tree = _name(project, project.tree(release))
    return "".join(f"{_digest(content)}  {tree / path}\n" for path, content in sorted(files.items()))


def check_upstream(project: Project, releases: Collection[str]) -> Iterator[Problem]:
    """What keeps `upstream/` from holding these releases as upstream released them, and nothing else. Raises OSError.

    Names that begin with a dot are left aside: they are an editor's, or a running command's.
    """
    for release in releases:
        yield from check_manifest(project, release)
    known = {project.releases, *map(project.tree, releases), *map(project.manifest, releases)}
    for path in sorted(project.upstream.iterdir()):
        if path not in known and not path.name.startswith("."):
            name = _name(project, project.releases)
            yield Problem(Place(_name(project, path), 1), f"of no release that {name} names; remove it")


def check_manifest(project: Project, release: str) -> Iterator[Problem]:
    """What keeps the vendored files of a release from being upstream's, leaving `__pycache__` aside. Raises OSError."""
    manifest = project.manifest(release)
    name = _name(project, manifest)
    remedy = f"run `annotated vendor {release}`"
    if not manifest.is_file():
        yield Problem(Place(name, 1), f"there is no such manifest; {remedy}")
        return
    named: dict[PurePosixPath, int] = {}
    lines = manifest.read_bytes().decode("utf-8", "replace").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        place = Place(name, number)
        match = _LINE.fullmatch(line)
        if match is None:
            yield Problem(place, f"not a digest, two spaces and a path, as `sha256sum` writes them; {remedy}")
            continue
        digest, file = match[1], PurePosixPath(match[2])
        if file in named:
            yield Problem(place, f"{file} is named before, at line {named[file]}; {remedy}")
        elif fault := _fault(project, release, file, digest):
            yield Problem(place, f"{file} {fault}; {remedy}")
        named.setdefault(file, number)
    for file in _files(project, release):
        if file not in named:
            yield Problem(Place(file, 1), f"{name} does not name this file, so it is not upstream's; remove it")


def _fault(project: Project, release: str, file: PurePosixPath, digest: str) -> str | None:
    tree = _name(project, project.tree(release))
    path = project.root / file
    if ".." in file.parts or not file.is_relative_to(tree):
        return f"does not stand in {tree}/"
    if not path.is_file():
        return "is not there"
    if _digest(path.read_bytes()) != digest:
        return "is not as upstream released it"
    return None


def _files(project: Project, release: str) -> Iterator[PurePosixPath]:
    for path in sorted(project.tree(release).rglob("*")):
        if not path.is_dir() and "__pycache__" not in path.parts:
            yield _name(project, path)


def _name(project: Project, path: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(project.root))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
