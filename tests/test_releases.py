"""The list of releases: what it may say, and in which order it is read."""

import re
from itertools import permutations
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.version import Version

from render.problems import ProblemsFound
from render.project import Project
from render.releases import Release, Releases, read_releases, version_key
from render.source import read_tree
from render.syntax import find_syntax_fault

REPOSITORY = Project(Path(__file__).resolve().parents[1])
NAME = PurePosixPath("upstream/releases.yaml")

LISTED = f"""\
package: lamp
repository: https://example.org/lamp
documented: "1.10"
releases:
- release: "1.9"
  date: 2021-03-02
  sdist: lamp-1.9.tar.gz
  sha256: {"9" * 64}
- release: "1.10"
  date: 2022-04-03
  sdist: lamp-1.10.tar.gz
  sha256: {"a" * 64}
"""


SPELLINGS = st.from_regex(
    r"[1-9]?[0-9](\.[0-9]){2}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
)
"""Names of three numbers: PEP 440 holds 1.0 and 1.0.0 for the same, and an index has no two such names."""


def read(folder: Path, text: str) -> Releases:
    file = folder / "releases.yaml"
    file.write_text(text, encoding="utf-8")
    return read_releases(file, NAME)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read(folder, text)
    return [str(problem) for problem in found.value.problems]


def test_everything_that_is_listed_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, LISTED) == Releases(
        "lamp",
        "https://example.org/lamp",
        "1.10",
        (
            Release("1.9", "2021-03-02", "lamp-1.9.tar.gz", "9" * 64),
            Release("1.10", "2022-04-03", "lamp-1.10.tar.gz", "a" * 64),
        ),
    )


def test_a_release_is_found_by_its_name(tmp_path: Path) -> None:
    releases = read(tmp_path, LISTED)
    assert releases.find("1.9") == releases.all[0]
    assert releases.find("1.1") is None


def test_releases_are_in_order_of_version_however_they_are_listed(tmp_path: Path) -> None:
    head, *rows = LISTED.split("- release")
    older = rows[0].replace("1.9", "1.2.30")
    for order in permutations((older, *rows)):
        releases = read(tmp_path, "- release".join([head, *order]))
        assert [release.name for release in releases.all] == ["1.2.30", "1.9", "1.10"]


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), min_size=2, max_size=2))
def test_versions_compare_number_by_number(versions: list[list[int]]) -> None:
    one, other = versions
    names = [".".join(map(str, version)) for version in versions]
    assert (version_key(names[0]) < version_key(names[1])) == (one < other)


@given(st.lists(SPELLINGS, min_size=2, max_size=2))
@example(["20.1.0rc1", "20.1.0"])
@example(["20.1.0.post1", "20.1.1"])
@example(["20.1.0a1.dev2", "20.1.0a1"])
def test_versions_that_are_not_final_compare_as_pep_440_has_it(names: list[str]) -> None:
    one, other = names
    assert (version_key(one) < version_key(other)) == (Version(one) < Version(other))


@pytest.mark.parametrize("name", ["2", "2.0a1", "2.0b12", "2.0rc1.post2.dev3", "2.0.post1", "2.0.dev0"])
def test_a_release_may_be_called_what_pep_440_allows(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, LISTED.replace("1.10", name)).documented == name


@pytest.mark.parametrize(
    ("said", "instead", "problem"),
    [
        ("package: lamp\n", "", "1: the key `package` is missing; add it"),
        ("package: lamp", "package: my lamp", "1: `package` is 'my lamp', which does not match"),
        ("package: lamp", "name: lamp\npackage: lamp", "1: unknown key `name`; remove it"),
        ("https:", "http:", "2: `repository` is 'http://example.org/lamp', which does not match"),
        ("/lamp\n", "/lamp/\n", "2: `repository` is 'https://example.org/lamp/', which does not match"),
        ('"1.10"\nreleases', '"1.1"\nreleases', "3: 1.1 is documented and not listed below; run"),
        ('- release: "1.9"', '- release: "../1.9"', "5: `release` is '../1.9', which does not match"),
        ('- release: "1.9"', '- release: ".."', "5: `release` is '..', which does not match"),
        ('- release: "1.9"', '- release: "1.9-beta"', "5: `release` is '1.9-beta', which does not match"),
        ('- release: "1.9"', "- release: 1.10", "9: 1.10 is listed before; keep one"),
        ("2021-03-02", "2.3.2021", "6: `date` is '2.3.2021', which does not match"),
        ("2021-03-02", "2021-02-29", "6: `date`: 2021-02-29 is no day: day is out of range for month; write it as in"),
        ("2021-03-02", "٢٠٢١-٠٣-٠٢", "6: `date` is '٢٠٢١-٠٣-٠٢', which does not match"),
        ("lamp-1.9.tar.gz", "lamp/1.9.tar.gz", "7: `sdist` is 'lamp/1.9.tar.gz', which does not match"),
        ("lamp-1.9.tar.gz", "lamp-1.9.zip", "7: `sdist` is 'lamp-1.9.zip', which does not match"),
        ("lamp-1.9.tar.gz", "lamp-1.9.whl", "7: `sdist` is 'lamp-1.9.whl', which does not match"),
        ("9" * 64, "9" * 63, "8: `sha256` is "),
        ("9" * 64, "F" * 64, "8: `sha256` is "),
    ],
)
def test_what_is_malformed_is_a_problem_at_its_line(tmp_path: Path, said: str, instead: str, problem: str) -> None:
    assert LISTED.count(said) == 1
    (found,) = problems(tmp_path, LISTED.replace(said, instead))
    assert found.startswith(f"{NAME}:{problem}")


def test_an_empty_list_is_no_list_of_the_documented_release(tmp_path: Path) -> None:
    head, _, _ = LISTED.partition("releases:")
    assert problems(tmp_path, f"{head}releases: []\n") == [
        f"{NAME}:3: 1.10 is documented and not listed below; "
        "run `annotated vendor 1.10 --accept-new`, or name one that is listed"
    ]


def test_a_file_that_is_missing_is_the_world_s_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_releases(tmp_path / "releases.yaml", NAME)


def read_own() -> Releases:
    return read_releases(REPOSITORY.releases, REPOSITORY.name(REPOSITORY.releases))


def test_the_releases_here_are_written_in_order_of_version() -> None:
    written = REPOSITORY.releases.read_text(encoding="utf-8")
    names = [release.name for release in read_own().all]
    assert re.findall(r"^- release: (.+)$", written, re.MULTILINE) == names


@pytest.mark.parametrize("release", [release.name for release in read_own().all])
def test_this_python_parses_every_file_of_a_release_that_is_vendored_here(release: str) -> None:
    folder = REPOSITORY.tree(release)
    tree = read_tree(folder, release, read_own().package, REPOSITORY.name(folder))
    assert len(tree.files) > 30
    assert [(str(path), find_syntax_fault(file)) for path, file in tree.files.items() if find_syntax_fault(file)] == []


def test_the_documented_release_is_vendored_here() -> None:
    releases = read_own()
    documented = releases.find(releases.documented)
    assert documented
    assert (REPOSITORY.tree(documented.name) / releases.package).is_dir()
