"""What became of the definitions of a package: of its classes, functions and module-level variables."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeAlias

from render.changes import Change
from render.diff import MOVED_LINES, FilePair
from render.source import SourceFile, Span, Spot
from render.symbols import MODULE, find_symbols, module_name
from render.syntax import find_syntax

_Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_Scope: TypeAlias = ast.Module | _Definition
_Named: TypeAlias = _Definition | ast.Assign | ast.AnnAssign
_Node: TypeAlias = ast.stmt | ast.Module
_Text: TypeAlias = tuple[str, ...]
_Place: TypeAlias = tuple[PurePosixPath, str]
"""The file and the name of a definition, of which a release has one."""

_FILES = 1024
"""More files than all releases have that differ; what is kept of each is smaller than its tree."""


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a file calls by one name: a property is there with its setter, a function with its other branch.

    `own` are its lines without those of definitions inside it, and `shape` is what these do, whatever they look like.
    `signature` is source text, each definition of the name on lines of its own; None for a module and for variables.
    `nameless` are its lines, without indentation, blank ones and its own name; none for a module, which moves as a
    file does.
    """

    file: SourceFile
    name: str
    parent: str
    spans: tuple[Span, ...]
    own: _Text
    shape: _Text
    signature: str | None
    nameless: _Text

    @property
    def dotted(self) -> str:
        """The name that Python knows it by."""
        module = module_name(self.file.path)
        return module if self.name == MODULE else f"{module}.{self.name}"

    @property
    def spot(self) -> Spot:
        return Spot(self.file.path, self.spans[0])


@lru_cache(maxsize=_FILES)
def find_definitions(file: SourceFile) -> Mapping[str, Definition]:
    """By name, in the order of their lines, the module itself first; none for what this Python cannot parse."""
    syntax = find_syntax(file)
    if syntax is None:
        return {}
    symbols = [symbol for symbol in find_symbols(file) if symbol.kind != "variable" or symbol.parent == MODULE]
    nodes = {_key(node): node for node in ast.walk(syntax.module) if isinstance(node, _Named)}
    found: dict[str, list[tuple[Span, _Node]]] = {MODULE: [(Span(1, len(file)), syntax.module)]}
    inner: dict[str, list[Span]] = {}
    for symbol in symbols:
        name = "" if symbol.kind == "variable" else symbol.name.rpartition(".")[2]
        node = nodes[symbol.line if name else symbol.span.first, symbol.span.last, name]
        found.setdefault(symbol.name, []).append((symbol.span, node))
        inner.setdefault(symbol.parent, []).append(symbol.span)
    parents = {MODULE: "", **{symbol.name: symbol.parent for symbol in symbols}}
    named = frozenset(id(node) for parts in found.values() for _, node in parts)
    return {
        name: Definition(
            file,
            name,
            parents[name],
            tuple(span for span, _ in parts),
            tuple(line for span, _ in parts for line in _own(file, span, inner.get(name, ()))),
            tuple(_dump(_statements(node) if isinstance(node, _Scope) else node, named) for _, node in parts),
            _signatures(node for _, node in parts),
            _nameless(name, (line for span, _ in parts for line in file.cut(span))),
        )
        for name, parts in found.items()
    }


def compare_definitions(pairs: Sequence[FilePair]) -> Iterator[Change]:
    """What became of each definition; the pairs must be all files of both releases, without those not parsed in one.

    A definition is renamed or moved if its text is the same but for the name and the indentation, has at least
    `MOVED_LINES` lines, blank ones not counted, and is like no other definition of either release. What goes or comes
    with the class, function or file around it is not told by itself.
    """
    old = [{} if pair.old is None else find_definitions(pair.old) for pair in pairs]
    new = [{} if pair.new is None else find_definitions(pair.new) for pair in pairs]
    both = tuple(zip(old, new, strict=True))
    removed = [one for before, after in both for one in before.values() if one.name not in after]
    added = [one for before, after in both for one in after.values() if one.name not in before]
    moved = tuple(_moved(removed, added, _count(old), _count(new)))
    for one, other in moved:
        same = one.file.path == other.file.path and one.parent == other.parent
        kind = "renamed" if same else "moved"
        yield Change("definition", kind, one.dotted, one.dotted, other.dotted, one.spot, other.spot)
    for one in _outermost(removed, [one for one, _ in moved]):
        yield Change("definition", "removed", one.dotted, None, None, one.spot, None)
    for one in _outermost(added, [one for _, one in moved]):
        yield Change("definition", "added", one.dotted, None, None, None, one.spot)
    for before, after in both:
        yield from (change for name in before if name in after for change in _compare(before[name], after[name]))


def is_layout(old: SourceFile, new: SourceFile) -> bool:
    """Whether two files differ in comments, docstrings and layout only; never for what this Python cannot parse."""
    before = _code(old)
    return before is not None and before == _code(new)


@lru_cache(maxsize=_FILES)
def _code(file: SourceFile) -> str | None:
    """What a file does, whatever it looks like."""
    syntax = find_syntax(file)
    return _dump(syntax.module, frozenset()) if syntax else None


def _moved(
    removed: Iterable[Definition], added: Iterable[Definition], old: Counter[_Text], new: Counter[_Text]
) -> Iterator[tuple[Definition, Definition]]:
    """Outer definitions first; what is inside one that moved went with it."""
    targets = {one.nameless: one for one in added if new[one.nameless] == 1}
    found: list[Definition] = []
    for one in sorted(removed, key=lambda one: one.name.count(".")):
        text = one.nameless
        if len(text) >= MOVED_LINES and old[text] == 1 and text in targets and not _inside(one, _places(found)):
            found.append(one)
            yield one, targets[text]


def _count(files: Iterable[Mapping[str, Definition]]) -> Counter[_Text]:
    return Counter(one.nameless for definitions in files for one in definitions.values())


def _nameless(name: str, lines: Iterable[str]) -> _Text:
    if name == MODULE:
        return ()
    own_name = re.compile(rf"\b{name.rpartition('.')[2]}\b")
    return tuple(own_name.sub("\0", line.strip()) for line in lines if line.strip())


def _outermost(some: Sequence[Definition], moved: Collection[Definition]) -> Iterator[Definition]:
    """Those that neither moved nor are inside another one of these, nor in a file that is there only once."""
    around, gone = _places(some), _places(moved)
    return (one for one in some if (one.file.path, one.name) not in gone and not _inside(one, around))


def _places(some: Iterable[Definition]) -> frozenset[_Place]:
    return frozenset((one.file.path, one.name) for one in some)


def _inside(one: Definition, others: Collection[_Place]) -> bool:
    """Whether one of the others, all of its release, is around it; a module is around all that it defines."""
    parents = [one.name[:end] for end, character in enumerate(one.name) if character == "."]
    return any((one.file.path, parent) in others for parent in (MODULE, *parents))


def _compare(before: Definition, after: Definition) -> Iterator[Change]:
    if before.own == after.own:
        return
    was, now = before.signature, after.signature
    layout = before.shape == after.shape
    if was != now:
        yield Change("definition", "signature", after.dotted, was, now, before.spot, after.spot)
    if not layout:
        yield Change("definition", "body", after.dotted, None, None, before.spot, after.spot)
    elif was == now:
        yield Change("definition", "layout", after.dotted, None, None, before.spot, after.spot)


def _signatures(nodes: Iterable[_Node]) -> str | None:
    texts: list[str] = []
    for node in nodes:
        if isinstance(node, _Definition):
            texts += [f"@{ast.unparse(decorator)}" for decorator in node.decorator_list] + [_signature(node)]
    return "\n".join(texts) or None


def _signature(node: _Definition) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, (*node.bases, *node.keywords)))
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    start = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{start} {node.name}({ast.unparse(node.args)}){returns}"


def _dump(node: object, without: frozenset[int]) -> str:
    """As `ast.dump` has it, but for docstrings and for the nodes whose identities are given."""
    if isinstance(node, list):
        return f"[{', '.join(_dump(part, without) for part in node if id(part) not in without)}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, _Scope):
        fields["body"] = _statements(node)
    return f"{type(node).__name__}({', '.join(f'{name}={_dump(value, without)}' for name, value in fields.items())})"


def _statements(scope: _Scope) -> list[ast.stmt]:
    """Its body without the docstring."""
    return scope.body if ast.get_docstring(scope, clean=False) is None else scope.body[1:]


def _key(node: _Named) -> tuple[int, int, str]:
    """Its first line (that of `def`, not of a decorator), its last, and its name if that is not a variable's."""
    return node.lineno, node.end_lineno or 0, node.name if isinstance(node, _Definition) else ""


def _own(file: SourceFile, span: Span, inside: Iterable[Span]) -> _Text:
    taken = {line for other in inside for line in range(other.first, other.last + 1)}
    return tuple(file.line(line) for line in range(span.first, span.last + 1) if line not in taken)
