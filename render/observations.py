"""What the experiments showed: the records in `annotations/observations/`, and the code that made them."""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from render.fields import Slug
from render.problems import Place, Problem, ProblemsFound, refuse
from render.project import Project
from render.releases import version_key
from render.source import split_lines

_Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]


class _Run(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    python: str
    platform: str
    observed: dict[str, str | list[str]] | None = None
    cannot: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "_Run":
        if (self.observed is None) == (self.cannot is None):
            raise ValueError("it must have either `observed` or `cannot`")
        return self


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    title: str
    question: str
    topic: Slug
    where: tuple[_Name, ...] = ()
    since: str | None = None
    source: Annotated[str, Field(pattern=r"^tests/experiments/\w+\.py$")]
    function: str
    releases: Annotated[dict[str, _Run], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run showed: short labels and lines of text, in the order in which the experiment tells them."""

    python: str
    platform: str
    facts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Cannot:
    """Why a release could not run the experiment."""

    python: str
    platform: str
    reason: str


Run: TypeAlias = Observed | Cannot


@dataclass(frozen=True, slots=True)
class Experiment:
    """A recorded experiment; `code` is the text of its function, and `runs` are by release, in order of version.

    `where` names the definitions whose lines decide the outcome, each with the place of its name in the record; `since`
    is the first release that the question can be put to, None where that is every release.
    """

    slug: str
    title: str
    question: str
    topic: str
    where: Mapping[str, Place]
    since: str | None
    source: PurePosixPath
    function: str
    code: str
    runs: Mapping[str, Run]
    since_place: Place


def read_experiments(project: Project) -> tuple[Experiment, ...]:
    """All recorded experiments, in the order of their slugs.

    Raises ProblemsFound for malformed records and for records whose function is gone.
    """
    experiments: list[Experiment] = []
    problems: list[Problem] = []
    for file in sorted(project.observations.glob("*.json")):
        try:
            experiments.append(_read_experiment(file, project.name(file), project.root))
        except ProblemsFound as error:
            problems.extend(error.problems)
    refuse(problems)
    return tuple(experiments)


def _read_experiment(file: Path, path: PurePosixPath, root: Path) -> Experiment:
    text = _read_text(file, path)
    record = _parse_record(text, path)
    if record.slug != path.stem:
        raise _problem(text, path, ("slug",), f"`slug` is {record.slug!r} and the file is called {path.name}")
    code = _find_function(root, PurePosixPath(record.source), record.function)
    if code is None:
        raise _problem(text, path, ("function",), f"{record.source} has no function `{record.function}`")
    runs = {release: _run(record.releases[release]) for release in sorted(record.releases, key=version_key)}
    first = next(iter(runs))
    if record.since is not None and version_key(first) < version_key(record.since):
        raise _problem(text, path, ("releases", first), f"`since` is {record.since}, and there is a run of {first}")
    return Experiment(
        record.slug,
        record.title,
        record.question,
        record.topic,
        {name: Place(path, _line_of(text, ('"where":', f'"{name}"'))) for name in record.where},
        record.since,
        PurePosixPath(record.source),
        record.function,
        code,
        runs,
        Place(path, _line(text, ("since",))),
    )


def _read_text(file: Path, path: PurePosixPath) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _problem("", path, (), f"not UTF-8 (byte {error.start})") from None


def _parse_record(text: str, path: PurePosixPath) -> _Record:
    try:
        return _Record.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise ProblemsFound([Problem(Place(path, error.lineno), f"not JSON: {error.msg}; {_remedy(path)}")]) from None
    except ValidationError as error:
        raise ProblemsFound(_misfits(text, path, error)) from None


def _misfits(text: str, path: PurePosixPath, error: ValidationError) -> Iterator[Problem]:
    for found in error.errors():
        keys = tuple(map(str, found["loc"]))
        said = found["msg"].removeprefix("Value error, ").partition(" or instance of ")[0]
        name = f"`{'.'.join(keys)}`" if keys else "the record"
        yield from _problem(text, path, keys, f"{name}: {said[0].lower()}{said[1:]}").problems


def _problem(text: str, path: PurePosixPath, keys: tuple[str, ...], message: str) -> ProblemsFound:
    return ProblemsFound([Problem(Place(path, _line(text, keys)), f"{message}; {_remedy(path)}")])


def _remedy(path: PurePosixPath) -> str:
    return f"record it anew with `make observe SLUGS={path.stem}`"


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Where the last of the keys stands that can be found one after the other."""
    return _line_of(text, [f"{json.dumps(key, ensure_ascii=False)}:" for key in keys])


def _line_of(text: str, parts: Iterable[str]) -> int:
    at = 0
    for part in parts:
        at = max(at, text.find(part, at))
    return text.count("\n", 0, at) + 1


def _find_function(root: Path, source: PurePosixPath, name: str) -> str | None:
    """The text of a function at the top of a file, with its decorators. Raises ProblemsFound for what is not Python."""
    file = root / source
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise ProblemsFound([Problem(Place(source, error.lineno or 1), f"not Python: {error.msg}; mend it")]) from None
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return "".join(f"{line}\n" for line in split_lines(text)[first - 1 : node.end_lineno])
    return None


def _run(run: _Run) -> Run:
    if run.observed is None:
        return Cannot(run.python, run.platform, run.cannot or "")
    facts = {label: (seen,) if isinstance(seen, str) else tuple(seen) for label, seen in run.observed.items()}
    return Observed(run.python, run.platform, facts)
