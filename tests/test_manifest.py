import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from render.manifest import check_manifest, check_upstream, manifest_text
from render.problems import ProblemsFound
from render.project import Project
from render.releases import read_releases
from render.survey import read_edition

REPOSITORY = Project(Path(__file__).resolve().parents[1])
FILES = {
    PurePosixPath("LICENSE"): b"Do as you like.\n",
    PurePosixPath("lamp/__init__.py"): b"",
    PurePosixPath("lamp/två ord.py"): b"watts = 60\r\n",
}
BULB = "upstream/1.0/lamp/två ord.py"
REMEDY = "run `annotated vendor 1.0`"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A release whose files and manifest are as they should be."""
    project = Project(tmp_path)
    for path, content in FILES.items():
        file = project.tree("1.0") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    project.manifest("1.0").write_text(manifest_text(project, "1.0", FILES), encoding="utf-8")
    return project


def faults(project: Project) -> list[str]:
    return [str(problem) for problem in check_manifest(project, "1.0")]


def sha256sum(project: Project, release: str) -> int:
    command = ["sha256sum", "--check", "--strict", "--quiet", f"upstream/{release}.sha256"]
    return subprocess.run(command, cwd=project.root, check=False, capture_output=True).returncode


def edit(project: Project, change: Callable[[str], str]) -> None:
    manifest = project.manifest("1.0")
    manifest.write_text(change(manifest.read_text(encoding="utf-8")), encoding="utf-8")


def test_files_that_are_as_the_manifest_says_have_no_fault(project: Project) -> None:
    assert faults(project) == []
    assert sha256sum(project, "1.0") == 0


def test_a_changed_file_is_a_problem_at_its_line_of_the_manifest(project: Project) -> None:
    (project.root / BULB).write_bytes(b"watts = 60\n")
    assert faults(project) == [f"upstream/1.0.sha256:3: {BULB} is not as upstream released it; {REMEDY}"]
    assert sha256sum(project, "1.0") == 1


def test_a_changed_digest_is_a_problem_at_its_line(project: Project) -> None:
    edit(project, lambda text: text.replace("e3b0c442", "00000000"))
    assert faults(project) == [
        f"upstream/1.0.sha256:2: upstream/1.0/lamp/__init__.py is not as upstream released it; {REMEDY}"
    ]
    assert sha256sum(project, "1.0") == 1


def test_a_missing_file_is_a_problem(project: Project) -> None:
    (project.root / BULB).unlink()
    assert faults(project) == [f"upstream/1.0.sha256:3: {BULB} is not there; {REMEDY}"]
    assert sha256sum(project, "1.0") == 1


def test_a_file_that_the_manifest_does_not_name_is_a_problem(project: Project) -> None:
    (project.tree("1.0") / "lamp" / "socket.py").touch()
    (project.tree("1.0") / "dangling").symlink_to("nowhere")
    assert faults(project) == [
        f"upstream/1.0/{name}:1: upstream/1.0.sha256 does not name this file, so it is not upstream's; remove it"
        for name in ("dangling", "lamp/socket.py")
    ]


def test_what_python_caches_is_not_a_problem(project: Project) -> None:
    cache = project.tree("1.0") / "lamp" / "__pycache__"
    cache.mkdir()
    (cache / "bulb.cpython-311.pyc").touch()
    assert faults(project) == []


def test_a_missing_manifest_is_a_problem(project: Project) -> None:
    project.manifest("1.0").unlink()
    assert faults(project) == [f"upstream/1.0.sha256:1: there is no such manifest; {REMEDY}"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "upstream/1.0/LICENSE",
        f"{'0' * 63}  upstream/1.0/LICENSE",
        f"{'A' * 64}  upstream/1.0/LICENSE",
        f"{'0' * 64} upstream/1.0/LICENSE",
        f"{'0' * 64}  upstream/1.0/LICENSE\r",
    ],
)
def test_a_line_that_is_no_line_of_a_manifest_is_a_problem(project: Project, line: str) -> None:
    edit(project, lambda text: f"{text}{line}\n")
    told = f"not a digest, two spaces and a path, as `sha256sum` writes them; {REMEDY}"
    assert faults(project) == [f"upstream/1.0.sha256:4: {told}"]


def test_a_manifest_that_is_not_utf_8_is_a_problem(project: Project) -> None:
    manifest = project.manifest("1.0")
    manifest.write_bytes(manifest.read_bytes().replace("å".encode(), b"\xe5"))
    assert faults(project) == [
        f"upstream/1.0.sha256:3: upstream/1.0/lamp/tv\ufffd ord.py is not there; {REMEDY}",
        f"{BULB}:1: upstream/1.0.sha256 does not name this file, so it is not upstream's; remove it",
    ]


def test_a_file_named_twice_is_a_problem(project: Project) -> None:
    edit(project, lambda text: text + text.splitlines(keepends=True)[0])
    assert faults(project) == [f"upstream/1.0.sha256:4: upstream/1.0/LICENSE is named before, at line 1; {REMEDY}"]


@pytest.mark.parametrize("name", ["upstream/2.0/LICENSE", "upstream/1.0/../secret", "/etc/passwd", "upstream/1.00"])
def test_a_manifest_that_names_what_is_not_of_its_release_is_a_problem(project: Project, name: str) -> None:
    edit(project, lambda text: f"{text}{'0' * 64}  {name}\n")
    assert faults(project) == [f"upstream/1.0.sha256:4: {name} does not stand in upstream/1.0/; {REMEDY}"]


def test_all_releases_that_are_listed_are_checked(project: Project) -> None:
    shutil.copytree(project.tree("1.0"), project.tree("2.0"))
    project.manifest("2.0").write_text(manifest_text(project, "2.0", FILES), encoding="utf-8")
    assert list(check_upstream(project, ["1.0", "2.0"])) == []
    (project.tree("1.0") / "LICENSE").unlink()
    (project.tree("2.0") / "NOTICE").touch()
    assert [str(problem) for problem in check_upstream(project, ["1.0", "2.0", "3.0"])] == [
        f"upstream/1.0.sha256:1: upstream/1.0/LICENSE is not there; {REMEDY}",
        "upstream/2.0/NOTICE:1: upstream/2.0.sha256 does not name this file, so it is not upstream's; remove it",
        "upstream/3.0.sha256:1: there is no such manifest; run `annotated vendor 3.0`",
    ]


def test_what_stands_in_upstream_and_is_of_no_release_listed_is_a_problem(project: Project) -> None:
    shutil.copytree(project.tree("1.0"), project.tree("2.0"))
    project.manifest("2.0").touch()
    (project.upstream / "notes.txt").touch()
    (project.upstream / ".DS_Store").touch()
    project.releases.touch()
    assert [str(problem) for problem in check_upstream(project, ["1.0"])] == [
        f"upstream/{name}:1: of no release that upstream/releases.yaml names; remove it"
        for name in ("2.0", "2.0.sha256", "notes.txt")
    ]


def test_checking_an_edition_checks_every_release_and_what_stands_beside_them(tiny_project: Project) -> None:
    with tiny_project.releases.open("a", encoding="utf-8") as file:
        file.write(f"- {{release: 0.9, date: 2019-02-28, sdist: kettle-0.9.tar.gz, sha256: {'1' * 64}}}\n")
    (tiny_project.upstream / "0.8").mkdir()
    with pytest.raises(ProblemsFound) as caught:
        read_edition(tiny_project)
    assert [str(problem) for problem in caught.value.problems] == [
        "upstream/0.8:1: of no release that upstream/releases.yaml names; remove it",
        "upstream/0.9.sha256:1: there is no such manifest; run `annotated vendor 0.9`",
    ]


def test_every_release_vendored_here_is_as_upstream_released_it() -> None:
    releases = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
    assert releases.all
    assert list(check_upstream(REPOSITORY, [release.name for release in releases.all])) == []
    for release in releases.all:
        assert sha256sum(REPOSITORY, release.name) == 0


def test_nothing_stands_in_upstream_that_is_not_recorded() -> None:
    releases = read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))
    recorded = {name for release in releases.all for name in (release.name, f"{release.name}.sha256")}
    assert {path.name for path in REPOSITORY.upstream.iterdir()} == recorded | {"releases.yaml"}
