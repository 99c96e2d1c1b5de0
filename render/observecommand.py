"""The command `annotated observe`: run experiments of the checkout that it is called in, and record what they show."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from render.project import find_project

_MODULE = "tests.experiments"
_NEEDED = ("gevent", "pkg_resources", "psutil")


def observe_experiments(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...", help="Experiments; all, if none.")] = None,
    release: Annotated[
        list[str] | None, typer.Option(metavar="RELEASE|all", help="The documented one, if none; may be repeated.")
    ] = None,
    times: Annotated[int | None, typer.Option(min=1, help="How often each must show the same.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="How many run side by side.")] = None,
) -> None:
    """Run experiments on the real releases, and record what was the same every time."""
    root = find_project(Path.cwd()).root
    if not (root / "tests" / "experiments" / "__main__.py").is_file():
        raise FileNotFoundError(f"{root}: no tests/experiments here; run this in a clone of the whole repository")
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise FileNotFoundError(f"experiments need {', '.join(missing)}; `make observe` installs what tests need")
    options = {"--times": times, "--jobs": jobs}
    named = [f"{option}={value}" for option, value in options.items() if value is not None]
    chosen = [f"--release={name}" for name in release or ()]
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", _MODULE, *named, *chosen, "--", *(slugs or ())])
