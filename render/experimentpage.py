"""The page of an experiment: its question, what each release showed, its code, and the notes that rest on it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from render.excerpts import highlight
from render.links import file_page, href
from render.notes import Note
from render.observations import Cannot, Experiment, Run
from render.prose import plain_text
from render.views import Choice, Frame


@dataclass(frozen=True, slots=True)
class ResultView:
    """What releases that behave alike showed: (label, texts) pairs, or the reason why they could not run it."""

    releases: str
    observed: tuple[tuple[str, tuple[str, ...]], ...]
    cannot: str | None


@dataclass(frozen=True, slots=True)
class ExperimentPage:
    """A claim that is run: its question, its code, what was seen, and the notes that rest on it."""

    frame: Frame
    title: str
    question: str
    topic: str
    source: str
    code: Markup
    results: tuple[ResultView, ...]
    cited: tuple[Choice, ...]


def make_experiment_page(frame: Frame, experiment: Experiment, notes: Iterable[Note], release: str) -> ExperimentPage:
    """Everything that one experiment's page shows; `notes` are all those of `release`."""
    return ExperimentPage(
        frame,
        experiment.title,
        experiment.question,
        experiment.topic,
        str(experiment.source),
        highlight("python", experiment.code),
        tuple(_results(experiment.runs)),
        tuple(_citation(note, frame, release) for note in notes if experiment.slug in note.observed),
    )


def _citation(note: Note, frame: Frame, release: str) -> Choice:
    page = file_page(release, note.anchor.path)
    return Choice(plain_text(note.title.markdown), href(page, note.id, frame.here), False)


def _results(runs: Mapping[str, Run]) -> Iterator[ResultView]:
    """Neighbouring releases that behave alike stand together."""
    for shown, group in groupby(runs.items(), key=lambda item: _shown(item[1])):
        releases = ", ".join(release for release, _ in group)
        if isinstance(shown, str):
            yield ResultView(releases, (), shown)
        else:
            yield ResultView(releases, shown, None)


def _shown(run: Run) -> str | tuple[tuple[str, tuple[str, ...]], ...]:
    return run.reason if isinstance(run, Cannot) else tuple(run.facts.items())
