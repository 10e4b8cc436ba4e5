"""Shapes and paths come in, a place for every label outside a task goes out."""

from collections.abc import Iterator
from itertools import pairwise

from engine.layout import text
from engine.layout.geometry import Path, Rect, segments
from engine.layout.grid import Grid
from engine.layout.source import Diagram, Element, Flow

ON_SHAPE, ON_LABEL, ON_EDGE, ON_BORDER, LATER = 3.0, 4.0, 60.0, 45.0, 3.0
SIDES = {"below": 0, "above": 1, "right": 2, "left": 3}


def label(diagram: Diagram, grid: Grid, edges: dict[str, Path]) -> dict[str, Rect]:
    """Events and gateways choose first, flows take what is left; then all choose once more."""
    named = [e for e in diagram.elements.values() if e.name and (e.is_event or e.is_gateway)]
    flows = [flow for flow in diagram.flows if flow.name]
    choices = {e.id: list(_around(e, grid.shapes[e.id])) for e in named}
    choices |= {f.id: list(_along(f, edges[f.id])) for f in flows}
    placed: dict[str, Rect] = {}
    for _ in range(3):
        for key, places in choices.items():
            placed.pop(key, None)
            costs = [
                LATER * rank + _cost(place, key, grid, edges, placed)
                for rank, place in enumerate(places)
            ]
            placed[key] = places[costs.index(min(costs))]
    return placed


def _cost(
    place: Rect, key: str, grid: Grid, edges: dict[str, Path], placed: dict[str, Rect]
) -> float:
    zone = place.grown(1)
    cost = sum(ON_SHAPE * zone.overlap(shape) for shape in grid.shapes.values())
    cost += sum(ON_LABEL * zone.overlap(other) for other in placed.values())
    for path in edges.values():
        cost += sum(ON_EDGE for segment in segments(path) if zone.holds(segment))
    for lane in grid.lanes.values():
        borders = [((lane.x, y), (lane.right, y)) for y in (lane.y, lane.bottom)]
        cost += sum(ON_BORDER for border in borders if zone.holds(border))
    return cost + (1000 if place.y < grid.pool.y or place.bottom > grid.pool.bottom else 0)


def _around(element: Element, shape: Rect) -> Iterator[Rect]:
    width, height = text.box(element.name)
    gap = 4.0
    below = Rect(shape.cx - width / 2, shape.bottom + gap, width, height)
    above = Rect(shape.cx - width / 2, shape.y - gap - height, width, height)
    right = Rect(shape.right + gap, shape.cy - height - gap, width, height)
    left = Rect(shape.x - gap - width, shape.cy - height - gap, width, height)
    plain = [below, above, right, left]
    if element.label:
        yield plain[SIDES[element.label]]
        return
    corners = [
        Rect(x, y, width, height)
        for y in (shape.y - height + 4, shape.bottom - 4)
        for x in (shape.x - width + 2, shape.right - 2)
    ]
    first = [above, below] if element.is_gateway else [below, above]
    if element.host:
        first, corners = [], corners[1:]
    yield from [*first, *corners, right, left]
    yield from (Rect(b.x + dx, b.y, width, height) for b in (above, below) for dx in (-24, 24))
    yield from (Rect(b.x, b.y + dy, width, height) for b, dy in ((above, -12), (below, 12)))


def _along(flow: Flow, path: Path) -> Iterator[Rect]:
    """Beside the first stretch, near the gateway that asks; then further along."""
    width, height = text.box(flow.name)
    for rank, (a, b) in enumerate(pairwise(path)):
        reach = abs(a[0] - b[0]) + abs(a[1] - b[1])
        starts = [5.0, 14.0, 26.0, 40.0, 60.0] if rank == 0 else [6.0, reach / 2]
        if flow.default and rank == 0:
            starts = starts[1:]  # the slash of a default flow stands there
        for start in starts:
            if start < reach:
                yield from _beside(a, b, start, width, height)
        if rank == 2:
            return


def _beside(
    a: tuple[float, float], b: tuple[float, float], start: float, width: float, height: float
) -> Iterator[Rect]:
    if a[1] == b[1]:
        x = a[0] + start if b[0] > a[0] else a[0] - start - width
        yield Rect(x, a[1] - height - 3, width, height)
        yield Rect(x, a[1] + 3, width, height)
    else:
        y = a[1] + start - 2 if b[1] > a[1] else a[1] - start - height + 2
        yield Rect(a[0] + 5, y, width, height)
        yield Rect(a[0] - width - 5, y, width, height)
