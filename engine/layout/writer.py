"""A laid-out diagram comes in, the bytes of a BPMN 2.0 file with its diagram interchange go out."""

import re
from typing import Any

from lxml import etree

from engine.layout.geometry import Path, Rect
from engine.layout.grid import Grid
from engine.layout.source import Diagram, Element, Flow

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {
    "bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "spiffworkflow": SPIFF, "xsi": XSI,
}  # fmt: skip
TRIGGERS = ("message", "signal", "error", "escalation")


def write(diagram: Diagram, grid: Grid, edges: dict[str, Path], labels: dict[str, Rect]) -> bytes:
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=NAMESPACES)
    root.set("id", f"{diagram.id}_definitions")
    root.set("targetNamespace", "http://bpmn.io/schema/bpmn")
    collaboration = _add(root, "collaboration", id=f"{diagram.id}_collaboration")
    _add(
        collaboration,
        "participant",
        id=f"{diagram.id}_pool",
        name=diagram.name,
        processRef=diagram.id,
    )
    _process(root, diagram)
    _triggers(root, diagram)
    _interchange(root, diagram, grid, edges, labels)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: Any, tag: str, content: str = "", *, space: str = BPMN, **values: str) -> Any:
    node = etree.SubElement(parent, f"{{{space}}}{tag}")
    for key, value in values.items():
        if value != "":
            node.set(key, value)
    if content:
        node.text = content
    return node


def _process(root: Any, diagram: Diagram) -> None:
    process = _add(root, "process", id=diagram.id, name=diagram.name, isExecutable="true")
    _properties(process, diagram.properties)
    lanes = _add(process, "laneSet", id=f"{diagram.id}_lanes")
    for number, name in enumerate(diagram.lanes, 1):
        lane = _add(lanes, "lane", id=f"{diagram.id}_lane_{number}", name=name)
        for element in diagram.elements.values():
            if element.lane == name:
                _add(lane, "flowNodeRef", element.id)
    for element in diagram.elements.values():
        _element(process, diagram, element)
    for flow in diagram.flows:
        _flow(process, flow)


def _properties(parent: Any, properties: dict[str, str]) -> None:
    if properties:
        extension = _add(parent, "extensionElements")
        box = _add(extension, "properties", space=SPIFF)
        for name, value in properties.items():
            _add(box, "property", space=SPIFF, name=name, value=value)


def _element(process: Any, diagram: Diagram, element: Element) -> None:
    details = element.details
    default = [f.id for f in diagram.flows if f.source == element.id and f.default]
    node = _add(
        process,
        element.tag,
        id=element.id,
        name=element.name,
        attachedToRef=element.host,
        cancelActivity=str(details.get("interrupting", True)).lower() if element.host else "",
        calledElement=details.get("calls", ""),
        default=default[0] if default else "",
    )
    if element.documentation:
        _add(node, "documentation", element.documentation)
    _properties(node, element.properties)
    _ends(node, diagram)
    _content(node, element)


def _ends(node: Any, diagram: Diagram) -> None:
    for flow in diagram.flows:
        if flow.target == node.get("id"):
            _add(node, "incoming", flow.id)
    for flow in diagram.flows:
        if flow.source == node.get("id"):
            _add(node, "outgoing", flow.id)


def _content(node: Any, element: Element) -> None:
    details = element.details
    if "multiple" in details:
        _multiple(node, details["multiple"])
    if "script" in details:
        _add(node, "script", details["script"].strip())
    if element.tag in ("sendTask", "receiveTask") and "message" in details:
        node.set("messageRef", f"message_{details['message']}")
    elif element.is_event:
        _event(node, element)


def _multiple(node: Any, multiple: dict[str, Any]) -> None:
    loop = _add(node, "multiInstanceLoopCharacteristics")
    if multiple.get("sequential"):
        loop.set("isSequential", "true")
    if "times" in multiple:
        _expression(loop, "loopCardinality", str(multiple["times"]))
        return
    collection, item = multiple["collection"], multiple["item"]
    _add(loop, "loopDataInputRef", collection)
    _add(loop, "loopDataOutputRef", collection)
    _add(loop, "inputDataItem", id=f"{node.get('id')}_in", name=item)
    _add(loop, "outputDataItem", id=f"{node.get('id')}_out", name=item)


def _expression(parent: Any, tag: str, content: str) -> None:
    _add(parent, tag, content).set(f"{{{XSI}}}type", "bpmn:tFormalExpression")


def _event(node: Any, element: Element) -> None:
    details = element.details
    for kind in TRIGGERS:
        if kind in details:
            event = _add(node, f"{kind}EventDefinition", id=f"{element.id}_{kind}")
            event.set(f"{kind}Ref", f"{kind}_{details[kind]}")
    if details.get("terminate"):
        _add(node, "terminateEventDefinition", id=f"{element.id}_terminate")
    if "timer" in details:
        timer = _add(node, "timerEventDefinition", id=f"{element.id}_timer")
        kind, content = _timer(details["timer"])
        _expression(timer, kind, content)
    if "condition_event" in details:
        event = _add(node, "conditionalEventDefinition", id=f"{element.id}_condition")
        _expression(event, "condition", details["condition_event"])


def _timer(timer: str | dict[str, str]) -> tuple[str, str]:
    if isinstance(timer, dict):
        kind, content = next(iter(timer.items()))
        return f"time{kind.capitalize()}", str(content)
    return ("timeDuration" if re.match(r"P[\dT]", timer) else "timeDate"), timer


def _flow(process: Any, flow: Flow) -> None:
    node = _add(
        process,
        "sequenceFlow",
        id=flow.id,
        name=flow.name,
        sourceRef=flow.source,
        targetRef=flow.target,
    )
    if flow.condition:
        _expression(node, "conditionExpression", flow.condition)


def _triggers(root: Any, diagram: Diagram) -> None:
    for kind in TRIGGERS:
        names = [e.details[kind] for e in diagram.elements.values() if kind in e.details]
        for name in dict.fromkeys(names):
            node = _add(root, kind, id=f"{kind}_{name}", name=name)
            if kind in ("error", "escalation"):
                node.set(f"{kind}Code", name)
            if kind == "message":
                _properties(node, diagram.messages.get(name, {}))


def _interchange(
    root: Any, diagram: Diagram, grid: Grid, edges: dict[str, Path], labels: dict[str, Rect]
) -> None:
    drawing = _add(root, "BPMNDiagram", space=BPMNDI, id=f"{diagram.id}_diagram")
    plane = _add(drawing, "BPMNPlane", space=BPMNDI, id=f"{diagram.id}_plane")
    plane.set("bpmnElement", f"{diagram.id}_collaboration")
    _shape(plane, f"{diagram.id}_pool", grid.pool, isHorizontal="true")
    for number, name in enumerate(diagram.lanes, 1):
        _shape(plane, f"{diagram.id}_lane_{number}", grid.lanes[name], isHorizontal="true")
    for element in diagram.elements.values():
        shape = _shape(plane, element.id, grid.shapes[element.id])
        if element.tag == "exclusiveGateway":
            shape.set("isMarkerVisible", "true")
        _label(shape, labels.get(element.id))
    for flow in diagram.flows:
        edge = _add(plane, "BPMNEdge", space=BPMNDI, id=f"{flow.id}_di", bpmnElement=flow.id)
        for x, y in edges[flow.id]:
            _add(edge, "waypoint", space=DI, x=_number(x), y=_number(y))
        _label(edge, labels.get(flow.id))


def _shape(plane: Any, key: str, box: Rect, **values: str) -> Any:
    shape = _add(plane, "BPMNShape", space=BPMNDI, id=f"{key}_di", bpmnElement=key, **values)
    _bounds(shape, box)
    return shape


def _label(parent: Any, box: Rect | None) -> None:
    if box:
        _bounds(_add(parent, "BPMNLabel", space=BPMNDI), box)


def _bounds(parent: Any, box: Rect) -> None:
    _add(
        parent,
        "Bounds",
        space=DC,
        x=_number(box.x),
        y=_number(box.y),
        width=_number(box.width),
        height=_number(box.height),
    )


def _number(value: float) -> str:
    return f"{value:.0f}"
