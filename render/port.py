"""What was written for one release, written once more for another as far as that can be done without a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from render.anchors import Ground, find_bad_span, make_stamp
from render.carry import Carried, carry
from render.chapters import INDEX, Step, parse_chapter
from render.document import parse_document, read_document
from render.fields import UNDECIDED
from render.folders import find_documents
from render.items import find_items
from render.notes import Anchor, Note, notes_path, parse_notes
from render.output import write_file
from render.problems import Problem
from render.project import Project
from render.sheets import Landing, Sheet, add, cut_out, land, land_some
from render.stamps import begin_notes


@dataclass(frozen=True, slots=True)
class Ported:
    """`texts` is what there is to write, by file, and `carried` what became of the notes and steps in it.

    A step goes by its chapter and its number, as in `boot/3`. `undecided` tells what a person has to decide, each at
    its place in the texts.
    """

    texts: Mapping[Path, str]
    carried: tuple[Carried, ...]
    undecided: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A file, and what is anchored in it, by the names of its items; a step is taken for a note."""

    sheet: Sheet
    anchored: Mapping[str, Note]


def port(project: Project, documented: Ground, other: Ground) -> Ported:
    """What there is to write for the other release: nothing of what it has already, notes by their id.

    All that is written for the documented release must hold. Raises ProblemsFound for a list of notes that cannot be
    taken apart, and for files of the other release that cannot be read.
    """
    here, there = documented.tree.release, other.tree.release
    notes = _read_notes(project, here, there)
    chapters = _read_chapters(project, here, there)
    taken = frozenset(_find_ids(project, there))
    written = (*notes.values(), *chapters.values())
    new = {name: note for one in written for name, note in one.anchored.items() if name not in taken}
    carried = carry(new.values(), documented, other)
    landings = {one.note: _land(new[one.note].anchor, one, here, other) for one in carried}
    texts = {
        **_port_notes(project, there, notes, landings),
        **{file: land(one.sheet, {name: landings[name] for name in one.anchored}) for file, one in chapters.items()},
        **_copy_index(project, here, there),
    }
    return Ported(texts, carried, tuple(_find_undecided(project, texts, landings)))


def write_ported(ported: Ported) -> None:
    """Write all of its texts; the folders are made where there are none."""
    for file, text in ported.texts.items():
        write_file(text, file)


def _find_notes(project: Project, release: str) -> Iterator[Path]:
    chapters = project.chapters(release)
    return (file for file in find_documents(project.notes(release)) if chapters not in file.parents)


def _find_ids(project: Project, release: str) -> Iterator[str]:
    for file in _find_notes(project, release):
        yield from (item.find("id") or "" for item in find_items(read_document(file, project.name(file)), "notes"))


def _read_notes(project: Project, here: str, there: str) -> Mapping[Path, _Written]:
    """Every notes file, by the file in which its notes belong if they land where they stood."""
    found: dict[Path, _Written] = {}
    for file in _find_notes(project, here):
        document = read_document(file, project.name(file))
        notes = parse_notes(document, project.name(project.notes(here)))
        items = {item.find("id") or "": item for item in find_items(document, "notes")}
        target = project.notes(there) / notes_path(notes.path)
        found[target] = _Written(Sheet(document, items), {note.id: note for note in notes.notes})
    return found


def _read_chapters(project: Project, here: str, there: str) -> Mapping[Path, _Written]:
    """Every chapter that the other release has not, by the file in which it belongs there."""
    found: dict[Path, _Written] = {}
    for file in find_documents(project.chapters(here)):
        target = project.chapters(there) / file.name
        if file.name == INDEX or target.exists():
            continue
        document = read_document(file, project.name(file))
        chapter = parse_chapter(document)
        names = [f"{chapter.slug}/{number}" for number, _ in enumerate(chapter.steps, 1)]
        items = dict(zip(names, find_items(document, "steps"), strict=True))
        steps = zip(names, chapter.steps, strict=True)
        anchored = {name: _as_note(name, step, step.anchor) for name, step in steps if step.anchor}
        found[target] = _Written(Sheet(document, items), anchored)
    return found


def _as_note(name: str, step: Step, anchor: Anchor) -> Note:
    return Note(name, anchor, step.title, step.text, None, step.observed, (), step.place, step.observed_place)


def _copy_index(project: Project, here: str, there: str) -> Mapping[Path, str]:
    old, new = project.chapters(here) / INDEX, project.chapters(there) / INDEX
    if new.exists() or not old.is_file():
        return {}
    return {new: read_document(old, project.name(old)).text}


def _land(anchor: Anchor, carried: Carried, here: str, other: Ground) -> Landing:
    pair, spot = f"between {here} and {other.tree.release}", carried.spot
    if spot is None:
        found = ", ".join(f"{one.spot} ({one.score:.2f})" for one in carried.candidates)
        doubt = f"lost {pair}, {f'perhaps to {found}' if found else 'and nothing is like it'}"
        return Landing(anchor.path, f"{anchor.span}{UNDECIDED}", None, f"{doubt}: choose its lines, or remove it")
    if carried.state == "edited":
        doubt = f"edited {pair} ({carried.score:.2f} alike): read both, mend it, take the question mark from `lines`"
        return Landing(spot.path, f"{spot.span}{UNDECIDED}", None, doubt)
    if bad := find_bad_span(spot.path, spot.span, other):
        return Landing(spot.path, f"{spot.span}{UNDECIDED}", None, f"{carried.state} {pair}, but {bad}")
    return Landing(spot.path, str(spot.span), make_stamp(other, spot.path, spot.span), None)


def _port_notes(
    project: Project, there: str, notes: Mapping[Path, _Written], landings: Mapping[str, Landing]
) -> Mapping[Path, str]:
    """Each note is in the file on what it landed in: where it stood, or at the end of what others have there."""
    staying: dict[Path, dict[str, Landing]] = {file: {} for file in notes}
    coming: dict[Path, dict[str, str]] = {}
    opened: dict[Path, str] = {}
    for file, one in notes.items():
        for name in (name for name in one.sheet.items if name in landings):
            landing = landings[name]
            target = project.notes(there) / notes_path(landing.path)
            if target == file and not file.exists():
                staying[file][name] = landing
            else:
                coming.setdefault(target, {})[name] = cut_out(one.sheet, name, landing)
                opened[target] = begin_notes(target, project.schemas / "notes.json", landing.path)
    kept = {file: land_some(notes[file].sheet, landed) for file, landed in staying.items() if not file.exists()}
    texts = {file: text for file, text in kept.items() if text is not None}
    for file, arrivals in coming.items():
        text = read_document(file, project.name(file)).text if file.exists() else texts.get(file, opened[file])
        texts[file] = add(parse_document(text, project.name(file)), arrivals)
    return texts


def _find_undecided(project: Project, texts: Mapping[Path, str], landings: Mapping[str, Landing]) -> Iterator[Problem]:
    """The places in the texts of all that is in doubt."""
    for file, text in texts.items():
        document = parse_document(text, project.name(file))
        steps = ((f"{file.stem}/{number}", item) for number, item in enumerate(find_items(document, "steps"), 1))
        notes = ((item.find("id") or "", item) for item in find_items(document, "notes"))
        for name, item in (*steps, *notes):
            landing = landings.get(name)
            if landing and landing.doubt:
                yield Problem(document.place(item.table.entries["lines"].key.line), f"`{name}` is {landing.doubt}")
