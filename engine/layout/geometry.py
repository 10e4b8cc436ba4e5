"""Rectangles and orthogonal paths: overlaps, crossings and lengths, without any BPMN."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Path = tuple[Point, ...]
Segment = tuple[Point, Point]


@dataclass(frozen=True)
class Rect:
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
    def cx(self) -> float:
        return self.x + self.width / 2

    @property
    def cy(self) -> float:
        return self.y + self.height / 2

    def grown(self, by: float) -> "Rect":
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def overlap(self, other: "Rect") -> float:
        """Shared area."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.bottom, other.bottom) - max(self.y, other.y)
        return wide * high if wide > 0 and high > 0 else 0.0

    def holds(self, segment: Segment) -> bool:
        """True when a horizontal or vertical segment enters the inside."""
        (x1, y1), (x2, y2) = segment
        return (
            min(x1, x2) < self.right
            and max(x1, x2) > self.x
            and min(y1, y2) < self.bottom
            and max(y1, y2) > self.y
        )

    def port(self, side: str) -> Point:
        return {
            "n": (self.cx, self.y),
            "s": (self.cx, self.bottom),
            "e": (self.right, self.cy),
            "w": (self.x, self.cy),
        }[side]


def segments(path: Path) -> Iterator[Segment]:
    return pairwise(path)


def length(path: Path) -> float:
    return sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in segments(path))


def straightened(path: Path) -> Path:
    """Without doubled points and without points in the middle of a straight line."""
    points: list[Point] = []
    for point in path:
        if points and point == points[-1]:
            continue
        if len(points) > 1 and _in_line(points[-2], points[-1], point):
            points[-1] = point
        else:
            points.append(point)
    return tuple(points)


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return (a[0] == b[0] == c[0]) or (a[1] == b[1] == c[1])


def doubles_back(path: Path) -> bool:
    """True when a segment runs back over the one before."""
    return any(
        (a[0] == b[0] == c[0] and (b[1] - a[1]) * (c[1] - b[1]) < 0)
        or (a[1] == b[1] == c[1] and (b[0] - a[0]) * (c[0] - b[0]) < 0)
        for a, b, c in zip(path, path[1:], path[2:], strict=False)
    )


def meeting(one: Segment, two: Segment, near: float = 6) -> tuple[float, bool]:
    """Length run together (closer than `near`), and whether the two cross."""
    one_flat, two_flat = one[0][1] == one[1][1], two[0][1] == two[1][1]
    if one_flat != two_flat:
        flat, steep = (one, two) if one_flat else (two, one)
        low, high = sorted((flat[0][0], flat[1][0]))
        top, bottom = sorted((steep[0][1], steep[1][1]))
        return 0.0, low < steep[0][0] < high and top < flat[0][1] < bottom
    along = 0 if one_flat else 1
    if abs(one[0][1 - along] - two[0][1 - along]) >= near:
        return 0.0, False
    shared = min(max(one[0][along], one[1][along]), max(two[0][along], two[1][along])) - max(
        min(one[0][along], one[1][along]), min(two[0][along], two[1][along])
    )
    return max(shared, 0.0), False
