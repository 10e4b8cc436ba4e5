"""A diagram comes in; every text on it that is evaluated, with what it reads and gives, goes out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from engine.checks.diagram import Diagram, Node
from engine.expressions import (
    ExpressionError,
    compile_assignments,
    compile_expression,
    compile_timer,
)
from engine.xml import BPMN, local

_REPEATS = {
    "loopCardinality": "Le nombre de répétitions",
    "loopDataInputRef": "La liste à parcourir",
    "completionCondition": "La condition de fin",
    "loopCondition": "La condition de boucle",
}


@dataclass(frozen=True)
class Reading:
    """One evaluated text: `what` names it in a sentence, `element` says where it stands."""

    element: str
    what: str
    text: str
    kind: str = "expression"  # or "assignments", "timer"
    items: tuple[str, ...] = ()  # names given by a repetition to each turn

    @cached_property
    def problem(self) -> str:
        """Why it does not compile, or nothing."""
        try:
            _COMPILERS[self.kind](self.text)
        except ExpressionError as problem:
            return problem.message
        return ""

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset() if self.problem else _COMPILERS[self.kind](self.text)

    @cached_property
    def given(self) -> frozenset[str]:
        """Names that have a value once it was computed."""
        if self.kind != "assignments" or self.problem:
            return frozenset(self.items)
        return compile_assignments(self.text).targets


_COMPILERS: dict[str, Callable[[str], frozenset[str]]] = {
    "expression": lambda text: compile_expression(text).names,
    "assignments": lambda text: compile_assignments(text).names,
    "timer": lambda text: compile_timer(text).names,
}


def readings_of(diagram: Diagram) -> Iterator[Reading]:
    permitted = diagram.properties.get("permitted_when")
    if permitted is not None:
        yield Reading(diagram.id, "La condition « permitted_when » du processus", permitted)
    for flow in diagram.flows:
        if flow.condition is not None:
            yield Reading(flow.id, f"La condition {diagram.between(flow)}", flow.condition)
    for node in diagram.nodes.values():
        yield from _of_node(node)


def timers_of(node: Node) -> Iterator[tuple[str, str]]:
    """The kind (timeDate, timeDuration, timeCycle) and text of each timer on a node."""
    for trigger in node.triggers:
        if local(trigger) == "timerEventDefinition":
            for child in trigger:
                yield local(child), _text(child)


def _of_node(node: Node) -> Iterator[Reading]:
    if node.tag == "scriptTask":
        yield Reading(node.id, f"Le script de {node.label}", node.text("script"), "assignments")
    if given := node.properties.get("with"):
        yield Reading(node.id, f"« with » sur {node.label}", given, "assignments")
    for kind, text in timers_of(node):
        if kind != "timeCycle":
            yield Reading(node.id, f"Le minuteur {node.label}", text, "timer")
    for trigger in node.triggers:
        if local(trigger) == "conditionalEventDefinition":
            condition = trigger.find(f"{{{BPMN}}}condition")
            yield Reading(node.id, f"La condition de {node.label}", _text(condition))
    yield from _of_repetition(node)


def _of_repetition(node: Node) -> Iterator[Reading]:
    boxes = [child for child in node.xml if local(child).endswith("LoopCharacteristics")]
    if node.tag == "adHocSubProcess":
        boxes.append(node.xml)
    for box in boxes:
        items = tuple(
            child.get("name", "") for child in box if local(child).endswith("putDataItem")
        )
        for child in box:
            if what := _REPEATS.get(local(child)):
                yield Reading(
                    node.id,
                    f"{what} de {node.label}",
                    _text(child),
                    items=tuple(filter(None, items)),
                )


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
