"""A task, an event or a gateway and its state come in; its shape, mark and label go out."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.drawing import marks
from engine.drawing.canvas import add, lines, mark, number
from engine.drawing.scene import Box, Line, Shape
from engine.layout import text

INK, QUIET = "#14262C", "#5A6C73"
TASK_TEXT, LABEL_TEXT = 12.0, 11.0
FEWEST_POINTS = 9.0  # a text is never made smaller than this
MARK = 18.0


@dataclass(frozen=True)
class Shades:
    fill: str
    stroke: str
    text: str = INK
    weight: float = 1.6
    dashes: str | None = None


_SHADES = {
    "": Shades("#FFFFFF", "#41545B"),
    "todo": Shades("#FFFFFF", "#41545B"),
    "done": Shades("#E3F4E8", "#2F8F55", weight=2.0),
    "current": Shades("#CCE4EA", "#0B6477", weight=3.2),
    "cancelled": Shades("#EDF1F1", "#7A8A90", QUIET, dashes="6 4"),
}


def shades(state: str) -> Shades:
    return _SHADES.get(state, _SHADES[""])


def draw_shape(root: etree._Element, shape: Shape, state: str, labels: bool) -> None:
    node = shape.node
    group = add(
        root,
        "g",
        class_=" ".join(filter(None, ("element", node.tag, state))),
        data_element=node.id,
    )
    if node.name:
        add(group, "title", " ".join(node.name.split()))
    if node.is_event:
        _event(group, shape, shades(state))
    elif node.is_gateway:
        _gateway(group, shape, shades(state))
    else:
        _task(group, shape, shades(state), labels)


def draw_label(root: etree._Element, one: Shape | Line) -> None:
    """The words beside an event, a gateway or a flow; a task holds its own."""
    place = one.label
    name = one.flow.name if isinstance(one, Line) else one.node.name
    inside = isinstance(one, Shape) and not (one.node.is_event or one.node.is_gateway)
    if not name or inside:
        return
    if place is None:
        place = _usual_place(one)
    wrapped = text.wrap(" ".join(name.split(" ")), max(place.width, text.WRAP))
    group = add(root, "g", class_="label")
    lines(group, wrapped, place.cx, place.y, size=LABEL_TEXT, colour=INK)


def _usual_place(one: Shape | Line) -> Box:
    """Where a modeller puts a label that has no place of its own."""
    if isinstance(one, Shape):
        return Box(one.box.cx - 45, one.box.bottom + 4, 90, 14)
    (x1, y1), (x2, y2) = one.points[:2]
    return Box((x1 + x2) / 2 - 45, (y1 + y2) / 2 - 16, 90, 14)


def _task(group: etree._Element, shape: Shape, tone: Shades, labels: bool) -> None:
    box, node = shape.box, shape.node
    thick = 2.4 if node.tag == "callActivity" else 0.0
    add(
        group, "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=10,
        fill=tone.fill, stroke=tone.stroke, stroke_width=tone.weight + thick,
        stroke_dasharray=tone.dashes,
    )  # fmt: skip
    if not labels:
        return
    if node.tag in marks.TASKS:
        mark(group, marks.TASKS[node.tag], Box(box.x + 5, box.y + 5, MARK, MARK), tone.stroke)
    bottom = _bottom_marks(group, shape, tone)
    if box.height > 130:  # an open sub-process: its name on top, its steps inside
        lines(group, [node.name], box.cx, box.y + 8, size=TASK_TEXT, colour=tone.text)
        return
    marked = node.tag in marks.TASKS
    wrapped, size = _fitted(node.name, box, marked=marked, free=box.height - bottom)
    height = size * 1.25 * len(wrapped)
    room = box.height - bottom
    top = box.y + max((room - height) / 2, MARK + 4.0 if marked and len(wrapped) > 2 else 2.0)
    if marked and top + height > box.y + room - 2:
        top = box.y + max(2.0, room - 2 - height)
    lines(group, wrapped, box.cx, top, size=size, colour=tone.text)


def _fitted(name: str, box: Box, *, marked: bool, free: float) -> tuple[list[str], float]:
    """The largest letters in which the whole name fits; it is never cut."""
    size = TASK_TEXT
    while True:
        wrapped = text.wrap(" ".join(name.split()), box.width - 12, size)
        if size <= FEWEST_POINTS or size * 1.25 * len(wrapped) <= free - (MARK if marked else 4):
            return wrapped, size
        size -= 0.5


def _bottom_marks(group: etree._Element, shape: Shape, tone: Shades) -> float:
    """The height taken at the foot of a task by what tells that it calls or repeats."""
    box, node = shape.box, shape.node
    tags = {child.tag.rsplit("}", 1)[-1]: child for child in node.xml}
    found: list[tuple[marks.Stroke, ...]] = []
    many = tags.get("multiInstanceLoopCharacteristics")
    if many is not None:
        in_turn = many.get("isSequential") == "true"
        found.append(
            (("M4 6h16M4 12h16M4 18h16" if in_turn else "M6 4v16M12 4v16M18 4v16", False),)
        )
    if "standardLoopCharacteristics" in tags:
        found.append((("M8 19a8 8 0 1 1 8 0M8 19h-4M8 19v-4", False),))
    if node.tag == "callActivity":
        found.append(marks.PLUS)
    left = box.cx - 9.0 * len(found)
    for rank, strokes in enumerate(found):
        place = Box(left + 18.0 * rank + 2, box.bottom - 18, 14.0, 14.0)
        mark(group, strokes, place, tone.stroke)
    return 18.0 if found else 0.0


def _event(group: etree._Element, shape: Shape, tone: Shades) -> None:
    box, node = shape.box, shape.node
    radius = box.width / 2
    ends = node.tag == "endEvent"
    dashes = "5 3" if node.tag == "boundaryEvent" and not node.interrupting else tone.dashes
    weight = 3.6 if ends else tone.weight
    around: dict[str, Any] = {"fill": tone.fill, "stroke": tone.stroke, "stroke_dasharray": dashes}
    add(group, "circle", cx=box.cx, cy=box.cy, r=radius, stroke_width=weight, **around)
    if node.tag not in ("startEvent", "endEvent"):
        thin = min(tone.weight, 1.6)
        add(group, "circle", cx=box.cx, cy=box.cy, r=radius - 3.5, stroke_width=thin, **around)
    strokes = marks.EVENTS.get(node.trigger, ())
    if strokes and (ends or node.tag == "intermediateThrowEvent"):
        strokes = marks.thrown(strokes)
    side = box.width * (0.62 if node.trigger == "timer" else 0.5)
    mark(group, strokes, Box(box.cx - side / 2, box.cy - side / 2, side, side), tone.stroke)


def _gateway(group: etree._Element, shape: Shape, tone: Shades) -> None:
    box = shape.box
    corners = ((box.cx, box.y), (box.right, box.cy), (box.cx, box.bottom), (box.x, box.cy))
    add(
        group, "polygon", points=" ".join(f"{number(x)},{number(y)}" for x, y in corners),
        fill=tone.fill, stroke=tone.stroke, stroke_width=tone.weight, stroke_linejoin="round",
        stroke_dasharray=tone.dashes,
    )  # fmt: skip
    side = box.width * 0.58
    place = Box(box.cx - side / 2, box.cy - side / 2, side, side)
    mark(group, marks.GATEWAYS.get(shape.node.tag, ()), place, tone.stroke)
