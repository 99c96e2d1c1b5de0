"""The page of an experiment: its question, what each release showed, the lines responsible, and what rests on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from render.behaviour import Turn, find_turns, group_runs, runs_on, shared_facts, summary
from render.compare import Comparison
from render.comparelinks import find_addresses, has_diff
from render.edition import Edition
from render.excerpts import highlight
from render.links import behaviour_page, chapter_page, file_page, href, lines_id, pair_page, step_id, topic_id
from render.observations import Cannot, Experiment, Observed, Run
from render.prose import plain_text
from render.source import Spot
from render.textedits import edit_texts
from render.views import Choice, EditView, Frame
from render.whereabouts import Names, find_spots


@dataclass(frozen=True, slots=True)
class FactView:
    """What was seen under a label; where that is `changed`, as the edit that makes it of what was seen before."""

    label: str
    changed: bool
    lines: tuple[EditView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Releases that behave alike, and what they showed that others did not, or why they could not run it.

    `against` is the release before the first of them that showed anything; the changes are those since then.
    """

    releases: tuple[str, ...]
    against: str | None
    facts: tuple[FactView, ...]
    cannot: str | None


@dataclass(frozen=True, slots=True)
class StopView:
    """A definition in one release, where it stands at `spots`; or between two, where `difference` leads to its lines.

    `words` say what there is no link for.
    """

    when: str
    words: str
    spots: tuple[Choice, ...]
    difference: Choice | None


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """A definition that decides the outcome: in the first release of each group, and before all that differ."""

    name: str
    stops: tuple[StopView, ...]


@dataclass(frozen=True, slots=True)
class CitationView:
    """Something that rests on an experiment, and where it was written."""

    title: Choice
    place: str


@dataclass(frozen=True, slots=True)
class ExperimentPage:
    """A claim that is run; `outcome` says in short what came of it.

    `shared` is what all groups showed that could run it, under the title `everywhere`; nothing where that is one group.
    """

    frame: Frame
    title: str
    question: str
    topic: Choice
    since: str | None
    source: str
    code: Markup
    outcome: str
    groups: tuple[GroupView, ...]
    everywhere: str
    shared: tuple[tuple[str, tuple[str, ...]], ...]
    definitions: tuple[DefinitionView, ...]
    cited: tuple[tuple[str, tuple[CitationView, ...]], ...]


def make_experiment_page(
    frame: Frame,
    experiment: Experiment,
    edition: Edition,
    names: Mapping[str, Names],
    comparisons: Mapping[tuple[str, str], Comparison],
) -> ExperimentPage:
    """Everything that one experiment's page shows; `names` are the definitions of each release."""
    runs = runs_on(experiment, edition.volumes)
    groups = group_runs(runs)
    possible = [group.run for group in groups if isinstance(group.run, Observed)]
    shared = shared_facts(possible) if len(possible) > 1 else {}
    cited = (
        ("Notes", tuple(_cited_notes(experiment.slug, edition, frame))),
        ("Chapters", tuple(_cited_steps(experiment.slug, edition, frame))),
        ("Changes", tuple(_cited_changes(experiment.slug, edition, frame))),
    )
    return ExperimentPage(
        frame,
        experiment.title,
        experiment.question,
        Choice(experiment.topic, href(behaviour_page(), topic_id(experiment.topic), frame.here), False),
        experiment.since,
        str(experiment.source),
        highlight("python", experiment.code),
        summary(experiment, edition.volumes),
        tuple(_group(group.releases, runs, shared) for group in groups),
        "Everywhere" if len(possible) == len(groups) else "Wherever it could be run",
        tuple(shared.items()),
        tuple(_definition(name, runs, edition, names, comparisons, frame) for name in experiment.where),
        tuple((title, citations) for title, citations in cited if citations),
    )


def _group(releases: tuple[str, ...], runs: Mapping[str, Run], shared: Mapping[str, object]) -> GroupView:
    run = runs[releases[0]]
    if isinstance(run, Cannot):
        return GroupView(releases, None, (), run.reason)
    earlier = list(runs)[: list(runs).index(releases[0])]
    before = next(((name, one) for name in reversed(earlier) if isinstance(one := runs[name], Observed)), None)
    against, was = (before[0], before[1].facts) if before else (None, run.facts)
    labels = [label for label in {**run.facts, **was} if label not in shared]
    facts = (_fact(label, was.get(label), run.facts.get(label)) for label in labels)
    return GroupView(releases, against, tuple(facts), None)


def _fact(label: str, was: tuple[str, ...] | None, now: tuple[str, ...] | None) -> FactView:
    return FactView(label, was != now, edit_texts(was or (), now or ()))


def _definition(
    name: str,
    runs: Mapping[str, Run],
    edition: Edition,
    names: Mapping[str, Names],
    comparisons: Mapping[tuple[str, str], Comparison],
    frame: Frame,
) -> DefinitionView:
    firsts = {group.releases[0] for group in group_runs(runs)}
    turns = {turn.new: turn for turn in find_turns(runs)}
    stops: list[StopView] = []
    for release in runs:
        if release in turns:
            turn = turns[release]
            stops.append(_difference(turn, name, edition, names, comparisons[turn.old, turn.new], frame))
        if release in firsts:
            stops.append(_place(release, name, names, frame))
    return DefinitionView(name, tuple(stops))


def _place(release: str, name: str, names: Mapping[str, Names], frame: Frame) -> StopView:
    spots = tuple(
        Choice(str(spot), href(file_page(release, spot.path), lines_id(spot.span), frame.here), False)
        for spot in find_spots(name, names[release])
    )
    return StopView(release, "" if spots else "not there", spots, None)


def _difference(
    turn: Turn, name: str, edition: Edition, names: Mapping[str, Names], comparison: Comparison, frame: Frame
) -> StopView:
    when = f"{turn.old} → {turn.new}"
    old, new = (find_spots(name, names[release]) for release in (turn.old, turn.new))
    if _texts(turn.old, old, edition) == _texts(turn.new, new, edition):
        return StopView(when, "the same text" if new else "not there", (), None)
    words = "changed" if old and new else "new" if new else "gone"
    addresses = find_addresses(comparison, frame.here)
    if new and has_diff(addresses.after[new[0].path]):
        return StopView(when, "", (), Choice(words, addresses.new_lines(new[0]), False))
    if old and has_diff(addresses.before[old[0].path]):
        return StopView(when, "", (), Choice(words, addresses.old_lines(old[0]), False))
    return StopView(when, words, (), None)


def _texts(release: str, spots: Sequence[Spot], edition: Edition) -> list[str]:
    files = edition.volumes[release].ground.tree.files
    return [files[spot.path].cut_text(spot.span) for spot in spots]


def _cited_notes(slug: str, edition: Edition, frame: Frame) -> Iterator[CitationView]:
    for release, volume in edition.volumes.items():
        for note in volume.all_notes:
            if slug in note.observed:
                address = href(file_page(release, note.anchor.path), note.id, frame.here)
                place = str(note.anchor.path) if release == edition.release else f"{note.anchor.path}, {release}"
                yield CitationView(Choice(plain_text(note.title.markdown), address, False), place)


def _cited_steps(slug: str, edition: Edition, frame: Frame) -> Iterator[CitationView]:
    for chapter in edition.book.chapters:
        for number, step in enumerate(chapter.steps, 1):
            if slug in step.observed:
                address = href(chapter_page(edition.release, chapter.slug), step_id(number), frame.here)
                place = f"{plain_text(chapter.title.markdown)}, step {number}"
                yield CitationView(Choice(plain_text(step.title.markdown), address, False), place)


def _cited_changes(slug: str, edition: Edition, frame: Frame) -> Iterator[CitationView]:
    for changes in edition.changes:
        for note in changes.notes:
            if slug in note.observed:
                address = href(pair_page(changes.old, changes.new), note.id, frame.here)
                title = Choice(plain_text(note.title.markdown), address, False)
                yield CitationView(title, f"{changes.old} → {changes.new}")
