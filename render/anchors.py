"""Does a note still stand beside its lines; if not, where its text may have gone."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from render.boundaries import open_structures
from render.notes import Anchor, Stamp
from render.problems import Problem
from render.source import SourceFile, Span, Tree
from render.symbols import Symbol, enclosing, index_symbols

CONTEXT = 2
"""Lines on each side of a span that, together with it, must be unique in its file."""

_STAMP_AGAIN = "read the note again and run `annotated stamp`"


@dataclass(frozen=True)
class Ground:
    """What anchors stand on: a release's files and, per file, the names it defines."""

    tree: Tree
    symbols: Mapping[PurePosixPath, tuple[Symbol, ...]]

    @cached_property
    def names(self) -> Mapping[str, tuple[Symbol, ...]]:
        """The release's definitions by every name that a reference may give them."""
        return index_symbols(symbol for symbols in self.symbols.values() for symbol in symbols)


def make_stamp(ground: Ground, path: PurePosixPath, span: Span) -> Stamp:
    """The stamp of a span that lies inside its file."""
    file = ground.tree.files[path]
    return Stamp(enclosing(ground.symbols[path], span), file.line(span.first).strip(), digest(file.cut_text(span)))


def digest(text: str) -> str:
    """The first 12 hex digits of the SHA-256 of a span's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def check_anchors(anchors: Iterable[Anchor], ground: Ground) -> Iterator[Problem]:
    """Everything that keeps an anchor from being proved, one problem each."""
    for anchor in anchors:
        message = find_bad_span(anchor.path, anchor.span, ground) or _stamp_fault(anchor, ground)
        if message:
            yield Problem(anchor.place, f"{anchor.label}: {message}")


def find_bad_span(path: PurePosixPath, span: Span, ground: Ground) -> str | None:
    """Why a span cannot carry a note, whatever its stamp; None when it can."""
    file = ground.tree.files.get(path)
    if file is None:
        return f"{path} is not a file of {ground.tree.release}; name one that is"
    if span.last > len(file):
        return f"{path} has {len(file)} lines, not {span.last}; choose lines inside it"
    for line, verb in ((span.first, "open"), (span.last, "close")):
        if not file.line(line).strip():
            return f"lines {span} {verb} on a blank line ({line}); leave it out"
    return _cut(file, span) or _twin(file, span)


def _cut(file: SourceFile, span: Span) -> str | None:
    before, after = open_structures(file, span.first - 1), open_structures(file, span.last)
    if before == after:
        return None
    cut = next(one for one in (*after[::-1], *before[::-1]) if one not in before or one not in after)
    return f"lines {span} cut through the {cut.kind} that spans {cut.span}; take it whole or leave it out"


def _twin(file: SourceFile, span: Span) -> str | None:
    """Another place of the same file where the same text stands in the same context."""
    wide = Span(max(1, span.first - CONTEXT), min(len(file), span.last + CONTEXT))
    text = file.cut(wide)
    for first in range(1, len(file) - len(text) + 2):
        alike = file.line(first) == text[0] and file.cut(Span(first, first + len(text) - 1)) == text
        if alike and first != wide.first:
            twin = first + span.first - wide.first
            return f"lines {span} with their context stand at line {twin} too; widen the span until it is unique"
    return None


def _stamp_fault(anchor: Anchor, ground: Ground) -> str | None:
    if anchor.stamp is None:
        return "`in`, `opens` or `digest` is missing; run `annotated stamp`"
    now = make_stamp(ground, anchor.path, anchor.span)
    if now == anchor.stamp:
        return None
    same = anchor.stamp.digest == now.digest
    advice = _STAMP_AGAIN if same else _advice(anchor.path, anchor.span, anchor.stamp, ground)
    return f"{_difference(anchor, anchor.stamp, now)}; {advice}"


def _difference(anchor: Anchor, said: Stamp, now: Stamp) -> str:
    where = f"{anchor.path} lines {anchor.span}"
    if said.digest != now.digest and said.opens != now.opens:
        return f"{where} open with `{now.opens}`, not `{said.opens}`"
    if said.digest != now.digest:
        return f"{where} read otherwise than when the note was written"
    if said.opens != now.opens:
        return f"{where} open with `{now.opens}`, and `opens` says `{said.opens}`"
    return f"{where} stand in {now.inside}, and `in` says {said.inside}"


def _advice(path: PurePosixPath, span: Span, said: Stamp, ground: Ground) -> str:
    found = find_text(path, span, said, ground)
    if not found:
        return "that text stands nowhere in this release; read both, mend the note, and run `annotated stamp`"
    places = ", ".join(f"{at}:{there}" for at, there in found[:5])
    return f"that text stands at {places}; mend `lines` and run `annotated stamp`"


def find_text(path: PurePosixPath, span: Span, said: Stamp, ground: Ground) -> tuple[tuple[PurePosixPath, Span], ...]:
    """Every place where text of the stamped digest stands now, best first: same file, same definition, nearest line.

    Only the digest is known, so places are found by hashing the runs of as many lines: those that open alike, or all
    if none of these is it, for `opens` may be what is wrong.
    """
    found = tuple(_runs(said.digest, len(span), ground, said.opens)) or _runs(said.digest, len(span), ground, None)

    def distance(place: tuple[PurePosixPath, Span]) -> tuple[bool, bool, int, str]:
        at, there = place
        inside = enclosing(ground.symbols[at], there)
        return at != path, inside != said.inside, abs(there.first - span.first), str(at)

    return tuple(sorted(found, key=distance))


def _runs(wanted: str, length: int, ground: Ground, opens: str | None) -> Iterator[tuple[PurePosixPath, Span]]:
    for path, file in ground.tree.files.items():
        for first in range(1, len(file) - length + 2):
            span = Span(first, first + length - 1)
            if opens in (None, file.line(first).strip()) and digest(file.cut_text(span)) == wanted:
                yield path, span
