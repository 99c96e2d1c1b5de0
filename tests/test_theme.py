"""The theme places every value, and nothing but values; what its style sheets and scripts must keep to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

import render.theme
from render.cache import Cache
from render.desk import Desk, Page
from render.filepage import FilePage
from render.insights import Insights
from render.links import file_page
from render.pages import compose
from render.project import Project
from render.survey import read_edition
from render.theme import Theme, make_environment, name_assets
from tests.tiny import RELEASE

HERE = Path(render.theme.__file__).parent
TEMPLATES = {file.name: file.read_text("utf-8") for file in sorted((HERE / "templates").iterdir())}
SHEETS = {file.name: file.read_text("utf-8") for file in sorted((HERE / "static").glob("*.css"))}
SCRIPTS = {file.name: file.read_text("utf-8") for file in sorted((HERE / "static").glob("*.js"))}

HOSTILE = """</title><script>alert(1)</script>"' onclick="alert(2)"""

VOID = frozenset({"meta", "input", "link", "br", "hr", "img"})

READABLE = 4.5
"""The least contrast of text with its ground: WCAG 2.2, level AA."""


class Document(HTMLParser):
    """`elements` have tag, attributes and text; `faults` are tags that do not close what was opened last."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.faults: list[str] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(html.decode())
        self.close()
        self.faults += [f"<{tag}> stays open" for tag, _ in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text: list[str] = []
        self.elements.append((tag, dict(attrs), text))
        if tag not in VOID:
            self._open.append((tag, text))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        if opened != tag:
            self.faults.append(f"</{tag}> closes <{opened}> in line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        for _, text in self._open:
            text.append(data)

    def texts(self, css: str) -> list[str]:
        """The text of every element of a class, in the order of the document."""
        return ["".join(text) for _, attributes, text in self.elements if css in str(attributes.get("class")).split()]

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes, _ in self.elements if (value := attributes.get(attribute)) is not None]


@pytest.fixture(scope="module")
def theme() -> Theme:
    return Theme()


@pytest.fixture
def pages(tiny_pair: Project) -> Sequence[Page]:
    edition = read_edition(tiny_pair)
    desk = Desk(edition, Insights(edition, Cache(None, b"")))
    return tuple(leaf.make() for leaf in compose(desk))


def poisoned(value: Any) -> Any:
    """A copy in which every text that is not markup would break out of the place it is put."""
    if isinstance(value, str):
        return value + HOSTILE if value and not isinstance(value, Markup) else value
    if isinstance(value, tuple):
        return tuple(map(poisoned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: poisoned(getattr(value, one.name)) for one in fields(value)})
    return value


def test_every_kind_of_page_is_a_whole_document(theme: Theme, pages: Sequence[Page]) -> None:
    assert {type(page) for page in pages} == set(get_args(Page))
    for page in pages:
        html = theme.html(page)
        document = Document(html)
        assert html.startswith(b"<!doctype html>\n<html lang=")
        assert not document.faults, page.frame.here
        assert [tag for tag, *_ in document.elements].count("h1") == 1, page.frame.here


def test_no_text_becomes_markup(theme: Theme, pages: Sequence[Page]) -> None:
    for page in pages:
        clean, hostile = Document(theme.html(page)), Document(theme.html(poisoned(page)))
        assert not hostile.faults
        assert [tag for tag, *_ in hostile.elements] == [tag for tag, *_ in clean.elements]
        assert [list(attributes) for _, attributes, _ in hostile.elements] == [
            list(attributes) for _, attributes, _ in clean.elements
        ]


def test_an_id_stands_once_on_its_page(theme: Theme, pages: Sequence[Page]) -> None:
    for page in pages:
        ids = Document(theme.html(page)).values("id")
        assert sorted(ids) == sorted(set(ids)), page.frame.here


def test_headings_skip_no_level(theme: Theme, pages: Sequence[Page]) -> None:
    for page in pages:
        levels = [int(tag[1]) for tag, *_ in Document(theme.html(page)).elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, page.frame.here
        assert all(following <= level + 1 for level, following in pairwise(levels)), page.frame.here


def test_the_lines_of_a_file_are_its_text_to_the_letter(
    theme: Theme, pages: Sequence[Page], tiny_pair: Project
) -> None:
    for page in pages:
        if isinstance(page, FilePage):
            shown = re.findall(r"<code>(.*)</code>(?:<span class=\"strip\".*)?\n</span>", theme.html(page).decode())
            source = (tiny_pair.tree(page.release) / page.path).read_text("utf-8")
            assert "".join(f"{unescape(re.sub('<[^>]*>', '', line))}\n" for line in shown) == source


def test_each_line_ends_inside_its_own_block(theme: Theme, pages: Sequence[Page]) -> None:
    """A newline between two blocks would be shown as an empty line, and none at all would be lost in copying."""
    for page in pages:
        if isinstance(page, FilePage) and page.segments:
            html = theme.html(page).decode()
            assert all(line.endswith("\n") for line in Document(html.encode()).texts("line"))
            assert not re.search(r"</span>\n+</pre>|<pre class=\"lines\">(?!<span class=line\b)", html)


def test_a_note_stands_before_the_lines_it_begins_with(theme: Theme, pages: Sequence[Page]) -> None:
    (boiler,) = (page for page in pages if page.frame.here == file_page(RELEASE, PurePosixPath("kettle/boiler.py")))
    ids = Document(theme.html(boiler)).values("id")
    assert ids.index("L32") < ids.index("never-above") < ids.index("L33")


def test_what_a_page_does_not_have_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text("{{ page.nothing }}")
    with pytest.raises(UndefinedError):
        make_environment(tmp_path).get_template("one.html").render(page=object())


def test_the_same_page_twice_is_the_same_bytes(pages: Sequence[Page]) -> None:
    assert [Theme().html(page) for page in pages] == [Theme().html(page) for page in pages]
    assert Theme().assets() == Theme().assets()


def test_whatever_a_page_asks_for_is_an_asset(theme: Theme, pages: Sequence[Page]) -> None:
    for page in pages:
        for address in asked_for(Document(theme.html(page))):
            assert resolve(page.frame.here, address) in theme.assets(), f"{page.frame.here}: {address}"


def asked_for(document: Document) -> Iterator[str]:
    for tag, attributes, _ in document.elements:
        if tag == "script":
            yield attributes["src"] or ""
        if tag == "link" and attributes["rel"] not in ("prev", "next"):
            yield attributes["href"] or ""


def resolve(here: PurePosixPath, address: str) -> PurePosixPath:
    climbs = address.count("../")
    return here.parents[climbs] / address.replace("../", "")


def test_every_asset_is_asked_for_by_a_page_or_a_script(theme: Theme, pages: Sequence[Page]) -> None:
    asked = {PurePosixPath(address).name for page in pages for address in asked_for(Document(theme.html(page)))}
    imported = {name for text in SCRIPTS.values() for name in re.findall(r'from "\./([a-z]+\.js)"', text)}
    assert {path.name for path in theme.assets()} == asked | imported


def test_the_folder_of_the_assets_changes_with_any_of_them() -> None:
    files = {"one.css": b"1", "two.js": b"2"}
    assert folder_of(files) == folder_of(dict(reversed(files.items())))
    changed, more, fewer = {**files, "two.js": b"3"}, {**files, "three.js": b""}, {"one.css": b"1"}
    swapped = {"one.css": b"2", "two.js": b"1"}
    assert len({folder_of(one) for one in (files, changed, more, fewer, swapped)}) == 5


def folder_of(files: dict[str, bytes]) -> PurePosixPath:
    (folder,) = {path.parent for path in name_assets(files)}
    assert re.fullmatch(r"assets/[0-9a-f]{12}", str(folder))
    return folder


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_no_style_no_script_and_trusts_nothing(name: str) -> None:
    text = TEMPLATES[name]
    assert not re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]* src=)|javascript:|https?:", text)
    assert not re.findall(r"\|\s*safe|autoescape|\bset\b|namespace", text)


@pytest.mark.parametrize("name", [name for name in SHEETS if name != "base.css"])
def test_a_colour_stands_only_in_the_base_sheet(name: str) -> None:
    written = r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|light-dark)a?\(|:\s*(?:white|black|gr[ae]y|red)\b"
    assert not re.findall(written, SHEETS[name], re.IGNORECASE)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_asks_for_nothing_and_uses_only_what_is_defined(name: str) -> None:
    assert not re.findall(r"@import|url\(|!important", SHEETS[name])
    defined = {found for text in SHEETS.values() for found in re.findall(r"(--[a-z-]+):", text)}
    assert set(re.findall(r"var\((--[a-z-]+)", SHEETS[name])) <= defined


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_puts_no_text_in_as_markup(name: str) -> None:
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\.style\b", SCRIPTS[name])


def test_every_colour_of_text_is_readable_on_every_ground() -> None:
    colours = dict(re.findall(r"(--[a-z]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", SHEETS["base.css"]))
    texts = {"--ink", "--muted", "--accent", "--keyword", "--string", "--number", "--comment"}
    faint = [
        f"{text} on {ground}"
        for text in sorted(texts)
        for ground in ("--paper", "--lit", "--marked")
        for one, other in zip(colours[text].split(", "), colours[ground].split(", "), strict=True)
        if contrast(one, other) < READABLE
    ]
    assert not faint


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 for two colours as "#rrggbb"."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_black_on_white_has_all_the_contrast_there_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
