"""Random edits of real files that keep account of where every line went.

Nothing here is shared with the code under test: each line of the documented text is a `Cell` that keeps its origin
through every edit, so that where a note's own lines went is looked up and never inferred.
"""

import ast
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeAlias

from render.anchors import Ground, find_bad_span
from render.grounds import ground_of
from render.source import SourceFile, Span, Spot, Tree

FILES = tuple(
    PurePosixPath("gunicorn", name)
    for name in ("app/base.py", "app/wsgiapp.py", "workers/sync.py", "workers/base.py", "http/errors.py", "config.py")
)

GENTLE = ("insert", "delete", "replace")
ALL = (*GENTLE, "copy", "move", "rename", "reindent", "duplicate", "remove")
MIXTURES = (GENTLE, ALL, ALL, ("remove", *ALL), ("move", "rename", "reindent"))

Origin: TypeAlias = tuple[PurePosixPath, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A line and where it comes from, None for a new one; `copy` if it was put there beside the line it came from."""

    text: str
    origin: Origin | None
    copy: bool
    edited: bool


Cells: TypeAlias = dict[PurePosixPath, list[Cell]]


class Editor:
    """Edits a few files at random; if `must_parse`, an edit that leaves no Python is taken back."""

    def __init__(self, texts: Mapping[PurePosixPath, Sequence[str]], chance: random.Random, must_parse: bool) -> None:
        self.cells: Cells = {
            path: [Cell(text, (path, line), False, False) for line, text in enumerate(lines, 1)]
            for path, lines in texts.items()
        }
        self.chance = chance
        self.must_parse = must_parse
        self.fresh = 0

    def edit(self, kinds: Sequence[str]) -> None:
        before = {path: list(cells) for path, cells in self.cells.items()}
        getattr(self, self.chance.choice(kinds))()
        changed = [path for path, cells in self.cells.items() if cells != before[path]]
        if self.must_parse and any(_parse(self.lines(path)) is None for path in changed):
            self.cells = before

    def lines(self, path: PurePosixPath) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells[path])

    def insert(self) -> None:
        cells, at = self._somewhere()
        cells[at:at] = [self._new(cells, at) for _ in range(self.chance.choice([1, 1, 2, 5]))]

    def delete(self) -> None:
        cells, at = self._somewhere()
        del cells[at : at + self.chance.choice([1, 1, 2, 4, 9])]

    def replace(self) -> None:
        cells, at = self._somewhere()
        for number in range(at, min(len(cells), at + self.chance.choice([1, 1, 2, 4]))):
            cells[number] = replace(cells[number], text=self._changed(cells[number].text), edited=True)

    def copy(self) -> None:
        """Some lines again, somewhere."""
        cells, at = self._somewhere()
        block = [replace(cell, copy=True) for cell in cells[at : at + self.chance.choice([1, 2, 4, 12])]]
        there, to = self._somewhere()
        there[to:to] = block

    def move(self) -> None:
        cells, at = self._somewhere()
        length = self.chance.choice([3, 5, 12, 30])
        block = cells[at : at + length]
        del cells[at : at + length]
        there, to = self._somewhere()
        there[to:to] = block

    def rename(self) -> None:
        """Another name for a definition."""
        cells, span, name = self._definition()
        self.fresh += 1
        for number in range(span.first - 1, span.last):
            text = re.sub(rf"\b(def|class) {name}\b", rf"\1 {name}_{self.fresh}", cells[number].text)
            if text != cells[number].text:
                cells[number] = replace(cells[number], text=text, edited=True)
                break

    def reindent(self) -> None:
        cells, span, _ = self._definition()
        for number in range(span.first - 1, span.last):
            if cells[number].text:
                cells[number] = replace(cells[number], text=f"    {cells[number].text}", edited=True)

    def duplicate(self) -> None:
        """A definition twice: once more after itself, or before or after another one."""
        cells, span, _ = self._definition()
        block = [replace(cell, copy=True) for cell in cells[span.first - 1 : span.last]]
        there, other, _ = self._definition() if self.chance.random() < 0.6 else (cells, span, "")
        at = self.chance.choice([other.first - 1, other.last])
        there[at:at] = [*block, Cell("", None, False, False)]

    def remove(self) -> None:
        """Delete a definition, one of those that stand twice if there are."""
        found = self._definitions()
        texts = ["\n".join(cell.text for cell in cells[span.first - 1 : span.last]) for cells, span, _ in found]
        twins = [one for one, text in zip(found, texts, strict=True) if texts.count(text) > 1]
        cells, span, _ = self.chance.choice(twins) if twins else self._definition()
        del cells[span.first - 1 : span.last]

    def _somewhere(self) -> tuple[list[Cell], int]:
        cells = self.cells[self.chance.choice(sorted(self.cells))]
        return cells, self.chance.randrange(len(cells) + 1)

    def _definition(self) -> tuple[list[Cell], Span, str]:
        found = self._definitions()
        cells = self.cells[min(self.cells)]
        return self.chance.choice(found) if found else (cells, Span(1, min(5, len(cells))), "none")

    def _definitions(self) -> list[tuple[list[Cell], Span, str]]:
        """Those of the files that are Python."""
        trees = [(cells, _parse(self.lines(path))) for path, cells in self.cells.items()]
        return [(cells, span, name) for cells, tree in trees if tree for span, name in _find_definitions(tree)]

    def _new(self, cells: Sequence[Cell], at: int) -> Cell:
        self.fresh += 1
        indent = re.match(" *", cells[at].text if at < len(cells) else "")
        text = self.chance.choice(["# new {}", "fresh_{} = call(fresh)", ""]).format(self.fresh)
        return Cell(f"{indent[0] if indent else ''}{text}" if text else "", None, False, False)

    def _changed(self, text: str) -> str:
        self.fresh += 1
        words = re.findall(r"\w+", text)
        if not words or self.chance.random() < 0.3:
            return f"{text}  # changed {self.fresh}"
        return text.replace(self.chance.choice(words), f"changed_{self.fresh}", 1)


def _parse(lines: Sequence[str]) -> ast.Module | None:
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return None


def _find_definitions(tree: ast.AST) -> Iterator[tuple[Span, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield Span(first, node.end_lineno or first), node.name
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from _find_definitions(node)


@dataclass(frozen=True)
class Case:
    """Two releases, the origin of every line of the second, and places for notes on the first."""

    old: Ground
    new: Ground
    cells: Cells
    spots: tuple[Spot, ...]


def make_case(seed: int, upstream: Tree, must_parse: bool) -> Case:
    """Some of the documented texts hold lookalikes too, so that one of them can be deleted from the other."""
    chance = random.Random(seed)
    paths = chance.sample(FILES, chance.choice([1, 2, 3]))
    writer = Editor({path: upstream.files[path].lines for path in paths}, chance, must_parse=True)
    for _ in range(chance.choice([0, 1, 2])):
        writer.edit(["duplicate", "duplicate", "copy"])
    old = {path: writer.lines(path) for path in paths}
    editor = Editor(old, chance, must_parse)
    kinds = chance.choice(MIXTURES)
    for _ in range(chance.choice([1, 2, 4, 8, 16])):
        editor.edit(kinds)
    before, after = make_ground(old), make_ground({path: editor.lines(path) for path in paths})
    return Case(before, after, editor.cells, tuple(_choose_spots(before, chance)))


def make_ground(texts: Mapping[PurePosixPath, Sequence[str]]) -> Ground:
    files = {path: SourceFile(path, "".join(f"{line}\n" for line in lines)) for path, lines in sorted(texts.items())}
    return ground_of(Tree("1.0", files))


def _choose_spots(old: Ground, chance: random.Random) -> Iterator[Spot]:
    for path, file in old.tree.files.items():
        for _ in range(15):
            first = chance.randint(1, len(file))
            span = Span(first, min(len(file), first + chance.choice([0, 0, 1, 2, 4, 9, 24])))
            if find_bad_span(path, span, old) is None:
                yield Spot(path, span)
