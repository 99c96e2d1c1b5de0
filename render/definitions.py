"""What became of the definitions of a package: of its classes, functions and module-level variables."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from render.changes import Change
from render.diff import MOVED_LINES, FilePair
from render.source import SourceFile, Span, Spot
from render.symbols import MODULE, Symbol, find_symbols, module_name
from render.syntax import find_syntax

_Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_Scope: TypeAlias = ast.Module | _Definition
_Named: TypeAlias = _Definition | ast.Assign | ast.AnnAssign
_Text: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a file calls by one name: a property is there with its setter, a function with its other branch.

    `own` are its lines without those of definitions inside it; `whole` are all of them.
    """

    file: SourceFile
    name: str
    parent: str
    spans: tuple[Span, ...]
    nodes: tuple[ast.stmt | ast.Module, ...]
    own: _Text

    @property
    def dotted(self) -> str:
        """The name that Python knows it by."""
        module = module_name(self.file.path)
        return module if self.name == MODULE else f"{module}.{self.name}"

    @property
    def spot(self) -> Spot:
        return Spot(self.file.path, self.spans[0])

    @property
    def whole(self) -> _Text:
        return tuple(line for span in self.spans for line in self.file.cut(span))


def find_definitions(file: SourceFile) -> Mapping[str, Definition]:
    """By name, in the order of their lines, the module itself first; none for what this Python cannot parse."""
    syntax = find_syntax(file)
    if syntax is None:
        return {}
    named = [symbol for symbol in find_symbols(file) if symbol.kind != "variable" or symbol.parent == MODULE]
    nodes = {_key(node): node for node in ast.walk(syntax.module) if isinstance(node, _Named)}
    everything = Span(1, len(file))
    found = {MODULE: Definition(file, MODULE, "", (everything,), (syntax.module,), _own(file, everything, named))}
    for symbol in named:
        name = "" if symbol.kind == "variable" else symbol.name.rpartition(".")[2]
        node = nodes[symbol.line if name else symbol.span.first, symbol.span.last, name]
        own = _own(file, symbol.span, [other for other in named if other.parent == symbol.name])
        before = found.get(symbol.name)
        spans, siblings, lines = (before.spans, before.nodes, before.own) if before else ((), (), ())
        found[symbol.name] = Definition(
            file, symbol.name, symbol.parent, (*spans, symbol.span), (*siblings, node), (*lines, *own)
        )
    return found


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
        yield from (change for name in before if name in after for change in _compare(name, before, after))


def is_layout(old: SourceFile, new: SourceFile) -> bool:
    """Whether two files differ in comments, docstrings and layout only; never for what this Python cannot parse."""
    before, after = find_syntax(old), find_syntax(new)
    nothing: frozenset[int] = frozenset()
    return bool(before and after and _dump(before.module, nothing) == _dump(after.module, nothing))


def _moved(
    removed: Iterable[Definition], added: Iterable[Definition], old: Counter[_Text], new: Counter[_Text]
) -> Iterator[tuple[Definition, Definition]]:
    """Outer definitions first; what is inside one that moved went with it."""
    targets = {text: one for one in added if new[text := _nameless(one)] == 1}
    found: list[Definition] = []
    for one in sorted(removed, key=lambda one: one.name.count(".")):
        text = _nameless(one)
        if len(text) >= MOVED_LINES and old[text] == 1 and text in targets and not _inside(one, found):
            found.append(one)
            yield one, targets[text]


def _count(files: Iterable[Mapping[str, Definition]]) -> Counter[_Text]:
    return Counter(_nameless(one) for definitions in files for one in definitions.values())


def _nameless(one: Definition) -> _Text:
    """Its lines without indentation, blank lines and its own name; none for a module, which moves as a file does."""
    if one.name == MODULE:
        return ()
    name = re.compile(rf"\b{one.name.rpartition('.')[2]}\b")
    return tuple(name.sub("\0", line.strip()) for line in one.whole if line.strip())


def _outermost(some: Sequence[Definition], moved: Sequence[Definition]) -> Iterator[Definition]:
    """Those neither moved themselves nor inside another one of these, nor in a file that is there only once."""
    for one in some:
        if one not in moved and not _inside(one, moved) and not _inside(one, some):
            yield one


def _inside(one: Definition, others: Iterable[Definition]) -> bool:
    """Whether one of the others is around it; a module is around all that it defines."""
    around = {other.name for other in others if other.file == one.file}
    parents = [one.name[:end] for end, character in enumerate(one.name) if character == "."]
    return any(parent in around for parent in parents) or MODULE in around


def _compare(name: str, old: Mapping[str, Definition], new: Mapping[str, Definition]) -> Iterator[Change]:
    before, after = old[name], new[name]
    if before.own == after.own:
        return
    was, now = _signatures(before), _signatures(after)
    layout = _shape(before, old) == _shape(after, new)
    if was != now:
        yield Change("definition", "signature", after.dotted, was, now, before.spot, after.spot)
    if not layout:
        yield Change("definition", "body", after.dotted, None, None, before.spot, after.spot)
    elif was == now:
        yield Change("definition", "layout", after.dotted, None, None, before.spot, after.spot)


def _signatures(one: Definition) -> str | None:
    """As source text, each definition of the name on lines of its own; None for a module and for variables."""
    texts: list[str] = []
    for node in one.nodes:
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


def _shape(one: Definition, all_of_file: Mapping[str, Definition]) -> list[str]:
    """What its own statements do, whatever they look like."""
    inside = frozenset(id(node) for other in all_of_file.values() for node in other.nodes)
    return [_dump(_statements(node) if isinstance(node, _Scope) else node, inside) for node in one.nodes]


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


def _own(file: SourceFile, span: Span, inside: Iterable[Symbol]) -> _Text:
    taken = {line for symbol in inside for line in range(symbol.span.first, symbol.span.last + 1)}
    return tuple(file.line(line) for line in range(span.first, span.last + 1) if line not in taken)
