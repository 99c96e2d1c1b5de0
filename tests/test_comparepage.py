"""The page of a step: what changed in words, the notes on it, the files, and the way to other steps."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from render.changegroups import LONG, Entry, Section
from render.compare import Comparison, compare
from render.comparelinks import has_diff
from render.comparepage import ComparePage
from render.source import Span, read_tree
from render.theme import Theme
from tests.addresses import find_ids
from tests.steps import OLD, diff_of, make_change, make_step, overview_of
from tests.test_theme import resolve
from tests.upstream import REPOSITORY

LAMP = '''\
import os


class Burnt(Exception):
    """No light."""


class Lamp:
    def on(self, watts=60):
        self.log.info("light")
        return os.environ.get("LAMP")

    def off(self):
        return None
'''


def told(sections: tuple[Section, ...]) -> list[str]:
    return [line for section in sections for line in tell(section)]


def tell(section: Section) -> Iterator[str]:
    yield f"{section.title} {section.count}"
    for group in section.groups:
        yield f" {group.title}{' …' * group.folded}"
        yield from (f"  {entry_text(entry)}" for entry in group.entries)


def entry_text(entry: Entry) -> str:
    words = [entry.name, *([entry.kind] if entry.kind else []), f"({entry.href})"]
    if entry.was and entry.now:
        words.append(f"{entry.was.text} → {entry.now.text}")
    return " ".join(words)


def test_what_operators_meet_is_told_first_and_every_entry_leads_to_its_lines() -> None:
    new = (
        LAMP.replace("class Burnt(Exception)", "class Dark(Burnt):\n    pass\n\n\nclass Burnt(OSError)")
        .replace("watts=60", "watts=40")
        .replace("log.info", "log.error")
        .replace('"LAMP"', '"BULB"')
    )
    page = overview_of(make_step({"lamp.py": LAMP}, {"lamp.py": new}))
    assert told(page.sections) == [
        "Exceptions 2",
        " Added",
        "  lamp.Dark (lamp.py.html#L4)",
        " Base classes",
        "  lamp.Burnt (lamp.py.html#L8) Exception → OSError",
        "Log messages 1",
        " Level",
        "  light (lamp.py.html#L14) info → error",
        "Environment variables 2",
        " Added",
        "  BULB (lamp.py.html#L15)",
        " Removed",
        "  LAMP (lamp.py.html#O11)",
        "Definitions 5",
        " lamp.py",
        "  Dark added (lamp.py.html#L4)",
        "  Burnt signature (lamp.py.html#L8) class Burnt(Exception) → class Burnt(OSError)",
        "  Lamp.on signature (lamp.py.html#L13) def on(self, watts=60) → def on(self, watts=40)",
        "  Lamp.on body (lamp.py.html#L13)",
        " Comments, docstrings or layout only …",
        "  lamp (lamp.py.html#L4)",
    ]


def test_files_that_came_or_went_lead_to_their_own_page() -> None:
    kept = "".join(f"kept_{number} = {number}\n" for number in range(9))
    page = overview_of(make_step({"a.py": "a = 1\n", "b.py": kept}, {"c.py": kept, "d.py": "", "e.py": "e = 1\ne\n"}))
    assert told(page.sections) == [
        "Files 4",
        " Added",
        "  d.py (../../2.0/d.py.html)",
        "  e.py (../../2.0/e.py.html)",
        " Removed",
        "  a.py (../../1.0/a.py.html)",
        " Renamed",
        "  c.py (../../2.0/c.py.html) b.py → c.py",
    ]
    assert [(row.path, row.state, row.added, row.removed) for row in page.files] == [
        ("a.py", "removed", 0, 1),
        ("c.py", "was b.py", 0, 0),
        ("d.py", "added", 0, 0),
        ("e.py", "added", 2, 0),
    ]


def test_files_that_changed_in_layout_only_are_apart() -> None:
    step = make_step({"a.py": "a = 1\n", "b.py": "b = 1\n"}, {"a.py": "a = 1  # one\n", "b.py": "b = 2\n"})
    page = overview_of(step, touched={PurePosixPath("b.py"): 3})
    assert [(row.path, row.href, row.added, row.removed, row.notes) for row in page.files] == [
        ("b.py", "b.py.html", 1, 1, 3)
    ]
    assert [row.path for row in page.quiet] == ["a.py"]
    assert told(page.sections)[-2:] == [" Comments, docstrings or layout only …", "  a.a (a.py.html#L1)"]


def test_a_long_group_is_folded() -> None:
    new = "".join(f"def f{number}(): return {number}\n" for number in range(LONG + 1))
    (section,) = overview_of(make_step({"a.py": ""}, {"a.py": new})).sections
    (group,) = section.groups
    assert (group.folded, len(group.entries)) == (True, LONG + 1)


def test_a_change_note_leads_to_its_hunk_and_stands_here_where_there_is_none() -> None:
    step = make_step({"a.py": "a = 1\n", "b.py": "b = 1\n"}, {"a.py": "a = 2\n", "c.py": "c = 3\n"})
    notes = [make_change("one", "a.py", Span(1, 1)), make_change("new", "c.py", Span(1, 1))]
    page = overview_of(step, [*notes, make_change("gone", "b.py", Span(1, 1), OLD)])
    assert page.summary == "<p>A <em>step</em>.</p>\n"
    assert [(note.id, note.href, note.whole is None) for note in page.notes] == [
        ("one", "a.py.html#one", True),
        ("new", "../../2.0/c.py.html#L1", False),
        ("gone", "../../1.0/b.py.html#L1", False),
    ]
    ids = find_ids(Theme().html(page).decode())
    assert [ids.count(name) for name in ("one", "new", "gone")] == [1, 1, 1]


def test_the_lists_of_releases_lead_to_every_pair_with_one_of_the_two() -> None:
    step = make_step({"a.py": ""}, {"a.py": "a = 1\n"})
    page = overview_of(step, releases=("0.9", "1.0", "1.5", "2.0", "3.0"))
    assert [(choice.text, choice.href, choice.current) for choice in page.older] == [
        ("0.9", "../0.9...2.0/index.html", False),
        ("1.0", "index.html", True),
        ("1.5", "../1.5...2.0/index.html", False),
        ("2.0", "", False),
        ("3.0", "", False),
    ]
    assert [(choice.text, choice.href) for choice in page.newer if choice.href] == [
        ("1.5", "../1.0...1.5/index.html"),
        ("2.0", "index.html"),
        ("3.0", "../1.0...3.0/index.html"),
    ]


@pytest.fixture(scope="module", params=[("22.0.0", "23.0.0"), ("23.0.0", "24.1.1")], ids="...".join)
def real(request: pytest.FixtureRequest) -> Comparison:
    old, new = (read_tree(REPOSITORY.tree(name), name, "gunicorn", PurePosixPath(name)) for name in request.param)
    return compare(old, new)


@pytest.fixture(scope="module")
def overview(real: Comparison) -> ComparePage:
    return overview_of(real, releases=(real.old, real.new))


def test_every_change_is_told_once(real: Comparison, overview: ComparePage) -> None:
    entries = [entry for section in overview.sections for group in section.groups for entry in group.entries]
    elsewhere = [one for one in real.changes if (one.subject, one.kind) in {("file", "edited"), ("file", "layout")}]
    assert len(entries) == len(real.changes) - len(elsewhere) == sum(section.count for section in overview.sections)
    rows = {row.path for row in (*overview.files, *overview.quiet)}
    assert {change.name for change in elsewhere} <= rows
    assert all(entry.href for entry in entries)


def test_every_entry_leads_to_a_line_that_is_there(real: Comparison, overview: ComparePage) -> None:
    theme = Theme()
    diffs = (diff_of(real, str(pair.path)) for pair in real.pairs if has_diff(pair))
    ids: Mapping[PurePosixPath, list[str]] = {page.frame.here: find_ids(theme.html(page).decode()) for page in diffs}
    html = theme.html(overview).decode()
    addresses = re.findall(r'<a (?:class="\w+" )?href="([^"]+#[OL]\d+)"', html)
    assert len(addresses) > 50
    for address in addresses:
        page, _, fragment = address.partition("#")
        target = resolve(overview.frame.here, page)
        assert target.parts[0] in (real.old, real.new) or fragment in ids[target], address
