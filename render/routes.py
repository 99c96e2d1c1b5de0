"""Where arrows run between boxes: beside each other, around what is in the way, and in a loop to where they began."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from render.geometry import Line, Point, Rectangle, curve, rounded

_APART = 20
"""Between arrows that join the same two boxes."""

_INSET = 8
"""How near the corner of a box an arrow may end."""

_BENDS = tuple(side * reach for reach in range(40, 441, 40) for side in (1, -1))
"""How far, in the order in which they are tried, an arrow swings out to pass the boxes between its ends."""

_LOOP = (15, 11, 40)
"""Half a loop's width at the border, how much wider it grows, and how far its handles reach."""

Ends = tuple[str, str]
"""The ids of the boxes from and to which an arrow runs."""


@dataclass(frozen=True, slots=True)
class Route:
    """The line by which a route is judged, and the path that is drawn."""

    line: Line
    path: str


def find_routes(arrows: Sequence[Ends], places: Mapping[str, Rectangle]) -> tuple[Route, ...]:
    """The route of each arrow, in their order."""
    routes: dict[int, Route] = {}
    for index, (start, end) in enumerate(arrows):
        if start != end:
            routes[index] = _route(arrows, index, places)
    for index, (start, end) in enumerate(arrows):
        if start == end:
            routes[index] = _loop(places[start], [route.line for route in routes.values()])
    return tuple(routes[index] for index in range(len(arrows)))


def _route(arrows: Sequence[Ends], index: int, places: Mapping[str, Rectangle]) -> Route:
    start, end = arrows[index]
    first, second = sorted((start, end), key=lambda name: (places[name].x, places[name].y, name))
    same = [other for other, ends in enumerate(arrows) if set(ends) == {start, end}]
    rank = same.index(index) - (len(same) - 1) / 2
    one, other, spread = _axis(places[first], places[second])
    normal = _normal(one, other)
    offset = rank * min(_APART, spread / len(same))
    others = [area.grown(_INSET / 2) for name, area in places.items() if name not in (start, end)]
    straight = _straight(_moved(one, normal, offset), _moved(other, normal, offset), places[first], places[second])
    if any(area.crossed(straight) for area in others):
        bends = (_bent(one, other, normal, bend + offset, places[first], places[second]) for bend in _BENDS)
        clear = (bend for bend in bends if not any(area.crossed(curve(*bend)) for area in others))
        found = next(clear, None)
        if found:
            return _curved(found if start == first else (found[3], found[2], found[1], found[0]))
    line = straight if start == first else straight[::-1]
    return Route(line, f"M{_spell(line[0])}L{_spell(line[1])}")


def _axis(one: Rectangle, other: Rectangle) -> tuple[Point, Point, float]:
    """Two points in the boxes whose line joins them best, and how far it may be moved sideways.

    Boxes that face each other are joined straight across, all others from middle to middle.
    """
    left, right = max(one.x, other.x), min(one.right, other.right)
    top, bottom = max(one.y, other.y), min(one.bottom, other.bottom)
    if bottom - top > 2 * _INSET and right <= left:
        y = (top + bottom) / 2
        return (one.middle[0], y), (other.middle[0], y), bottom - top - _INSET
    if right - left > 2 * _INSET and bottom <= top:
        x = (left + right) / 2
        return (x, one.middle[1]), (x, other.middle[1]), right - left - _INSET
    return one.middle, other.middle, min(one.width, one.height, other.width, other.height) - _INSET


def _normal(one: Point, other: Point) -> Point:
    """One step sideways; to the left of the way, for its reader."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = (dx**2 + dy**2) ** 0.5 or 1.0
    return dy / length, -dx / length


def _moved(point: Point, normal: Point, by: float) -> Point:
    return point[0] + normal[0] * by, point[1] + normal[1] * by


def _straight(one: Point, other: Point, first: Rectangle, second: Rectangle) -> Line:
    return first.way_out(one, other), second.way_out(other, one)


def _bent(
    one: Point, other: Point, normal: Point, bend: float, first: Rectangle, second: Rectangle
) -> tuple[Point, Point, Point, Point]:
    """A curve that swings out sideways, as its start, handles and end."""
    near = _moved(_between(one, other, 0.25), normal, bend)
    far = _moved(_between(one, other, 0.75), normal, bend)
    return first.way_out(one, near), rounded(near), rounded(far), second.way_out(other, far)


def _between(one: Point, other: Point, part: float) -> Point:
    return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part


def _loop(box: Rectangle, lines: Sequence[Line]) -> Route:
    """On the side of the box at which the fewest others end, the upper side before all."""
    sides = tuple(_sides(box))
    near = box.grown(1)
    ends = [point for line in lines for point in (line[0], line[-1]) if near.crossed((point, box.middle))]
    corner, along, out = min(sides, key=lambda side: sum(_on(side, point) for point in ends))
    half, wider, reach = _LOOP
    start, end = _moved(corner, along, -half), _moved(corner, along, half)
    one = _moved(_moved(start, along, -wider), out, reach)
    other = _moved(_moved(end, along, wider), out, reach)
    return _curved((rounded(start), rounded(one), rounded(other), rounded(end)))


def _sides(box: Rectangle) -> Iterator[tuple[Point, Point, Point]]:
    """The middle of each side, the way along it and the way out."""
    x, y = box.middle
    yield (x, box.y), (1, 0), (0, -1)
    yield (x, box.bottom), (1, 0), (0, 1)
    yield (box.right, y), (0, 1), (1, 0)
    yield (box.x, y), (0, 1), (-1, 0)


def _on(side: tuple[Point, Point, Point], point: Point) -> bool:
    """Whether a point at the box's border lies on the line of this side."""
    (x, y), _, (out_x, out_y) = side
    return abs((point[0] - x) * out_x + (point[1] - y) * out_y) < 1


def _curved(handles: tuple[Point, Point, Point, Point]) -> Route:
    start, *rest = map(_spell, handles)
    return Route(curve(*handles), f"M{start}C{' '.join(rest)}")


def _spell(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"
