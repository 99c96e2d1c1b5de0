"""Pictures as people describe them: boxes and arrows, or lifelines and messages, and what cannot be drawn."""

from pathlib import PurePosixPath

import pytest

from render.boxes import Arrow, Box, Boxes
from render.document import Document, parse_document, plain
from render.parts import Part
from render.pictures import Picture, PictureModel, picture_at
from render.problems import Place, ProblemsFound
from render.sequences import Message, Sequence

NAME = PurePosixPath("annotations/1.0/chapters/light.yaml")

LAMP = """\
title: The lamp
picture:
  title: Its parts
  description: |
    A switch, and two bulbs.
  boxes:
  - id: switch
    label: The switch
    note: on the wall
    at: 1,2
    size: 1,2
    kind: kernel
    link: Switch.on
  - {id: bulb, label: A bulb, at: "3,2", link: Bulb}
  arrows:
  - {from: switch, to: bulb, label: power}
  - {from: bulb, to: bulb, label: glows}
"""

LIFE = """\
title: The lamp
picture:
  title: Its life
  description: From the switch to the dark.
  lifelines:
  - {id: hand, label: A hand, kind: outside, link: Switch.on}
  - {id: bulb, label: A bulb, note: new, link: Bulb}
  messages:
  - {from: hand, to: hand, label: takes one}
  - {from: hand, to: bulb, label: screws in, begins: bulb, step: 1}
  - {from: bulb, to: hand, label: light}
  - {from: bulb, to: bulb, label: burns out, ends: bulb, step: 3}
"""


def read(text: str, steps: int = 3) -> Picture:
    document = parse_document(text, NAME)
    picture = picture_at(document, model_of(document), steps)
    assert picture
    return picture


def model_of(document: Document) -> PictureModel:
    return PictureModel.model_validate(plain(document.root)["picture"])


def problems(text: str, steps: int = 3) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read(text, steps)
    return [str(problem) for problem in found.value.problems]


def at(line: int) -> Place:
    return Place(NAME, line)


def test_boxes_know_their_cells_and_the_line_of_their_link() -> None:
    switch = Part("switch", "The switch", "on the wall", "kernel", "Switch.on", at(13))
    bulb = Part("bulb", "A bulb", None, "process", "Bulb", at(14))
    boxes = Box(switch, 1, 2, 1, 2), Box(bulb, 3, 2, 1, 1)
    arrows = Arrow("switch", "bulb", "power"), Arrow("bulb", "bulb", "glows")
    picture = read(LAMP)
    assert picture == Picture("Its parts", "A switch, and two bulbs.", Boxes(boxes, arrows))
    assert picture.parts == (switch, bulb)


def test_boxes_need_no_arrows() -> None:
    form = read(LAMP[: LAMP.index("  arrows:")]).form
    assert isinstance(form, Boxes)
    assert form.arrows == ()


def test_messages_know_whose_life_begins_and_ends_with_them() -> None:
    hand = Part("hand", "A hand", None, "outside", "Switch.on", at(6))
    bulb = Part("bulb", "A bulb", "new", "process", "Bulb", at(7))
    messages = (
        Message("hand", "hand", "takes one", begins=False, ends=None, step=None),
        Message("hand", "bulb", "screws in", begins=True, ends=None, step=1),
        Message("bulb", "hand", "light", begins=False, ends=None, step=None),
        Message("bulb", "bulb", "burns out", begins=False, ends="bulb", step=3),
    )
    picture = read(LIFE)
    assert picture == Picture("Its life", "From the switch to the dark.", Sequence((hand, bulb), messages))
    assert picture.parts == (hand, bulb)


def test_no_picture_is_no_picture() -> None:
    assert picture_at(parse_document(LAMP, NAME), None, 3) is None


@pytest.mark.parametrize(
    ("said", "instead", "expected"),
    [
        ("from: switch", "from: plug", ["16: there is no box `plug`"]),
        ("to: bulb, label: power", "to: bulbs, label: power", ["16: there is no box `bulbs`"]),
        (
            "id: bulb",
            "id: switch",
            ["14: two boxes are called `switch`", "16: there is no box `bulb`", "17: there is no box `bulb`"],
        ),
    ],
)
def test_boxes_and_arrows_that_cannot_be_drawn_are_problems(said: str, instead: str, expected: list[str]) -> None:
    assert LAMP.count(said) == 1
    found = {told.partition(";")[0] for told in problems(LAMP.replace(said, instead))}
    assert found == {f"{NAME}:{told}" for told in expected}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{from: bulb, to: hand, label: glare}", "9: `bulb` has not begun yet; move this message down"),
        ("{from: hand, to: bulb, label: tap}", "9: `bulb` has not begun yet"),
        ("{from: bulb, to: bulb, label: hums}", "9: `bulb` has not begun yet"),
        ("{from: foot, to: hand, label: kick}", "9: there is no lifeline `foot`; name one by its id"),
        ("{from: hand, to: foot, label: tickle}", "9: there is no lifeline `foot`; name one by its id"),
        ("{from: foot, to: foot, label: stamps}", "9: there is no lifeline `foot`; name one by its id"),
        ("{from: hand, to: hand, label: rests, step: 4}", "9: there is no step 4: there are 3 steps; write the number"),
        ("{from: hand, to: bulb, label: makes, begins: bulb}", "11: `bulb` begins twice; keep the first"),
        ("{from: hand, to: hand, label: wakes, begins: hand}", "9: `hand` begins with a message from elsewhere"),
        ("{from: hand, to: hand, label: goes, ends: foot}", "9: `foot` ends with a message of its own; write `foot`"),
    ],
)
def test_a_message_that_cannot_be_drawn_is_one_problem_at_its_line(line: str, expected: str) -> None:
    (found,) = problems(LIFE.replace("messages:\n", f"messages:\n  - {line}\n"))
    assert found.startswith(f"{NAME}:{expected}")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{from: bulb, to: hand, label: light}", "13: `bulb` has ended before; move this message up, or the end down"),
        ("{from: hand, to: bulb, label: tap}", "13: `bulb` has ended before"),
        ("{from: hand, to: hand, label: sleeps, ends: bulb}", "13: `bulb` ends twice; keep one of the two"),
    ],
)
def test_a_message_after_the_end_is_one_problem_at_its_line(line: str, expected: str) -> None:
    (found,) = problems(f"{LIFE}  - {line}\n")
    assert found.startswith(f"{NAME}:{expected}")


def test_each_key_of_a_message_has_its_own_line() -> None:
    spread = LIFE.replace(
        "{from: hand, to: hand, label: takes one}", "from: hand\n    to: foot\n    label: x\n    step: 9"
    )
    assert problems(spread) == [
        f"{NAME}:10: there is no lifeline `foot`; name one by its id",
        f"{NAME}:12: there is no step 9: there are 3 steps; write the number of one",
    ]


def test_where_there_are_no_steps_no_message_names_one() -> None:
    assert problems(LIFE, steps=0) == [
        f"{NAME}:10: there is no step 1: there are no steps here; remove it",
        f"{NAME}:12: there is no step 3: there are no steps here; remove it",
    ]


BOXES, ARROWS = LAMP[LAMP.index("  boxes:") : LAMP.index("  arrows:")], LAMP[LAMP.index("  arrows:") :]
LIFELINES, MESSAGES = LIFE[LIFE.index("  lifelines:") : LIFE.index("  messages:")], LIFE[LIFE.index("  messages:") :]


@pytest.mark.parametrize(
    ("forms", "told"),
    [
        (BOXES + LIFELINES + MESSAGES, "keep one of the two forms"),
        (BOXES + MESSAGES, "keep one of the two forms"),
        (LIFELINES + MESSAGES + ARROWS, "keep one of the two forms"),
        (LIFELINES, "has lifelines or messages alone; write both"),
        (MESSAGES, "has lifelines or messages alone; write both"),
        (ARROWS, "shows nothing; write `boxes`, or `lifelines` and `messages`"),
        ("", "shows nothing; write `boxes`, or `lifelines` and `messages`"),
    ],
)
def test_a_picture_has_one_of_two_forms(forms: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        model_of(parse_document(LAMP[: LAMP.index("  boxes:")] + forms, NAME))
