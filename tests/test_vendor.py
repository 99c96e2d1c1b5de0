import io
import resource
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from render.manifest import check_manifest, manifest_text
from render.problems import ProblemsFound
from render.project import Project
from render.sdist import Sdist, fetch_sdist
from render.vendor import Fetch, vendor, verify
from tests.archives import KEPT, LAMP, make_sdist

REPOSITORY = Project(Path(__file__).resolve().parents[1])

HEAD = """\
# What is vendored here.
package: lamp
repository: https://example.org/lamp
documented: "1.0"
"""


def row(release: str, sdist: Sdist) -> str:
    return dedent(f"""\
        - release: {release}
          date: 2021-03-02
          sdist: {sdist.name}
          sha256: {sdist.sha256}
        """)


def make_project(root: Path, releases: str) -> Project:
    project = Project(root)
    project.upstream.mkdir(parents=True)
    project.releases.write_text(HEAD + releases, encoding="utf-8")
    return project


@pytest.fixture
def recorded(tmp_path: Path) -> Project:
    """A project that knows the release 1.0 of lamp and has not yet vendored it."""
    return make_project(tmp_path, "releases:\n" + row("1.0", make_sdist()))


@pytest.fixture
def blank(tmp_path: Path) -> Project:
    """A project that knows no release of lamp."""
    return make_project(tmp_path, "releases: []\n")


def give(sdist: Sdist) -> Fetch:
    """A registry that has one file."""
    return lambda package, release: sdist


def files(folder: Path) -> Mapping[str, bytes]:
    """All that stands in a folder, whatever it is called."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(project: Project) -> list[str]:
    return project.releases.read_text(encoding="utf-8").split("\n")


def refusal(project: Project, sdist: Sdist, release: str = "1.0", *, accept_new: bool = False) -> str:
    before = files(project.root)
    with pytest.raises(ProblemsFound) as caught:
        vendor(project, release, give(sdist), accept_new=accept_new)
    assert files(project.root) == before
    return str(caught.value)


def test_the_package_the_license_and_the_notice_are_vendored_to_the_byte_and_nothing_else(recorded: Project) -> None:
    assert vendor(recorded, "1.0", give(make_sdist())) == len(KEPT)
    assert files(recorded.tree("1.0")) == {path: LAMP[path] for path in KEPT}
    assert list(check_manifest(recorded, "1.0")) == []


def test_vendoring_again_removes_what_upstream_does_not_have_and_leaves_the_record_as_it_was(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    before = files(recorded.root)
    (recorded.tree("1.0") / "lamp" / "bulb.py").write_bytes(b"watts = 100\n")
    (recorded.tree("1.0") / "lamp" / "switch.py").touch()
    recorded.manifest("1.0").unlink()
    vendor(recorded, "1.0", give(make_sdist()), accept_new=True)
    assert files(recorded.root) == before


def test_a_package_without_a_notice_is_vendored(blank: Project) -> None:
    sdist = make_sdist(files={path: content for path, content in LAMP.items() if path != "NOTICE"})
    vendor(blank, "1.0", give(sdist), accept_new=True)
    assert set(files(blank.tree("1.0"))) == KEPT - {"NOTICE"}


def test_a_package_without_a_license_is_refused(blank: Project) -> None:
    sdist = make_sdist(files={path: content for path, content in LAMP.items() if path != "LICENSE"})
    assert refusal(blank, sdist, accept_new=True) == (
        "upstream/releases.yaml:5: lamp-1.0.tar.gz has no LICENSE; what has no licence cannot be vendored"
    )


def test_an_sdist_without_the_package_is_refused(blank: Project) -> None:
    sdist = make_sdist(files={"LICENSE": b"", "NOTICE": b"", "lamp": b"a file", "src/lamp/__init__.py": b""})
    assert refusal(blank, sdist, accept_new=True) == (
        "upstream/releases.yaml:5: lamp-1.0.tar.gz has no folder lamp/; `package` must name one at the archive's top"
    )


def test_an_sdist_that_could_do_harm_is_refused_at_the_line_of_its_release(tmp_path: Path) -> None:
    sdist = make_sdist(files={**LAMP, "../../out.py": b"harm"})
    project = make_project(tmp_path, "releases:\n" + row("1.0", sdist))
    assert refusal(project, sdist).startswith("upstream/releases.yaml:6: lamp-1.0.tar.gz: its member ")


def test_a_file_with_another_digest_than_the_recorded_one_is_refused_at_the_line_of_that_digest(
    recorded: Project,
) -> None:
    forged = make_sdist(files={**LAMP, "lamp/bulb.py": b"watts = 100\n"})
    assert refusal(recorded, forged, accept_new=True) == (
        f"upstream/releases.yaml:9: the registry's lamp-1.0.tar.gz has the SHA-256 {forged.sha256}, "
        "not the one recorded here; find out why before you trust it"
    )


def test_a_file_with_another_name_than_the_recorded_one_is_refused_at_the_line_of_that_name(recorded: Project) -> None:
    renamed = Sdist("Lamp-1.0.tar.gz", make_sdist().content)
    assert refusal(recorded, renamed) == (
        "upstream/releases.yaml:8: the registry's file is Lamp-1.0.tar.gz, not lamp-1.0.tar.gz; write its name"
    )


def test_a_release_that_is_not_recorded_is_refused_with_its_digest_and_the_way_on(recorded: Project) -> None:
    sdist = make_sdist("2.0")
    assert refusal(recorded, sdist, "2.0") == (
        "upstream/releases.yaml:5: 2.0 is not recorded; the registry's lamp-2.0.tar.gz has the SHA-256 "
        f"{sdist.sha256}: if that is right, run `annotated vendor 2.0 --accept-new`"
    )


def test_a_release_that_its_file_calls_otherwise_is_refused(blank: Project) -> None:
    assert refusal(blank, make_sdist("1.0"), "1", accept_new=True) == (
        "upstream/releases.yaml:5: the registry's file for 1 is lamp-1.0.tar.gz; name the release as its file does"
    )


def test_a_release_whose_name_could_not_be_read_again_is_refused_before_anything_is_written(blank: Project) -> None:
    told = refusal(blank, make_sdist("1.0-beta"), "1.0-beta", accept_new=True)
    assert told.startswith("upstream/releases.yaml:5: `release` is '1.0-beta', which does not match ")


def test_a_release_that_is_accepted_is_recorded_with_the_day_it_was_built(blank: Project) -> None:
    vendor(blank, "1.0", give(make_sdist()), accept_new=True)
    assert blank.releases.read_text(encoding="utf-8") == HEAD + "releases:\n" + row("1.0", make_sdist())


def test_releases_are_recorded_in_order_of_version_in_whatever_order_they_came(tmp_path: Path) -> None:
    names = ("1.0", "9.1rc1", "9.1")
    wanted = HEAD + "releases:\n" + "".join(row(name, make_sdist(name)) for name in names)
    for order in permutations(names):
        project = make_project(tmp_path / "-".join(order), "releases: []\n")
        for name in order:
            vendor(project, name, give(make_sdist(name)), accept_new=True)
        assert project.releases.read_text(encoding="utf-8") == wanted


RECORDS = {
    "comments": (
        """\
        releases:  # all of them

        # the first
        - release: 1.0
          date: 2020-01-01   # a guess
          sha256: {old}
          sdist: lamp-1.0.tar.gz

        # the third
        - release: 3.0
          date: "2022-01-01"
          sdist: lamp-3.0.tar.gz
          sha256: {old}
        # the end
        """,
        11,
    ),
    "indented rows": (
        """\
        releases:
          - {{release: 1.0, date: 2020-01-01, sdist: lamp-1.0.tar.gz, sha256: {old}}}
        """,
        6,
    ),
    "a first row": (
        """\
        releases:
        - release: 3.0
          date: 2022-01-01
          sdist: lamp-3.0.tar.gz
          sha256: {old}""",
        5,
    ),
    "a list in the middle of the file": (
        """\
        releases: [] # none
        """,
        5,
    ),
}


@pytest.mark.parametrize(("record", "above"), RECORDS.values(), ids=RECORDS)
def test_a_new_row_leaves_all_other_lines_as_they_were(tmp_path: Path, record: str, above: int) -> None:
    project = make_project(tmp_path, dedent(record).format(old="0" * 64))
    before = lines(project)
    vendor(project, "2.0", give(make_sdist("2.0")), accept_new=True)
    after = lines(project)
    added = [line.strip(" -") for line in after[above : above + 4]]
    assert added == [line.strip(" -") for line in row("2.0", make_sdist("2.0")).splitlines()]
    rest = after[:above] + after[above + 4 :]
    assert [line.replace("[]", "").rstrip() for line in before if line] == [line for line in rest if line]
    assert vendor(project, "2.0", give(make_sdist("2.0"))) == len(KEPT)


def test_a_list_on_one_line_is_not_added_to(tmp_path: Path) -> None:
    row = f"{{release: 1.0, date: 2020-01-01, sdist: lamp-1.0.tar.gz, sha256: {'0' * 64}}}"
    project = make_project(tmp_path, f"releases: [{row}]\n")
    assert refusal(project, make_sdist("2.0"), "2.0", accept_new=True) == (
        "upstream/releases.yaml:5: no row can be added to this list; write each row below the other, after a `- `"
    )


def test_a_release_that_is_as_the_sdist_has_it_is_verified(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    before = files(recorded.root)
    assert verify(recorded, "1.0", give(make_sdist())) == len(KEPT)
    assert files(recorded.root) == before


def test_a_changed_file_is_found_by_verifying(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    (recorded.tree("1.0") / "LICENSE").unlink()
    with pytest.raises(ProblemsFound, match=r"^upstream/1\.0\.sha256:1: upstream/1\.0/LICENSE is not there; "):
        verify(recorded, "1.0", give(make_sdist()))


def test_a_change_that_the_manifest_was_made_to_agree_with_is_found_by_verifying(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    (recorded.tree("1.0") / "NOTICE").write_bytes(b"Made for harm.\n")
    (recorded.tree("1.0") / "lamp" / "bulb.py").rename(recorded.tree("1.0") / "lamp" / "light.py")
    standing = {PurePosixPath(path): content for path, content in files(recorded.tree("1.0")).items()}
    recorded.manifest("1.0").write_text(manifest_text(recorded, "1.0", standing), encoding="utf-8")
    assert list(check_manifest(recorded, "1.0")) == []
    with pytest.raises(ProblemsFound) as caught:
        verify(recorded, "1.0", give(make_sdist()))
    assert [str(problem) for problem in caught.value.problems] == [
        f"upstream/1.0.sha256:{line}: the sdist {fault}; run `annotated vendor 1.0`"
        for line, fault in (
            (1, "also holds upstream/1.0/NOTICE"),
            (1, "also holds upstream/1.0/lamp/bulb.py"),
            (2, "holds no such file"),
            (5, "holds no such file"),
        )
    ]


def test_all_that_differs_is_told_at_once(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    for name in ("LICENSE", "NOTICE"):
        (recorded.tree("1.0") / name).unlink()
    manifest = recorded.manifest("1.0")
    rest = [line for line in manifest.read_text(encoding="utf-8").splitlines() if not line.endswith("NOTICE")]
    manifest.write_text("\n".join(rest), encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        verify(recorded, "1.0", give(make_sdist()))
    assert [str(problem) for problem in caught.value.problems] == [
        "upstream/1.0.sha256:1: the sdist also holds upstream/1.0/NOTICE; run `annotated vendor 1.0`",
        "upstream/1.0.sha256:1: upstream/1.0/LICENSE is not there; run `annotated vendor 1.0`",
    ]


def test_a_missing_manifest_is_found_by_verifying(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    recorded.manifest("1.0").unlink()
    with pytest.raises(ProblemsFound, match=r"^upstream/1\.0\.sha256:1: there is no such manifest; "):
        verify(recorded, "1.0", give(make_sdist()))


def test_a_release_that_is_not_recorded_is_not_verified(blank: Project) -> None:
    with pytest.raises(ProblemsFound, match=r"1\.0 is not recorded"):
        verify(blank, "1.0", give(make_sdist()))


def run_command(project: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from render.cli import main; main()", "vendor", *arguments]
    return subprocess.run(command, cwd=project.root, check=False, capture_output=True, text=True)


@pytest.fixture
def three(tmp_path: Path, index: Path) -> Project:
    """A project with three releases of lamp, as the index has them."""
    headers = {name: f"Metadata-Version: 2.1\nName: lamp\nVersion: {name}\n" for name in ("1.0", "2.0", "3.0")}
    sdists = {name: make_sdist(name, {**LAMP, "PKG-INFO": text.encode()}) for name, text in headers.items()}
    project = make_project(tmp_path / "three", "releases:\n" + "".join(map(row, sdists, sdists.values())))
    for name, sdist in sdists.items():
        (index / sdist.name).write_bytes(sdist.content)
        vendor(project, name, give(sdist))
    return project


def test_the_command_proves_every_release_or_the_one_it_is_given(three: Project) -> None:
    done = run_command(three, "--verify")
    told = [f"{name}: {len(KEPT)} files, those of its sdist\n" for name in ("1.0", "2.0", "3.0")]
    assert (done.returncode, done.stdout, done.stderr) == (0, "".join(told), "")
    done = run_command(three, "2.0", "--verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, told[1], "")


def test_the_command_goes_on_after_a_release_that_differs_and_tells_every_difference(three: Project) -> None:
    (three.tree("1.0") / "LICENSE").unlink()
    (three.tree("3.0") / "lamp" / "bulb.py").write_bytes(b"watts = 100\n")
    before = files(three.root)
    done = run_command(three, "--verify")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "1.0: not as in its sdist",
        f"2.0: {len(KEPT)} files, those of its sdist",
        "3.0: not as in its sdist",
    ]
    assert done.stderr.splitlines() == [
        "upstream/1.0.sha256:1: upstream/1.0/LICENSE is not there; run `annotated vendor 1.0`",
        "upstream/3.0.sha256:4: upstream/3.0/lamp/bulb.py is not as upstream released it; run `annotated vendor 3.0`",
    ]
    assert files(three.root) == before


def test_what_was_found_before_the_index_could_not_be_reached_is_told_all_the_same(three: Project, index: Path) -> None:
    (three.tree("1.0") / "LICENSE").unlink()
    (index / "lamp-2.0.tar.gz").unlink()
    done = run_command(three, "--verify")
    assert (done.returncode, done.stdout) == (2, "1.0: not as in its sdist\n")
    difference, failure = done.stderr.splitlines()
    assert difference == "upstream/1.0.sha256:1: upstream/1.0/LICENSE is not there; run `annotated vendor 1.0`"
    assert failure.startswith("pip could not fetch the sdist of lamp 2.0: ")


def test_the_command_without_a_release_and_without_verifying_is_a_wrong_call(three: Project) -> None:
    before = files(three.root)
    done = run_command(three)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
    assert "name the release to bring in" in done.stderr
    assert files(three.root) == before


KILLED = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path
from render.project import Project
from render.sdist import Sdist
from render.vendor import vendor

before, sdist, runs = map(Path, sys.argv[1:])

def run(root, left):
    def step():
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event, arguments):
        if event == "open" or event.startswith(("os.", "shutil.", "ctypes.")):
            step()

    def profile(frame, event, function):
        if event == "c_call" and function.__name__ == "write":
            step()

    sys.addaudithook(audit)
    sys.setprofile(profile)
    vendor(Project(root), "1.0", lambda *_: Sdist(sdist.name, sdist.read_bytes()), accept_new=True)
    os._exit(0)

for last in count(1):
    root = Path(shutil.copytree(before, runs / str(last)))
    child = os.fork()
    if child == 0:
        run(root, last)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != -signal.SIGKILL:
        sys.exit(code)
"""
"""Vendors again and again, each time killed one step later (a file opened, written, renamed…), until a run ends."""


def test_a_run_that_is_killed_at_any_step_leaves_the_old_or_the_new_and_can_be_run_again(tmp_path: Path) -> None:
    old = {"LICENSE": b"old", "lamp/lost.py": b"old"}
    new = {"LICENSE": b"new", "lamp/__init__.py": b"new"}
    sdist = make_sdist(files=new)
    (tmp_path / sdist.name).write_bytes(sdist.content)
    before = make_project(tmp_path / "before", "releases: []\n")
    for path, content in old.items():
        file = before.tree("1.0") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    command = [sys.executable, "-c", KILLED, before.root, tmp_path / sdist.name, tmp_path / "runs"]
    subprocess.run(list(map(str, command)), check=True)

    met = set()
    for root in (tmp_path / "runs").iterdir():
        project = Project(root)
        standing, record = files(project.tree("1.0")), lines(project)[4]
        assert standing in (old, new)
        assert record in ("releases: []", "releases:")
        if record == "releases:":
            assert list(check_manifest(project, "1.0")) == []
        met.add((standing == new, project.manifest("1.0").exists(), record == "releases:"))

        vendor(project, "1.0", give(sdist), accept_new=True)
        assert files(project.tree("1.0")) == new
        assert {path.name for path in project.upstream.iterdir()} == {"1.0", "1.0.sha256", "releases.yaml"}
    assert met == {(False, False, False), (True, False, False), (True, True, False), (True, True, True)}


def test_a_disk_that_refuses_in_the_middle_leaves_everything_as_it_was(recorded: Project) -> None:
    vendor(recorded, "1.0", give(make_sdist()))
    large = make_sdist("2.0", {**LAMP, "lamp/large.py": b"#" * 5000})
    before = files(recorded.root)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # bytes that a file may have
    try:
        with pytest.raises(OSError, match="File too large"):
            vendor(recorded, "2.0", give(large), accept_new=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(recorded.root) == before


def test_what_is_vendored_here_is_what_the_registry_gives_to_the_byte() -> None:
    sdist = fetch_sdist("gunicorn", "23.0.0")
    with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
        released = {
            member.name.removeprefix("gunicorn-23.0.0/"): opened.read()
            for member in archive
            if (opened := archive.extractfile(member))
        }
    kept = {path for path in released if path.startswith("gunicorn/")} | {"LICENSE", "NOTICE"}
    standing = files(REPOSITORY.tree("23.0.0"))
    assert {path: text for path, text in standing.items() if "__pycache__" not in path} == {
        path: released[path] for path in kept
    }
    assert verify(REPOSITORY, "23.0.0", give(sdist)) == len(kept)
