"""What pages show, as plain values: every decision made, every text rendered, every address relative.

Templates place these values and decide nothing. `Markup` fields are HTML, `str` fields are text to be escaped.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Choice:
    """A link in a list of which one entry may be where the reader is."""

    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around its own matter; `here` is the page's path in the site.

    `title` and `description` are for the browser and search engines. `previous` and `next` follow the order of reading.
    `licence` leads to the licence of the `package` whose code is shown.
    """

    here: PurePosixPath
    title: str
    description: str
    project: str
    package: str
    licence: str
    home: str
    releases: tuple[Choice, ...]
    sections: tuple[Choice, ...]
    previous: Choice | None
    next: Choice | None


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A folder (with `entries`, without `href`) or a file of the release.

    `percent` is how much of a file's code lies inside a note's span; None for a folder and for a file without code.
    `current` is the file shown; `open` is a folder on the way to it.
    """

    name: str
    href: str | None
    percent: int | None
    current: bool
    open: bool
    entries: tuple["TreeEntry", ...]


@dataclass(frozen=True, slots=True)
class BarView:
    """The piece of a note's gutter bar on one line; `first` and `last` mark its ends."""

    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class StopView:
    """One cell of a strip of releases: `standing` names what it shows, `words` say it; `href` leads there.

    What is as it was before has no `standing`: most cells are plain.
    """

    release: str
    standing: str
    words: str
    href: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of code: `id` is its element's id ("" where the page holds the line more than once), `href` its address.

    `bars` has one entry for each lane of the gutter, the widest spans leftmost, None where no bar runs; beside no note
    it is empty. `indent` is how many columns of white space open the line, in steps of four (0, 4, … 24 for that and
    more): where the line is too long for the screen, its rest is set in deeper than that. `ranges` are the ids of those
    ranges that begin here and that the site links to. `since` is the release in which the line first stood, where the
    line before is of another; `career` is the strip of the definition whose name the line holds.
    """

    number: int
    id: str
    href: str
    html: Markup
    bars: tuple[BarView | None, ...]
    indent: int
    ranges: tuple[str, ...]
    since: str = ""
    career: tuple[StopView, ...] = ()


@dataclass(frozen=True, slots=True)
class PieceView:
    """Some words of a line; `changed` tells those that the other text does not have."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class EditView:
    """A line of a text that was edited: `sign` is "+", "-" or, for one that both texts have, a space."""

    sign: str
    pieces: tuple[PieceView, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """An experiment behind what is said; `seen` tells on which releases, as in "differs from 22.0.0 on"."""

    text: str
    href: str
    seen: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note beside its lines. `lines` reads "42-44"; `written` is the place in its author's file.

    `home` is the release that it was written for. `edits` are the change to its lines since then, none where they read
    the same; `journey` has a cell for each release, and none for what is not carried. Its bar runs in `lane` of the
    gutter, 0 the leftmost.
    """

    id: str
    title: Markup
    body: Markup
    more: Markup | None
    lines: str
    lines_href: str
    first: int
    last: int
    observed: tuple[Claim, ...]
    tags: tuple[str, ...]
    written: str
    home: str = ""
    home_href: str = ""
    edits: tuple[EditView, ...] = ()
    journey: tuple[StopView, ...] = ()
    lane: int = 0
