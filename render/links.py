"""Where everything of the site stands: the only speller of URLs and element ids, and of what a reference means."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from render.notes import Text
from render.outside import OUTSIDE, find_outside
from render.problems import Problem
from render.prose import Link, Resolve, find_faults, find_references
from render.settings import CONFIG, Setting
from render.source import Span
from render.symbols import Symbol, find_named

HOME = PurePosixPath("index.html")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: a page of the site (with a fragment or ""), or, where `page` is None, a URL."""

    page: PurePosixPath | None
    fragment: str
    text: str
    code: bool


def file_page(release: str, path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(release) / f"{path}.html"


def chapter_page(release: str, slug: str) -> PurePosixPath:
    return PurePosixPath(release) / "chapters" / f"{slug}.html"


def licence_page(release: str) -> PurePosixPath:
    """Upstream's own licence, which goes wherever its code goes."""
    return PurePosixPath(release) / "LICENSE.txt"


def coverage_page(release: str) -> PurePosixPath:
    return PurePosixPath(release) / "coverage.html"


def release_page(release: str) -> PurePosixPath:
    return PurePosixPath(release) / "index.html"


def matrix_page() -> PurePosixPath:
    """Every note's state on every release."""
    return PurePosixPath("notes.html")


def data_file(name: str) -> PurePosixPath:
    """What the pages tell, for machines."""
    return PurePosixPath(f"{name}.json")


def pair_page(old: str, new: str) -> PurePosixPath:
    """What changed from one release to another."""
    return PurePosixPath("compare") / f"{old}...{new}" / "index.html"


def diff_page(old: str, new: str, path: PurePosixPath) -> PurePosixPath:
    """One changed file of a pair of releases, by its newer name."""
    return PurePosixPath("compare") / f"{old}...{new}" / f"{path}.html"


def experiment_page(slug: str) -> PurePosixPath:
    return PurePosixPath("experiments") / f"{slug}.html"


def behaviour_page() -> PurePosixPath:
    """What every release showed in every experiment."""
    return PurePosixPath("behaviour.html")


def topic_id(topic: str) -> str:
    """The fragment of a topic's experiments on the page of behaviour."""
    return f"_topic-{topic}"


def step_id(number: int) -> str:
    """The fragment of a chapter's step, counted from 1."""
    return f"step-{number}"


def lines_id(span: Span) -> str:
    """The fragment of a line or a range: "L237" or "L237-L246". Note ids are slugs, so the two never meet."""
    return f"L{span.first}" if len(span) == 1 else f"L{span.first}-L{span.last}"


def older_id(line: int) -> str:
    """The fragment of a line of the older release on the page of a difference; `lines_id` has the newer ones."""
    return f"O{line}"


def href(page: PurePosixPath, fragment: str, here: PurePosixPath) -> str:
    """The relative address of a page, or of a part of it, as seen from the page `here`."""
    anchor = f"#{fragment}" if fragment else ""
    if page == here and anchor:
        return anchor
    return quote(posixpath.relpath(page, here.parent)) + anchor


@dataclass(frozen=True, slots=True)
class Links:
    """Everything that a reference may name, and the page and id where it stands."""

    release: str
    repository: str
    symbols: Mapping[str, tuple[Symbol, ...]]
    files: tuple[PurePosixPath, ...]
    settings: Mapping[str, Setting]
    notes: Mapping[str, tuple[PurePosixPath, str]]
    chapters: Mapping[str, str]
    experiments: Mapping[str, str]
    changes: Mapping[str, tuple[str, str, str]]
    fallback: "Links | None" = None

    def find(self, reference: str) -> Target | str:
        """Where a reference leads, in this release or as `fallback` says; or what is wrong with it and what to do."""
        found = self._find(reference)
        elsewhere = self.fallback.find(reference) if isinstance(found, str) and self.fallback else found
        return found if isinstance(elsewhere, str) else elsewhere

    def _find(self, reference: str) -> Target | str:
        kind, colon, name = reference.partition(":")
        if reference.startswith("CVE-"):
            return _outside("CVE", reference)
        if not colon:
            return self._definition(reference)
        if kind in OUTSIDE and kind != "CVE":
            return _outside(kind, name, self.repository)
        inside = self._inside()
        return inside[kind](name) if kind in inside else f"`{kind}:` is no kind of reference; use {_kinds(inside)}"

    def source_url(self, path: PurePosixPath) -> str:
        """The file in upstream's own repository, at the tag of the release."""
        return f"{self.repository}/blob/{self.release}/{quote(str(path))}"

    def definition(self, symbol: Symbol) -> Target:
        page = file_page(self.release, symbol.path)
        return Target(page, lines_id(Span(symbol.line, symbol.line)), symbol.name, code=True)

    def _inside(self) -> Mapping[str, Callable[[str], Target | str]]:
        return {
            "setting": self._setting,
            "note": self._note,
            "chapter": self._chapter,
            "experiment": self._experiment,
            "change": self._change,
            "file": self._file,
        }

    def _definition(self, reference: str) -> Target | str:
        found = find_named(reference, self.symbols)
        if not found:
            return f"nothing is called `{reference}` in {self.release}; name a definition, as in Arbiter.run"
        if len({symbol.path for symbol in found}) > 1:
            names = ", ".join(sorted({symbol.full_name for symbol in found}))
            return f"`{reference}` is ambiguous; write one of {names}"
        return self.definition(found[0])

    def _setting(self, name: str) -> Target | str:
        setting = self.settings.get(name)
        if setting is None:
            return f"there is no setting `{name}` in {self.release}; write its name in a configuration file"
        page = file_page(self.release, CONFIG)
        return Target(page, lines_id(Span(setting.line, setting.line)), name, code=True)

    def _note(self, note_id: str) -> Target | str:
        if note_id not in self.notes:
            return f"there is no note `{note_id}`; write the id of one"
        path, title = self.notes[note_id]
        return Target(file_page(self.release, path), note_id, title, code=False)

    def _chapter(self, slug: str) -> Target | str:
        if slug not in self.chapters:
            return f"there is no chapter `{slug}`; write the name of its file"
        return Target(chapter_page(self.release, slug), "", self.chapters[slug], code=False)

    def _experiment(self, slug: str) -> Target | str:
        if slug not in self.experiments:
            return f"there is no experiment `{slug}` that was run; record it, or mend the slug"
        return Target(experiment_page(slug), "", self.experiments[slug], code=False)

    def _change(self, note_id: str) -> Target | str:
        if note_id not in self.changes:
            return f"there is no change note `{note_id}`; write the id of one"
        old, new, title = self.changes[note_id]
        return Target(pair_page(old, new), note_id, title, code=False)

    def _file(self, name: str) -> Target | str:
        path = PurePosixPath(name)
        if path not in self.files:
            return f"{name} is not a file of {self.release}; name one that is"
        return Target(file_page(self.release, path), "", str(path), code=True)


def check_texts(texts: Iterable[Text], links: Links) -> Iterator[Problem]:
    """What would not be rendered, and every reference that leads nowhere, each at its own line."""
    for text in texts:
        for fault in find_faults(text.markdown):
            yield Problem(text.place.below(fault.line), fault.message)
        for reference in find_references(text.markdown):
            found = links.find(reference.target)
            if isinstance(found, str):
                yield Problem(text.place.below(reference.line), f"[[{reference.target}]]: {found}")


def resolver(links: Links, here: PurePosixPath) -> Resolve:
    """Resolves checked references as seen from a page."""

    def resolve(reference: str) -> Link:
        target = links.find(reference)
        if isinstance(target, str):
            raise LookupError(target)
        return link_to(target, here)

    return resolve


def link_to(target: Target, here: PurePosixPath) -> Link:
    """A target's address as seen from a page."""
    address = target.fragment if target.page is None else href(target.page, target.fragment, here)
    return Link(address, target.text, target.code)


def _outside(kind: str, name: str, repository: str = "") -> Target | str:
    found = find_outside(kind, name, repository)
    return found if isinstance(found, str) else Target(None, *found)


def _kinds(inside: Iterable[str]) -> str:
    return ", ".join(f"{kind}:" for kind in sorted([*inside, *OUTSIDE]) if kind != "CVE")
