"""Change each line of real files in turn: `check` must report each note whose lines changed or moved, and no other.

The oracle shares nothing with the code under test. It compares plain lists of lines; it finds definitions by their
indentation, brackets and strings with a scanner of characters, and repeated text by searching.
`python -m tests.test_mutations` prints the figures.
"""

import ast
import hashlib
import io
import random
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import pytest

from render.anchors import Ground, check_anchors
from render.notes import Anchor, Stamp
from render.problems import Place
from render.source import SourceFile, Span, Tree
from render.symbols import find_symbols
from render.syntax import find_syntax_fault
from tests.test_boundaries import scan

PACKAGE = Path(__file__).resolve().parents[1] / "upstream" / "23.0.0" / "gunicorn"
FILES = {"errors.py": 1, "workers/workertmp.py": 1, "http/errors.py": 3, "app/base.py": 5}
"""Of the long files every third or fifth mutant is checked: that still changes each line, in one to three ways."""

RANDOM_SPANS = 25

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """A file after one change; `line` is where it was changed. What was echoed stands at the end of the file."""

    change: str
    line: int
    lines: Lines


def mutants(lines: Lines) -> Iterator[Mutant]:
    """Every line changed in every way."""
    for at, line in enumerate(lines):
        before, after, number = lines[:at], lines[at + 1 :], at + 1
        yield Mutant("edited", number, (*before, f"{line}  # edited", *after))
        yield Mutant("renamed", number, (*before, re.sub(r"(def|class) (\w+)", r"\1 renamed", line), *after))
        yield Mutant("continued", number, (*before, f"{line} \\", *after))
        yield Mutant("deleted", number, (*before, *after))
        yield Mutant("doubled", number, (*before, line, line, *after))
        yield Mutant("inserted above", number, (*before, "# inserted", line, *after))
        yield Mutant("swapped", number, (*before, *after[:1], line, *after[1:]))
        yield Mutant("echoed", number, (*lines, *lines[max(0, at - 4) : at + 5]))


class Oracle:
    """What can be known of a text that Python accepts without a line of `render`."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        text = "".join(f"{line}\n" for line in lines)
        self.definitions = tuple(find_definitions(text))
        self._structures = tuple(scan(text))
        self._searched = f"\n{text}"

    def inside(self, span: Span) -> str:
        around = [one for one in self.definitions if one[0].first <= span.first and span.last <= one[0].last]
        return min(around, key=lambda one: one[0].last - one[0].first, default=(span, "<module>"))[1]

    def stamp(self, span: Span) -> Stamp:
        digest = hashlib.sha256("".join(f"{line}\n" for line in self.cut(span)).encode()).hexdigest()
        return Stamp(self.inside(span), self.lines[span.first - 1].strip(), digest[:12])

    def cut(self, span: Span) -> Lines:
        return self.lines[span.first - 1 : span.last]

    def breaks(self, span: Span) -> bool:
        """Whether something is open on one side of the span and not on the other."""
        return any((first < span.first <= last) != (first <= span.last < last) for first, last, _ in self._structures)

    def is_ambiguous(self, span: Span) -> bool:
        around = "".join(f"{line}\n" for line in self.lines[max(0, span.first - 3) : span.last + 2])
        found = self._searched.find(f"\n{around}")
        return self._searched.find(f"\n{around}", found + 1) >= 0

    def can_carry(self, span: Span) -> bool:
        ends = (self.lines[span.first - 1], self.lines[span.last - 1])
        return all(map(str.strip, ends)) and not self.breaks(span) and not self.is_ambiguous(span)


def find_definitions(text: str) -> Iterator[tuple[Span, str]]:
    """Classes and functions with their decorators, found by how far they are indented."""
    opened: list[tuple[int, int, str]] = []  # depth, first line, name
    depth = last = 0
    decorated: int | None = None
    begins = True
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if not _is_void(token)]
    for at, token in enumerate(tokens):
        if token.type == tokenize.NEWLINE:
            begins, last = True, token.start[0]
        elif token.type == tokenize.INDENT:
            depth += 1
        elif token.type == tokenize.DEDENT:
            depth -= 1
        elif begins:
            begins = False
            while opened and opened[-1][0] >= depth:
                yield Span(opened[-1][1], last), ".".join(name for _, _, name in opened)
                opened.pop()
            if token.string in ("def", "class"):
                opened.append((depth, decorated or token.start[0], tokens[at + 1].string))
            decorated = (decorated or token.start[0]) if token.string == "@" else None


def _is_void(token: tokenize.TokenInfo) -> bool:
    return token.type in (tokenize.NL, tokenize.COMMENT)


def choose_spans(oracle: Oracle, seed: int) -> tuple[Span, ...]:
    """All definitions, and random spans that can carry a note."""
    chance = random.Random(seed)
    count = len(oracle.lines)
    spans = {span for span, _ in oracle.definitions if oracle.can_carry(span)}
    for _ in range(4000):
        if len(spans) >= RANDOM_SPANS + len(oracle.definitions):
            break
        first = chance.randint(1, count)
        span = Span(first, min(count, first + chance.choice([0, 0, 1, 2, 4, 9, 24])))
        if oracle.can_carry(span):
            spans.add(span)
    return tuple(sorted(spans))


def expected(span: Span, before: Oracle, after: Oracle) -> str | None:
    """Why a note on that span has to be reported after the change; None when it must not be."""
    if after.cut(span) != before.cut(span):
        return "text"
    if after.breaks(span):
        return "cut"
    if after.is_ambiguous(span):
        return "ambiguous"
    return "definition" if after.inside(span) != before.inside(span) else None


def must_be_untouched(span: Span, mutant: Mutant) -> bool:
    """Whether the change alone, whatever the texts, leaves the span's own lines as they were."""
    match mutant.change:
        case "edited" | "renamed" | "continued":
            return mutant.line not in span
        case "swapped":
            return mutant.line not in span and mutant.line + 1 not in span
        case "deleted" | "inserted above":
            return span.last < mutant.line
        case "doubled":
            return span.last <= mutant.line
    return True


def reported(path: PurePosixPath, lines: Lines, stamps: Sequence[tuple[Span, Stamp]]) -> set[Span]:
    """The spans of all notes that `check` reports on a file of these lines."""
    file = SourceFile(path, "".join(f"{line}\n" for line in lines))
    ground = Ground(Tree("1.0", {path: file}), {path: find_symbols(file)})
    notes = PurePosixPath("notes.yaml")
    anchors = [Anchor(path, span, stamp, "a note", Place(notes, line)) for line, (span, stamp) in enumerate(stamps, 1)]
    problems = list(check_anchors(anchors, ground))
    assert len({problem.place for problem in problems}) == len(problems)
    return {stamps[problem.place.line - 1][0] for problem in problems}


def run(name: str) -> Counter[str]:
    """Check every mutant of a file; gives the figures. Fails on the first note wrongly reported or passed over."""
    path = PurePosixPath("gunicorn") / name
    lines = tuple((PACKAGE / name).read_text(encoding="utf-8").split("\n")[:-1])
    before = Oracle(lines)
    spans = choose_spans(before, len(lines))
    stamps = [(span, before.stamp(span)) for span in spans]
    assert reported(path, lines, stamps) == set()
    figures = Counter({"lines": len(lines), "notes": len(spans)})
    for mutant in islice(mutants(lines), 0, None, FILES[name]):
        figures["mutants"] += 1
        text = "".join(f"{line}\n" for line in mutant.lines)
        if not is_python(text):
            assert find_syntax_fault(SourceFile(path, text)), mutant
            figures["not Python"] += 1
            continue
        after = Oracle(mutant.lines)
        why = {span: expected(span, before, after) for span in spans}
        assert reported(path, mutant.lines, stamps) == {span for span in spans if why[span]}, mutant
        for span in spans:
            assert why[span] != "text" or not must_be_untouched(span, mutant), (mutant, span)
        figures.update(f"reported: {reason}" if reason else "held" for reason in why.values())
    return figures


def is_python(text: str) -> bool:
    """Whether both Python's parser and its tokenizer accept a text: they disagree about some odd indentation."""
    try:
        ast.parse(text)
        list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return False
    return True


@pytest.mark.parametrize("name", FILES)
def test_each_note_whose_lines_changed_or_moved_is_reported_and_no_other(name: str) -> None:
    figures = run(name)
    assert figures["mutants"] >= 200
    assert figures["notes"] >= 30
    assert figures["held"] >= 10 * figures["mutants"]
    assert figures["reported: text"] >= 5 * figures["mutants"]
    assert figures["reported: ambiguous"] >= 5
    assert figures["reported: definition"] >= 5


def main() -> None:
    total = Counter[str]()
    for name in FILES:
        figures = run(name)
        total += figures
        print(f"{name}: {dict(figures)}")
    print(f"in all: {dict(total)}")


if __name__ == "__main__":
    main()
