"""Where this project keeps its things; knows the names of the folders and nothing of what is in them."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout; every path is made from `root`."""

    root: Path

    @property
    def upstream(self) -> Path:
        return self.root / "upstream"

    @property
    def releases(self) -> Path:
        return self.upstream / "releases.yaml"

    @property
    def annotations(self) -> Path:
        return self.root / "annotations"

    @property
    def schemas(self) -> Path:
        return self.annotations / "schema"

    @property
    def observations(self) -> Path:
        return self.annotations / "observations"

    @property
    def changes(self) -> Path:
        """The folder of what people wrote about the steps from one release to another."""
        return self.annotations / "changes"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def cache(self) -> Path:
        """What builds keep for the next one; safe to delete."""
        return self.root / ".cache"

    def tree(self, release: str) -> Path:
        """The folder that holds the vendored files of a release."""
        return self.upstream / release

    def manifest(self, release: str) -> Path:
        """The digests of a release's files, in the format of `sha256sum`."""
        return self.upstream / f"{release}.sha256"

    def notes(self, release: str) -> Path:
        """The folder of what people wrote about a release."""
        return self.annotations / release

    def chapters(self, release: str) -> Path:
        return self.notes(release) / "chapters"

    def name(self, path: Path) -> PurePosixPath:
        """The path as problems show it: relative to the root, where it lies below it."""
        resolved = path.resolve()
        root = self.root.resolve()
        return PurePosixPath(resolved.relative_to(root) if resolved.is_relative_to(root) else resolved)


def find_project(start: Path) -> Project:
    """The project that `start` lies in.

    Raises FileNotFoundError when neither `start` nor a folder above it has `upstream/releases.yaml`.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        project = Project(folder)
        if project.releases.is_file():
            return project
    raise FileNotFoundError(f"{start}: no upstream/releases.yaml here or above; run this inside a checkout")
