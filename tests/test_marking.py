"""Lines of code in a real browser: marked by clicks and addresses, and copied to the letter."""

import pytest
from playwright.sync_api import Page, expect

from tests.tabs import OpenTab
from tests.upstream import read_upstream

PATH = "gunicorn/app/base.py"
PAGE = f"23.0.0/{PATH}.html"

INSIDE = 105
"""A line of the file that is well inside a method of a class."""


@pytest.fixture
def page(own_address: str, open_tab: OpenTab) -> Page:
    return open_tab(own_address + PAGE).page


def click_number(page: Page, line: int, shift: bool = False) -> None:
    page.locator(f"#L{line}").click(modifiers=["Shift"] if shift else [])


def expect_marked(page: Page, fragment: str, *lines: int) -> None:
    expect(page.locator(".source .line.marked > a")).to_have_text([*map(str, lines)])
    assert page.evaluate("location.hash") == fragment


def expect_in_view(page: Page, line: int) -> None:
    """That a line is neither outside the window nor under the two definitions that stick to its upper edge."""
    expect(page.locator(".scope .line")).to_have_count(2)
    assert page.locator(f"#L{line}").evaluate(
        """(number) => {
            const { top, bottom } = number.parentElement.getBoundingClientRect();
            const stuck = document.querySelector(".scope .line:last-child").getBoundingClientRect();
            return stuck.bottom <= top && bottom <= innerHeight;
        }"""
    )


def show(page: Page, line: int) -> None:
    """Scroll until a line is near the upper edge of the window."""
    page.locator(f"#L{line}").evaluate("(number) => number.parentElement.scrollIntoView()")


def test_a_click_on_a_number_marks_the_line_and_makes_its_address(page: Page) -> None:
    click_number(page, 100)
    expect_marked(page, "#L100", 100)
    click_number(page, 90)
    expect_marked(page, "#L90", 90)


def test_a_click_with_shift_marks_a_range_downwards_or_upwards(page: Page) -> None:
    click_number(page, 100)
    click_number(page, 104, shift=True)
    expect_marked(page, "#L100-L104", 100, 101, 102, 103, 104)
    click_number(page, 98, shift=True)
    expect_marked(page, "#L98-L100", 98, 99, 100)


def test_a_range_in_the_address_of_a_new_page_is_marked_and_in_view(own_address: str, open_tab: OpenTab) -> None:
    page = open_tab(f"{own_address}{PAGE}#L{INSIDE}-L{INSIDE + 2}").page
    expect_marked(page, f"#L{INSIDE}-L{INSIDE + 2}", INSIDE, INSIDE + 1, INSIDE + 2)
    expect_in_view(page, INSIDE)


def test_a_range_that_is_typed_into_the_address_is_marked_and_in_view(page: Page, own_address: str) -> None:
    page.goto(f"{own_address}{PAGE}#L{INSIDE}-L{INSIDE + 2}")
    expect_marked(page, f"#L{INSIDE}-L{INSIDE + 2}", INSIDE, INSIDE + 1, INSIDE + 2)
    expect_in_view(page, INSIDE)


def test_back_and_forward_restore_what_was_marked(page: Page) -> None:
    click_number(page, 100)
    click_number(page, 102, shift=True)
    page.go_back()
    expect_marked(page, "#L100", 100)
    page.go_back()
    expect_marked(page, "")
    page.go_forward()
    expect_marked(page, "#L100", 100)


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def copied_address(page: Page) -> str:
    """What the key that copies an address has put into the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("y")
    expect(page.locator(".status")).to_contain_text("Copied")
    return clipboard(page)


def test_y_copies_the_address_of_the_marked_lines(page: Page, own_address: str) -> None:
    click_number(page, 100)
    click_number(page, 104, shift=True)
    assert copied_address(page) == f"{own_address}{PAGE}#L100-L104"


def test_y_copies_the_address_of_the_note_in_focus(page: Page, own_address: str) -> None:
    page.keyboard.press("j")
    assert copied_address(page) == f"{own_address}{PAGE}#{page.locator('.note').first.get_attribute('id')}"


def test_y_copies_the_address_of_the_selected_lines(page: Page, own_address: str) -> None:
    show(page, 80)
    drag(page, place(page, 97, 8), place(page, 90, 0))
    assert copied_address(page) == f"{own_address}{PAGE}#L90-L97"


def test_where_nothing_is_chosen_y_copies_the_address_of_the_page(page: Page, own_address: str) -> None:
    assert copied_address(page) == f"{own_address}{PAGE}"


def place(page: Page, line: int, column: int) -> tuple[float, float]:
    """The left edge of a character in the window, at half its height; columns count from 0."""
    x, y = page.locator(f"#L{line} ~ code").evaluate(
        """(text, column) => {
            const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            let left = column;
            while (nodes.nextNode() && left >= nodes.currentNode.length) {
                left -= nodes.currentNode.length;
            }
            const range = document.createRange();
            range.setStart(nodes.currentNode, left);
            range.setEnd(nodes.currentNode, left + 1);
            const { x, y, height } = range.getBoundingClientRect();
            return [x, y + height / 2];
        }""",
        column,
    )
    return float(x), float(y)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=10)
    page.mouse.up()


def copied_text(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Control+C")
    return clipboard(page)


@pytest.mark.parametrize(
    ("start", "end"),
    [((83, 4), (99, 8)), ((99, 8), (83, 4)), ((86, 12), (92, 8)), ((95, 12), (95, 20))],
    ids=["downwards", "upwards", "past one note", "inside a line"],
)
def test_copied_code_is_the_source_exactly(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    show(page, 80)
    drag(page, place(page, *start), place(page, *end))
    lines = [*read_source()]
    (first, left), (last, right) = sorted([start, end])
    if first == last:
        assert copied_text(page) == lines[first - 1][left:right]
    else:
        whole = [lines[first - 1][left:], *lines[first : last - 1], lines[last - 1][:right]]
        assert copied_text(page) == "\n".join(whole)


def read_source() -> tuple[str, ...]:
    return next(file.lines for path, file in read_upstream().files.items() if str(path) == PATH)


def test_a_selection_that_strays_over_the_notes_stays_in_the_code(page: Page) -> None:
    show(page, 80)
    note = page.locator(".note[data-first='92']").bounding_box()
    assert note is not None
    drag(page, place(page, 84, 0), (note["x"] + note["width"] / 2, place(page, 95, 4)[1]))
    assert copied_text(page) == "\n".join(read_source()[83:95])
