"""A small process model of our own, and the BPMN file that says the same; no layout, no engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any
from xml.sax.saxutils import quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="oracle"'
)
TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "terminate": "endEvent",
    "error_end": "endEvent",
    "user": "userTask",
    "script": "scriptTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "choice": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "sub": "subProcess",
    "adhoc": "adHocSubProcess",
    "call": "callActivity",
}


@dataclass(repr=False)
class Node:
    """One flow node; the fields that make no sense for its kind stay empty."""

    id: str
    kind: str
    message: str = ""
    signal: str = ""
    escalation: bool = False
    holds: tuple[str, int] | None = None  # a condition: name == value
    hours: int = 0
    host: str = ""
    interrupting: bool = True
    error: bool = False
    inner: Scope | None = None  # of an embedded sub-process
    called: Process | None = None
    repeat: str = ""  # "", "parallel", "sequential" or "loop"
    times: int = 0  # at most, for a loop; 0: no maximum
    again: tuple[str, int] | None = None  # a loop goes on while this holds
    before: bool = False  # … and asks so before the first turn
    until: tuple[str, int] | None = None  # repetitions, and an ad-hoc scope, end when this holds
    lasting: bool = False  # an ad-hoc scope lets what is open be finished
    counts: str = ""  # a script adds one to this name

    def __repr__(self) -> str:
        """Only what is not plain: a failing model is read by a person."""
        told = {f.name: getattr(self, f.name) for f in fields(self)[2:]}
        said = [f"{name}={value}" for name, value in told.items() if value not in ("", 0, None)]
        return f"{self.id}({', '.join(one for one in said if one != 'interrupting=True')})"


@dataclass(repr=False)
class Flow:
    id: str
    source: str
    target: str
    test: tuple[str, int] | None = None  # name == value
    default: bool = False

    def __repr__(self) -> str:
        test = f" if {self.test[0]} == {self.test[1]}" if self.test else ""
        return f"{self.source}→{self.target}{test}{' default' if self.default else ''}"


@dataclass(repr=False)
class Scope:
    """A process or an embedded sub-process: nodes and the flows between them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<{[*self.nodes.values()]} {self.flows}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))  # what hypothesis asks for

    def leaving(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node_id]

    def entering(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node_id]

    def boundaries(self, node_id: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.host == node_id]


@dataclass(repr=False)
class Process(Scope):
    id: str = "main"
    gives: str = ""  # the one name its caller gets back


def every_process(process: Process) -> list[Process]:
    """The process and all it calls, each once."""
    found = {process.id: process}
    todo: list[Scope] = [process]
    while todo:
        for node in todo.pop().nodes.values():
            if node.inner:
                todo.append(node.inner)
            if node.called and node.called.id not in found:
                found[node.called.id] = node.called
                todo.append(node.called)
    return list(found.values())


def to_xml(process: Process) -> bytes:
    """A complete BPMN 2.0 file of this one process."""
    body = "".join(_scope(process))
    messages = "".join(
        f'<bpmn:message id="m_{name}" name="{name}"/>' for name in sorted(_messages(process))
    )
    messages += "".join(
        f'<bpmn:signal id="s_{name}" name="{name}"/>' for name in sorted(_signals(process))
    )
    error = (
        '<bpmn:error id="oops" name="oops" errorCode="oops"/>'
        '<bpmn:escalation id="up" name="up" escalationCode="up"/>'
    )
    return (
        f"<bpmn:definitions {NAMESPACES}>"
        f'<bpmn:process id="{process.id}" isExecutable="true">{body}</bpmn:process>'
        f"{messages}{error}</bpmn:definitions>"
    ).encode()


def every_node(scope: Scope) -> Iterator[Node]:
    """The nodes of a scope and of those inside it, but not of what it calls."""
    for node in scope.nodes.values():
        yield node
        if node.inner:
            yield from every_node(node.inner)


def _messages(scope: Scope) -> set[str]:
    return {node.message for node in every_node(scope) if node.message}


def _signals(scope: Scope) -> set[str]:
    return {node.signal for node in every_node(scope) if node.signal}


def _scope(scope: Scope) -> list[str]:
    return [_node(scope, node) for node in scope.nodes.values()] + [
        _flow(flow) for flow in scope.flows
    ]


def _node(scope: Scope, node: Node) -> str:
    tag = TAGS[node.kind]
    values = {"id": node.id, "name": node.id}
    default = [flow.id for flow in scope.leaving(node.id) if flow.default]
    if default:
        values["default"] = default[0]
    if node.host:
        values |= {"attachedToRef": node.host, "cancelActivity": str(node.interrupting).lower()}
    if node.called:
        values["calledElement"] = node.called.id
    if node.lasting:
        values["cancelRemainingInstances"] = "false"
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
    return f"<bpmn:{tag}{attributes}>{_content(scope, node)}</bpmn:{tag}>"


def _content(scope: Scope, node: Node) -> str:
    parts = []
    if node.called and node.called.gives:
        parts.append(
            "<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property "
            f'name="returns" value="{node.called.gives}"/></spiffworkflow:properties>'
            "</bpmn:extensionElements>"
        )
    parts += [f"<bpmn:incoming>{flow.id}</bpmn:incoming>" for flow in scope.entering(node.id)]
    parts += [f"<bpmn:outgoing>{flow.id}</bpmn:outgoing>" for flow in scope.leaving(node.id)]
    if node.repeat == "loop":
        parts.append(_loop(node))
    elif node.repeat:
        sequential = str(node.repeat == "sequential").lower()
        parts.append(
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}"><bpmn:loopCardinality>'
            f"{node.times}</bpmn:loopCardinality>{_condition('completionCondition', node.until)}"
            "</bpmn:multiInstanceLoopCharacteristics>"
        )
    if node.counts:
        parts.append(f"<bpmn:script>{node.counts} = default({node.counts}, 0) + 1</bpmn:script>")
    if node.inner:
        parts += _scope(node.inner)
    if node.kind == "adhoc":
        parts.append(_condition("completionCondition", node.until))
    return "".join(parts) + _trigger(node)


def _trigger(node: Node) -> str:
    if node.message:
        return f'<bpmn:messageEventDefinition messageRef="m_{node.message}"/>'
    if node.signal:
        return f'<bpmn:signalEventDefinition signalRef="s_{node.signal}"/>'
    if node.escalation:
        return '<bpmn:escalationEventDefinition escalationRef="up"/>'
    if node.holds:
        inner = _condition("condition", node.holds)
        return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"
    if node.hours:
        return (
            '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
            f"PT{node.hours}H</bpmn:timeDuration></bpmn:timerEventDefinition>"
        )
    if node.error or node.kind == "error_end":
        return '<bpmn:errorEventDefinition errorRef="oops"/>'
    return "<bpmn:terminateEventDefinition/>" if node.kind == "terminate" else ""


def _loop(node: Node) -> str:
    most = f' loopMaximum="{node.times}"' if node.times else ""
    before = ' testBefore="true"' if node.before else ""
    inner = _condition("loopCondition", node.again)
    return (
        f"<bpmn:standardLoopCharacteristics{most}{before}>{inner}"
        "</bpmn:standardLoopCharacteristics>"
    )


def _condition(tag: str, test: tuple[str, int] | None) -> str:
    if test is None:
        return ""
    return f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{test[0]} == {test[1]}</bpmn:{tag}>'


def _flow(flow: Flow) -> str:
    test = _condition("conditionExpression", flow.test)
    return (
        f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" '
        f'targetRef="{flow.target}">{test}</bpmn:sequenceFlow>'
    )
