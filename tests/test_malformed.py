"""What an author may write wrong, each as one edit of a sound project, told by `annotated check` at its exact line.

An edit puts one text in another's place. The problem is expected on the line that holds the marker.
"""

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from render.build import build, draft_site
from render.cache import Cache
from render.cli import app
from render.document import MAX_BYTES
from render.manifest import manifest_text
from render.project import Project
from render.survey import survey
from tests.tiny import RELEASE, write_tiny_project

NOTES = "annotations/1.0/kettle/boiler.yaml"
COIL = "annotations/1.0/kettle/parts/coil.yaml"
LID = "annotations/1.0/kettle/lid.yaml"
POT = "annotations/1.0/kettle/pot.yaml"
CHAPTER = "annotations/1.0/chapters/boil.yaml"
INDEX = "annotations/1.0/chapters/index.yaml"

Case = tuple[str, str, str, str]
"""What is replaced, by what, the marker, and the telling part of the message."""

YAML: tuple[Case, ...] = (
    ("tags: [order]", "tags: [order", "- id: never-above", "not YAML"),
    ("title: Ordered by heat", "title: Ordered: by heat", "Ordered:", "not YAML"),
    ("observed: [boiling-takes-eight-steps]\n", "tags: 'order", "'order", "scalar that begins at line 28, found unexp"),
    ("title: Ordered by heat", "title: @heat", "@heat", "not YAML"),
    ("  tags: [order]", "   tags: [order]", "tags: [order]", "not YAML"),
    ("  tags: [order]", "\ttags: [order]", "tags: [order]", "a tab character; indent with spaces"),
    ("Ten degrees at a time", "Ten degrees\tat a time", "Ten degrees", "a tab character"),
    ("  tags: [order]", "  tags: [order]\r", "tags: [order]", "a carriage return; save the file with plain newlines"),
    ("file: kettle", "\ufefffile: kettle", "kettle", "a byte-order mark; save the file as UTF-8 without one"),
    ("Ordered by heat", "Ordered\u2028by heat", "Ordered", "U+2028; remove it"),
    ("Ordered by heat", "Ordered\u202eby heat", "Ordered", "U+202E; remove it"),
    ("Ordered by heat", "Ordered\u200bby heat", "Ordered", "U+200B; remove it"),
    ("Ordered by heat", "Ordered by #1 of all", "Ordered", "a comment begins at ` #`; set it apart by two spaces, or"),
    ("body: |\n    A `B", "body: |\n  A `B", "A `B", "not YAML: while scanning a simple key that begins at li"),
    ("|\n    The coil", "|\n \n   The coil", "  The coil", "not YAML: more indented follow up line than first"),
    ("Ordered by heat", "Ordered\x00by heat", "Ordered", "U+0000; remove it"),
    ("Ordered by heat", '"Ordered \\e[31mby heat"', "31mby", "U+001B; remove it"),
    ("Ordered by heat", '"Ordered \\ud800by heat"', "ud800", "U+D800; remove it"),
    ("Ordered by heat", '"\\UFFFFFFFF"', "UFFFFFFFF", "not YAML"),
    ("file: kettle", "%YAML 1.0\n---\nfile: kettle", "%YAML", "not YAML"),
    ("title: Ordered", "id: again\n  title: Ordered", "id: again", "the key `id` stands at line 5 too; keep one"),
    ("notes:", "notes: []\nnotes:", "notes:\n", "the key `notes` stands at line 4 too; keep one"),
    ("id: whole-boiler", "id: &whole whole-boiler", "&whole", "an anchor `&whole`; write the value out where it is us"),
    ("tags: [order]", "tags: *order", "*order", "an alias `*order`; write the value out"),
    ("notes:", "a: &a [x, x]\nb: &b [*a, *a]\nnotes:", "a: &a", "an anchor `&a`"),
    ("tags: [order]", "<<: {tags: [order]}", "<<:", "a merge key `<<`; write the keys out"),
    ("title: Ordered", "title: !!python/name:os.system Ordered", "!!python", "a tag `tag:yaml.org,2002:python/name:os"),
    ("tags: [order]", f"tags: {'[' * 20}{']' * 20}", "tags: [[", "nested more than 16 deep; flatten it"),
    ("title: Ordered by heat", "title: Ordered\n    by heat", "title: Ordered", "text of several lines that YAML fold"),
    ("body: |\n    A `B", "body: >\n    A `B", "body: >", "text of several lines that YAML folds; write `|`"),
    ("title: Ordered by heat", '"title": "Ordered\\nby heat"', '"title"', "text of several lines that YAML folds"),
    ("title: Ordered by heat", "? title\n  : Ordered by heat", "? title", "no colon follows the key `title`"),
    ("tags: [order]", "? [tags]\n  : order", "[tags]", "a key that is not text; write `key: value`"),
    ("- id: never-above", "---\n- id: never-above", "- id: never-above", "a second document begins here; keep one to"),
    ("    20, 30, 40\n", "    20, 30, 40\n...\n---\nfile: a\n", "file: a", "a second document begins here; keep one t"),
)

KEYS: tuple[Case, ...] = (
    ("file: kettle/boiler.py", "file: [kettle/boiler.py]", "file:", "`file` is a list, not text; write text"),
    ("file: kettle/boiler.py", "file: {a: b}", "file:", "`file` is a mapping, not text; write text"),
    ("file: kettle/boiler.py", "file:", "file:", "`file` is empty; write it"),
    ("file: kettle/boiler.py\n", "", "summary:", "the key `file` is missing; add it"),
    ("summary: |\n  A loop around [[Coil.heat]].", "summary: [a]", "summary:", "`summary` is a list, not text"),
    ("summary: |\n  A loop around [[Coil.heat]].", "summary:", "summary:", "`summary` is empty; write it"),
    ("notes:", "note:", "note:\n", "unknown key `note`; remove it or spell it as the schema does"),
    ("- id: whole-boiler", "- heat\n- id: whole-boiler", "- heat", "`notes` is 'heat', not a mapping"),
    ("id: whole-boiler", "id: [whole-boiler]", "id: [", "`id` is a list, not text"),
    ("id: whole-boiler", "id:", "- id:", "`id` is empty"),
    ("id: whole-boiler", "id: Whole-Boiler", "Whole-", "`id` is 'Whole-Boiler', which does not match"),
    ("id: whole-boiler", "id: whole_boiler", "whole_", "which does not match"),
    ("id: whole-boiler", "id: -whole-", "-whole-", "which does not match"),
    ("id: whole-boiler", "id: whole boiler", "whole boiler", "which does not match"),
    ("id: whole-boiler", "id: ../boiler", "../", "which does not match"),
    ("id: whole-boiler", f"id: {'a' * 61}", "aaa", "`id` has 61 characters and may have 60; shorten it"),
    ("id: whole-boiler", "id: never-above", "- id: never-above\n  lines: 33", f"stands at {NOTES}:5 too; give this no"),
    ("lines: 16-41", "lines: {from: 16, to: 41}", "lines: {", "`lines` is a mapping, not text"),
    ("lines: 16-41", "lines:", "lines:\n", "`lines` is empty"),
    ("lines: 16-41", "lines: sixteen", "sixteen", "`lines` is 'sixteen', which does not match"),
    ("lines: 16-41", "lines: 0-41", "0-41", "`lines` is '0-41', which does not match"),
    ("lines: 16-41", "lines: 016-41", "016", "which does not match"),
    ("lines: 16-41", "lines: 16 - 41", "16 - 41", "which does not match"),
    ("lines: 16-41", "lines: -41", "lines: -41", "which does not match"),
    ("lines: 16-41", "lines: 16\u201341", "16\u201341", "which does not match"),
    ("lines: 16-41", "lines: 1e1", "1e1", "which does not match"),
    ("lines: 16-41", "lines: ١٦", "١٦", "which does not match"),
    ("lines: 16-41", f"lines: {'9' * 5000}", "9999", "which does not match"),
    ("lines: 16-41", "lines: 41-16", "41-16", "`lines`: 41-16 runs backwards; write the smaller number first"),
    ("  lines: 16-41\n", "", "- id: whole-boiler", "the key `lines` is missing; add it"),
    ("in: Boiler\n", "in: [Boiler]\n", "in: [", "`in` is a list, not text"),
    ("in: Boiler\n", "inside: Boiler\n", "inside:", "unknown key `inside`"),
    ("  in: Boiler\n", "", "lines: 16-41", "note `whole-boiler`: `in`, `opens` or `digest` is missing; run `annotated"),
    ("digest: b796ad27d33f", "digest: B796AD27D33F", "B796", "`digest` is 'B796AD27D33F', which does not match"),
    ("digest: b796ad27d33f", "digest: b796", "b796", "which does not match"),
    ("digest: b796ad27d33f", "digest: [b796ad27d33f]", "b796", "`digest` is a list, not text"),
    ('opens: "def boil(self):"', "opens: {def boil(self)}", "opens: {", "no colon follows the key"),
    ("title: Ordered by heat", "title:", "title:\n", "`title` is empty"),
    ("title: Ordered by heat", 'title: " "', 'title: " "', "`title` is empty"),
    ("title: Ordered by heat", "title: [a, b]", "title: [", "`title` is a list, not text"),
    ("title: Ordered by heat", f"title: {'a' * 121}", "aaa", "`title` has 121 characters and may have 120"),
    ("  title: Ordered by heat\n", "", "- id: whole-boiler", "the key `title` is missing; add it"),
    ("body: |\n    A `Boiler` is *less* than another that is hotter.", "body: |", "body: |\n  tags", "`body` is empty"),
    ("  body: |\n    A `Boiler` is *less* than another that is hotter.\n", "", "- id: whole", "`body` is missing"),
    ("tags: [order]", "tags: order", "tags: order", "`tags` is 'order', not a list; write a list"),
    ("tags: [order]", "tags:", "tags:", "`tags` is '', not a list; write a list"),
    ("tags: [order]", "tags: [[order]]", "[[order]]", "`tags` is a list, not text"),
    ("tags: [order]", "tags: [Order]", "Order]", "`tags` is 'Order', which does not match"),
    ("tags: [order]", "tags:\n  - order\n  - heat\n  - order", "tags:", "`tags`: `order` is named twice; keep one"),
    ("tags: [order]", "tag: [order]", "tag:", "unknown key `tag`"),
    ("tags: [order]", "more: ''", "more: ''", "`more` is empty; write it, or remove the key"),
    ("observed: [boiling-takes-eight-steps]", "observed: {a: b}", "observed:", "`observed` is a mapping, not a list"),
)

SPANS: tuple[Case, ...] = (
    ("lines: 16-41", "lines: 42", "lines: 42", "kettle/boiler.py has 41 lines, not 42; choose lines inside it"),
    ("lines: 16-41", "lines: 16-9999999", "9999999", "has 41 lines, not 9999999"),
    ("lines: 16-41", "lines: 15-41", "15-41", "lines 15-41 open on a blank line (15); leave it out"),
    ("lines: 16-41", "lines: 16-19", "16-19", "lines 16-19 close on a blank line (19); leave it out"),
    ("lines: 16-41", "lines: 11-41", "11-41", "lines 11-41 cut through the string that spans 9-13; take it whole or"),
    ("lines: 16-41", "lines: 16-36", "16-36", "lines 16-36 cut through the bracket that spans 35-38; take it whole"),
    ("lines: 16-41", "lines: 17-41", "17-41", "lines 17-41 cut through the decorator that spans 16-17; take it who"),
    ("lines: 16-41", "lines: 16-40", "16-40", "kettle/boiler.py lines 16-40 read otherwise than when the note was w"),
    ("lines: 16-41", "lines: 40", "lines: 40", "that text stands nowhere in this release; read both, mend the note"),
    ("lines: 33-38", "lines: 30-35", "30-35", "lines 30-35 cut through"),
    ("lines: 33-38", "lines: 26-31", "26-31", "that text stands at kettle/boiler.py:33-38; mend `lines` and run `an"),
    ("in: Boiler.boil", "in: Boiler.chill", "lines: 33-38", "stand in Boiler.boil, and `in` says Boiler.chill; read"),
    ('opens: "def boil', 'opens: "def chill', "lines: 33-38", "open with `def boil(self):`, and `opens` says `def chi"),
    ("digest: b796ad27d33f", "digest: 000000000000", "lines: 33-38", "read otherwise than when the note was written"),
)

TEXTS: tuple[Case, ...] = (
    ("A `Boiler` is", "A boiler<br/> is", "<br/>", "raw HTML `<br/>`; write Markdown, or put it in backquotes"),
    ("A `Boiler` is", "A <script src=//example.org> is", "<script", "raw HTML `<script src=//example.org>`"),
    ("A `Boiler` is *less*", "One\n\n    <div onclick=alert(1)>\n\n    two *less*", "<div", "raw HTML `<div onclick=a"),
    ("A `Boiler` is", "A <!-- boiler --> is", "<!--", "raw HTML `<!-- boiler -->`"),
    ("Ordered by heat", "Ordered by <img src=x onerror=y>", "<img", "raw HTML `<img src=x onerror=y>`"),
    ("Ordered by heat", "<div>Ordered by heat</div>", "<div>", "`title`: not one line of words, or it holds a link"),
    ("Ordered by heat", "Ordered by [[Coil.heat]]", "Ordered by [[", "`title`: not one line of words, or it holds a l"),
    ("Ordered by heat", "Ordered by [heat](https://example.org)", "](", "`title`: not one line of words, or it holds"),
    ("Ordered by heat", "1. Ordered by heat", "1. Ord", "`title`: not one line of words"),
    ("Ordered by heat", "'~~~ [[Coil.heat]]'", "~~~", "`title`: not one line of words"),
    ("Ordered by heat", "'# Ordered by heat'", "# Ord", "`title`: not one line of words"),
    ("Ordered by heat", "|\n    Ordered\n    by heat", "title: |", "`title`: not one line of words"),
    ("Ordered by heat", "Ordered by ![heat](heat.png)", "![heat]", "an image; pictures are drawn when the site is bui"),
    ("Ten degrees at a time:", "Ten</script>:", "</script>", "raw HTML `</script>`"),
    ("Ten degrees at a time:", "![ten](https://example.org/ten.png)", "![ten]", "an image"),
    ("Ten degrees at a time:", "# Ten degrees", "# Ten", "a heading; the title is the only heading"),
    ("Ten degrees at a time:", "Ten degrees\n    ---", "Ten degrees", "a heading"),
    ("Ten degrees", "[Ten](javascript:alert(1)) degrees", "javascript", "a link to `javascript:alert(1)`; link to htt"),
    ("Ten degrees", "[Ten](data:text/html,x) degrees", "data:", "a link to `data:text/html,x`"),
    ("Ten degrees", "[Ten](http://example.org) degrees", "http:", "a link to `http://example.org`"),
    ("Ten degrees", "[Ten](boiler.html) degrees", "boiler.html", "a link to `boiler.html`"),
    ("Ten degrees", "<javascript:alert(1)> Ten degrees", "javascript", "a link to `javascript:alert(1)`"),
    ("Ten degrees", "Ten [degrees](https://example.org at a time", "Ten [deg", "looks like a link and is none"),
    ("    20, 30, 40\n    ```\n", "    20, 30, 40\n", "```python", "code that begins with ``` and never ends; close i"),
    ("is *less* than", "is `less than", "less than", "has a backquote without its second; close it"),
    ("is *less* than", "is [[Coil.heat than", "[[Coil.heat than", "opens a reference and is none; write `[[target]]`"),
    ("is *less* than", "is Coil.heat]] than", "Coil.heat]] than", "closes a reference and is none; write `[[target]]`"),
    ("is *less* than", "is [[]] than", "[[]]", "opens a reference and is none"),
    ("is *less* than", "is [[Coil.heat|]] than", "[[Coil.heat|]]", "opens a reference and is none"),
    ("is *less* than", "is [[Coil.heat|<b>less</b>]] than", "less</b>", "has Markdown in its wording, which is shown"),
    ("hotter.", "hotter.\n\n    [less]: https://example.org", "[less]:", "a link's definition, which is not shown"),
)

REFERENCES: tuple[Case, ...] = tuple(
    ("is *less* than", f"is\n    [[{target}]] than", target, f"[[{target}]]: {said}")
    for target, said in (
        ("Boiler.chill", "nothing is called `Boiler.chill` in 1.0; name a definition, as in Arbiter.run"),
        ("kettle.lid", "nothing is called `kettle.lid`"),
        ("setting:timeout", "there is no setting `timeout` in 1.0"),
        ("note:never-below", "there is no note `never-below`; write the id of one"),
        ("chapter:freeze", "there is no chapter `freeze`; write the name of its file"),
        ("experiment:boiling", "there is no experiment `boiling` that was run; record it, or mend the slug"),
        ("file:kettle/pot.py", "kettle/pot.py is not a file of 1.0; name one that is"),
        ("file:../LICENSE", "../LICENSE is not a file of 1.0"),
        ("bug:12", "`bug:` is no kind of reference; use change:, chapter:, commit:, experiment:, file:"),
        ("issue:0", "`0` names no issue; it must match"),
        ("issue:#12", "`#12` names no issue; it must match"),
        ("pr:twelve", "`twelve` names no pr; it must match"),
        ("rfc:9112#", "`9112#` names no rfc; it must match"),
        ("rfc:9112#six", "`9112#six` names no rfc; it must match"),
        ("rfc:٩", "`٩` names no rfc; it must match"),
        ("pep:33333", "`33333` names no pep; it must match"),
        ("commit:54d35d", "`54d35d` names no commit; it must match"),
        ("commit:HEAD", "`HEAD` names no commit; it must match"),
        ("CVE-2024-113", "`CVE-2024-113` names no CVE; it must match"),
        ("CVE:2024-1135", "`CVE:` is no kind of reference"),
        ("man:accept", "`accept` names no man; it must match"),
        ("man:accept(9)", "`accept(9)` names no man; it must match"),
        ("man:../accept(2)", "`../accept(2)` names no man; it must match"),
    )
)

CHAPTERS: tuple[Case, ...] = (
    ("outro:", "end: x\noutro:", "end:", "unknown key `end`; remove it or spell it as the schema does"),
    ("question: What happens between the switch and the steam?\n", "", "title: From", "the key `question` is missing"),
    ("title: From cold to boiling", "title: [a]", "title: [", "`title` is a list, not text"),
    ("title: From cold to boiling", "title: From [[Boiler]]", "title: From", "`title`: not one line of words"),
    ("question: What", f"question: {'What ' * 50}", "question:", "characters and may have 240; shorten it"),
    ("intro: |\n  Water is cold at first.", "intro: ''", "intro:", "`intro` is empty"),
    ("Water is cold", "Water <svg onload=x> is cold", "<svg", "raw HTML `<svg onload=x>`"),
    ("Now pour.", "Now [[pour]].", "[[pour]]", "nothing is called `pour`"),
    ("- note: never-above", "- note: never-below", "never-below", "there is no note `never-below`; write the id of on"),
    ("- note: never-above", "- note: never-above\n  lines: 33-38", "- note", "has `note` and keys of its own span; ke"),
    ("- note: never-above\n  title", "- title", "- title: It heats", "shows nothing; name a `note`, or a `file` and i"),
    ("- file: kettle/boiler.py\n  lines", "- lines", "- lines", "`steps`: shows nothing; name a `note`, or a `file`"),
    ("- file: kettle/boiler.py", "- file: kettle/pot.py", "lines: 22-24", "step 1: kettle/pot.py is not a file of 1.0"),
    ("- file: kettle/boiler.py", "- file: /etc/passwd", "/etc/passwd", "`/etc/passwd` leaves the release or is not pl"),
    ("lines: 22-24", "lines: 24-22", "24-22", "24-22 runs backwards"),
    ("lines: 22-24", "lines: 23-24", "23-24", "step 1: kettle/boiler.py lines 23-24 open with `self.degrees = degrees"),
    ("  in: Boiler.__init__\n", "", "lines: 22-24", "step 1: `in`, `opens` or `digest` is missing; run `annotated sta"),
    ("process: the kitchen", "process: the <i>kitchen</i>", "process:", "`process`: shown as it stands, without Markd"),
    ("process: the kitchen", "process: the [[Boiler]]", "process:", "`process`: shown as it stands, without Markdown"),
    ("observed: [boiling-takes-eight-steps]", "observed: [boiling]", "observed:", "no experiment `boiling` that was r"),
    ("title: It starts at", "title: It `starts at", "It `starts", "has a backquote without its second"),
    ("steps:\n", "steps:\n- text\n", "- text\n", "`steps` is 'text', not a mapping"),
    ("  messages:", "  boxes: [{id: a, label: A, at: '1,1', link: Boiler}]\n  messages:", "picture:", "two forms"),
    (
        "  lifelines:",
        "  arrows: []\n  lifelines:",
        "picture:",
        "has boxes or arrows, and lifelines or messages; keep one of the two forms",
    ),
    ("  lifelines:", "  boxes: []\n  lifelines:", "boxes: []", "`boxes` has no item; write one"),
    ("link: Boiler}", "link: Pot}", "link: Pot", "nothing is called `Pot` in 1.0"),
    (
        "{id: cook, label",
        "{id: boiler, label: Pot, link: Boiler}\n  - {id: cook, label",
        "id: boiler, label: The",
        "two li",
    ),
    ("from: cook, to", "from: maid, to", "maid", "there is no lifeline `maid`; name one by its id"),
    ("to: boiler, label: boils", "to: pot, label: boils", "pot", "there is no lifeline `pot`; name one by its id"),
    ("begins: boiler", "begins: cook", "begins: cook", "`cook` begins with a message from elsewhere to itself; wr"),
    ("from: cook, to", "from: boiler, to", "from: boiler", "`boiler` begins with a message from elsewhere to itself"),
    ("label: boils, ends: boiler", "label: boils, ends: cook", "ends: cook", "`cook` ends with a message of its own"),
    ("step: 2}", "step: 2}\n  - {from: cook, to: boiler, label: off}", "label: off", "`boiler` has ended before; move"),
    ("step: 2", "step: 3", "step: 3", "there is no step 3: there are 2 steps; write the number of one"),
    ("step: 2", "step: 0", "step: 0", "`step` is '0', which does not match"),
    ("step: 2", "step: two", "step: two", "`step` is 'two', which does not match"),
    ("label: boils", "label: '*boils*'", "*boils*", "`label`: shown as it stands, without Markdown"),
    ("label: boils", f"label: {'boils ' * 11}", "boils boils", "characters and may have 60; shorten it"),
)

INDEXES: tuple[Case, ...] = (
    ("title: The kettle, annotated\n", "", "intro:", "the key `title` is missing"),
    ("Start with", "Start <a href=x> with", "<a href", "raw HTML `<a href=x>`"),
    ("[[chapter:boil]]", "[[chapter:boiling]]", "boiling", "there is no chapter `boiling`; write the name of its file"),
    ("chapters: [boil]", "chapters: [boil, freeze]", "chapters:", "there is no chapter `freeze`; remove it"),
    ("chapters: [boil]", "chapters:\n- boil\n- index", "- index", "there is no chapter `index`; remove it"),
    ("chapters: [boil]", "chapters:\n- boil\n- 'boil'", "'boil'", "the chapter `boil` is listed twice; keep one"),
    ("chapters: [boil]", "chapters: []", "chapters:", "the chapter `boil` is not listed; put it where it is to be r"),
    ("chapters: [boil]", "chapters: boil", "chapters:", "`chapters` is 'boil', not a list"),
    ("to: coil", "to: spoon", "to: spoon", "there is no box `spoon`; name one by its id"),
    ("arrows:", "- {id: coil, label: Cup, at: '3,1', link: Coil}\n  arrows:", "Cup", "two boxes are called `coil`; re"),
    ("link: Coil}", "link: Spoon}", "link: Spoon", "nothing is called `Spoon`"),
    ("link: Coil}", 'link: "[[Coil]]"}', "[[Coil]]", "nothing is called `[[Coil]]`"),
    ("label: Coil,", "label: <b>Coil</b>,", "<b>Coil", "`label`: shown as it stands, without Markdown"),
    ("label: heat}", "label: '`heat`'}", "`heat`", "`label`: shown as it stands, without Markdown"),
    ('at: "2,1"', 'at: "0,1"', "0,1", "`at` is '0,1', which does not match"),
    ("kind: kernel", "kind: kernal", "kernal", "`kind` is 'kernal', which does not match"),
    ("description: The boiler", "description: The *boiler*", "*boiler*", "`description`: shown as it stands"),
    ("  boxes:", "  lifelines: []\n  boxes:", "lifelines: []", "`lifelines` has no item; write one"),
    ("to: coil, label: heat}", "to: coil, label: heat, step: 1}", "step", "unknown key `step`; remove it or spell it"),
)


def check(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `annotated check` prints; it must end as for an author's mistake, or well."""
    monkeypatch.chdir(project.root)
    done = CliRunner().invoke(app, ["check"], catch_exceptions=False)
    assert done.exit_code == (0 if "all hold on" in done.output else 1)
    return done.output.splitlines()


def edit(project: Project, path: str, old: str, new: str) -> str:
    """The file's text after an edit."""
    file = project.root / path
    before = file.read_text(encoding="utf-8")
    assert old in before, "the project is not as this case expects"
    after = before.replace(old, new, 1)
    file.write_bytes(after.encode())
    return after


def expect_one(project: Project, path: str, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, marker, telling = case
    after = edit(project, path, old, new)
    line = after[: after.index(marker)].count("\n") + 1
    (told,) = check(project, monkeypatch)
    assert told.startswith(f"{path}:{line}: ")
    assert telling in told
    assert len(told) < 400


def test_the_project_is_sound_before_any_edit(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = check(tiny_project, monkeypatch)
    assert "all hold on" in told


@pytest.mark.parametrize("case", [*YAML, *KEYS, *SPANS, *TEXTS, *REFERENCES], ids=lambda case: f"{case[1]!r:.40}")
def test_whatever_is_wrong_in_notes_is_one_problem_at_its_line(
    tiny_project: Project, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_one(tiny_project, NOTES, case, monkeypatch)


@pytest.mark.parametrize("case", CHAPTERS, ids=lambda case: f"{case[1]!r:.40}")
def test_whatever_is_wrong_in_a_chapter_is_one_problem_at_its_line(
    tiny_project: Project, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_one(tiny_project, CHAPTER, case, monkeypatch)


@pytest.mark.parametrize("case", INDEXES, ids=lambda case: f"{case[1]!r:.40}")
def test_whatever_is_wrong_in_the_index_is_one_problem_at_its_line(
    tiny_project: Project, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_one(tiny_project, INDEX, case, monkeypatch)


def write(project: Project, path: str, text: str | bytes) -> None:
    file = project.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


NOTE = "notes:\n- {id: a, lines: 1, title: A, body: A}\n"


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (LID, "", "1: the file is empty; begin with the keys that its schema names"),
        (LID, "# to be written\n", "1: the file is empty; begin with the keys"),
        (LID, "- file: kettle/lid.py\n", "1: the top of the file is not a mapping"),
        (LID, "kettle/lid.py\n", "1: the top of the file is not a mapping"),
        (LID, "null\n", "1: the top of the file is not a mapping"),
        (LID, "{" * 5000, "1: nested more than 16 deep"),
        (LID, b"file: kettle/lid.py\nsummary: \xe9\n", "1: not UTF-8 (byte 29); save the"),
        (LID, "file: kettle/lid.py\n".encode("utf-16"), "1: not UTF-8 (byte 0)"),
        (LID, "#" * (MAX_BYTES + 1), "1: the file has 1048577 bytes and may have 1048576"),
        (LID, b"\x00" * 100, "1: not YAML for us: the character U+0000; remove it"),
        (LID, "file: kettle/boiler.py\n", f"1: the notes on kettle/boiler.py belong in {NOTES}"),
        (LID, "file: ../boiler.py\n", "1: `file`: `../boiler.py` leaves the release"),
        (LID, "file: kettle/../boiler.py\n", "1: `file`: `kettle/../boiler.py` leaves"),
        (LID, "file: /kettle/lid.py\n", "1: `file`: `/kettle/lid.py` leaves the release or"),
        (LID, "file: kettle\\lid.py\n", "1: `file`: `kettle\\lid.py` leaves the release"),
        (LID, "file: ./kettle/lid.py\n", "1: `file`: `./kettle/lid.py` leaves the release"),
        (LID, "file: kettle//lid.py\n", "1: `file`: `kettle//lid.py` leaves the release"),
        (LID, "file: .\n", "1: `file`: `.` leaves the release or is not plain"),
        (POT, "summary: A pot.\nfile: kettle/pot.py\n", "2: kettle/pot.py is not a file of 1.0"),
        (POT, f"file: kettle/pot.py\n{NOTE}", "1: kettle/pot.py is not a file of 1.0; name one"),
        ("annotations/1.0/LICENSE.yaml", f"file: LICENSE\n{NOTE}", "1: LICENSE is not a file of 1.0; name one that is"),
        ("annotations/1.0/kettle/lid.yml", "", "1: not read: notes and chapters stand in files called *.yaml"),
        ("annotations/1.0/kettle/lid.YAML", "", "1: not read: notes and chapters stand in files called *.yaml"),
        ("annotations/1.0/kettle/lid.md", "", "1: not read: notes and chapters stand in files called *.yaml"),
        ("annotations/kettle/lid.yaml", "", "1: in no release's folder; move it below one of 1.0"),
        ("annotations/lid.yaml", "", "1: in no release's folder; move it below one of 1.0"),
        ("annotations/2.0/kettle/lid.yaml", "", "1: in no release's folder; move it below one of 1.0"),
        ("annotations/observations/steam.yaml", "", "1: not read: what stands here is JSON, in files called *.json"),
        ("annotations/schema/notes.yaml", "", "1: not read: what stands here is JSON, in files called *.json"),
        ("annotations/1.0/chapters/steam/boil.yaml", "", "1: not read: chapters stand in chapters/ itself; move it"),
        ("annotations/1.0/chapters/boil.yml", "", "1: not read: notes and chapters stand in files called *.yaml"),
        ("annotations/1.0/chapters/Boil.yaml", "", "1: the file is empty; begin with the keys"),
    ],
)
def test_a_file_that_says_nothing_or_stands_in_the_wrong_place_is_a_problem(
    tiny_project: Project, path: str, text: str | bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tiny_project, path, text)
    (problem,) = check(tiny_project, monkeypatch)
    assert problem.startswith(f"{path}:{told}")


def test_a_chapter_must_be_listed_and_its_file_have_a_slug_for_a_name(
    tiny_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = (tiny_project.root / CHAPTER).read_text(encoding="utf-8")
    write(tiny_project, "annotations/1.0/chapters/Cold Tea.yaml", chapter)
    write(tiny_project, "annotations/1.0/chapters/steam.yaml", chapter)
    assert check(tiny_project, monkeypatch) == [
        "annotations/1.0/chapters/Cold Tea.yaml:1: `Cold Tea` is no name for a chapter; it must match "
        "^[a-z0-9]+(-[a-z0-9]+)*$",
        f"{INDEX}:12: the chapter `steam` is not listed; put it where it is to be read",
    ]


def test_chapters_without_an_index_are_a_problem(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny_project.root / INDEX).unlink()
    assert check(tiny_project, monkeypatch) == [f"{INDEX}:1: there are chapters and no index; write one"]


def test_a_chapter_without_a_step_is_a_problem(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tiny_project, CHAPTER, "title: T\nquestion: Q\nintro: I\nsteps: []\noutro: O\n")
    edit(tiny_project, INDEX, "[[chapter:boil]]", "the coil")
    assert check(tiny_project, monkeypatch) == [f"{CHAPTER}:4: `steps` has no item; write one"]


def test_a_symbolic_link_is_a_problem_wherever_it_leads(
    tiny_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tiny_project, "elsewhere/lid.yaml", "file: kettle/lid.py\nsummary: Opens and shuts.\n")
    folder = tiny_project.notes(RELEASE) / "kettle"
    (folder / "lid.yaml").symlink_to(tiny_project.root / "elsewhere" / "lid.yaml")
    (folder / "others").symlink_to(tmp_path, target_is_directory=True)
    (folder / "gone.yaml").symlink_to("nowhere")
    assert check(tiny_project, monkeypatch) == [
        f"annotations/1.0/kettle/{name}:1: a symbolic link; put the file itself here"
        for name in ("gone.yaml", "lid.yaml", "others")
    ]


def test_what_editors_leave_beside_a_file_is_not_read(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_project.notes(RELEASE) / "kettle"
    (folder / ".#boiler.yaml").symlink_to("someone@somewhere.1")
    write(tiny_project, "annotations/1.0/kettle/.boiler.yaml.swp", b"\x00")
    write(tiny_project, "annotations/.cache/a.yaml", b"\x00")
    (told,) = check(tiny_project, monkeypatch)
    assert "all hold on" in told


def test_an_id_that_stands_in_two_files_is_a_problem_in_the_second(
    tiny_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(tiny_project, COIL, "- id: coil-steps", "- id: never-above")
    edit(tiny_project, NOTES, "note:coil-steps", "note:never-above")
    assert check(tiny_project, monkeypatch) == [
        f"{COIL}:3: the id `never-above` stands at {NOTES}:14 too; give this note another"
    ]


def test_a_name_that_two_files_define_is_ambiguous(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor(tiny_project, "kettle/spare.py", "class Coil:\n    def heat(self):\n        pass\n")
    edit(tiny_project, CHAPTER, "[[Boiler]]", "[[kettle.spare.Coil.heat]]")
    told = check(tiny_project, monkeypatch)
    ambiguous = "is ambiguous; write one of kettle.parts.coil.Coil{0}, kettle.spare.Coil{0}"
    assert told == [
        f"{INDEX}:9: `Coil` {ambiguous.format('')}",
        f"{NOTES}:3: [[Coil.heat]]: `Coil.heat` {ambiguous.format('.heat')}",
    ]


def vendor(project: Project, path: str, text: str) -> None:
    """Put a file into the release, as upstream might have."""
    write(project, f"upstream/{RELEASE}/{path}", text)
    folder = project.tree(RELEASE)
    files = {PurePosixPath(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    project.manifest(RELEASE).write_text(manifest_text(project, RELEASE, files), encoding="utf-8")


def test_all_problems_of_all_files_are_told_at_once_and_in_order(
    tiny_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(tiny_project, NOTES, "lines: 16-41", "lines: 41-16")
    edit(tiny_project, NOTES, "lines: 33-38", "lines: 38-33")
    edit(tiny_project, NOTES, "title: Ordered", "titel: Ordered")
    edit(tiny_project, COIL, "lines: 5-6", "lines: 50-60")
    edit(tiny_project, CHAPTER, "- file: kettle/boiler.py", "- file: kettle/../boiler.py")
    edit(tiny_project, CHAPTER, "- note: never-above", "- file: /boiler.py\n  lines: 1")
    edit(tiny_project, INDEX, "chapters: [boil]", "chapters: [boil, steam]")
    told = check(tiny_project, monkeypatch)
    assert [line.partition(": ")[0] for line in told] == [
        f"{CHAPTER}:6",
        f"{CHAPTER}:15",
        f"{INDEX}:12",
        f"{NOTES}:5",
        f"{NOTES}:6",
        f"{NOTES}:10",
        f"{NOTES}:15",
        f"{COIL}:4",
    ]


@pytest.mark.parametrize("command", ["check", "build", "stamp"])
def test_from_the_shell_a_mistake_is_one_line_and_status_1(tiny_project: Project, command: str) -> None:
    edit(tiny_project, NOTES, "tags: [order]", "<<: {tags: [order]}")
    code = "from render.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, command], cwd=tiny_project.root, check=False, capture_output=True, text=True
    )
    assert done.stdout + done.stderr == f"{NOTES}:13: a merge key `<<`; write the keys out\n"
    assert done.returncode == 1
    assert not tiny_project.site.exists()


MARKS = (
    "[[ ]] | ` ``` ~~~ <b> </b> < > &lt; <!-- --> ![a](b) [a](https://a.b) [a]: ( ) * ** _ \\ \\[ # - 1. > --- === "
    "\" ' { } [ ] , : ? ! &a *a % @ |- 0 1-2 javascript:alert(1) <https://a.b> &nbsp; $ null true ~ {{x}} {%x%}"
)
FRAGMENTS = st.sampled_from(
    [*MARKS.split(), "\n", "\n\n", "\n    ", " #", ": ", "- ", "# ", "  \n", "\\\n", "[[Boiler]]", "[[Boiler|x]]"]
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for many edits, each taken back."""
    return write_tiny_project(tmp_path_factory.mktemp("whole") / "tiny")


@given(st.sampled_from([NOTES, COIL, CHAPTER, INDEX]), st.floats(0, 1), FRAGMENTS)
def test_whatever_is_put_in_anywhere_is_a_problem_at_a_line_of_its_file_or_does_no_harm(
    whole: Project, path: str, where: float, fragment: str
) -> None:
    file = whole.root / path
    before = file.read_text(encoding="utf-8")
    at = round(where * len(before))
    try:
        file.write_text(before[:at] + fragment + before[at:], encoding="utf-8")
        edition, problems = survey(whole)
    finally:
        file.write_text(before, encoding="utf-8")
    for problem in problems:
        text = (whole.root / problem.place.path).read_text(encoding="utf-8")  # of this file, or of one that names it
        assert 1 <= problem.place.line <= text.count("\n") + 3
        assert "\n" not in problem.message
    if not problems:
        dict(draft_site(edition, Cache(None, b"")).site)


HOSTILE = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_no_page_carries_script_that_stands_in_a_text_as_text(
    tiny_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoted = f"`{HOSTILE}`"
    edit(tiny_project, NOTES, "Ordered by heat", f"Heat {quoted}")
    edit(tiny_project, NOTES, "A `Boiler` is", f"A {quoted} 1 < 2 &lt;img src=x onerror=alert(2)&gt; [x&#58;]: is")
    edit(tiny_project, NOTES, "```python\n    20, 30, 40", f"```html\n    {HOSTILE}<img src=x onerror=alert(3)>")
    edit(tiny_project, NOTES, "[[note:coil-steps|its steps]]", f'[its "{quoted}](https://example.org/"onclick="x)')
    edit(tiny_project, CHAPTER, "From cold to boiling", f"From {quoted}")
    edit(tiny_project, CHAPTER, "What happens between", f"Is it {quoted}")
    edit(tiny_project, CHAPTER, "the kitchen", 'the "kitchen" & a < b')
    edit(tiny_project, INDEX, "label: Coil", 'label: "a < b & \'c"')
    edit(tiny_project, INDEX, "The kettle, annotated", f"The {quoted}")
    vendor(tiny_project, "kettle/steam.py", f'"""{HOSTILE}"""  # {HOSTILE}\n')
    (told,) = check(tiny_project, monkeypatch)
    assert "all hold on" in told
    pages = [Tags(content.decode()) for path, content in build_site(tiny_project) if path.suffix == ".html"]
    assert sum("".join(page.text).count(HOSTILE) for page in pages) >= 10
    for tag, attributes in (one for page in pages for one in page.tags):
        assert tag != "script" or str(attributes["src"]).endswith(".js")
        assert not any(name.startswith("on") or name in ("style", "srcdoc", "formaction") for name in attributes)
        address = attributes.get("href") or attributes.get("src") or ""
        assert ":" not in address or address.startswith("https://")


def build_site(project: Project) -> Iterator[tuple[PurePosixPath, bytes]]:
    yield from build(project, Cache(None, b""), lambda *_: None).items()
