"""The bytes of a diagram come in; its steps as a list, or the diagram with one step changed, go out."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.checks.diagram import Diagram, Node
from engine.errors import Invalid, NotFound
from engine.xml import BPMN, SPIFF, XmlError, local

ASKED = ("form", "deadline")


@dataclass(frozen=True)
class Step:
    """One shape of a diagram that does something, as a list says it."""

    id: str
    kind: str  # userTask, serviceTask, callActivity, …
    name: str
    lane: str
    form: str = ""
    deadline: str = ""
    detail: str = ""  # handler, decision or diagram called
    trigger: str = ""  # of an event: message, timer, …

    @property
    def is_human(self) -> bool:
        return self.kind == "userTask"


@dataclass(frozen=True)
class Sheet:
    """A diagram as people name it; `is_readable` is false for what is not BPMN."""

    id: str
    title: str
    steps: tuple[Step, ...]
    is_readable: bool = True

    @property
    def tasks(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_human)

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)


def sheet(name: str, content: bytes) -> Sheet:
    """Steps in the order a patient meets them."""
    try:
        diagram = Diagram(name, content)
    except XmlError:
        return Sheet(name, name, (), is_readable=False)
    if not diagram.is_bpmn:
        return Sheet(name, name, (), is_readable=False)
    steps = tuple(_step(node) for node in _in_order(diagram) if _does_something(node))
    return Sheet(diagram.id, _title(diagram) or name, steps)


def change(content: bytes, step_id: str, *, name: str, form: str, deadline: str) -> bytes:
    """The same diagram, one human task named and asked otherwise."""
    try:
        diagram = Diagram("", content)
    except XmlError as problem:
        raise Invalid(f"Ce diagramme ne se lit pas\u202f: {problem.message}.") from problem
    node = diagram.nodes.get(step_id)
    if node is None or not node.is_human:
        raise NotFound("Cette étape n’est plus dans le diagramme.")
    if not name.strip():
        raise Invalid("Donnez un nom à l’étape, qui commence par un verbe.")
    node.xml.set("name", name.strip()[:200])
    for key, value in (("form", form), ("deadline", deadline)):
        _set_property(node.xml, key, value)
    written: bytes = etree.tostring(diagram.root, xml_declaration=True, encoding="UTF-8")
    return written


def _title(diagram: Diagram) -> str:
    pool = diagram.root.find(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant")
    names = (diagram.process.get("name"), pool.get("name") if pool is not None else None)
    return next((name for name in names if name), "")


def _in_order(diagram: Diagram) -> Iterator[Node]:
    """From the starts along the arrows; what no arrow reaches comes last."""
    waiting = deque(node.id for node in diagram.nodes.values() if node.tag == "startEvent")
    seen: set[str] = set()
    hosted: dict[str, list[str]] = {}
    for node in diagram.nodes.values():
        if node.host:
            hosted.setdefault(node.host, []).append(node.id)
    while waiting:
        key = waiting.popleft()
        if key in seen or key not in diagram.nodes:
            continue
        seen.add(key)
        yield diagram.nodes[key]
        waiting.extend(hosted.get(key, ()))
        waiting.extend(flow.target for flow in diagram.outgoing.get(key, ()))
    yield from (node for key, node in diagram.nodes.items() if key not in seen)


def _does_something(node: Node) -> bool:
    return bool(node.name.strip()) or not node.is_gateway


def _step(node: Node) -> Step:
    properties = node.properties
    return Step(
        id=node.id,
        kind=node.tag,
        name=" ".join(node.name.split()),
        lane=node.lane,
        form=properties.get("form", ""),
        deadline=properties.get("deadline", ""),
        detail=node.called or properties.get("handler", "") or properties.get("decision", ""),
        trigger=node.trigger,
    )


def _set_property(task: etree._Element, name: str, value: str) -> None:
    holder = _child(task, f"{{{BPMN}}}extensionElements", first=True)
    listed = _child(holder, f"{{{SPIFF}}}properties")
    known = [one for one in listed if local(one) == "property" and one.get("name") == name]
    for one in known[1:] if value else known:
        listed.remove(one)
    if value:
        found = known[0] if known else etree.SubElement(listed, f"{{{SPIFF}}}property", name=name)
        found.set("value", value)


def _child(parent: etree._Element, tag: str, *, first: bool = False) -> etree._Element:
    """The schema wants extension elements after the documentation and before all the rest."""
    found = parent.find(tag)
    if found is not None:
        return found
    made = etree.Element(tag)
    documented = sum(1 for one in parent if local(one) == "documentation")
    parent.insert(documented if first else len(parent), made)
    return made
