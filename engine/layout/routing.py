"""Placed shapes come in, one orthogonal path per flow goes out: the cheapest of some dozens."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.layout.geometry import (
    Path,
    Point,
    Rect,
    doubles_back,
    length,
    meeting,
    segments,
    straightened,
)
from engine.layout.grid import Grid
from engine.layout.source import Diagram, Flow, SourceError

THROUGH, ALONG, JOINING, CROSSING, BEND, PER_PIXEL = 2000.0, 400.0, 25.0, 60.0, 14.0, 0.05
TRACKS = (0, -7, 7)
PASSES = 2
BESIDE = 16
OUTWARD = {"e": (1, 0), "n": (0, -1), "s": (0, 1), "w": (-1, 0)}


@dataclass(frozen=True)
class Candidate:
    path: Path
    least: float  # what it costs whatever the others do


def route(diagram: Diagram, grid: Grid) -> dict[str, Path]:
    """Short edges first, back edges last; then each is tried again among the others."""
    flows = sorted(diagram.flows, key=lambda f: (f.id in grid.back, _distance(grid, f)))
    candidates = {flow.id: _candidates(diagram, grid, flow) for flow in flows}
    paths: dict[str, Path] = {}
    for _ in range(PASSES + 1):
        for flow in flows:
            paths.pop(flow.id, None)
            paths[flow.id] = _cheapest(diagram, grid, flow, candidates[flow.id], paths)
    return paths


def _distance(grid: Grid, flow: Flow) -> float:
    a, b = grid.shapes[flow.source], grid.shapes[flow.target]
    return abs(a.cx - b.cx) + abs(a.cy - b.cy)


def _cheapest(
    diagram: Diagram, grid: Grid, flow: Flow, candidates: list[Candidate], paths: dict[str, Path]
) -> Path:
    by_id = {f.id: f for f in diagram.flows}
    others = [(path, by_id[key].target == flow.target) for key, path in paths.items()]
    if not candidates:
        raise SourceError(
            f"flux {flow.source} -> {flow.target} : aucun chemin ; déplacez un élément (column, row)"
        )
    best, lowest = candidates[0].path, float("inf")
    for candidate in candidates:
        if candidate.least >= lowest:
            break
        cost = candidate.least + _friction(candidate.path, others)
        if cost < lowest:
            best, lowest = candidate.path, cost
    return best


def _friction(path: Path, others: list[tuple[Path, bool]]) -> float:
    cost = 0.0
    mine = list(segments(path))
    for other, same_target in others:
        joining = same_target and other[-1] == path[-1]
        together, crossings = 0.0, 0
        for theirs in segments(other):
            for one in mine:
                shared, crosses = meeting(one, theirs)
                together += shared
                crossings += crosses
        if together > 0:
            cost += JOINING if joining else ALONG + together
        cost += CROSSING * crossings
    return cost


def _candidates(diagram: Diagram, grid: Grid, flow: Flow) -> list[Candidate]:
    found: dict[Path, Candidate] = {}
    for exits in _exits(diagram, grid, flow):
        for enters in flow.enter or "wns":
            for raw in _paths(grid, flow, exits, enters):
                path = straightened(raw)
                if path not in found and _leaves_and_arrives(path, exits, enters):
                    found[path] = Candidate(path, _least(diagram, grid, flow, path))
    return sorted(found.values(), key=lambda candidate: candidate.least)


def _exits(diagram: Diagram, grid: Grid, flow: Flow) -> str:
    if flow.exit:
        return flow.exit
    if flow.source in grid.sides:
        return "n" if grid.sides[flow.source] == "top" else "s"
    return "ens" if diagram.elements[flow.source].is_gateway else "e"


def _paths(grid: Grid, flow: Flow, exits: str, enters: str) -> Iterator[Path]:
    start = grid.shapes[flow.source].port(exits)
    end = grid.shapes[flow.target].port(enters)
    (sx, sy), (tx, ty) = start, end
    leaving = _tracks(grid, flow.source, 1) if exits == "e" else [sx]
    arriving = _tracks(grid, flow.target, 0) if enters == "w" else [tx]
    if exits == "e" and enters == "w":
        yield (start, end) if sy == ty else (start, end, end)
        for x in [*leaving, *arriving]:
            yield start, (x, sy), (x, ty), end
    elif exits == "e":
        yield start, (tx, sy), end
    elif enters == "w":
        yield start, (sx, ty), end
    elif sx == tx:
        yield start, end
    # A boundary event may hang below the last channel of its lane: it gets one of its own.
    beside = sy + BESIDE if exits == "s" else sy - BESIDE
    for y in (*grid.channels, beside):
        for x1 in leaving:
            for x2 in arriving:
                yield start, (x1, sy), (x1, y), (x2, y), (x2, ty), end


def _tracks(grid: Grid, key: str, after: int) -> list[float]:
    middle = grid.gutters[grid.columns[key] + after]
    return [middle + shift for shift in TRACKS]


def _leaves_and_arrives(path: Path, exits: str, enters: str) -> bool:
    if len(path) < 2 or doubles_back(path):
        return False
    square = all(a[0] == b[0] or a[1] == b[1] for a, b in segments(path))
    return (
        square
        and _towards(path[0], path[1], OUTWARD[exits])
        and _towards(path[-1], path[-2], OUTWARD[enters])
    )


def _towards(origin: Point, point: Point, way: tuple[int, int]) -> bool:
    return (point[0] - origin[0]) * way[0] + (point[1] - origin[1]) * way[1] > 0


def _least(diagram: Diagram, grid: Grid, flow: Flow, path: Path) -> float:
    hit = sum(1 for key, shape in grid.shapes.items() if _enters(flow, key, shape, path))
    return THROUGH * hit + BEND * (len(path) - 2) + PER_PIXEL * length(path)


def _enters(flow: Flow, key: str, shape: Rect, path: Path) -> bool:
    own = key in (flow.source, flow.target)
    zone = shape.grown(-1 if own else 5)
    return any(zone.holds(segment) for segment in segments(path))
