"""One element under test between two tasks, as a complete BPMN file."""

import re

from engine.artifacts import Artifact

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t">'
)
START = '<bpmn:startEvent id="start" name="Début"/>'
END = '<bpmn:endEvent id="end" name="Fin"/>'
DEFINITIONS = (
    '<bpmn:message id="m" name="news"/><bpmn:signal id="s" name="bell"/>'
    '<bpmn:error id="e" name="oops" errorCode="oops"/>'
    '<bpmn:escalation id="c" name="up" escalationCode="up"/>'
)
_NODE = re.compile(
    r"<bpmn:(\w+(?:Task|Event|Gateway|[pP]rocess|Activity|task)|task)\s[^>]*?id=\"(\w+)\""
)
_FLOW = re.compile(r"<bpmn:sequenceFlow id=\"(\w+)\" sourceRef=\"(\w+)\" targetRef=\"(\w+)\"")


def task(key: str, name: str = "") -> str:
    """A task a person does, complete enough for the gate."""
    return (
        f'<bpmn:userTask id="{key}" name="{name or key}">{properties(form="ask", deadline="ask")}'
        "</bpmn:userTask>"
    )


def properties(**values: str) -> str:
    rows = "".join(
        f'<spiffworkflow:property name="{name}" value="{value}"/>'
        for name, value in values.items()
    )
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    test = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{test}</bpmn:sequenceFlow>"
    )


def between(element: str, more: str = "", *, key: str = "x") -> str:
    """start → the element `x` → a task `after` → end."""
    return (
        START + element + task("after") + END + more
        + flow("start", key) + flow(key, "after") + flow("after", "end")
    )  # fmt: skip


def file(body: str, *, name: str = "demo", definitions: str = DEFINITIONS) -> Artifact:
    """The file, each element in the one lane and drawn somewhere."""
    top = re.sub(
        r"<bpmn:(subProcess|adHocSubProcess|transaction).*?</bpmn:\1>", _hollow, body, flags=re.S
    )
    lane = "".join(f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>" for _, key in _NODE.findall(top))
    text = (
        f'{HEAD}<bpmn:process id="{name}" isExecutable="true"><bpmn:laneSet id="lanes">'
        f'<bpmn:lane id="lane" name="IDEC">{lane}</bpmn:lane></bpmn:laneSet>{body}'
        f"</bpmn:process>{definitions}{_drawn(body, name)}</bpmn:definitions>"
    )
    return Artifact("diagram", name, text.encode())


def _hollow(match: re.Match[str]) -> str:
    return match[0].split(">", 1)[0] + ">"


def _drawn(body: str, name: str) -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}">'
        '<dc:Bounds x="0" y="0" width="9" height="9"/></bpmndi:BPMNShape>'
        for _, key in _NODE.findall(body)
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="{key}_di" bpmnElement="{key}"><di:waypoint x="0" y="0"/>'
        '<di:waypoint x="9" y="9"/></bpmndi:BPMNEdge>'
        for key, _, _ in _FLOW.findall(body)
    )
    return (
        f'<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="{name}">'
        f"{shapes}{edges}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )
