"""Every page of this checkout's own site is what a browser, a search engine and a reader's machine expect."""

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from justhtml import Element, JustHTML

from render.build import draft
from render.links import HOME, file_page
from render.output import Site
from render.sitecommands import open_cache
from tests.copies import copy_checkout, keep_releases
from tests.upstream import REPOSITORY, read_upstream

BASE = "https://example.org/below/"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page as a browser would parse it: its elements in their order, and what a browser would have to mend."""

    elements: tuple[Element, ...]
    errors: tuple[str, ...]


Pages: TypeAlias = Mapping[PurePosixPath, Parsed]


pytestmark = pytest.mark.xdist_group("markup")  # the pages are parsed once, by one process


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """This checkout's own with two of its releases, which has every kind of page."""
    project = keep_releases(copy_checkout(tmp_path_factory.mktemp("pair") / "pair"), ("22.0.0", "23.0.0"))
    return dict(draft(project, open_cache(project)).site)


@pytest.fixture(scope="module")
def pages(site: Site) -> Pages:
    return {path: parse(content) for path, content in site.items() if path.suffix == ".html"}


def parse(html: bytes) -> Parsed:
    document = JustHTML(html.decode(), sanitize=False, collect_errors=True)
    elements = (element for element in document.query("*") if isinstance(element, Element))
    return Parsed(tuple(elements), tuple(map(str, document.errors)))


def find(page: Parsed, *names: str) -> list[Element]:
    """The elements of these names, or with ".css" of these classes."""
    return [one for one in page.elements if one.name in names or any(f".{css}" in names for css in classes(one))]


def parts_of_lines(page: Parsed, name: str) -> list[Element]:
    """The elements of a name that stand right in a line of code."""
    parts = (part for line in find(page, ".line") for part in line.children)
    return [part for part in parts if isinstance(part, Element) and part.name == name]


def classes(element: Element) -> list[str]:
    return (element.attrs.get("class") or "").split()


def text(element: Element) -> str:
    """To the letter."""
    return element.to_text(separator="", strip=False)


def values(page: Parsed, attribute: str) -> list[str]:
    return [element.attrs[attribute] or "" for element in page.elements if attribute in element.attrs]


def contents(page: Parsed, key: str, name: str) -> list[str]:
    """What the page's meta elements of a name say; `key` is `name` or `http-equiv`."""
    return [str(meta.attrs["content"]) for meta in find(page, "meta") if meta.attrs.get(key) == name]


def addresses(page: Parsed) -> list[str]:
    return [*values(page, "href"), *values(page, "src")]


def target(here: PurePosixPath, address: str) -> tuple[PurePosixPath, str]:
    """The file of the site that an address on a page leads to, and the fragment."""
    parts = urlsplit(urljoin(f"{BASE}{here}", address))
    return PurePosixPath(unquote(parts.path).removeprefix("/below/")), unquote(parts.fragment)


def is_inside(address: str) -> bool:
    return not urlsplit(address).netloc


def test_a_browser_has_nothing_to_mend_in_a_page(pages: Pages) -> None:
    assert {path: page.errors for path, page in pages.items() if page.errors} == {}


def test_every_address_leads_somewhere(site: Site, pages: Pages) -> None:
    ids = {path: {*values(page, "id")} for path, page in pages.items()}
    lost = []
    for here, page in pages.items():
        for address in filter(is_inside, addresses(page)):
            path, fragment = target(here, address)
            if path not in site or (fragment and fragment not in ids[path]):
                lost.append(f"{here}: {address}")
    assert lost == []


def test_only_links_lead_elsewhere_and_all_of_them_to_https(pages: Pages) -> None:
    outside = {
        (element.name, attribute, urlsplit(element.attrs[attribute] or "").scheme)
        for page in pages.values()
        for element in page.elements
        for attribute in element.attrs.keys() & {"href", "src"}
        if not is_inside(element.attrs[attribute] or "")
    }
    assert outside == {("a", "href", "https")}


def test_an_address_inside_is_relative(pages: Pages) -> None:
    inside = [one for page in pages.values() for one in addresses(page) if is_inside(one)]
    assert inside
    assert [one for one in inside if one.startswith("/") or urlsplit(one).scheme] == []


def test_whatever_is_in_the_site_can_be_reached_from_its_first_page(site: Site, pages: Pages) -> None:
    reached = {HOME}
    new = {HOME}
    while new:
        linked = {target(here, one)[0] for here in new for one in values(pages[here], "href") if is_inside(one)}
        new = (linked & pages.keys()) - reached
        reached |= linked
    assert {path for path in site if path.parts[0] != "assets"} <= reached


def test_ids_are_unique_on_a_page(pages: Pages) -> None:
    for path, page in pages.items():
        ids = values(page, "id")
        assert sorted(ids) == sorted({*ids}), path


def test_nothing_is_inline(pages: Pages) -> None:
    for path, page in pages.items():
        assert find(page, "style", "base", "iframe", "object", "embed") == [], path
        assert all(script.attrs.get("src") and not script.children for script in find(page, "script")), path
        attributes = {name for element in page.elements for name in element.attrs}
        assert [name for name in attributes if name == "style" or name.startswith("on")] == [], path


def test_every_page_has_a_policy_that_allows_only_its_own(pages: Pages) -> None:
    for path, page in pages.items():
        (policy,) = contents(page, "http-equiv", "Content-Security-Policy")
        assert "default-src 'self';" in policy, path
        assert "unsafe" not in policy, path


def test_every_page_has_a_title_of_its_own_a_description_and_a_language(pages: Pages) -> None:
    titles = [text(title) for page in pages.values() for title in find(page, "title")]
    assert len({*titles}) == len(titles) == len(pages)
    for path, page in pages.items():
        (description,) = contents(page, "name", "description")
        assert description.strip(), path
        assert [html.attrs.get("lang") for html in find(page, "html")] == ["en"], path


def test_every_page_has_one_heading_of_the_first_level_and_skips_none(pages: Pages) -> None:
    for path, page in pages.items():
        levels = [int(heading.name[1]) for heading in find(page, "h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(following <= level + 1 for level, following in pairwise(levels)), path


def test_the_code_of_every_file_is_upstream_s_to_the_letter(pages: Pages) -> None:
    tree = read_upstream()
    assert tree.files
    for path in tree.files:
        shown = map(text, parts_of_lines(pages[file_page(tree.release, path)], "code"))
        vendored = (REPOSITORY.tree(tree.release) / path).read_bytes().decode()
        assert "".join(f"{line}\n" for line in shown) == vendored, path


def test_every_line_of_code_has_its_number(pages: Pages) -> None:
    tree = read_upstream()
    for path, file in tree.files.items():
        numbers = parts_of_lines(pages[file_page(tree.release, path)], "a")
        assert [*map(text, numbers)] == [str(line) for line in range(1, len(file) + 1)], path
        assert [number.attrs["id"] for number in numbers] == [f"L{text(number)}" for number in numbers], path


def test_no_date_path_or_host_comes_into_a_page_with_its_build(pages: Pages) -> None:
    written = "\n".join(
        file.read_text("utf-8")
        for folder in (REPOSITORY.annotations, REPOSITORY.upstream, REPOSITORY.root / "tests" / "experiments")
        for file in folder.rglob("*.*")
        if file.is_file() and file.suffix != ".pyc"
    )
    shown = "\n".join(words for page in pages.values() for words in all_words(page))
    dates = set(re.findall(r"\b[12][0-9]{3}-[01][0-9]-[0-3][0-9]\b", shown))
    assert dates
    places = {str(REPOSITORY.root), str(Path.home()), socket.gethostname()}
    assert {one for one in dates | places if is_said(one, shown) and not is_said(one, written)} == set()


def all_words(page: Parsed) -> Iterator[str]:
    """All text, and all attributes but the classes, which have the names of things in the theme."""
    yield page.elements[0].to_text(separator="\n")
    for element in page.elements:
        yield from (value or "" for name, value in element.attrs.items() if name != "class")


def is_said(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
