"""The digest of a value: the same in every process for the same content."""

import hashlib
import io
import pickle
from typing import Any

from render.links import Links
from render.source import SourceFile, Tree


class Digester:
    """Digests values by their pickles; what is large and met often is taken in once and known again by its identity.

    Of links, what people wrote is digested and what the vendored files define is not: digest the files beside them.
    Nothing is pickled as a reference to what came before: which values are one object differs from run to run. Sets are
    not to be given, for their order does too.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def digest(self, *values: object) -> str:
        """64 hex digits."""
        buffer = io.BytesIO()
        pickler = _Pickler(buffer, self)
        for value in values:
            pickler.dump(value)
        return hashlib.sha256(buffer.getvalue()).hexdigest()

    def large(self, value: object) -> str:
        """The digest of a large value, made when it is first met; it is kept alive, so that its identity is its own."""
        if id(value) not in self._known:
            self._known[id(value)] = value, self._content(value)
        return self._known[id(value)][1]

    def _content(self, value: object) -> str:
        if isinstance(value, SourceFile):
            return hashlib.sha256(f"{value.path}\0{value.text}".encode()).hexdigest()
        if isinstance(value, Tree):
            return self.digest(value.release, dict(value.files))
        assert isinstance(value, Links)
        written = value.notes, value.chapters, value.experiments, value.changes
        return self.digest(value.release, value.repository, written, value.fallback)


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, digester: Digester) -> None:
        super().__init__(buffer, protocol=5)
        self.fast = True
        self._digester = digester

    def persistent_id(self, value: Any) -> str | None:
        return self._digester.large(value) if isinstance(value, SourceFile | Tree | Links) else None
