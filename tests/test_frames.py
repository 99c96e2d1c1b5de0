"""What stands around every page: titles, sections, neighbours, and the tree of files."""

from pathlib import PurePosixPath
from urllib.parse import urljoin

from hypothesis import given
from hypothesis import strategies as st

from render.coverage import Coverage
from render.frames import file_tree, find_neighbours, make_frame, shelve
from render.links import HOME, file_page, matrix_page
from render.views import Choice, TreeEntry

LAMP = file_page("1.0", PurePosixPath("lamp/bulb.py"))

RELEASES = (Choice("0.9", "../../0.9/index.html", False), Choice("1.0", "../index.html", True))


def figures(path: str, code_lines: int = 4, covered: int = 1) -> Coverage:
    return Coverage(PurePosixPath(path), 0, 0, 0, code_lines, covered)


def test_a_frame_names_its_page_and_leads_everywhere() -> None:
    before, after = Choice("a", "a.html", False), Choice("c", "c.html", False)
    frame = make_frame(LAMP, "lamp/bulb.py", "About bulbs.", "1.0", "lamp", RELEASES, (before, after))
    assert (frame.here, frame.title, frame.description) == (LAMP, "lamp/bulb.py · lamp, annotated", "About bulbs.")
    assert (frame.project, frame.package, frame.home) == ("lamp, annotated", "lamp", "../../index.html")
    assert frame.licence == "../LICENSE.txt"
    assert frame.releases == RELEASES
    assert frame.sections == (
        Choice("Chapters", "../../index.html#_chapters", False),
        Choice("Files", "../../index.html#_files", False),
        Choice("Releases", "../../index.html#_releases", False),
        Choice("Notes", "../../notes.html", False),
        Choice("Behaviour", "../../behaviour.html", False),
    )
    assert (frame.previous, frame.next) == (before, after)


def test_the_home_page_is_called_by_the_project_s_name_alone() -> None:
    frame = make_frame(HOME, "lamp, annotated", "", "1.0", "lamp", RELEASES)
    assert frame.title == "lamp, annotated"
    assert (frame.previous, frame.next) == (None, None)
    assert frame.home == "index.html"


def test_the_section_that_is_read_is_marked() -> None:
    frame = make_frame(matrix_page(), "Notes", "", "1.0", "lamp", RELEASES)
    assert [section.text for section in frame.sections if section.current] == ["Notes"]


def test_a_page_has_its_neighbours_in_the_order_of_reading() -> None:
    pages = [(name, PurePosixPath(f"1.0/{name}.html")) for name in ("a", "b", "c")]
    first, second, third = find_neighbours(pages).values()
    assert first == (None, Choice("b", "b.html", False))
    assert second == (Choice("a", "a.html", False), Choice("c", "c.html", False))
    assert third == (Choice("b", "b.html", False), None)
    assert list(find_neighbours(pages[:1]).values()) == [(None, None)]
    assert find_neighbours([]) == {}


def folder(name: str, is_open: bool, *entries: TreeEntry) -> TreeEntry:
    return TreeEntry(name, None, None, False, is_open, entries)


def test_a_tree_has_folders_first_and_opens_those_on_the_way_to_the_file_shown() -> None:
    rows = [figures("lamp/a.py"), figures("lamp/z/b.py", 3, 2), figures("lamp/z/c/d.txt", 0, 0), figures("lamp/y/e.py")]
    shown = PurePosixPath("lamp/z/b.py")
    assert file_tree(shelve(rows), "1.0", file_page("1.0", shown), shown, whole=True) == (
        folder(
            "lamp",
            True,
            folder("y", False, TreeEntry("e.py", "../y/e.py.html", 25, False, False, ())),
            folder(
                "z",
                True,
                folder("c", False, TreeEntry("d.txt", "c/d.txt.html", None, False, False, ())),
                TreeEntry("b.py", "b.py.html", 66, True, False, ()),
            ),
            TreeEntry("a.py", "../a.py.html", 25, False, False, ()),
        ),
    )


def test_a_tree_that_shows_no_file_is_all_open() -> None:
    (lamp,) = file_tree(shelve([figures("lamp/a/b.py")]), "1.0", HOME, None, whole=True)
    (folder,) = lamp.entries
    assert (lamp.open, folder.open) == (True, True)


def test_a_tree_that_is_not_whole_has_only_the_files_beside_the_one_shown_and_above_it() -> None:
    near = ["lamp/a.py", "lamp/b/c.py", "lamp/b/d.py"]
    shelf = shelve(map(figures, [*near, "lamp/b/e/f.py", "lamp/g/h.py"]))
    shown = PurePosixPath("lamp/b/c.py")
    assert {name for name, _ in leaves(file_tree(shelf, "1.0", file_page("1.0", shown), shown, whole=False))} == set(
        near
    )


FOLDERS = st.lists(st.sampled_from(["a", "b", "c d", "e"]), max_size=3)
FILE = st.sampled_from(["f.py", "A.py", "__init__.py", "b"])
PATHS = st.sets(st.builds(lambda folders, file: "/".join([*folders, f"_{file}"]), FOLDERS, FILE), max_size=8)


def leaves(entries: tuple[TreeEntry, ...], folder: str = "") -> list[tuple[str, str]]:
    """The files of a tree: their names with those of their folders, and their addresses."""
    found = []
    for entry in entries:
        found += leaves(entry.entries, f"{folder}{entry.name}/")
        found += [(f"{folder}{entry.name}", entry.href)] if entry.href else []
    return found


@given(PATHS)
def test_every_file_stands_in_the_tree_once_in_its_folder(paths: set[str]) -> None:
    found = leaves(file_tree(shelve(map(figures, paths)), "1.0", LAMP, None, whole=True))
    assert sorted(name for name, _ in found) == sorted(paths)
    for name, address in found:
        assert urljoin(f"/{LAMP}", address) == f"/1.0/{name}.html".replace(" ", "%20")


@given(PATHS)
def test_names_are_in_alphabetical_order_and_folders_come_first(paths: set[str]) -> None:
    folders = [file_tree(shelve(map(figures, paths)), "1.0", LAMP, None, whole=True)]
    while folders:
        entries = folders.pop()
        order = [(entry.href is not None, entry.name) for entry in entries]
        assert order == sorted(order)
        folders += [entry.entries for entry in entries if entry.entries]
