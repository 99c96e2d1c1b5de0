"""What follows a reader through a page: light, keys, colours, the definitions around, the rail."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.tabs import OpenTab

FILE = "23.0.0/gunicorn/app/base.py.html"
CHAPTER = "23.0.0/chapters/boot.html"

CLASS, METHOD, INSIDE = 78, 92, 105
"""Lines of the file: where a class begins, where a method of it does, and one further down in that method."""

PHONE = 390


@pytest.fixture
def page(own_address: str, open_tab: OpenTab) -> Page:
    return open_tab(own_address + FILE).page


def ids(page: Page, css: str) -> list[str]:
    return [str(name) for name in page.locator(css).evaluate_all("elements => elements.map((element) => element.id)")]


def lit_lines(page: Page) -> list[int]:
    return [int(number) for number in page.locator(".source .line.lit > a").all_text_contents()]


def span_of(page: Page, note: str) -> list[int]:
    first, last = page.locator(f"#{note}").evaluate("({ dataset }) => [dataset.first, dataset.last]")
    return [*range(int(first), int(last) + 1)]


def point(there: Locator) -> None:
    """Move the mouse to an element; the first move of all counts as none, so there are two."""
    there.page.mouse.move(0, 0)
    there.hover()


def test_pointing_at_a_line_lights_its_note_and_weakly_the_one_around(page: Page) -> None:
    line = page.locator(".line:has(.bars > b + b)").first
    number = int(line.locator("> a").text_content() or "")
    outer, inner = (note for note in ids(page, ".note") if number in span_of(page, note))
    point(line.locator("> code"))
    assert ids(page, ".note.lit") == [inner]
    assert ids(page, ".note.dim") == [outer]
    assert lit_lines(page) == span_of(page, inner)
    assert {*span_of(page, inner)} < {*span_of(page, outer)}
    point(page.locator("h1"))
    assert page.locator(".lit, .dim").count() == 0


def test_pointing_at_a_note_lights_its_lines(page: Page) -> None:
    note = page.locator(".note").nth(2)
    point(note.locator(".prose").first)
    (lit,) = ids(page, ".note.lit")
    assert lit == note.get_attribute("id")
    assert lit_lines(page) == span_of(page, lit)


def test_a_note_in_focus_is_lit_until_it_has_lost_it(page: Page) -> None:
    page.keyboard.press("j")
    assert ids(page, ".note.lit") == ids(page, ".note:focus") == ids(page, ".note")[:1]
    assert lit_lines(page) == span_of(page, ids(page, ".note")[0])
    page.evaluate("document.activeElement.blur()")
    assert page.locator(".lit").count() == 0


@pytest.mark.parametrize(("path", "css"), [(FILE, ".note"), (CHAPTER, ".step")])
def test_j_and_k_go_from_note_to_note_and_from_step_to_step(
    own_address: str, open_tab: OpenTab, path: str, css: str
) -> None:
    page = open_tab(own_address + path).page
    stops = ids(page, css)
    for key, stop in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        assert ids(page, ":focus") == [stops[stop]]
        expect(page.locator(":focus")).to_be_in_viewport()


def test_n_and_p_turn_the_page(page: Page, own_address: str) -> None:
    page.keyboard.press("n")
    page.wait_for_url(f"{own_address}23.0.0/gunicorn/app/pasterapp.py.html")
    page.keyboard.press("p")
    page.wait_for_url(own_address + FILE)


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-theme")


def paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_the_three_themes_follow_each_other_and_show(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + FILE, colours="dark").page
    button = page.get_by_role("button", name="Theme")
    dark = paper(page)
    expect(button).to_have_text("Theme: system")
    page.keyboard.press("t")
    light = paper(page)
    assert theme(page) == "light"
    expect(button).to_have_text("Theme: light")
    button.click()
    assert (theme(page), paper(page)) == ("dark", dark)
    page.keyboard.press("t")
    assert (theme(page), paper(page)) == (None, dark)
    page.emulate_media(color_scheme="light")
    assert paper(page) == light != dark


def test_the_theme_is_kept_and_stands_before_anything_is_painted(page: Page, own_address: str) -> None:
    page.keyboard.press("t")
    page.keyboard.press("t")
    page.add_init_script(
        """new MutationObserver((_, observer) => {
            if (document.body) {
                observer.disconnect();
                document.documentElement.dataset.before = document.documentElement.dataset.theme ?? "none";
            }
        }).observe(document, { childList: true, subtree: true });"""
    )
    for path in (FILE, CHAPTER):
        page.goto(own_address + path)
        assert theme(page) == "dark"
        assert page.locator("html").get_attribute("data-before") == "dark"
    page.keyboard.press("t")
    page.reload()
    assert page.locator("html").get_attribute("data-before") == "none"


def test_the_list_of_keys_opens_and_closes(page: Page) -> None:
    keys = page.locator("dialog.keys")
    closers: list[Callable[[], None]] = [
        lambda: page.keyboard.press("?"),
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_role("button", name="Close").click(),
        lambda: page.mouse.click(5, 5),
    ]
    for close in closers:
        page.keyboard.press("?")
        expect(keys).to_be_visible()
        close()
        expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()


def test_every_key_that_does_something_is_in_the_list(page: Page) -> None:
    page.keyboard.press("?")
    assert sorted(page.locator("dialog.keys dt kbd").all_text_contents()) == sorted("jknprty?")


def test_a_key_with_a_modifier_is_not_the_page_s(page: Page, own_address: str) -> None:
    for keys in ("Alt+t", "Meta+t", "Control+j", "Control+Alt+n", "Alt+y", "Control+Shift+?", "Shift+T"):
        page.keyboard.press(keys)
        assert_untouched(page, own_address)


def test_keys_do_nothing_while_one_types(page: Page, own_address: str) -> None:
    page.evaluate("document.querySelector('main').prepend(document.createElement('textarea'))")
    page.locator("textarea").press_sequentially("jkn?pty")
    assert page.locator("textarea").input_value() == "jkn?pty"
    assert_untouched(page, own_address)


def test_keys_do_nothing_behind_the_list_of_keys(page: Page, own_address: str) -> None:
    page.keyboard.press("?")
    for key in "jknpty":
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    assert_untouched(page, own_address)


def assert_untouched(page: Page, own_address: str) -> None:
    assert page.url == own_address + FILE
    assert theme(page) is None
    expect(page.locator("dialog.keys")).to_be_hidden()
    assert page.locator(".note:focus").count() == 0
    assert page.locator(".status").text_content() == ""


def test_the_class_and_the_method_one_is_in_stick_to_the_top(page: Page, own_address: str) -> None:
    stuck = page.locator(".scope .line")
    assert stuck.count() == 0
    page.goto(f"{own_address}{FILE}#L{INSIDE}")
    expect(stuck.locator("code")).to_have_text(
        ["class Application(BaseApplication):", "def get_config_from_filename(self, filename):"]
    )
    assert stuck.locator("> span").all_text_contents() == [str(CLASS), str(METHOD)]
    (left, top), (_, below) = stuck.evaluate_all(
        "lines => lines.map((line) => line.getBoundingClientRect()).map(({ x, y }) => [x, y])"
    )
    assert top == 0
    page.mouse.click(left + 100, below + 10)  # by place: a locator would be scrolled to first, and so be another line
    expect(page).to_have_url(f"{own_address}{FILE}#L{METHOD}")
    expect(page.locator(f"#L{METHOD}")).to_be_in_viewport()
    expect(stuck).to_have_count(1)


def test_the_outline_marks_the_definition_one_is_in(page: Page, own_address: str) -> None:
    current = page.locator(".outline [aria-current]")
    for line, definition in ((INSIDE, METHOD), (210, 201), (INSIDE, METHOD)):
        page.goto(f"{own_address}{FILE}#L{line}")
        expect(current).to_have_count(1)
        expect(current).to_have_attribute("href", f"#L{definition}")
        expect(current).to_be_in_viewport()


def test_the_drawer_shuts_once_the_reader_has_chosen(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(own_address + FILE, width=PHONE).page
    rail, opener = page.locator(".rail"), page.get_by_role("button", name="Contents")
    expect(rail).to_be_hidden()
    opener.click()
    expect(rail).to_be_visible()
    page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    opener.click()
    rail.locator(f"[href='#L{METHOD}']").click()
    expect(rail).to_be_hidden()
    expect(page).to_have_url(f"{own_address}{FILE}#L{METHOD}")
    expect(page.locator(f"#L{METHOD}")).to_be_in_viewport()
    opener.click()
    rail.get_by_role("link", name="wsgiapp.py").click()
    page.wait_for_url(f"{own_address}23.0.0/gunicorn/app/wsgiapp.py.html")
    expect(rail).to_be_hidden()


def test_where_there_is_room_the_rail_is_there_and_shows_the_file(page: Page) -> None:
    expect(page.locator(".rail")).to_be_visible()
    expect(page.get_by_role("button", name="Contents")).to_be_hidden()
    expect(page.locator(".rail [aria-current='page']")).to_be_in_viewport()
