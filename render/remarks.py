"""What people wrote, rendered as seen from one page; and how tall a note will stand."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.excerpts import highlight
from render.links import Links, file_page, href, lines_id, release_page, resolver
from render.notes import Text
from render.prose import plain_text, render, render_line
from render.renditions import Placed, Standing, Stop
from render.textedits import edit_texts
from render.views import Claim, NoteView, StopView

_WIDTH = 60
"""Characters on one line of a note in two columns, at the width where the site is most often read."""

_GAP = 0.6
"""The space below a note, in lines."""

_STRIP = " 237-246 " + "▪" * 9
"""What follows a note's title."""

_FOLD = " ✓ More"
"""What follows a note's last word while its deeper part is folded."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Renders texts for the page `here`; `seen` tells by slug on which releases an experiment was observed."""

    links: Links
    seen: Mapping[str, str]
    here: PurePosixPath

    def block(self, text: Text) -> Markup:
        """Paragraphs."""
        return render(text.markdown, resolver(self.links, self.here), highlight)

    def line(self, text: Text) -> Markup:
        """A title."""
        return render_line(text.markdown)

    def address(self, reference: str) -> str:
        """Where a checked reference leads."""
        return resolver(self.links, self.here)(reference).href

    def observed(self, slugs: tuple[str, ...]) -> tuple[Claim, ...]:
        """The experiments behind a claim."""
        found = ((slug, resolver(self.links, self.here)(f"experiment:{slug}")) for slug in slugs)
        return tuple(Claim(link.text, link.href, self.seen[slug]) for slug, link in found)

    def note(self, placed: Placed, lane: int) -> NoteView:
        """A note on the page of a file on which it stands, its bar in a lane of the gutter."""
        note, span = placed.note, placed.note.anchor.span
        home = file_page(placed.home, placed.written.path)
        return NoteView(
            note.id,
            self.line(note.title),
            self.block(note.body),
            self.block(note.more) if note.more else None,
            str(span),
            f"#{lines_id(span)}",
            span.first,
            span.last,
            self.observed(note.observed),
            note.tags,
            str(note.place),
            placed.home,
            href(home, note.id, self.here),
            edit_texts(placed.before, placed.now) if placed.before != placed.now else (),
            self.journey(note.id, placed.journey),
            lane,
        )

    def journey(self, note: str, stops: tuple[Stop, ...]) -> tuple[StopView, ...]:
        """How a note stands on each release."""
        return tuple(self._stop(note, stop) for stop in stops)

    def _stop(self, note: str, stop: Stop) -> StopView:
        words = f"{stop.release}: {WORDS[stop.standing]}"
        if stop.spot:
            words += f", lines {stop.spot.span}" if len(stop.spot.span) > 1 else f", line {stop.spot.span}"
            page = file_page(stop.release, stop.spot.path)
        else:
            page = release_page(stop.release)
        address = None if stop.standing == "absent" else href(page, note, self.here)
        standing = "" if stop.standing == "kept" else stop.standing
        return StopView(stop.release, standing, words, address, page == self.here)


WORDS: Mapping[Standing, str] = {
    "written": "the note was written here",
    "kept": "the same lines",
    "moved": "the same text elsewhere",
    "edited": "the text was changed",
    "lost": "no place for the note",
    "absent": "not there",
}
"""What a strip says of a note, by its standing."""


def note_height(placed: Placed) -> float:
    """How tall a note stands beside the code, in lines of code, without what is folded, with the gap below it."""
    note = placed.note
    paragraphs = [plain_text(part) for part in note.body.markdown.strip().split("\n\n")]
    paragraphs[-1] += _FOLD
    lines = sum(math.ceil(len(text) / _WIDTH) for text in (plain_text(note.title.markdown) + _STRIP, *paragraphs))
    return lines + (placed.before != placed.now) + (len(paragraphs) - 1) / 2 + _GAP
