import gzip
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from render.problems import Place, ProblemsFound
from render.sdist import DownloadError, Sdist, fetch_sdist, open_sdist
from tests.archives import LAMP, make_sdist

PLACE = Place(PurePosixPath("upstream/releases.yaml"), 7)


def odd_member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member


def refusal(sdist: Sdist) -> str:
    with pytest.raises(ProblemsFound) as caught:
        open_sdist(sdist, PLACE)
    assert {problem.place for problem in caught.value.problems} == {PLACE}
    return str(caught.value)


def test_the_files_of_an_archive_are_read_to_the_byte() -> None:
    contents = open_sdist(make_sdist(), PLACE)
    assert contents.files == {PurePosixPath(path): content for path, content in LAMP.items()}


def test_a_folder_in_an_archive_is_no_file() -> None:
    contents = open_sdist(make_sdist(odd=[odd_member("lamp-1.0/empty", tarfile.DIRTYPE)]), PLACE)
    assert set(contents.files) == set(map(PurePosixPath, LAMP))


def test_an_sdist_was_built_on_the_day_of_its_newest_member() -> None:
    later = odd_member("lamp-1.0/setup.cfg")
    later.mtime = 1614729600  # 2021-03-03 00:00 UTC
    assert open_sdist(make_sdist(), PLACE).built == "2021-03-02"
    assert open_sdist(make_sdist(odd=[later]), PLACE).built == "2021-03-03"


@pytest.mark.parametrize(
    ("member", "fault"),
    [
        (odd_member("../out.py"), "leaves the archive's one folder"),
        (odd_member("lamp-1.0/lamp/../../out.py"), "leaves the archive's one folder"),
        (odd_member("/tmp/out.py"), "leaves the archive's one folder"),
        (odd_member("lamp-2.0/lamp/out.py"), "leaves the archive's one folder"),
        (odd_member("out.py"), "leaves the archive's one folder"),
        (odd_member("lamp-1.0/lamp/link.py", tarfile.SYMTYPE, "bulb.py"), "is a link or a device"),
        (odd_member("lamp-1.0/lamp/link.py", tarfile.LNKTYPE, "lamp-1.0/lamp/bulb.py"), "is a link or a device"),
        (odd_member("lamp-1.0/lamp/null", tarfile.CHRTYPE), "is a link or a device"),
        (odd_member("lamp-1.0/lamp/disk", tarfile.BLKTYPE), "is a link or a device"),
        (odd_member("lamp-1.0/lamp/pipe", tarfile.FIFOTYPE), "is a link or a device"),
        (odd_member("lamp-1.0/lamp/..\\out.py"), "has a name that some system cannot hold"),
        (odd_member("lamp-1.0/lamp/\udcff.py"), "has a name that some system cannot hold"),
        (odd_member("lamp-1.0/lamp/two\nlines.py"), "has a name that some system cannot hold"),
        (odd_member("lamp-1.0/lamp/bulb.py"), "comes twice"),
        (odd_member("lamp-1.0/lamp//bulb.py"), "comes twice"),
    ],
)
def test_a_member_that_could_do_harm_is_refused(member: tarfile.TarInfo, fault: str) -> None:
    assert refusal(make_sdist(odd=[member])) == (
        f"upstream/releases.yaml:7: lamp-1.0.tar.gz: its member {member.name!r} {fault}; do not use this file"
    )


@pytest.mark.parametrize("name", ["/lamp/bulb.py", "../lamp/bulb.py"])
def test_an_archive_that_has_no_folder_of_its_own_is_refused(name: str) -> None:
    assert "leaves the archive's one folder" in refusal(make_sdist(files={}, odd=[odd_member(name)]))


def test_all_faults_of_an_archive_are_told_at_once() -> None:
    told = refusal(make_sdist(odd=[odd_member("../a"), odd_member("lamp-1.0/b", tarfile.SYMTYPE, "/")]))
    assert told.count("do not use this file") == 2


def test_what_is_cut_off_anywhere_is_not_an_archive() -> None:
    whole = make_sdist()
    for length in range(len(whole.content)):
        assert "is not a whole .tar.gz" in refusal(Sdist(whole.name, whole.content[:length]))


def test_what_is_changed_in_any_byte_is_not_read_as_another_text() -> None:
    whole = make_sdist()
    header = 10  # gzip's own date and flags, which are no part of what it holds
    for at in range(header, len(whole.content)):
        changed = bytearray(whole.content)
        changed[at] ^= 0xFF
        assert "is not a whole .tar.gz" in refusal(Sdist(whole.name, bytes(changed)))


@pytest.mark.parametrize(
    "content",
    [b"<!doctype html>", gzip.compress(b"no tar"), gzip.compress(b"x" * 9999)],
    ids=["a page", "a word", "a long word"],
)
def test_what_holds_no_tar_is_not_an_archive(content: bytes) -> None:
    assert "is not a whole .tar.gz" in refusal(Sdist("lamp-1.0.tar.gz", content))


def test_a_member_from_no_thinkable_year_is_a_problem_and_not_a_crash() -> None:
    member = odd_member("lamp-1.0/late")
    member.mtime = 10**18
    assert "is not a whole .tar.gz" in refusal(make_sdist(odd=[member]))


@pytest.mark.parametrize("backend", ["", "setuptools.build_meta", "flit_core.buildapi", "hatchling.build", "uv_build"])
def test_an_sdist_is_fetched_to_the_byte_and_not_run(index: Path, backend: str) -> None:
    asks = f'[build-system]\nrequires = ["no-such-tool"]\nbuild-backend = "{backend}"\n'
    sdist = make_sdist(files={**LAMP, "pyproject.toml": asks.encode()} if backend else LAMP)
    (index / sdist.name).write_bytes(sdist.content)
    assert fetch_sdist("lamp", "1.0") == sdist


def test_an_sdist_for_another_python_is_fetched_all_the_same(index: Path) -> None:
    sdist = make_sdist(files={**LAMP, "PKG-INFO": LAMP["PKG-INFO"] + b"Requires-Python: >=99\n"})
    (index / sdist.name).write_bytes(sdist.content)
    assert fetch_sdist("lamp", "1.0") == sdist


def test_a_release_that_is_nowhere_fails_in_one_line(index: Path) -> None:
    sdist = make_sdist()
    (index / sdist.name).write_bytes(sdist.content)
    with pytest.raises(DownloadError) as caught:
        fetch_sdist("lamp", "2.0")
    assert str(caught.value) == (
        "pip could not fetch the sdist of lamp 2.0: ERROR: No matching distribution found for lamp==2.0"
    )


@pytest.mark.usefixtures("index")
def test_an_index_out_of_reach_is_told_as_such_and_not_as_a_missing_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/")  # nothing listens at port 1
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DownloadError, match="Connection refused") as caught:
        fetch_sdist("lamp", "1.0")
    assert "\n" not in str(caught.value)
