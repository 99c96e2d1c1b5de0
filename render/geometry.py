"""Points, lines and rectangles on a plane whose y grows downwards; knows nothing of what is drawn with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

Line = tuple[Point, ...]
"""Points joined by straight pieces; at least two."""

_PIECES = 16
"""By so many straight pieces a curve is judged."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """`x` and `y` are of its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def grown(self, by: float) -> "Rectangle":
        return Rectangle(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: "Rectangle") -> bool:
        """Whether the two share more than an edge."""
        beside = self.right <= other.x or other.right <= self.x
        return not (beside or self.bottom <= other.y or other.bottom <= self.y)

    def crossed(self, line: Line) -> bool:
        """Whether a line runs through it; one that only touches its border does not."""
        return any(self._cut(one, other) for one, other in pairwise(line))

    def way_out(self, inside: Point, towards: Point) -> Point:
        """Where the line from a point inside to one outside leaves the rectangle, to a tenth."""
        reach = 1.0
        for start, step, low, high in self._axes(inside, towards):
            if step:
                reach = min(reach, ((high if step > 0 else low) - start) / step)
        return rounded((inside[0] + (towards[0] - inside[0]) * reach, inside[1] + (towards[1] - inside[1]) * reach))

    def _axes(self, one: Point, other: Point) -> Iterable[tuple[float, float, float, float]]:
        yield one[0], other[0] - one[0], self.x, self.right
        yield one[1], other[1] - one[1], self.y, self.bottom

    def _cut(self, one: Point, other: Point) -> bool:
        """Liang and Barsky's clipping: whether a stretch of the piece lies inside."""
        enters, leaves = 0.0, 1.0
        for start, step, low, high in self._axes(one, other):
            if step:
                near, far = sorted(((low - start) / step, (high - start) / step))
                enters, leaves = max(enters, near), min(leaves, far)
            elif not low < start < high:
                return False
        return enters < leaves


def around(rectangles: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle that holds them all; of one at least."""
    areas = tuple(rectangles)
    x, y = min(area.x for area in areas), min(area.y for area in areas)
    return Rectangle(x, y, max(area.right for area in areas) - x, max(area.bottom for area in areas) - y)


def line_area(line: Line) -> Rectangle:
    """The smallest rectangle that holds a line."""
    return around(Rectangle(x, y, 0, 0) for x, y in line)


def curve(start: Point, one: Point, other: Point, end: Point) -> Line:
    """A cubic Bézier curve as the line that it is judged by."""

    def at(part: float) -> Point:
        rest = 1 - part
        shares = (rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3)
        points = (start, one, other, end)
        x, y = (sum(share * point[axis] for share, point in zip(shares, points, strict=True)) for axis in (0, 1))
        return rounded((x, y))

    return tuple(at(index / _PIECES) for index in range(_PIECES + 1))


def rounded(point: Point) -> Point:
    """To a tenth, which is finer than any screen."""
    return round(point[0], 1), round(point[1], 1)
