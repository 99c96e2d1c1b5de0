"""What anchors stand on, read from the vendored files."""

from collections.abc import Mapping

from render.anchors import Ground
from render.lazily import Lazily
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project
from render.releases import Releases
from render.source import Tree, read_tree
from render.symbols import find_symbols
from render.syntax import find_syntax_fault


def read_release(project: Project, releases: Releases, name: str) -> Tree:
    """The files of a listed release. Raises ProblemsFound for what is not text."""
    folder = project.tree(name)
    return read_tree(folder, name, releases.package, project.name(folder))


def read_ground(project: Project, releases: Releases) -> Ground:
    """The documented release's files and the names they define.

    Raises ProblemsFound, also for Python that does not parse: what is said of it could not be proved.
    """
    name = releases.documented
    folder = project.tree(name)
    if not folder.is_dir():
        message = f"{name} is documented and not vendored; run `annotated vendor {name}`"
        raise ProblemsFound([Problem(Place(project.name(project.releases), 1), message)])
    tree = read_release(project, releases, name)
    faults = ((path, find_syntax_fault(file)) for path, file in tree.files.items())
    advice = f"run `annotated vendor {name}`, or take a Python that can"
    refuse(
        Problem(
            Place(project.name(folder) / path, fault.line), f"this Python cannot parse it: {fault.message}; {advice}"
        )
        for path, fault in faults
        if fault
    )
    return ground_of(tree)


def ground_of(tree: Tree) -> Ground:
    """A tree with the names that its files define, none for what this Python cannot parse."""
    return Ground(tree, Lazily(tree.files, lambda path: find_symbols(tree.files[path])))


def find_grounds(project: Project, releases: Releases) -> Mapping[str, Ground]:
    """Every listed release's, each read when it is first asked for, and what that raises with it."""

    def read(name: str) -> Ground:
        return ground_of(read_release(project, releases, name))

    return Lazily((release.name for release in releases.all), read)
