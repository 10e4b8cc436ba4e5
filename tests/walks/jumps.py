"""The released diagrams come in; for each of their user tasks, the same diagram begun there goes out."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.publishing import Artifact

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@dataclass(frozen=True)
class Jump:
    """A diagram that starts at one of its tasks."""

    name: str
    definition: str
    element: str
    form: str


def jumps(artifacts: list[Artifact]) -> Iterator[tuple[Jump, Artifact]]:
    for artifact in artifacts:
        if artifact.kind == "diagram":
            for task in etree.fromstring(artifact.content).iter(f"{BPMN}userTask"):
                yield _begun_at(artifact, task)


def _begun_at(artifact: Artifact, task: etree._Element) -> tuple[Jump, Artifact]:
    element = str(task.get("id"))
    form = next(str(one.get("value")) for one in task.iter() if one.get("name") == "form")
    jump = Jump(f"at_{artifact.name}_{element}", artifact.name, element, form)
    root = etree.fromstring(artifact.content)
    process = root.find(f"{BPMN}process")
    assert process is not None
    process.set("id", jump.name)
    for plane in root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNPlane"):
        plane.set("bpmnElement", jump.name)
    _aim(process, element)
    return jump, Artifact("diagram", jump.name, etree.tostring(root))


def _aim(process: etree._Element, element: str) -> None:
    """One plain start event is left, and its flow leads to the task."""
    first, *others = process.findall(f"{BPMN}startEvent")
    for definition in first.findall(f"{BPMN}messageEventDefinition"):
        first.remove(definition)
    gone = {start.get("id") for start in others}
    for start in others:
        process.remove(start)
    for flow in process.findall(f"{BPMN}sequenceFlow"):
        if flow.get("sourceRef") in gone:
            process.remove(flow)
        elif flow.get("sourceRef") == first.get("id"):
            flow.set("targetRef", element)
    for reference in list(process.iter(f"{BPMN}flowNodeRef")):
        parent = reference.getparent()
        if reference.text in gone and parent is not None:
            parent.remove(reference)
