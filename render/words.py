"""What changed within a line: which older line a newer one comes from, and which of its words are new."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

LIKENESS = 0.5
"""Two lines are one line edited when at least this share of their words is the same."""

_MOST = 2_500
"""More combinations of lines than this are not tried, and the lines count as rewritten."""

_Alignment: TypeAlias = tuple[float, tuple[tuple[int, int], ...]]
"""The likeness of some pairs of lines in all, and those pairs."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_INKED = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line; `changed` tells whether the other line lacks it."""

    text: str
    changed: bool


def match_words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both lines in pieces; those that did not change are the same in both, and in one order."""
    if new < old:
        after, before = match_words(new, old)
        return before, after
    before_words, after_words = _WORDS.findall(old), _WORDS.findall(new)
    blocks = SequenceMatcher(None, before_words, after_words, autojunk=False).get_matching_blocks()
    return (
        _pieces(before_words, [(block.a, block.size) for block in blocks]),
        _pieces(after_words, [(block.b, block.size) for block in blocks]),
    )


def pair_lines(old: Sequence[str], new: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Which lines of a hunk's older side became which of the newer, by their places there (counted from 0), in order.

    The pairs with the greatest likeness in all, none of them below `LIKENESS`: Needleman and Wunsch's alignment.
    """
    if not 0 < len(old) * len(new) <= _MOST:
        return ()
    candidates = [_words(line) for line in new]
    best: list[list[_Alignment]] = [[(0.0, ())] * (len(new) + 1)]
    for one, words in enumerate(map(_words, old)):
        row: list[_Alignment] = [(0.0, ())]
        for other, candidate in enumerate(candidates):
            choices = [best[-1][other + 1], row[-1]]
            likeness = _likeness(words, candidate)
            if likeness >= LIKENESS:
                total, pairs = best[-1][other]
                choices.append((total + likeness, (*pairs, (one, other))))
            row.append(max(choices, key=lambda choice: choice[0]))
        best.append(row)
    return best[-1][-1][1]


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """The share of words that stand in both, in no order; no line is like a blank one."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if old and new else 0.0


def _words(line: str) -> Counter[str]:
    """How often each word stands in a line, white space aside."""
    return Counter(_INKED.findall(line))


def _pieces(words: Sequence[str], kept: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The words joined to as few pieces as there are; `kept` holds where unchanged words begin, and their number."""
    pieces: list[Piece] = []
    done = 0
    for start, size in kept:
        for text, changed in (("".join(words[done:start]), True), ("".join(words[start : start + size]), False)):
            if text and pieces and pieces[-1].changed == changed:
                pieces[-1] = Piece(pieces[-1].text + text, changed)
            elif text:
                pieces.append(Piece(text, changed))
        done = start + size
    return tuple(pieces)
