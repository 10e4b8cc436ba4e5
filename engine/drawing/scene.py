"""The bytes of a BPMN file come in; what stands where on its drawing goes out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.checks.diagram import Diagram, Flow, Node
from engine.xml import BPMN, BPMNDI, DC, DI, local

Point = tuple[float, float]
MARGIN = 12.0


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def cx(self) -> float:
        return self.x + self.width / 2

    @property
    def cy(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Band:
    """A pool, a lane, a group or a note: what frames or comments."""

    tag: str
    name: str
    box: Box


@dataclass(frozen=True)
class Shape:
    node: Node
    box: Box
    label: Box | None


@dataclass(frozen=True)
class Line:
    flow: Flow
    points: tuple[Point, ...]
    label: Box | None
    is_default: bool


@dataclass
class Scene:
    name: str
    bands: list[Band] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def frame(self) -> Box:
        """The smallest box around everything, with a margin."""
        boxes = [band.box for band in self.bands] + [shape.box for shape in self.shapes]
        boxes += [shape.label for shape in self.shapes if shape.label]
        boxes += [line.label for line in self.lines if line.label]
        points = [point for line in self.lines for point in line.points]
        xs = [x for b in boxes for x in (b.x, b.right)] + [x for x, _ in points] or [0.0]
        ys = [y for b in boxes for y in (b.y, b.bottom)] + [y for _, y in points] or [0.0]
        left, top = min(xs) - MARGIN, min(ys) - MARGIN
        return Box(left, top, max(xs) + MARGIN - left, max(ys) + MARGIN - top)


def read(content: bytes | str) -> Scene:
    """XmlError when the bytes are not readable; what has no place on the drawing is left out."""
    diagram = Diagram("", content.encode() if isinstance(content, str) else content)
    if not diagram.is_bpmn:
        return Scene("")
    scene = Scene(diagram.process.get("name") or diagram.id)
    flows = {flow.id: flow for flow in diagram.flows}
    defaults = {node.default for node in diagram.nodes.values()}
    others = _others(diagram)
    for drawn in diagram.root.iter(f"{{{BPMNDI}}}BPMNShape"):
        key, box = drawn.get("bpmnElement", ""), _box(drawn)
        if box and key in diagram.nodes:
            scene.shapes.append(Shape(diagram.nodes[key], box, _label(drawn)))
        elif box and key in others:
            element = others[key]
            scene.bands.append(Band(local(element), _name(element), box))
    for drawn in diagram.root.iter(f"{{{BPMNDI}}}BPMNEdge"):
        key, points = drawn.get("bpmnElement", ""), tuple(_points(drawn))
        if key in flows and len(points) > 1:
            scene.lines.append(Line(flows[key], points, _label(drawn), key in defaults))
    order = {"participant": 0, "lane": 1}
    scene.bands.sort(key=lambda band: order.get(band.tag, 2))
    # An event on the border of a task is drawn over it, a sub-process under what it holds.
    scene.shapes.sort(
        key=lambda shape: (bool(shape.node.host), -shape.box.width * shape.box.height)
    )
    return scene


def _others(diagram: Diagram) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for tag in ("participant", "lane", "textAnnotation", "group"):
        for element in diagram.root.iter(f"{{{BPMN}}}{tag}"):
            found[element.get("id", "")] = element
    return found


def _name(element: etree._Element) -> str:
    text = element.find(f"{{{BPMN}}}text")
    return element.get("name", "") or (text.text or "" if text is not None else "")


def _box(drawn: etree._Element) -> Box | None:
    bounds = drawn.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return None
    try:
        x, y, width, height = (float(bounds.get(k, "")) for k in ("x", "y", "width", "height"))
    except ValueError:
        return None
    return Box(x, y, width, height)


def _label(drawn: etree._Element) -> Box | None:
    label = drawn.find(f"{{{BPMNDI}}}BPMNLabel")
    return _box(label) if label is not None else None


def _points(drawn: etree._Element) -> Iterator[Point]:
    for point in drawn.findall(f"{{{DI}}}waypoint"):
        try:
            yield float(point.get("x", "")), float(point.get("y", ""))
        except ValueError:
            continue
