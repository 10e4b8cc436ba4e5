"""A diagram comes in, the place of every element, lane and gutter goes out."""

from dataclasses import dataclass

from engine.layout import text
from engine.layout.geometry import Rect
from engine.layout.source import Diagram, Element, Flow

COLUMN, NARROW, GUTTER = 120, 62, 34
ROW, LANE_MARGIN, BAND = 100, 36, 30
LEFT, TOP, PADDING = 160, 80, 34
HANGING = 26  # room below or above a task for what leaves its boundary event


@dataclass(frozen=True)
class Grid:
    shapes: dict[str, Rect]
    pool: Rect
    lanes: dict[str, Rect]
    columns: dict[str, int]
    gutters: list[
        float
    ]  # x of the middle of the gutter on the left of each column, and a last one
    channels: list[float]  # y of the free lines between rows and along the lanes' edges
    back: frozenset[str]  # ids of the flows that run back
    sides: dict[str, str]  # boundary event → the side of its host it sits on


def place(diagram: Diagram) -> Grid:
    back = back_edges(diagram)
    columns = _columns(diagram, back)
    rows = _rows(diagram, columns)
    edges, centres = _across(diagram, columns, rows)
    sides = _sides(diagram, rows)
    heads = _heads(diagram, rows, sides)
    lanes, pool = _down(diagram, rows, edges[-1] + PADDING, heads, _feet(diagram, rows, sides))
    shapes = {
        element.id: _box(
            element, centres[columns[element.id]], _middle(element, lanes, rows, heads)
        )
        for element in diagram.elements.values()
        if element.tag != "boundaryEvent"
    }
    shapes |= _boundaries(diagram, shapes, sides)
    channels = _channels(lanes, heads, _depths(diagram, rows))
    return Grid(shapes, pool, lanes, columns, edges, channels, back, sides)


def _home(diagram: Diagram, key: str) -> str:
    """The element that holds the place: a boundary event stands on its host."""
    return diagram.elements[key].host or key


def back_edges(diagram: Diagram) -> frozenset[str]:
    """Flows that return to an element still being followed, seen in the author's order."""
    following: dict[str, list[Flow]] = {}
    for flow in diagram.flows:
        following.setdefault(_home(diagram, flow.source), []).append(flow)
    state: dict[str, str] = {}
    back: set[str] = set()

    def visit(key: str) -> None:
        state[key] = "open"
        for flow in following.get(key, []):
            if state.get(flow.target) == "open":
                back.add(flow.id)
            elif flow.target not in state:
                visit(flow.target)
        state[key] = "closed"

    starts = [e.id for e in diagram.elements.values() if e.tag == "startEvent"]
    for key in [*starts, *diagram.elements]:
        if key not in state and not diagram.elements[key].host:
            visit(key)
    return frozenset(back)


def _columns(diagram: Diagram, back: frozenset[str]) -> dict[str, int]:
    before: dict[str, list[str]] = {key: [] for key in diagram.elements}
    for flow in diagram.flows:
        if flow.id not in back:
            before[flow.target].append(_home(diagram, flow.source))
    found: dict[str, int] = {}

    def column(key: str) -> int:
        if key not in found:
            given = diagram.elements[key].column
            found[key] = 0  # a loop the author closed by hand must not recurse for ever
            found[key] = (
                given
                if given is not None
                else max((column(b) + 1 for b in before[key]), default=0)
            )
        return found[key]

    for key in diagram.elements:
        column(_home(diagram, key))
    return {key: found[_home(diagram, key)] for key in diagram.elements}


def _rows(diagram: Diagram, columns: dict[str, int]) -> dict[str, int]:
    rows: dict[str, int] = {}
    taken: set[tuple[str, int, int]] = set()
    standing = [e for e in diagram.elements.values() if not e.host]
    for element in sorted(standing, key=lambda e: (e.row is None, columns[e.id])):
        row = element.row if element.row is not None else _wished(diagram, element, rows)
        while element.row is None and (element.lane, columns[element.id], row) in taken:
            row = 0 if row and (element.lane, columns[element.id], 0) not in taken else row + 1
        taken.add((element.lane, columns[element.id], row))
        rows[element.id] = row
    return rows


def _wished(diagram: Diagram, element: Element, rows: dict[str, int]) -> int:
    """The row of the one before, when it stands in the same lane: the main path goes straight on."""
    for flow in diagram.flows:
        same = diagram.elements[flow.source].lane == element.lane
        if flow.target == element.id and same and flow.source in rows:
            return rows[flow.source]
    return 0


def _across(
    diagram: Diagram, columns: dict[str, int], rows: dict[str, int]
) -> tuple[list[float], list[float]]:
    count = max(columns.values()) + 1
    widths = [NARROW] * count
    for element in diagram.elements.values():
        if element.size[0] > NARROW:
            widths[columns[element.id]] = COLUMN
    gaps = [float(GUTTER)] * (count + 1)
    for flow in diagram.flows:
        column = columns[flow.source]
        if flow.name and _goes_straight_on(diagram, flow, columns, rows):
            needed = text.box(flow.name)[0] + 22
            free = (widths[column] - diagram.elements[flow.source].size[0]) / 2 + GUTTER
            free += (widths[column + 1] - diagram.elements[flow.target].size[0]) / 2
            gaps[column + 1] = max(gaps[column + 1], GUTTER + needed - free)
    for element in diagram.elements.values():
        exits = sum(1 for flow in diagram.flows if flow.source == element.id)
        if (
            element.is_gateway and element.name and exits > 2
        ):  # its question has no side of its own
            free = (widths[columns[element.id]] - element.size[0]) / 2
            needed = text.box(element.name)[0] + 12 - free
            gaps[columns[element.id]] = max(gaps[columns[element.id]], needed)
    edges, centres, x = [], [], float(LEFT + 2 * BAND + 8)
    for width, gap in zip(widths, gaps, strict=False):
        edges.append(x + gap / 2)
        centres.append(x + gap + width / 2)
        x += gap + width
    return [*edges, x + GUTTER / 2], centres


def _goes_straight_on(
    diagram: Diagram, flow: Flow, columns: dict[str, int], rows: dict[str, int]
) -> bool:
    source, target = diagram.elements[flow.source], diagram.elements[flow.target]
    return (
        not source.host
        and columns[target.id] == columns[source.id] + 1
        and source.lane == target.lane
        and rows[source.id] == rows[target.id]
    )


def _depths(diagram: Diagram, rows: dict[str, int]) -> dict[str, int]:
    """The number of sub-rows of each lane."""
    return {
        lane: max((rows[k] + 1 for k in rows if diagram.elements[k].lane == lane), default=1)
        for lane in diagram.lanes
    }


def _heads(diagram: Diagram, rows: dict[str, int], sides: dict[str, str]) -> dict[str, float]:
    """What each lane adds above its first row for the boundary events that stick out there."""
    hosts = {diagram.elements[key].host for key, side in sides.items() if side == "top"}
    lanes = {diagram.elements[key].lane for key in hosts if rows[key] == 0}
    return {lane: float(HANGING if lane in lanes else 0) for lane in diagram.lanes}


def _feet(diagram: Diagram, rows: dict[str, int], sides: dict[str, str]) -> dict[str, float]:
    """The same below its last row."""
    hosts = {diagram.elements[key].host for key, side in sides.items() if side == "bottom"}
    depths = _depths(diagram, rows)
    homes = {key: diagram.elements[key].lane for key in hosts}
    lanes = {lane for key, lane in homes.items() if rows[key] + 1 == depths[lane]}
    return {lane: float(HANGING if lane in lanes else 0) for lane in diagram.lanes}


def _down(
    diagram: Diagram,
    rows: dict[str, int],
    right: float,
    heads: dict[str, float],
    feet: dict[str, float],
) -> tuple[dict[str, Rect], Rect]:
    lanes: dict[str, Rect] = {}
    y = float(TOP)
    for lane, depth in _depths(diagram, rows).items():
        height = depth * ROW + LANE_MARGIN + heads[lane] + feet[lane]
        lanes[lane] = Rect(LEFT + BAND, y, right - LEFT - BAND, height)
        y += height
    return lanes, Rect(LEFT, TOP, right - LEFT, y - TOP)


def _middle(
    element: Element, lanes: dict[str, Rect], rows: dict[str, int], heads: dict[str, float]
) -> float:
    first = lanes[element.lane].y + heads[element.lane] + LANE_MARGIN / 2
    return first + ROW * (rows[element.id] + 0.5)


def _box(element: Element, cx: float, cy: float) -> Rect:
    width, height = element.size
    return Rect(cx - width / 2, cy - height / 2, width, height)


def _sides(diagram: Diagram, rows: dict[str, int]) -> dict[str, str]:
    def height(key: str) -> tuple[int, int]:
        home = _home(diagram, key)
        return diagram.lanes.index(diagram.elements[home].lane), rows[home]

    sides = {}
    for element in diagram.elements.values():
        if element.host:
            targets = [f.target for f in diagram.flows if f.source == element.id]
            up = bool(targets) and height(targets[0]) < height(element.host)
            sides[element.id] = element.side or ("top" if up else "bottom")
    return sides


def _boundaries(
    diagram: Diagram, shapes: dict[str, Rect], sides: dict[str, str]
) -> dict[str, Rect]:
    found, used = {}, dict[tuple[str, str], int]()
    for key, side in sides.items():
        host = shapes[diagram.elements[key].host]
        rank = used.get((diagram.elements[key].host, side), 0)
        used[(diagram.elements[key].host, side)] = rank + 1
        cy = host.y if side == "top" else host.bottom
        found[key] = Rect(host.right - 44 - 42 * rank, cy - 18, 36, 36)
    return found


def _channels(
    lanes: dict[str, Rect], heads: dict[str, float], depths: dict[str, int]
) -> list[float]:
    lines: list[float] = []
    for name, lane in lanes.items():
        lines += [lane.y + 14, lane.bottom - 14, lane.y + 22, lane.bottom - 22]
        first = lane.y + heads[name] + LANE_MARGIN / 2
        middle = [first + ROW * n for n in range(1, depths[name])]
        lines += [y + shift for y in middle for shift in (0, -7, 7)]
    return lines
