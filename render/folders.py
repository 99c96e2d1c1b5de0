"""The files that people wrote below `annotations/`, and those that stand where nothing would read them."""

from collections.abc import Collection, Iterator
from pathlib import Path

from render.problems import Place, Problem
from render.project import Project


def find_documents(folder: Path) -> tuple[Path, ...]:
    """Every YAML file below a folder, in alphabetical order; names that begin with a dot are editors' own."""
    return tuple(file for file in _find(folder) if file.suffix == ".yaml" and file.is_file())


def find_strays(project: Project, releases: Collection[str]) -> Iterator[Problem]:
    """What stands below `annotations/` and would be passed over, because of its name, its kind or its folder."""
    for path in _find(project.annotations):
        fault = _fault(path, project, releases)
        if fault:
            yield Problem(Place(project.name(path.parent) / path.name, 1), fault)


def _find(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _fault(path: Path, project: Project, releases: Collection[str]) -> str | None:
    if path.is_symlink():
        return "a symbolic link; put the file itself here"
    if path.is_dir():
        return None
    if path.parent in (project.schemas, project.observations):
        return None if path.suffix == ".json" else "not read: what stands here is JSON, in files called *.json"
    if project.changes in path.parents:
        return _fault_in_changes(path, project)
    release = next((name for name in releases if project.notes(name) in path.parents), None)
    if release is None:
        return f"in no release's folder; move it below one of {', '.join(sorted(releases))}"
    if path.suffix != ".yaml":
        return "not read: notes and chapters stand in files called *.yaml"
    chapters = project.chapters(release)
    if chapters in path.parent.parents:
        return f"not read: chapters stand in {chapters.name}/ itself; move it there"
    return None


def _fault_in_changes(path: Path, project: Project) -> str | None:
    if path.suffix != ".yaml":
        return "not read: change notes stand in files called *.yaml"
    if path.parent != project.changes:
        return f"not read: change notes stand in {project.changes.name}/ itself; move it there"
    return None
