"""Addresses: where a reference leads, and how that is spelt as seen from a page."""

from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.links import (
    HOME,
    Links,
    Target,
    chapter_page,
    check_texts,
    coverage_page,
    experiment_page,
    file_page,
    href,
    licence_page,
    lines_id,
    link_to,
    resolver,
)
from render.notes import Text
from render.problems import Place
from render.prose import Link
from render.settings import Setting
from render.source import SourceFile, Span
from render.symbols import Symbol, find_symbols, index_symbols
from tests.upstream import read_upstream

NOTES = PurePosixPath("annotations/1.0/lamp/bulb.yaml")

PACKAGE = {
    "gunicorn/config.py": "class Watts(Setting):\n    name = 'watts'\n",
    "gunicorn/__init__.py": "def on(): ...\n",
    "gunicorn/bulb.py": """\
class Bulb:
    @property
    def on(self): ...

    @on.setter
    def on(self, value): ...

def main(): ...
""",
    "gunicorn/lamp.py": "def main():\n    def inner(): ...\n\nclass gunicorn:\n    def on(self): ...\n",
}


def make_links() -> Links:
    files = {PurePosixPath(path): SourceFile(PurePosixPath(path), text) for path, text in PACKAGE.items()}
    return Links(
        "1.0",
        "https://example.org/lamp",
        index_symbols(symbol for file in files.values() for symbol in find_symbols(file)),
        tuple(files),
        {"watts": Setting("watts", "Watts", 1)},
        {"hot-glass": (PurePosixPath("gunicorn/bulb.py"), "Glass gets hot")},
        {"dark": "From dark to light"},
        {"counting-watts": "Counting watts"},
        {"dimmer-now": ("0.9", "1.0", "Dimmer now")},
    )


def page(name: str) -> PurePosixPath:
    return PurePosixPath("1.0/gunicorn") / f"{name}.html"


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("Bulb", Target(page("bulb.py"), "L1", "Bulb", code=True)),
        ("Bulb.on", Target(page("bulb.py"), "L3", "Bulb.on", code=True)),
        ("gunicorn.bulb.Bulb.on", Target(page("bulb.py"), "L3", "Bulb.on", code=True)),
        ("main.inner", Target(page("lamp.py"), "L2", "main.inner", code=True)),
        ("gunicorn.bulb.main", Target(page("bulb.py"), "L8", "main", code=True)),
        ("gunicorn.lamp.main", Target(page("lamp.py"), "L1", "main", code=True)),
        ("gunicorn.on", Target(page("__init__.py"), "L1", "on", code=True)),
        ("gunicorn.lamp.gunicorn.on", Target(page("lamp.py"), "L5", "gunicorn.on", code=True)),
        ("setting:watts", Target(page("config.py"), "L1", "watts", code=True)),
        ("note:hot-glass", Target(page("bulb.py"), "hot-glass", "Glass gets hot", code=False)),
        ("chapter:dark", Target(PurePosixPath("1.0/chapters/dark.html"), "", "From dark to light", code=False)),
        (
            "experiment:counting-watts",
            Target(PurePosixPath("experiments/counting-watts.html"), "", "Counting watts", code=False),
        ),
        ("file:gunicorn/bulb.py", Target(page("bulb.py"), "", "gunicorn/bulb.py", code=True)),
    ],
)
def test_a_reference_leads_into_the_site(reference: str, target: Target) -> None:
    assert make_links().find(reference) == target


@pytest.mark.parametrize(
    ("reference", "url", "text", "code"),
    [
        ("issue:1965", "https://example.org/lamp/issues/1965", "#1965", False),
        ("pr:2938", "https://example.org/lamp/pull/2938", "#2938", False),
        ("commit:54d35d7", "https://example.org/lamp/commit/54d35d7", "54d35d7", True),
        ("commit:" + "54d35d73" * 5, "https://example.org/lamp/commit/" + "54d35d73" * 5, "54d35d73", True),
        ("CVE-2024-1135", "https://www.cve.org/CVERecord?id=CVE-2024-1135", "CVE-2024-1135", False),
        ("pep:8", "https://peps.python.org/pep-0008/", "PEP 8", False),
        ("pep:3333", "https://peps.python.org/pep-3333/", "PEP 3333", False),
        ("rfc:9112", "https://www.rfc-editor.org/rfc/rfc9112", "RFC 9112", False),
        ("rfc:9112#6.3", "https://www.rfc-editor.org/rfc/rfc9112#section-6.3", "RFC 9112 §6.3", False),
        ("man:accept(2)", "https://man7.org/linux/man-pages/man2/accept.2.html", "accept(2)", True),
    ],
)
def test_a_reference_leads_out_of_the_site(reference: str, url: str, text: str, code: bool) -> None:
    assert make_links().find(reference) == Target(None, url, text, code)
    assert link_to(Target(None, url, text, code), HOME) == Link(url, text, code)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("main", "`main` is ambiguous; write one of gunicorn.bulb.main, gunicorn.lamp.main"),
        ("Lamp", "nothing is called `Lamp` in 1.0; name a definition, as in"),
        ("", "nothing is called `` in 1.0"),
        ("Bulb.off", "nothing is called `Bulb.off` in 1.0"),
        ("gunicorn.bulb", "nothing is called `gunicorn.bulb` in 1.0"),
        ("cve-2024-1135", "nothing is called `cve-2024-1135` in 1.0"),
        ("setting:Watts", "there is no setting `Watts` in 1.0; write its name in a configuration file"),
        ("note:cold-glass", "there is no note `cold-glass`; write the id of one"),
        ("chapter:light", "there is no chapter `light`; write the name of its file"),
        ("experiment:none", "there is no experiment `none` that was run; record it"),
        ("file:gunicorn/none.py", "gunicorn/none.py is not a file of 1.0; name one that is"),
        ("file:", " is not a file of 1.0"),
        ("bug:1", "`bug:` is no kind of reference; use change:, chapter:, commit:, experiment:, file:, "),
        ("Issue:1", "`Issue:` is no kind of reference"),
        ("CVE:CVE-2024-1135", "`CVE:` is no kind of reference"),
        ("issue:0", "`0` names no issue"),
        ("issue:#1", "`#1` names no issue"),
        ("issue:1\n", "names no issue"),
        ("issue:\u0661", "names no issue"),
        ("pr:x", "`x` names no pr"),
        ("commit:54d35d", "`54d35d` names no commit"),
        ("commit:54D35D73", "`54D35D73` names no commit"),
        ("CVE-24-1", "`CVE-24-1` names no CVE"),
        ("pep:33333", "`33333` names no pep"),
        ("pep:\u0668", "names no pep"),
        ("rfc:9112#", "`9112#` names no rfc"),
        ("rfc:9112#6.", "`9112#6.` names no rfc"),
        ("man:accept", "`accept` names no man"),
        ("man:accept(9)", "`accept(9)` names no man"),
        ("man:../x(2)", "`../x(2)` names no man"),
    ],
)
def test_a_reference_that_leads_nowhere_says_what_to_do(reference: str, said: str) -> None:
    found = make_links().find(reference)
    assert isinstance(found, str)
    assert said in found
    with pytest.raises(LookupError):
        resolver(make_links(), HOME)(reference)


def test_every_candidate_of_an_ambiguous_name_is_a_name() -> None:
    names = index_symbols(symbol for file in read_upstream().files.values() for symbol in find_symbols(file))
    links = Links("23.0.0", "https://example.org", names, (), {}, {}, {}, {}, {})
    ambiguous = 0
    for name in names:
        found = links.find(name)
        if isinstance(found, str):
            ambiguous += 1
            candidates = found.partition("write one of ")[2].split(", ")
            targets = {links.find(candidate) for candidate in candidates}
            assert len(targets) == len(candidates) > 1
            assert all(isinstance(target, Target) for target in targets)
    assert ambiguous > 1


def test_a_definition_leads_to_the_line_of_its_name() -> None:
    symbol = Symbol(PurePosixPath("lamp/bulb.py"), "Bulb", "class", Span(3, 9), 5, "<module>")
    assert make_links().definition(symbol) == Target(PurePosixPath("1.0/lamp/bulb.py.html"), "L5", "Bulb", code=True)


def test_lines_have_addresses_that_no_note_can_have() -> None:
    assert [lines_id(Span(7, 7)), lines_id(Span(7, 12))] == ["L7", "L7-L12"]


def test_pages_have_their_places() -> None:
    assert str(file_page("1.0", PurePosixPath("lamp/__init__.py"))) == "1.0/lamp/__init__.py.html"
    assert str(chapter_page("1.0", "dark")) == "1.0/chapters/dark.html"
    assert str(coverage_page("1.0")) == "1.0/coverage.html"
    assert str(licence_page("1.0")) == "1.0/LICENSE.txt"
    assert str(experiment_page("counting-watts")) == "experiments/counting-watts.html"


@pytest.mark.parametrize(
    ("to", "fragment", "here", "expected"),
    [
        ("index.html", "", "index.html", "index.html"),
        ("index.html", "a", "index.html", "#a"),
        ("index.html", "", "1.0/lamp/a.py.html", "../../index.html"),
        ("1.0/lamp/a.py.html", "L1", "1.0/lamp/b.py.html", "a.py.html#L1"),
        ("1.0/lamp/__init__.py.html", "", "index.html", "1.0/lamp/__init__.py.html"),
        ("1.0/lamp/två #1?.py.html", "L1", "1.0/coverage.html", "lamp/tv%C3%A5%20%231%3F.py.html#L1"),
        ("a:b.html", "", "index.html", "a%3Ab.html"),
    ],
)
def test_an_address_is_relative(to: str, fragment: str, here: str, expected: str) -> None:
    assert href(PurePosixPath(to), fragment, PurePosixPath(here)) == expected


NAME = st.sampled_from(["a", "b", "1.0", "__init__.py", ".a", "...", "~", "a b", "a:b", "%41", "å", "?", "#", "&"])
PAGE = st.lists(NAME, min_size=1, max_size=4).map(lambda names: PurePosixPath(*names[:-1], f"{names[-1]}.html"))


@given(PAGE, st.sampled_from(["", "L1", "L1-L2", "heartbeat-clock"]), PAGE)
def test_an_address_resolves_to_its_page(to: PurePosixPath, fragment: str, here: PurePosixPath) -> None:
    base = "https://example.org/some/where/"
    resolved = urlsplit(urljoin(base + quote(str(here)), href(to, fragment, here)))
    assert unquote(resolved.path) == f"/some/where/{to}"
    assert (resolved.netloc, resolved.query, resolved.fragment) == ("example.org", "", fragment)


def test_upstream_s_own_file_is_at_the_tag_of_the_release() -> None:
    url = make_links().source_url(PurePosixPath("gunicorn/två #1.py"))
    assert url == "https://example.org/lamp/blob/1.0/gunicorn/tv%C3%A5%20%231.py"


def test_a_reference_is_resolved_as_seen_from_a_page() -> None:
    resolve = resolver(make_links(), PurePosixPath("1.0/chapters/dark.html"))
    assert resolve("Bulb") == Link("../gunicorn/bulb.py.html#L1", "Bulb", code=True)
    assert resolve("note:hot-glass") == Link("../gunicorn/bulb.py.html#hot-glass", "Glass gets hot", code=False)
    assert resolve("chapter:dark") == Link("dark.html", "From dark to light", code=False)
    assert resolve("issue:1") == Link("https://example.org/lamp/issues/1", "#1", code=False)


def test_faults_and_lost_references_of_a_text_are_problems_at_their_lines() -> None:
    texts = [
        Text("See [[Bulb]].\n\n- [[Lamp]]\n- <b>\n", Place(NOTES, 7)),
        Text("[[main]] and [[setting:watts]]", Place(NOTES, 20)),
        Text("`[[Lamp]]`", Place(NOTES, 30)),
    ]
    assert [str(problem) for problem in check_texts(texts, make_links())] == [
        f"{NOTES}:10: raw HTML `<b>`; write Markdown, or put it in backquotes",
        f"{NOTES}:9: [[Lamp]]: nothing is called `Lamp` in 1.0; name a definition, as in Arbiter.run",
        f"{NOTES}:20: [[main]]: `main` is ambiguous; write one of gunicorn.bulb.main, gunicorn.lamp.main",
    ]
