"""What is kept: the same inputs give the same value without making it again, whatever becomes of the folder."""

import os
import pickle
import shutil
import zlib
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from render.cache import Cache, digest, program_digest
from render.listing import line_html
from render.source import Span, Spot
from render.tokens import tokenize

SALT = b"the program"

PART = st.binary(max_size=3) | st.text("ab\0é", max_size=3)
INPUTS = st.tuples(st.binary(max_size=2), st.text("ab", max_size=2), PART)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.builds(Markup, st.text()),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
)


class Counted:
    """Makes a value, and counts how often."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.times = 0

    def __call__(self) -> object:
        self.times += 1
        return self.value


def get(folder: Path | None, value: object, key: bytes | str = "a", kind: str = "page", salt: bytes = SALT) -> int:
    """How often the value had to be made, by a run of its own."""
    counted = Counted(value)
    assert Cache(folder, salt).get(kind, key, counted) == value
    return counted.times


def as_bytes(part: bytes | str) -> bytes:
    """A text and its bytes are one input."""
    return part.encode() if isinstance(part, str) else part


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "not" / "yet" / "there"


@given(value=VALUES)
def test_a_value_is_made_once_and_given_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("cache")
    assert get(folder, value) == 1
    assert get(folder, value) == 0


def test_the_values_of_this_project_come_back_equal_and_of_their_types(folder: Path) -> None:
    lines = tuple(map(line_html, tokenize("a.py", "if a < b:\n    pass\n")))
    spot = Spot(PurePosixPath("a.py"), Span(1, 2))
    assert [get(folder, (lines, spot)), get(folder, (lines, spot))] == [1, 0]
    kept, _ = Cache(folder, SALT).get("page", "a", lambda: (lines, spot))
    assert kept is not lines
    assert {type(line) for line in kept} == {Markup}


@given(st.lists(INPUTS, max_size=6))
def test_whatever_differs_in_its_inputs_is_another_value(
    tmp_path_factory: pytest.TempPathFactory, inputs: list[tuple[bytes, str, bytes | str]]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    values = [(salt, kind, as_bytes(key)) for salt, kind, key in inputs]
    made = [get(folder, (salt, kind, as_bytes(key)), key, kind, salt) for salt, kind, key in inputs]
    assert made == [int(value not in values[:index]) for index, value in enumerate(values)]


@given(st.lists(PART, max_size=4), st.lists(PART, max_size=4))
def test_two_lists_of_parts_have_one_digest_only_if_they_are_the_same(
    one: list[bytes | str], other: list[bytes | str]
) -> None:
    assert (digest(*one) == digest(*other)) is ([*map(as_bytes, one)] == [*map(as_bytes, other)])


def cut(content: bytes) -> bytes:
    return content[:-1]


def halve(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def flip_last(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def empty(_: bytes) -> bytes:
    return b""


def garbage(_: bytes) -> bytes:
    return b"\x80\x04garbage" * 9


def a_bare_pickle(_: bytes) -> bytes:
    return pickle.dumps("foreign")


def a_packed_pickle_below_a_digest_of_it(_: bytes) -> bytes:
    packed = zlib.compress(pickle.dumps("foreign"))
    return digest(packed) + packed


@pytest.mark.parametrize(
    "damage",
    [cut, halve, flip_first, flip_last, empty, garbage, a_bare_pickle, a_packed_pickle_below_a_digest_of_it],
)
def test_what_is_damaged_or_foreign_is_made_again(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    get(folder, "mine")
    (entry,) = entries(folder)
    entry.write_bytes(damage(entry.read_bytes()))
    assert get(folder, "mine") == 1
    assert get(folder, "mine") == 0


@given(st.data())
def test_no_single_changed_byte_goes_unseen(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("cache")
    get(folder, "mine")
    (entry,) = entries(folder)
    content = bytearray(entry.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    entry.write_bytes(content)
    assert get(folder, "mine") == 1


def test_an_entry_under_another_s_name_is_made_again(folder: Path) -> None:
    get(folder, "one", key="a")
    (one,) = entries(folder)
    get(folder, "other", key="b")
    (other,) = set(entries(folder)) - {one}
    shutil.copyfile(one, other)
    assert get(folder, "other", key="b") == 1
    assert get(folder, "one", key="a") == 0


def test_a_folder_in_the_place_of_an_entry_is_left_alone_and_the_value_made(folder: Path) -> None:
    get(folder, "mine")
    (entry,) = entries(folder)
    entry.unlink()
    entry.mkdir()
    assert get(folder, "mine") == 1
    assert entries(folder) == [entry]
    Cache(folder, SALT).sweep()
    assert entries(folder) == [entry]


def test_the_folder_may_be_deleted_while_it_is_used(folder: Path) -> None:
    cache = Cache(folder, SALT)

    def make() -> str:
        shutil.rmtree(folder, ignore_errors=True)
        return "value"

    assert cache.get("page", "a", make) == "value"
    assert cache.get("page", "b", make) == "value"
    assert get(folder, "value", "a") == 1
    shutil.rmtree(folder)
    cache.sweep()
    assert cache.get("page", "b", make) == "value"
    assert get(folder, "value", "b") == 0


def test_a_folder_that_cannot_be_made_keeps_nothing_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("A file where a folder would be.")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        assert [get(folder, "value"), get(folder, "value")] == [1, 1]
        Cache(folder, SALT).sweep()
    assert (tmp_path / "file").read_text() == "A file where a folder would be."


def test_what_making_raises_is_raised_and_nothing_is_kept(folder: Path) -> None:
    def fail() -> str:
        raise ValueError("No value.")

    with pytest.raises(ValueError, match="No value"):
        Cache(folder, SALT).get("page", "a", fail)
    assert get(folder, "value") == 1


def test_a_sweep_leaves_what_was_made_or_used_since_and_nothing_else(folder: Path) -> None:
    for key in ("used", "unused"):
        get(folder, key, key)
    (folder / ".new-left").write_bytes(b"half")
    cache = Cache(folder, SALT)
    cache.get("page", "used", lambda: "used")
    cache.get("page", "made", lambda: "made")
    cache.sweep()
    assert len(entries(folder)) == 2
    assert [get(folder, key, key) for key in ("used", "made", "unused")] == [0, 0, 1]


def test_a_changed_program_finds_nothing_and_its_sweep_removes_the_old_values(folder: Path) -> None:
    get(folder, "old")
    new = Cache(folder, b"another program")
    assert new.get("page", "a", lambda: "new") == "new"
    new.sweep()
    assert len(entries(folder)) == 1
    assert get(folder, "old") == 1


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [get(None, "value"), get(None, "value")] == [1, 1]
    Cache(None, SALT).sweep()
    assert entries(tmp_path) == []


KEYS = [str(number) for number in range(30)]


def run(folder: Path, start: Barrier) -> None:
    """Several builds that start together with another's, each of which sweeps away what that one had use for."""
    for turn in range(20):
        start.wait(timeout=60)
        cache = Cache(folder, SALT)
        for key in KEYS[turn % 3 :: 2]:
            assert cache.get("page", key, partial(str, key)) == key
        cache.sweep()


def test_two_runs_at_once_get_what_they_ask_for_and_leave_no_halves(folder: Path) -> None:
    context = get_context("spawn")
    start = context.Barrier(2)
    runs = [context.Process(target=run, args=(folder, start)) for _ in range(2)]
    for process in runs:
        process.start()
    for process in runs:
        process.join()
    assert [process.exitcode for process in runs] == [0, 0]
    assert [path for path in entries(folder) if path.name.startswith(".")] == []
    left = len(entries(folder))
    assert sum(get(folder, key, key) for key in KEYS) == len(KEYS) - left


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "theme").mkdir()
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "theme" / "page.html").write_text("<p>\n")
    return tmp_path


def test_a_program_has_one_digest_until_a_file_of_it_changes(sources: Path) -> None:
    seen = {program_digest(sources)}
    (sources / "__pycache__").mkdir()
    (sources / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    os.utime(sources / "a.py", (0, 0))
    assert {program_digest(sources)} == seen
    (sources / "theme" / "page.html").write_text("<b>\n")
    seen.add(program_digest(sources))
    (sources / "a.py").rename(sources / "b.py")
    seen.add(program_digest(sources))
    (sources / "empty.py").touch()
    seen.add(program_digest(sources))
    assert len(seen) == 4


def test_a_program_s_digest_changes_with_the_packages_that_it_finds(
    sources: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = program_digest(sources)
    site = tmp_path_factory.mktemp("packages")
    package = site / "lamp-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: lamp\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(site)
    assert version("lamp") == "1.0"
    one = program_digest(sources)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: lamp\nVersion: 1.1\n")
    assert len({before, one, program_digest(sources)}) == 3
