"""Bring a release into `upstream/` from its sdist, and prove that it still is what the sdist holds."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeAlias

from render.document import Document, find_node, parse_document, plain, read_document
from render.manifest import check_manifest, manifest_text
from render.output import Files, write_file, write_folder
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project
from render.releases import Release, parse_releases, version_key
from render.sdist import Sdist, open_sdist

Fetch: TypeAlias = Callable[[str, str], Sdist]
"""Gives the sdist of a package's release; `fetch_sdist` asks the registry."""

_LICENSE = PurePosixPath("LICENSE")
_NOTICE = PurePosixPath("NOTICE")


def vendor(project: Project, release: str, fetch: Fetch, *, accept_new: bool = False) -> int:
    """Write `upstream/RELEASE/` and its manifest; gives the number of files.

    Of the sdist it keeps the package's folder, LICENSE and NOTICE, to the byte. A release that `releases.yaml` does not
    name is taken only with `accept_new`, and is added there with the day on which its sdist was built: pip does not
    tell when the registry published it, which may be a day later; mend the date by hand then. A killed run leaves the
    folder old or new, never mixed; the next run does the rest.

    Raises ProblemsFound for an sdist that is not the recorded one or not to be trusted, and OSError.
    """
    files, record = _bring(project, release, fetch, accept_new=accept_new)
    write_folder(files, project.tree(release))
    write_file(manifest_text(project, release, files), project.manifest(release))
    write_file(record, project.releases)
    return len(files)


def verify(project: Project, release: str, fetch: Fetch) -> int:
    """Compare what stands in `upstream/` with the sdist, fetched anew; gives the number of files and writes nothing.

    Raises ProblemsFound for every difference, and OSError.
    """
    files, _ = _bring(project, release, fetch, accept_new=False)
    refuse([*check_manifest(project, release), *_untruths(project, release, manifest_text(project, release, files))])
    return len(files)


def _untruths(project: Project, release: str, truth: str) -> Iterator[Problem]:
    """Where a manifest, if there is one, says other than the sdist's own."""
    manifest = project.manifest(release)
    if not manifest.is_file():
        return
    name = project.name(manifest)
    wanted = truth.removesuffix("\n").split("\n")
    found = manifest.read_bytes().decode("utf-8", "replace").removesuffix("\n").split("\n")
    for number, line in enumerate(found, 1):
        if line not in wanted:
            yield Problem(Place(name, number), f"the sdist holds no such file; run `annotated vendor {release}`")
    for line in wanted:
        if line not in found:
            _, _, file = line.partition("  ")
            yield Problem(Place(name, 1), f"the sdist also holds {file}; run `annotated vendor {release}`")


def _bring(project: Project, release: str, fetch: Fetch, *, accept_new: bool) -> tuple[Files, str]:
    """The files to vendor, and the text of `releases.yaml` that goes with them."""
    record = read_document(project.releases, project.name(project.releases))
    releases = parse_releases(record)
    known = releases.find(release)
    sdist = fetch(releases.package, release)
    if known:
        refuse(_differences(record, known, sdist))
    else:
        refuse(_objections(record, release, sdist, accept_new=accept_new))
    place = _place(record, release)
    contents = open_sdist(sdist, place)
    files = {path: content for path, content in contents.files.items() if _is_kept(path, releases.package)}
    refuse(_gaps(files, sdist, releases.package, place))
    if known:
        return files, record.text
    return files, _with_row(record, Release(release, contents.built, sdist.name, sdist.sha256))


def _is_kept(path: PurePosixPath, package: str) -> bool:
    return path in (_LICENSE, _NOTICE) or PurePosixPath(package) in path.parents


def _differences(record: Document, known: Release, sdist: Sdist) -> Iterator[Problem]:
    if sdist.sha256 != known.sha256:
        yield Problem(
            _place(record, known.name, "sha256"),
            f"the registry's {sdist.name} has the SHA-256 {sdist.sha256}, not the one recorded here; "
            "find out why before you trust it",
        )
    if sdist.name != known.sdist:
        yield Problem(
            _place(record, known.name, "sdist"),
            f"the registry's file is {sdist.name}, not {known.sdist}; write its name",
        )


def _objections(record: Document, release: str, sdist: Sdist, *, accept_new: bool) -> Iterator[Problem]:
    place = _place(record, release)
    if not sdist.name.endswith(f"-{release}.tar.gz"):
        yield Problem(place, f"the registry's file for {release} is {sdist.name}; name the release as its file does")
    elif not accept_new:
        yield Problem(
            place,
            f"{release} is not recorded; the registry's {sdist.name} has the SHA-256 {sdist.sha256}: if that is right, "
            f"run `annotated vendor {release} --accept-new`",
        )


def _gaps(files: Files, sdist: Sdist, package: str, place: Place) -> Iterator[Problem]:
    if _LICENSE not in files:
        yield Problem(place, f"{sdist.name} has no LICENSE; what has no licence cannot be vendored")
    if all(path in (_LICENSE, _NOTICE) for path in files):
        yield Problem(place, f"{sdist.name} has no folder {package}/; `package` must name one at the archive's top")


def _place(record: Document, release: str, key: str = "release") -> Place:
    """Where a release is recorded, or else where the list begins."""
    rows = plain(record.root)["releases"]
    index = next((index for index, row in enumerate(rows) if row["release"] == release), len(rows))
    _, line = find_node(record.root, ("releases", index, key))
    return record.place(line)


def _with_row(record: Document, new: Release) -> str:
    """The text of `releases.yaml` with one row more, below the last earlier release; all else stays as it was.

    Raises ProblemsFound when the list would not be one that can be read again.
    """
    rows = plain(record.root)["releases"]
    lines = record.text.removesuffix("\n").split("\n")
    indent = ""
    _, above = find_node(record.root, ("releases",))
    if rows:
        _, first = find_node(record.root, ("releases", 0))
        indent, dash, _ = lines[first - 1].partition("- ")
        if indent.strip() or not dash:
            advice = "no row can be added to this list; write each row below the other, after a `- `"
            refuse([Problem(record.place(first), advice)])
    else:
        lines[above - 1] = lines[above - 1].replace("[]", "").rstrip()
    for row in rows:
        if version_key(row["release"]) < version_key(new.name):
            above = max(_place(record, row["release"], key).line for key in row)
    lines[above:above] = [
        f"{indent}- release: {new.name}",
        f"{indent}  date: {new.date}",
        f"{indent}  sdist: {new.sdist}",
        f"{indent}  sha256: {new.sha256}",
    ]
    document = parse_document("\n".join(lines) + "\n", record.path)
    try:
        parse_releases(document)
    except ProblemsFound as error:  # whose lines are those of a file that is not written
        refuse(Problem(_place(record, new.name), problem.message) for problem in error.problems)
    return document.text
