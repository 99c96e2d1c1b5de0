"""What people wrote, rendered as seen from one page; and how tall a note will stand."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from render.excerpts import highlight
from render.links import Links, experiment_page, href, lines_id, resolver
from render.notes import Note, Text
from render.prose import plain_text, render, render_line
from render.views import Choice, NoteView

_WIDTH = 60
"""Characters on one line of a note in two columns, at the width where the site is most often read."""

_GAP = 0.6
"""The space below a note, in lines."""

_FOLD = " ✓ More"
"""What follows a note's last word while its deeper part is folded."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Renders texts for the page `here`; `experiments` are titles by slug."""

    links: Links
    experiments: Mapping[str, str]
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

    def observed(self, slugs: tuple[str, ...]) -> tuple[Choice, ...]:
        """The experiments behind a claim."""
        pages = ((self.experiments[slug], experiment_page(slug)) for slug in slugs)
        return tuple(Choice(title, href(page, "", self.here), False) for title, page in pages)

    def note(self, note: Note) -> NoteView:
        """A note on the page of its own file."""
        span = note.anchor.span
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
        )


def note_height(note: Note) -> float:
    """How tall a note stands beside the code, in lines of code, its deeper part folded and the gap below it counted."""
    paragraphs = [plain_text(part) for part in note.body.markdown.strip().split("\n\n")]
    paragraphs[-1] += _FOLD
    lines = sum(math.ceil(len(text) / _WIDTH) for text in (plain_text(note.title.markdown), *paragraphs))
    return lines + (len(paragraphs) - 1) / 2 + _GAP
