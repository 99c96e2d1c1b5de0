"""What an experiment is, and where they all are."""

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from render.releases import version_key
from tests.experiments.lab import Lab

Observations: TypeAlias = Mapping[str, str | list[str]]
"""Short labels and what was seen: the same on every run, whatever the pids, ports, dates and folders."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """`slug` is its permanent name; `question` is what its observations answer.

    `where` names the definitions whose lines decide the outcome, as "gunicorn.sock.create_sockets"; `since` is the
    first release that it is about, where that is not the first of all. One that is `as_root` starts servers as root,
    and only root can run it.
    """

    slug: str
    title: str
    question: str
    topic: str
    run: Callable[[Lab], Observations]
    where: tuple[str, ...] = ()
    since: str | None = None
    as_root: bool = False

    @property
    def can_run(self) -> bool:
        """Whether the user of this process may run it."""
        return not self.as_root or os.geteuid() == 0

    def is_about(self, release: str) -> bool:
        return self.since is None or version_key(release) >= version_key(self.since)

    @property
    def function(self) -> str:
        return self.run.__name__

    @property
    def module(self) -> str:
        return self.run.__module__

    @property
    def source(self) -> str:
        """The file of the function, from the root of the project."""
        return f"{self.module.replace('.', '/')}.py"


def experiment(
    *,
    slug: str,
    title: str,
    question: str,
    topic: str,
    where: tuple[str, ...] = (),
    since: str | None = None,
    as_root: bool = False,
) -> Callable[[Callable[[Lab], Observations]], Experiment]:
    """Make an experiment of a function; see `Experiment` for what the arguments mean."""
    return lambda run: Experiment(slug, title, question, topic, run, where, since, as_root)


def find_experiments() -> Mapping[str, Experiment]:
    """All experiments of the modules beside this one, by slug. Raises ValueError when two share a slug."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}.")
    return index(one for module in modules if not _is_other(module.name) for one in read_module(module.name).values())


def read_module(name: str) -> Mapping[str, Experiment]:
    """The experiments of one module, by slug. Raises ValueError when two share one."""
    return index(value for value in vars(importlib.import_module(name)).values() if isinstance(value, Experiment))


def index(experiments: Iterable[Experiment]) -> Mapping[str, Experiment]:
    """Experiments by slug. Raises ValueError when two share one."""
    found: dict[str, Experiment] = {}
    for one in experiments:
        if found.setdefault(one.slug, one) is not one:
            raise ValueError(f"two experiments are called {one.slug}; rename one")
    return found


def _is_other(module: str) -> bool:
    return module.rpartition(".")[2].startswith(("__main__", "test_"))
