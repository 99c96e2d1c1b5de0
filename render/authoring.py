"""What an author asks for: stamp these files, begin a note here."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from render.anchors import Ground, find_bad_span, make_stamp
from render.changenotes import parse_change_notes
from render.chapters import INDEX, parse_chapter
from render.document import Document, Node, Sequence, Table, parse_document, plain, read_document
from render.folders import find_documents
from render.notes import Anchor, notes_path, parse_notes
from render.output import write_file
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project
from render.releases import Releases
from render.source import Span
from render.stamps import append_note, begin_notes, note_stub, stamp_document

FindGround: TypeAlias = Callable[[str], Ground]
"""Gives the ground of a release that is listed; best one that remembers it, for it is asked for each anchor."""


def stamp_files(
    project: Project, releases: Releases, find_ground: FindGround, files: Collection[Path]
) -> tuple[PurePosixPath, ...]:
    """Fill the stamps of the given notes files, chapters and change notes; gives those that changed.

    When none is given: of all that stand below `annotations/`. Nothing is written when any of them has a problem.
    Raises ProblemsFound.
    """
    problems: list[Problem] = []
    stamped: dict[Path, tuple[str, str]] = {}
    for file in files or _find_written(project, releases):
        release = _release_of(project, releases, file)
        if file.resolve() == (project.chapters(release) / INDEX).resolve():
            continue
        try:
            document = read_document(file, project.name(file))
            refuse(_bad_spans(_anchors(project, document, releases, release), find_ground))
            stamped[file] = document.text, _stamp(document, release, find_ground)
        except ProblemsFound as error:
            problems += error.problems
    refuse(problems)
    changed = {file: after for file, (before, after) in stamped.items() if after != before}
    for file, text in changed.items():
        write_file(text, file)
    return tuple(project.name(file) for file in changed)


def begin_note(project: Project, ground: Ground, path: PurePosixPath, span: Span, title: str) -> Place:
    """Append a stamped note with an empty body, for its author to write, to the notes on `path`; gives its place.

    Raises ProblemsFound for a span that cannot carry a note, and for a file that a note cannot be appended to.
    """
    bad = find_bad_span(path, span, ground)
    if bad:
        raise ProblemsFound([Problem(Place(path, span.first), bad)])
    file = project.notes(ground.tree.release) / notes_path(path)
    name = project.name(file)
    opening = begin_notes(file, project.schemas / "notes.json", path)
    before = read_document(file, name) if file.exists() else parse_document(opening, name)
    stub = note_stub(_free_id(project, ground.tree.release, title), span, make_stamp(ground, path, span), title)
    after = append_note(before.text, stub, _indent(before))
    if not _has_one_more(after, before):
        message = "a note cannot be appended here; let `notes:` be the last key, with one `- id: …` for each note"
        raise ProblemsFound([Problem(before.place(before.root.line), message)])
    write_file(after, file)
    return before.place(after.count("\n") - stub.count("\n") + 1)


def _find_written(project: Project, releases: Releases) -> Iterator[Path]:
    """All that people wrote about releases and about the steps between them."""
    for release in releases.all:
        yield from find_documents(project.notes(release.name))
    yield from find_documents(project.changes)


def _release_of(project: Project, releases: Releases, file: Path) -> str:
    """The release in whose folder a file stands; the documented one for what stands in none."""
    name = project.name(file)
    found = (one.name for one in releases.all if project.name(project.notes(one.name)) in name.parents)
    return next(found, releases.documented)


def _anchors(project: Project, document: Document, releases: Releases, release: str) -> Iterator[tuple[str, Anchor]]:
    """The anchors of a document, each with the release in which its lines stand."""
    folder = document.path.parent
    if folder == project.name(project.changes):
        yield from ((note.release, note.anchor) for note in parse_change_notes(document, releases).notes)
    elif folder == project.name(project.chapters(release)):
        yield from ((release, step.anchor) for step in parse_chapter(document).steps if step.anchor)
    else:
        yield from (
            (release, note.anchor) for note in parse_notes(document, project.name(project.notes(release))).notes
        )


def _stamp(document: Document, release: str, find_ground: FindGround) -> str:
    return stamp_document(document, lambda own, path, span: make_stamp(find_ground(own or release), path, span))


def _bad_spans(anchors: Iterable[tuple[str, Anchor]], find_ground: FindGround) -> Iterator[Problem]:
    for release, anchor in anchors:
        message = find_bad_span(anchor.path, anchor.span, find_ground(release))
        if message:
            yield Problem(anchor.place, f"{anchor.label}: {message}")


def _notes(document: Document) -> tuple[Node, ...]:
    notes = document.root.entries.get("notes")
    return notes.value.items if notes and isinstance(notes.value, Sequence) else ()


def _has_one_more(text: str, before: Document) -> bool:
    """Whether a text is that document with one more note, and else the same."""
    try:
        after = parse_document(text, before.path)
    except ProblemsFound:
        return False
    old, new = plain(parse_document(append_note(before.text, "", 0), before.path).root), plain(after.root)
    return {**new, "notes": new.get("notes", [])[:-1]} == {**old, "notes": old.get("notes") or []}


def _indent(document: Document) -> int:
    """How far the dashes of the notes are indented."""
    first = next(iter(_notes(document)), None)
    keys = list(first.entries.values()) if isinstance(first, Table) else []
    return max(0, keys[0].key.column - 2) if keys else 0


def _free_id(project: Project, release: str, title: str) -> str:
    """A slug of the title that no note has yet."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    slug = "-".join(words)[:50].strip("-") or "note"
    taken = set(_ids(project, release))
    candidates = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _ids(project: Project, release: str) -> Iterator[str]:
    for file in find_documents(project.notes(release)):
        for note in _notes(read_document(file, project.name(file))):
            if isinstance(note, Table) and "id" in note.entries:
                yield plain(note.entries["id"].value)
