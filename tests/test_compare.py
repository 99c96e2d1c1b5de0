"""What two releases are told to differ in: small packages before and after, and what a reader must be told."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from textwrap import dedent

import pytest

from render.changes import SUBJECTS, Change
from render.compare import Comparison, compare, narrow
from render.source import SourceFile, Tree, read_tree
from tests.upstream import REPOSITORY

A = "kettle/a.py"

LONG = """\
def boil(self):
    while self.cold():
        self.heat()
    return self
"""


def tree(release: str, files: Mapping[str, str]) -> Tree:
    return Tree(
        release,
        {PurePosixPath(name): SourceFile(PurePosixPath(name), dedent(text)) for name, text in sorted(files.items())},
    )


def compared(old: Mapping[str, str], new: Mapping[str, str]) -> Comparison:
    return compare(tree("1.0", old), tree("2.0", new))


def told(old: Mapping[str, str], new: Mapping[str, str], subject: str) -> list[tuple[str, ...]]:
    """The changes of one subject: kind, name, and what it was and is now where that is said."""
    return [
        (change.kind, change.name, *(text for text in (change.was, change.now) if text is not None))
        for change in compared(old, new).changes
        if change.subject == subject
    ]


def method(parent: str, name: str = "boil") -> str:
    body = LONG.replace("boil", name)
    return f"class {parent}:\n" + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param("", "def f(): pass", [("added", "f")], id="function added"),
        pytest.param("class A:\n  def f(self): pass", "", [("removed", "A")], id="a class goes with its methods"),
        pytest.param("class A:\n  x = 1", "class A:\n  x = 1\n  def f(self): pass", [("added", "A.f")], id="method"),
        pytest.param("X = 1", "X = 2", [("body", "X")], id="variable"),
        pytest.param("X = 1", "X = 1  # one", [("layout", "X")], id="comment beside a variable"),
        pytest.param("import a", "import b", [("body", "")], id="an import is the module's own"),
        pytest.param("# a", "# b", [("layout", "")], id="a comment on top"),
        pytest.param("def f(a): pass", "def f(a, b): pass", [("signature", "f", "def f(a)", "def f(a, b)")], id="args"),
        pytest.param("def f(a): pass", "def f(a):\n  return 1", [("body", "f")], id="body"),
        pytest.param(
            "def f(a): pass",
            "def f(b): return b",
            [("body", "f"), ("signature", "f", "def f(a)", "def f(b)")],
            id="both",
        ),
        pytest.param("class A: pass", "class A(B): pass", [("signature", "A", "class A", "class A(B)")], id="bases"),
        pytest.param(
            "def f(): pass", "async def f(): pass", [("signature", "f", "def f()", "async def f()")], id="async"
        ),
        pytest.param(
            "def f(): pass", "@g\ndef f(): pass", [("signature", "f", "def f()", "@g\ndef f()")], id="decorator"
        ),
        pytest.param(
            "def f():\n  'a'\n  g()", "def f():\n  'b'\n\n  g( )  # c", [("layout", "f")], id="layout and docstring"
        ),
        pytest.param("def f():\n  'a'", "def f():\n  a = 'a'", [("body", "f")], id="a docstring that became code"),
        pytest.param(
            "class A:\n  x = 1\n  def f(self): pass",
            "class A:\n  x = 2\n  def f(self): pass",
            [("body", "A")],
            id="attribute",
        ),
        pytest.param(
            "class A:\n  def f(self): g()", "class A:\n  def f(self): h()", [("body", "A.f")], id="only the method"
        ),
        pytest.param(
            "def f():\n  def g(): a()\n  g()", "def f():\n  def g(): b()\n  g()", [("body", "f.g")], id="inner function"
        ),
        pytest.param("def f(): g()\ndef h(): i()", "def h(): i()\ndef f(): g()", [], id="the order of definitions"),
        pytest.param(
            "class A:\n  @property\n  def f(self): g()\n  @f.setter\n  def f(self, x): h()",
            "class A:\n  @property\n  def f(self): g()\n  @f.setter\n  def f(self, x): i()",
            [("body", "A.f")],
            id="a property is one with its setter",
        ),
        pytest.param(
            LONG, LONG.replace("boil", "cook"), [("renamed", "boil", "kettle.a.boil", "kettle.a.cook")], id="renamed"
        ),
        pytest.param("def f(): g()", "def h(): g()", [("added", "h"), ("removed", "f")], id="too short to be renamed"),
        pytest.param(
            LONG,
            LONG.replace("boil", "cook") + LONG.replace("boil", "stew"),
            [("removed", "boil"), ("added", "cook"), ("added", "stew")],
            id="either",
        ),
        pytest.param(
            LONG + LONG.replace("boil", "cook"),
            LONG.replace("boil", "cook") + LONG.replace("boil", "stew"),
            [("removed", "boil"), ("added", "stew")],
            id="a lookalike",
        ),
        pytest.param(
            method("A"), method("B"), [("renamed", "A", "kettle.a.A", "kettle.a.B")], id="a class with its methods"
        ),
        pytest.param(
            method("A") + "class B: pass\n",
            "class A: pass\n" + method("B"),
            [("body", "A"), ("moved", "A.boil", "kettle.a.A.boil", "kettle.a.B.boil"), ("body", "B")],
            id="to another class",
        ),
        pytest.param(
            method("A"),
            method("Base") + "class A(Base): pass\n",
            [
                ("body", "A"),
                ("moved", "A.boil", "kettle.a.A.boil", "kettle.a.Base.boil"),
                ("signature", "A", "class A", "class A(Base)"),
                ("added", "Base"),
            ],
            id="to a new base class",
        ),
    ],
)
def test_definitions(old: str, new: str, changes: list[tuple[str, ...]]) -> None:
    expected = [(kind, f"kettle.a.{name}".rstrip("."), *rest) for kind, name, *rest in changes]
    assert sorted(told({A: old}, {A: new}, "definition")) == sorted(expected)


def test_a_function_moved_to_another_file_is_followed_and_one_in_a_new_file_is_not_told_by_itself() -> None:
    old = {A: LONG}
    new = {A: "", "kettle/b.py": LONG + "def other(): pass\n"}
    assert told(old, new, "definition") == [("moved", "kettle.a.boil", "kettle.a.boil", "kettle.b.boil")]


UNIQUE = "".join(f"x{number} = {number}\n" for number in range(8))


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"a.py": "x"}, {"a.py": "x"}, []),
        ({"a.py": ""}, {"a.py": "", "b.py": ""}, [("added", "b.py")]),
        ({"a.py": "", "b.py": ""}, {"b.py": ""}, [("removed", "a.py")]),
        ({"a.py": "x = 1"}, {"a.py": "x = 2"}, [("edited", "a.py")]),
        ({"a.py": "x = 1"}, {"a.py": "'Doc.'\nx =  1  # one"}, [("layout", "a.py")]),
        ({"a.py": "f()\ng()"}, {"a.py": "g()\nf()"}, [("edited", "a.py")]),
        ({"a.txt": "x = 1"}, {"a.txt": "x =  1"}, [("edited", "a.txt")]),
        ({"a.py": "x ="}, {"a.py": "x = "}, [("edited", "a.py")]),
        ({"a.py": UNIQUE}, {"b.py": UNIQUE}, [("renamed", "b.py", "a.py", "b.py")]),
        (
            {"a.py": UNIQUE},
            {"b.py": UNIQUE.replace("x7", "y")},
            [("edited", "b.py"), ("renamed", "b.py", "a.py", "b.py")],
        ),
        (
            {"a.py": UNIQUE},
            {"b.py": UNIQUE.replace("1", "2").replace("x", "y")},
            [("removed", "a.py"), ("added", "b.py")],
        ),
        (
            {"a.py": UNIQUE},
            {"b.py": UNIQUE, "c.py": UNIQUE},
            [("removed", "a.py"), ("added", "b.py"), ("added", "c.py")],
        ),
        ({"a.py": "", "c.py": "x"}, {"b.py": "", "c.py": "x"}, [("removed", "a.py"), ("added", "b.py")]),
        ({"a.py": "x", "c.py": "x"}, {"b.py": "x", "c.py": "x"}, [("removed", "a.py"), ("added", "b.py")]),
    ],
)
def test_files(old: Mapping[str, str], new: Mapping[str, str], changes: list[tuple[str, ...]]) -> None:
    assert told(old, new, "file") == changes


CONFIG = "gunicorn/config.py"


def setting(**changed: str) -> str:
    values = {"name": '"bind"', "section": '"Socket"', "cli": '["-b", "--bind"]', "default": '"a"', "desc": '"Where."'}
    body = "".join(f"    {name} = {value}\n" for name, value in {**values, **changed}.items() if value)
    return f"class Bind(Setting):\n{body}"


HOOK = """\
class Ready(Setting):
    name = "when_ready"
    def when_ready({}):
        pass
    default = staticmethod(when_ready)
"""


@pytest.mark.parametrize(
    ("old", "new", "subject", "changes"),
    [
        (setting(), setting(), "setting", []),
        ("", setting(), "setting", [("added", "bind")]),
        (setting(), "", "setting", [("removed", "bind")]),
        (setting(), setting(default="'a'"), "setting", []),
        (setting(), setting(default='"b"'), "setting", [("default", "bind", "'a'", "'b'")]),
        (setting(), setting(cli='["--bind"]'), "setting", [("command line", "bind", "-b --bind", "--bind")]),
        (setting(), setting(cli=""), "setting", [("command line", "bind", "-b --bind")]),
        (setting(), setting(type="int"), "setting", [("type", "bind", "int")]),
        (setting(), setting(action='"append"'), "setting", [("action", "bind", "append")]),
        (setting(validator="a"), setting(validator="b(2)"), "setting", [("validator", "bind", "a", "b(2)")]),
        (setting(), setting(section='"Other"'), "setting", [("section", "bind", "Socket", "Other")]),
        (setting(), setting(desc='"Who."'), "setting", [("text", "bind", "Where.", "Who.")]),
        (setting(), setting(desc='"""\\\n        Where.\n        """'), "setting", []),
        ("", HOOK.format("server"), "hook", [("added", "when_ready")]),
        (HOOK.format("a"), HOOK.format("a, b"), "hook", [("parameters", "when_ready", "a", "a, b")]),
        (HOOK.format("a"), HOOK.format("a"), "setting", []),
        ("class A(Exception): pass", "", "exception", [("removed", "gunicorn.config.A")]),
        (
            "class A(Exception): pass\nclass B(A): pass",
            "class A(Exception): pass\nclass B(OSError): pass",
            "exception",
            [("bases", "gunicorn.config.B", "A", "OSError")],
        ),
        ("class A: pass\nclass B(A): pass", "class C(socket.error): pass", "exception", []),
        ("", "log.info('Booting')", "log message", [("added", "Booting")]),
        ("self.log.info('Up')", "if x:\n  log.info('Up', 1)", "log message", []),
        ("self.log.info('Up')", "self.log.warning('Up')", "log message", [("level", "Up", "info", "warning")]),
        ("f.log.warn('Up')", "f.log.warning('Up')", "log message", []),
        (
            "log.error('Up')",
            "log.error('Up')\nlog.debug('Up')",
            "log message",
            [("level", "Up", "error", "debug, error")],
        ),
        ("", "log.error('a ' 'b ' + 'c %s' % d)", "log message", [("added", "a b c %s")]),
        ("", "log.error('a {}'.format(b))", "log message", [("added", "a {}")]),
        ("", "log.error(f'a {b!r} c')", "log message", [("added", "a {…} c")]),
        ("", "def f():\n  m = 'a'\n  m = m + 'b'\n  log.info(m)", "log message", [("added", "a"), ("added", "ab")]),
        ("", "say = log.info if x else log.error\nsay('Bye')", "log message", [("added", "Bye")]),
        ("", "print('a')\nmath.log('b')\nlog.info(a)\nlog.info()", "log message", []),
        ("", "os.environ['A']", "environment variable", [("added", "A")]),
        ("os.environ.get('A', 1)", "'A' in os.environ", "environment variable", []),
        ("os.getenv('A')", "environ['A']", "environment variable", [("removed", "A")]),
        ("os.environ[a]", "", "environment variable", []),
    ],
)
def test_what_operators_meet(old: str, new: str, subject: str, changes: list[tuple[str, ...]]) -> None:
    assert told({CONFIG: old}, {CONFIG: new}, subject) == changes


def test_what_only_moved_to_another_file_is_no_change_for_operators() -> None:
    text = "log.info('Up')\nos.environ['A']\n"
    changes = compared({"a.py": text, "b.py": ""}, {"a.py": "", "b.py": text}).changes
    assert {change.subject for change in changes} == {"file", "definition"}


def test_a_file_that_this_python_cannot_parse_is_compared_as_text() -> None:
    found = compared({A: "print 'x'\nlog.info('Up')", "b.py": "def f(): pass"}, {A: "log.info('Up')", "b.py": ""})
    assert [(change.subject, change.kind, change.name) for change in found.changes] == [
        ("file", "edited", "b.py"),
        ("file", "edited", A),
        ("definition", "removed", "b.f"),
    ]
    assert found.unparsed == (PurePosixPath(A),)
    assert [len(pair.hunks) for pair in found.pairs] == [1, 1]


def test_a_comparison_can_be_narrowed_to_a_file_by_either_name() -> None:
    found = compared({"a.py": UNIQUE, "c.py": "x = 1"}, {"b.py": UNIQUE, "c.py": "x = 2"})
    for name in ("a.py", "b.py"):
        narrowed = narrow(found, PurePosixPath(name))
        assert [(change.kind, change.name) for change in narrowed.changes] == [("renamed", "b.py")]
        assert [pair.path for pair in narrowed.pairs] == [PurePosixPath("b.py")]
    assert narrow(found, PurePosixPath("d.py")).pairs == ()


MIRROR = {"added": "removed", "removed": "added"}


def mirrored(change: Change) -> Change:
    """The change as it is told when the older release is taken for the newer."""
    return Change(
        change.subject, MIRROR.get(change.kind, change.kind), "", change.now, change.was, change.new, change.old
    )


def nameless(change: Change) -> Change:
    """What was renamed or moved goes by its older name, so names are not compared."""
    return Change(change.subject, change.kind, "", change.was, change.now, change.old, change.new)


def test_the_way_back_between_two_releases_is_told_by_the_same_changes() -> None:
    names = ("24.1.1", "25.3.0")
    old, new = (read_tree(REPOSITORY.tree(name), name, "gunicorn", PurePosixPath(name)) for name in names)
    there, back = compare(old, new), compare(new, old)
    assert {mirrored(change) for change in there.changes} == {nameless(change) for change in back.changes}
    assert {(move.new_path, move.new, move.old_path, move.old) for move in there.moves} == {
        (move.old_path, move.old, move.new_path, move.new) for move in back.moves
    }
    assert {change.subject for change in there.changes} == set(SUBJECTS)
