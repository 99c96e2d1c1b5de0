"""Folders and files on disk: whole, exact, and never in between."""

import json
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.output import Site, write_file, write_folder

OLD = {"index.html": b"old", "gone/page.html": b"old"}
NEW = {"index.html": b"new", "23.0.0/gunicorn/__init__.py.html": b"new"}

LENGTH = 200_000
"""Bytes of a page that takes some time to write and to read."""


def site(pages: Mapping[str, bytes]) -> Site:
    return {PurePosixPath(path): content for path, content in pages.items()}


def files(folder: Path) -> Mapping[str, bytes]:
    """All files of a folder, whatever they are called."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds the old site; nothing else stands beside it."""
    write_folder(site(OLD), tmp_path / "site")
    return tmp_path / "site"


def test_the_folder_holds_the_site_and_nothing_else(folder: Path) -> None:
    (folder / "stray").mkdir()
    (folder / "stray" / "note.txt").write_text("by hand")
    write_folder(site(NEW), folder)
    assert files(folder) == NEW
    assert names(folder) == {"index.html", "23.0.0"}
    assert names(folder.parent) == {"site"}


def test_a_site_is_written_where_there_was_no_folder(tmp_path: Path) -> None:
    write_folder(site(NEW), tmp_path / "some" / "where" / "site")
    assert files(tmp_path) == {f"some/where/site/{path}": content for path, content in NEW.items()}


def test_the_gitignore_is_kept_to_the_byte(folder: Path) -> None:
    (folder / ".gitignore").write_bytes(b"*\r\n!.gitignore")
    write_folder(site(NEW), folder)
    assert files(folder) == NEW | {".gitignore": b"*\r\n!.gitignore"}


def test_an_empty_site_leaves_an_empty_folder(folder: Path) -> None:
    write_folder({}, folder)
    assert names(folder) == set()


@settings(deadline=None)  # how long a disk takes is not what is tested
@given(st.dictionaries(st.from_regex(r"[a-z]{1,3}(/[a-z]{1,3}){0,2}\.html", fullmatch=True), st.binary(max_size=9)))
def test_what_is_read_back_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, pages: Mapping[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any") / "site"
    write_folder(site(OLD), folder)
    write_folder(site(pages), folder)
    assert files(folder) == pages


def test_everyone_may_read_the_site_whom_the_umask_lets(tmp_path: Path) -> None:
    (tmp_path / "like").mkdir()
    write_folder(site(NEW), tmp_path / "site")
    assert (tmp_path / "site").stat().st_mode == (tmp_path / "like").stat().st_mode


def test_a_page_that_cannot_be_written_leaves_the_old_site(folder: Path) -> None:
    with pytest.raises(OSError, match="name too long"):
        write_folder(site(NEW | {"x" * 300: b"new"}), folder)
    assert files(folder) == OLD
    assert names(folder.parent) == {"site"}


def test_a_full_disk_leaves_the_old_site(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # bytes that a file may have
    try:
        with pytest.raises(OSError, match="File too large"):
            write_folder(site(NEW | {"large.html": b"x" * 5000}), folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(folder) == OLD
    assert names(folder.parent) == {"site"}


def test_a_file_that_stands_where_the_site_belongs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    for taken in (tmp_path / "site", tmp_path / "site" / "below"):
        with pytest.raises(OSError, match=str(tmp_path / "site")):
            write_folder(site(NEW), taken)
    assert files(tmp_path) == {"site": b"mine"}


WRITER = """
import json, sys
from pathlib import Path, PurePosixPath
from render.output import write_folder

class Halting(dict):
    def items(self):
        for number, (path, text) in enumerate(super().items()):
            if number == 1:
                print("halfway", flush=True)
                sys.stdin.readline()
            yield PurePosixPath(path), text.encode()

print("begun", flush=True)
write_folder(Halting(json.loads(sys.argv[2])), Path(sys.argv[1]))
"""
"""Writes a site and stops in the middle: says so, and goes on when it is told to."""


def start_writer(folder: Path, pages: Mapping[str, bytes]) -> subprocess.Popen[str]:
    """A process that says "begun" and "halfway", and then waits for a line."""
    texts = json.dumps({path: content.decode() for path, content in pages.items()})
    command = [sys.executable, "-c", WRITER, str(folder), texts]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def hear(writer: subprocess.Popen[str]) -> str:
    assert writer.stdout is not None
    return writer.stdout.readline().strip()


def finish(writer: subprocess.Popen[str]) -> int:
    writer.communicate("go on\n")
    return writer.returncode


def test_a_build_killed_in_the_middle_leaves_the_old_site_and_the_next_one_clears_up(folder: Path) -> None:
    with start_writer(folder, NEW) as writer:
        assert (hear(writer), hear(writer)) == ("begun", "halfway")
        assert len(names(folder.parent)) == 2
        writer.kill()
    assert writer.returncode == -signal.SIGKILL
    assert files(folder) == OLD
    assert len(names(folder.parent)) == 2
    write_folder(site(NEW), folder)
    assert files(folder) == NEW
    assert names(folder.parent) == {"site"}


def test_a_build_that_is_stopped_with_ctrl_c_clears_up_itself(folder: Path) -> None:
    with start_writer(folder, NEW) as writer:
        assert (hear(writer), hear(writer)) == ("begun", "halfway")
        writer.send_signal(signal.SIGINT)
    assert writer.returncode == -signal.SIGINT
    assert files(folder) == OLD
    assert names(folder.parent) == {"site"}


def test_a_build_waits_for_another_and_does_not_sweep_it_away(folder: Path) -> None:
    later = {"index.html": b"later", "other.html": b"later"}
    with start_writer(folder, NEW) as first:
        assert (hear(first), hear(first)) == ("begun", "halfway")
        with start_writer(folder, later) as second:
            assert hear(second) == "begun"
            assert finish(first) == 0
            assert hear(second) == "halfway"
            assert files(folder) == NEW
            assert finish(second) == 0
    assert files(folder) == later
    assert names(folder.parent) == {"site"}


def test_many_builds_at_once_leave_the_site_of_one_of_them(folder: Path) -> None:
    sites = [{f"{number}/{page}.html": b"page" for page in range(20)} for number in range(8)]
    failures: list[BaseException] = []

    def build(pages: Mapping[str, bytes]) -> None:
        try:
            for _ in range(20):
                write_folder(site(pages), folder)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=build, args=(pages,)) for pages in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert files(folder) in sites
    assert names(folder.parent) == {"site"}


def test_where_folders_cannot_be_exchanged_the_new_site_takes_two_renames(folder: Path) -> None:
    (folder / ".gitignore").write_bytes(b"*")
    write_folder(site(NEW), folder, lambda one, other: False)
    assert files(folder) == NEW | {".gitignore": b"*"}
    assert names(folder.parent) == {"site"}


def test_a_file_is_written_where_there_was_no_folder(tmp_path: Path) -> None:
    write_file("é\r\n", tmp_path / "some" / "where" / "a.yaml")
    assert files(tmp_path) == {"some/where/a.yaml": "é\r\n".encode()}


def test_a_file_that_cannot_be_written_stays_as_it_was_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    write_file("old\n", file)
    with pytest.raises(UnicodeEncodeError):
        write_file("half\ud800", file)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # bytes that a file may have
    try:
        with pytest.raises(OSError, match="File too large"):
            write_file("x" * 5000, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(tmp_path) == {"a.yaml": b"old\n"}
    write_file("new\n", file)
    assert files(tmp_path) == {"a.yaml": b"new\n"}


READER = """
import os, sys
from pathlib import Path

page = Path(sys.argv[1], "index.html")
met = set()
print("reading", flush=True)
while not (page.parent / "last").exists():
    try:
        for _ in range(200):
            os.stat(page)
        text = page.read_text()
        met.add(f"{len(text)} {''.join(sorted(set(text)))}")
    except FileNotFoundError:
        met.add("missing")
print(*sorted(met), sep=", ")
"""
"""Reads a page again and again and looks for it all the time between; tells what it met, once each."""


def test_a_reader_meets_the_old_site_or_the_new_and_never_half_of_one(folder: Path) -> None:
    whole = [{"index.html": mark * LENGTH} for mark in (b"a", b"b")]
    write_folder(site(whole[0]), folder)
    with subprocess.Popen([sys.executable, "-c", READER, folder], stdout=subprocess.PIPE, text=True) as reader:
        try:
            assert hear(reader) == "reading"
            for swap in range(200):
                write_folder(site(whole[swap % 2]), folder)
            write_folder(site(whole[0] | {"last": b""}), folder)
            assert hear(reader) == f"{LENGTH} a, {LENGTH} b"
        finally:
            reader.kill()
