"""Words in pictures: their room, their lines, and where each line stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from render.lettering import block, break_lines, text_width

WORDS = st.lists(st.text("abcdefgilmw-", min_size=1, max_size=9), min_size=1, max_size=7).map(" ".join)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("fork", 100, ("fork",)),
        ("reads the configuration", 400, ("reads the configuration",)),
        ("one two six ten", 60, ("one two", "six ten")),
        ("adds GUNICORN_CMD_ARGS, then the command line", 20, ("adds", "GUNICORN_CMD_ARGS,", "then the command line")),
    ],
)
def test_lines_are_few_and_even(text: str, room: int, lines: tuple[str, ...]) -> None:
    assert break_lines(text, "caption", room) == lines


@given(WORDS, st.integers(1, 300))
def test_no_word_is_lost_and_no_line_is_wider_than_the_room_or_the_widest_word(text: str, room: int) -> None:
    lines = break_lines(text, "label", room)
    assert " ".join(lines) == text
    widest = max(text_width(word, "label") for word in text.split())
    assert all(text_width(line, "label") <= max(room, widest) for line in lines)


@given(WORDS, WORDS)
def test_lines_of_a_block_stand_one_below_the_other_around_its_middle(label: str, note: str) -> None:
    found = block(120, label=label, note=note).padded(10, 4)
    area = found.area((50, 70))
    assert area.middle == (50, 70)
    places = [place for writing in found.at((50, 70)) for _, place in writing.lines]
    assert [x for x, _ in places] == [50] * len(places)
    heights = [y for _, y in places]
    assert heights == sorted(set(heights))
    assert area.y + 4 < heights[0] < heights[-1] < area.bottom - 4


def test_what_is_not_there_has_no_line() -> None:
    (writing,) = block(120, label="master", note=None).at((0, 0))
    assert (writing.kind, [words for words, _ in writing.lines]) == ("label", ["master"])


def test_an_aside_hangs_by_its_beginning() -> None:
    found = block(500, aside="reads the configuration")
    (writing,) = found.at((300, 0))
    assert [place[0] for _, place in writing.lines] == [300 - found.width / 2]


SAMPLES = (
    "listening socket",
    "SIGCHLD, SIGTERM, SIGHUP",
    "reads /etc/gunicorn.conf.py",
    "GUNICORN_CMD_ARGS",
    "127.0.0.1:8000 (fd 5)",
    "Münchner Worker №7 → exit",
    "進程 worker",
)


def test_words_are_not_wider_than_their_room_in_a_browser(browser: Browser) -> None:
    page = browser.new_page()
    try:
        page.set_content("<svg>" + "".join(f"<text>{words}</text>" for words in SAMPLES) + "</svg>")
        measure = "texts => texts.map((text) => text.getComputedTextLength())"
        page.add_style_tag(content='text { font: 14px "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial; }')
        drawn = page.locator("text").evaluate_all(measure)
    finally:
        page.close()
    assert [words for words, width in zip(SAMPLES, drawn, strict=True) if width > text_width(words, "label")] == []
