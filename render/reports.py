"""Problems and figures as text for other programs: terminals, scripts, GitHub's annotations."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from render.coverage import Coverage, total
from render.problems import Problem


def problems_text(problems: Sequence[Problem]) -> str:
    """One problem to a line, as compilers write them."""
    return "".join(f"{problem}\n" for problem in problems)


def problems_json(problems: Sequence[Problem]) -> str:
    """A list of objects with `path`, `line` (1-based) and `message`."""
    rows = [
        {"path": str(problem.place.path), "line": problem.place.line, "message": problem.message}
        for problem in problems
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def problems_github(problems: Sequence[Problem]) -> str:
    """GitHub's workflow commands, which show each problem in the changed file.

    The escapes are those of https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
    """
    return "".join(
        f"::error file={_escape_property(str(problem.place.path))},line={problem.place.line}"
        f"::{_escape(problem.message)}\n"
        for problem in problems
    )


def coverage_json(figures: Sequence[Coverage], release: str) -> str:
    """The figures of every file and their sum; `percent` is covered code lines in the hundred, rounded down."""
    whole = _figures(total(figures))
    del whole["path"]
    report = {"release": release, "total": whole, "files": [_figures(row) for row in figures]}
    return json.dumps(report, indent=2) + "\n"


def _figures(row: Coverage) -> dict[str, object]:
    return {**asdict(row), "path": str(row.path), "percent": row.percent}


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
