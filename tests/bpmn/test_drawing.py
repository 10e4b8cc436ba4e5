"""Every diagram that ships can be read: lanes hold their shapes, nothing lies on anything else."""

from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from engine.layout import text
from engine.layout.geometry import Rect
from engine.xml import BPMN, BPMNDI, local
from tests.bpmn import release

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
WIDEST, MOST = 2_500, 25
LARGER = {"rcp": (2_600, 32), "cancer": (2_500, 26)}  # one meeting, one pathway: the limit
LONGEST = {"Task": 32, "Activity": 32, "Event": 24, "Gateway": 22}


@dataclass(frozen=True)
class Drawn:
    """One diagram as bounds: shapes, lanes, labels, lines."""

    root: etree._Element
    shapes: dict[str, Rect]
    labels: dict[str, Rect]
    lines: dict[str, list[tuple[float, float]]]
    tags: dict[str, str]
    names: dict[str, str]

    @property
    def nodes(self) -> list[str]:
        return [key for key in self.shapes if self.tags.get(key) not in (None, "lane")]

    @property
    def lanes(self) -> dict[str, str]:
        """Node → lane."""
        return {
            (reference.text or "").strip(): str(lane.get("id"))
            for lane in self.root.iter(f"{{{BPMN}}}lane")
            for reference in lane.iter(f"{{{BPMN}}}flowNodeRef")
        }


@pytest.fixture(params=release.DIAGRAMS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def drawn(path: Path) -> Drawn:
    root = etree.parse(str(path)).getroot()
    shapes, labels, lines = {}, {}, {}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        key = str(shape.get("bpmnElement"))
        if (bounds := shape.find(f"{{{DC}}}Bounds")) is not None:
            shapes[key] = _rect(bounds)
        if (label := shape.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")) is not None:
            labels[key] = _rect(label)
        points = shape.findall(f"{{{DI}}}waypoint")
        if points:
            lines[key] = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in points]
    process = next(root.iter(f"{{{BPMN}}}process"))
    elements = [e for e in process.iter() if isinstance(e.tag, str) and e.get("id")]
    return Drawn(
        root,
        shapes,
        labels,
        lines,
        {str(e.get("id")): local(e) for e in elements if local(e) != "process"},
        {str(e.get("id")): e.get("name") or "" for e in elements},
    )


def test_a_shape_lies_in_its_lane(drawn: Drawn) -> None:
    outside = [
        node
        for node, lane in drawn.lanes.items()
        if not _inside(drawn.shapes[node], drawn.shapes[lane])
        and drawn.tags[node] != "boundaryEvent"
    ]

    assert outside == []
    assert set(drawn.lanes) == set(drawn.nodes)


def test_no_shape_lies_on_another(drawn: Drawn) -> None:
    standing = [node for node in drawn.nodes if drawn.tags[node] != "boundaryEvent"]

    assert [
        (one, two)
        for one, two in combinations(standing, 2)
        if drawn.shapes[one].overlap(drawn.shapes[two])
    ] == []


def test_no_label_lies_on_a_label_or_on_a_shape(drawn: Drawn) -> None:
    on_labels = [
        (one, two)
        for one, two in combinations(drawn.labels, 2)
        if drawn.labels[one].overlap(drawn.labels[two])
    ]
    on_shapes = [
        (label, node)
        for label, where in drawn.labels.items()
        for node in drawn.nodes
        if node != label and where.overlap(drawn.shapes[node])
    ]

    assert on_labels == []
    assert on_shapes == []


def test_a_line_goes_around_what_it_does_not_join(drawn: Drawn) -> None:
    flows = {str(f.get("id")): f for f in drawn.root.iter(f"{{{BPMN}}}sequenceFlow")}
    through = [
        (key, node)
        for key, points in drawn.lines.items()
        for node in drawn.nodes
        if drawn.tags[node] != "boundaryEvent"
        and node not in _ends(drawn, flows[key])
        and any(drawn.shapes[node].holds(segment) for segment in pairwise(points))
    ]

    assert through == []


def test_words_are_short_and_fit(drawn: Drawn) -> None:
    too_long = [
        (node, drawn.names[node])
        for node in drawn.nodes
        for kind, most in LONGEST.items()
        if drawn.tags[node].endswith(kind) and len(drawn.names[node]) > most
    ]
    cut = [
        drawn.names[node]
        for node in drawn.nodes
        if drawn.tags[node].endswith(("Task", "Activity")) and len(_lines(drawn.names[node])) > 3
    ]

    assert too_long == []
    assert cut == []


def test_a_pool_is_as_high_as_its_name(drawn: Drawn) -> None:
    """It stands in a band of one line; a lane's may take two."""
    for band, most in (("participant", 1), ("lane", 2)):
        for one in drawn.root.iter(f"{{{BPMN}}}{band}"):
            name, height = str(one.get("name")), drawn.shapes[str(one.get("id"))].height
            assert len(text.wrap(name, height - 8, 12.0)) <= most, name


def test_a_gateway_that_decides_asks_a_question(drawn: Drawn) -> None:
    for node in drawn.nodes:
        if drawn.tags[node] == "exclusiveGateway":
            exits = [
                f for f in drawn.root.iter(f"{{{BPMN}}}sequenceFlow") if f.get("sourceRef") == node
            ]
            asks = drawn.names[node].endswith("\u202f?")
            assert asks == (len(exits) > 1), node
            assert all(flow.get("name") for flow in exits if len(exits) > 1), node


def test_a_diagram_fits_on_a_screen_or_two(drawn: Drawn, path: Path) -> None:
    widest, most = LARGER.get(path.stem, (WIDEST, MOST))
    right = max(shape.right for shape in drawn.shapes.values())
    left = min(shape.x for shape in drawn.shapes.values())

    assert right - left <= widest
    assert len(drawn.nodes) <= most


def test_the_system_has_the_last_lane(drawn: Drawn) -> None:
    names = [lane.get("name") for lane in drawn.root.iter(f"{{{BPMN}}}lane")]

    assert len(names) <= 5
    assert "Système" not in names[:-1]


def _rect(bounds: etree._Element) -> Rect:
    x, y, width, height = (float(bounds.get(name, 0)) for name in ("x", "y", "width", "height"))
    return Rect(x, y, width, height)


def _inside(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _ends(drawn: Drawn, flow: etree._Element) -> set[str]:
    """Both ends; a boundary event's line may touch its host."""
    ends = {str(flow.get("sourceRef")), str(flow.get("targetRef"))}
    hosts = {
        str(event.get("attachedToRef"))
        for event in drawn.root.iter(f"{{{BPMN}}}boundaryEvent")
        if event.get("id") in ends
    }
    return ends | hosts


def _lines(name: str) -> list[str]:
    return text.wrap(name, 112)
