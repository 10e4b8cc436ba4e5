"""The bytes of a BPMN file come in, the nodes and flows that the rules look at go out."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from engine.links import follow_links
from engine.xml import BPMN, BPMNDI, SPIFF, local, parse_xml

_NOT_NODES = {
    "documentation", "extensionElements", "incoming", "outgoing", "laneSet",
    "textAnnotation", "association", "group", "dataObject", "dataObjectReference", "property",
    "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "script", "condition",
    "standardLoopCharacteristics", "multiInstanceLoopCharacteristics", "auditing", "monitoring",
    "category", "resourceRole", "performer", "humanPerformer", "potentialOwner", "supportedInterfaceRef",
    "completionCondition",
}  # fmt: skip


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str | None
    name: str = ""

    @property
    def ends(self) -> tuple[str, str]:
        return self.source, self.target


@dataclass(frozen=True)
class Node:
    id: str
    tag: str
    name: str
    scope: str  # id of the process or of the embedded sub-process it stands in
    lane: str
    properties: dict[str, str]
    xml: etree._Element = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """How a sentence names it: what is written on it, else its identifier."""
        return f"« {' '.join(self.name.split()) or self.id} »"

    @property
    def host(self) -> str:
        return self.xml.get("attachedToRef", "")

    @property
    def default(self) -> str:
        return self.xml.get("default", "")

    @property
    def interrupting(self) -> bool:
        return self.xml.get("cancelActivity", "true") != "false"

    @property
    def called(self) -> str:
        return self.xml.get("calledElement", "")

    @property
    def triggers(self) -> list[etree._Element]:
        return [child for child in self.xml if local(child).endswith("EventDefinition")]

    @property
    def trigger(self) -> str:
        """``message``, ``timer``, … of the first event definition, or nothing."""
        return local(self.triggers[0]).removesuffix("EventDefinition") if self.triggers else ""

    @property
    def is_gateway(self) -> bool:
        return self.tag.endswith("Gateway")

    @property
    def is_event(self) -> bool:
        return self.tag.endswith("Event")

    @property
    def is_human(self) -> bool:
        return self.tag == "userTask"

    def text(self, tag: str) -> str:
        """The text of a child or grandchild of that name."""
        found = self.xml.find(f".//{{{BPMN}}}{tag}")
        return (found.text or "").strip() if found is not None else ""


class Diagram:
    """One file: its executable process with everything drawn in it."""

    def __init__(self, artifact: str, content: bytes, *, follow: bool = False) -> None:
        """With `follow`, links have become flows: for what checks and runs, not for what draws."""
        self.artifact = artifact
        self.root = parse_xml(content)
        self.processes = self.root.findall(f"{{{BPMN}}}process")
        self.is_bpmn = self.root.tag == f"{{{BPMN}}}definitions" and bool(self.processes)
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.lanes: dict[str, str] = {}  # node id → name of its lane
        self.lane_names: list[tuple[str, str]] = []
        self.anonymous: list[str] = []  # tags of nodes and flows without an id
        self.jumps: set[str] = set()  # flows that are drawn as links
        if self.is_bpmn and follow:
            self.jumps = follow_links(self.process)
        if self.is_bpmn:
            self._read(self.process, self.process.get("id", ""))

    @property
    def process(self) -> etree._Element:
        return self.processes[0]

    @property
    def id(self) -> str:
        return self.process.get("id", "")

    @property
    def properties(self) -> dict[str, str]:
        return properties_of(self.process)

    def _read(self, scope: etree._Element, scope_id: str) -> None:
        self._read_lanes(scope)
        for child in scope:
            tag = local(child)
            if tag in _NOT_NODES or tag.endswith("EventDefinition"):
                continue
            if not child.get("id"):
                self.anonymous.append(tag)
            elif tag == "sequenceFlow":
                self.flows.append(_flow(child))
            else:
                self._read_node(child, tag, scope_id)

    def _read_lanes(self, scope: etree._Element) -> None:
        for lane in scope.iter(f"{{{BPMN}}}lane"):
            self.lane_names.append((lane.get("id", ""), lane.get("name", "")))
            for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                self.lanes[(reference.text or "").strip()] = lane.get("name", "")

    def _read_node(self, child: etree._Element, tag: str, scope_id: str) -> None:
        key = child.get("id", "")
        lane = self.lanes.get(key) or self.lanes.get(scope_id, "")
        self.nodes[key] = Node(
            key, tag, child.get("name", ""), scope_id, lane, properties_of(child), child
        )
        if tag in ("subProcess", "transaction", "adHocSubProcess"):
            self.lanes.setdefault(key, lane)
            self._read(child, key)

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def following(self) -> dict[str, list[str]]:
        """Where a token may go from each node; a boundary event follows its host."""
        found = {
            key: [flow.target for flow in self.outgoing[key] if flow.target in self.nodes]
            for key in self.nodes
        }
        for node in self.nodes.values():
            if node.host in found:
                found[node.host].append(node.id)
        return found

    @cached_property
    def scopes(self) -> list[str]:
        """The process, then each embedded sub-process."""
        inner = ("subProcess", "transaction", "adHocSubProcess")
        return [self.id, *(n.id for n in self.nodes.values() if n.tag in inner)]

    def called(self, scope: str) -> str:
        """How a sentence names a process or sub-process."""
        if scope in self.nodes:
            return f"Le sous-processus {self.nodes[scope].label}"
        return "Le diagramme"

    def between(self, flow: Flow) -> str:
        """How a sentence names a flow."""
        ends = [self.nodes[end].label if end in self.nodes else f"« {end} »" for end in flow.ends]
        name = f" « {' '.join(flow.name.split())} »" if flow.name else ""
        return f"du flux{name} de {ends[0]} vers {ends[1]}"

    @cached_property
    def messages(self) -> dict[str, str]:
        """Message id → name."""
        return {
            m.get("id", ""): m.get("name", "") for m in self.root.findall(f"{{{BPMN}}}message")
        }

    @cached_property
    def message_properties(self) -> dict[str, dict[str, str]]:
        found = self.root.findall(f"{{{BPMN}}}message")
        return {m.get("name", ""): properties_of(m) for m in found}

    def message_of(self, node: Node) -> str:
        """The name of the message a node throws or awaits."""
        holder = node.xml if node.tag in ("sendTask", "receiveTask") else None
        if holder is None and node.trigger == "message":
            holder = node.triggers[0]
        return self.messages.get(holder.get("messageRef", ""), "") if holder is not None else ""

    def signal_of(self, node: Node) -> str:
        """The name of the signal an event throws or awaits."""
        key = node.triggers[0].get("signalRef", "")
        found = self.root.find(f"{{{BPMN}}}signal[@id='{key}']") if "'" not in key else None
        return found.get("name", key) if found is not None else key

    @cached_property
    def drawn(self) -> set[str]:
        """Ids of the elements that have a shape or an edge."""
        shapes = [
            *self.root.iter(f"{{{BPMNDI}}}BPMNShape"),
            *self.root.iter(f"{{{BPMNDI}}}BPMNEdge"),
        ]
        return {shape.get("bpmnElement", "") for shape in shapes}


def properties_of(element: etree._Element) -> dict[str, str]:
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {p.get("name", ""): p.get("value", "") for p in element.findall(path)}


def extensions_of(element: etree._Element) -> set[str]:
    """Names of what another tool, or the library, would read there."""
    boxes = element.findall(f"{{{BPMN}}}extensionElements")
    return {local(child) for box in boxes for child in box}


def _flow(child: etree._Element) -> Flow:
    condition = child.find(f"{{{BPMN}}}conditionExpression")
    return Flow(
        child.get("id", ""),
        child.get("sourceRef", ""),
        child.get("targetRef", ""),
        None if condition is None else (condition.text or "").strip(),
        child.get("name", ""),
    )
