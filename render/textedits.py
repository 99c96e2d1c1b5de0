"""Some lines of text as an edit of others."""

from collections.abc import Iterator, Sequence

from render.diff import Run, match_lines
from render.views import EditView, PieceView
from render.words import Piece, match_words, pair_lines


def edit_texts(old: Sequence[str], new: Sequence[str]) -> tuple[EditView, ...]:
    """Every line of both in order; in a change the removed ones come first."""
    return tuple(_edits(old, new))


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[EditView]:
    at_old = at_new = 0
    for run in (*match_lines(old, new), Run(len(old) + 1, len(new) + 1, 0)):
        yield from _changed(old[at_old : run.old - 1], new[at_new : run.new - 1])
        at_old, at_new = run.old - 1 + run.length, run.new - 1 + run.length
        yield from (_edit(" ", (Piece(text, False),)) for text in new[run.new - 1 : at_new])


def _changed(removed: Sequence[str], added: Sequence[str]) -> Iterator[EditView]:
    old, new = ([_whole(text) for text in texts] for texts in (removed, added))
    for one, other in pair_lines(removed, added):
        old[one], new[other] = match_words(removed[one], added[other])
    yield from (_edit("-", pieces) for pieces in old)
    yield from (_edit("+", pieces) for pieces in new)


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, True),)


def _edit(sign: str, pieces: Sequence[Piece]) -> EditView:
    is_edited = not all(piece.changed for piece in pieces)
    return EditView(sign, tuple(PieceView(piece.text, is_edited and piece.changed) for piece in pieces))
