"""What an experiment is, and where they all are."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.experiments.lab import Lab

Observations: TypeAlias = Mapping[str, str | list[str]]
"""Short labels and what was seen: the same on every run, whatever the pids, ports, dates and folders."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """`slug` is its permanent name; `question` is what its observations answer."""

    slug: str
    title: str
    question: str
    topic: str
    run: Callable[[Lab], Observations]

    @property
    def function(self) -> str:
        return self.run.__name__

    @property
    def source(self) -> str:
        """The file of the function, from the root of the project."""
        return f"{self.run.__module__.replace('.', '/')}.py"


def experiment(
    *, slug: str, title: str, question: str, topic: str
) -> Callable[[Callable[[Lab], Observations]], Experiment]:
    """Make an experiment of a function."""
    return lambda run: Experiment(slug, title, question, topic, run)


def find_experiments() -> Mapping[str, Experiment]:
    """All experiments of the modules beside this one, by slug. Raises ValueError when two share a slug."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}.")
    return index(one for module in modules for one in _experiments_of(module.name))


def index(experiments: Iterable[Experiment]) -> Mapping[str, Experiment]:
    """Experiments by slug. Raises ValueError when two share one."""
    found: dict[str, Experiment] = {}
    for one in experiments:
        if found.setdefault(one.slug, one) is not one:
            raise ValueError(f"two experiments are called {one.slug}; rename one")
    return found


def _experiments_of(module: str) -> list[Experiment]:
    if module.rpartition(".")[2].startswith(("__main__", "test_")):
        return []
    return [value for value in vars(importlib.import_module(module)).values() if isinstance(value, Experiment)]
