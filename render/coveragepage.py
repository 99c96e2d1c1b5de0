"""The page that tells how much of the release is annotated."""

from collections.abc import Sequence
from dataclasses import dataclass

from render.coverage import Coverage, total
from render.links import file_page, href
from render.views import Frame


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One file's figures (or the sum of all): `covered` of `code_lines` lie inside a span of at most 40 lines.

    `percent` is None where there is no code.
    """

    name: str
    href: str | None
    notes: int
    definitions: int
    noted: int
    code_lines: int
    covered: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """How much of the release is annotated."""

    frame: Frame
    rows: tuple[CoverageRow, ...]
    total: CoverageRow


def make_coverage_page(frame: Frame, figures: Sequence[Coverage], release: str) -> CoveragePage:
    """One row for each file, and their sum."""
    rows = (_row(row, str(row.path), href(file_page(release, row.path), "", frame.here)) for row in figures)
    return CoveragePage(frame, tuple(rows), _row(total(figures), "All files", None))


def _row(row: Coverage, name: str, address: str | None) -> CoverageRow:
    percent = row.percent if row.code_lines else None
    return CoverageRow(name, address, row.notes, row.definitions, row.noted, row.code_lines, row.covered, percent)
