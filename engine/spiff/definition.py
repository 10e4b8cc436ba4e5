"""The bytes of one diagram come in, a parsed specification shared by all its instances goes out."""

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import SIGNAL_EVENT_XPATH, EndEventParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import EndEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent, ThrowingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, MultiInstanceTask

from engine.checks.diagram import Diagram
from engine.spiff import adhoc
from engine.spiff.events import Reference, ours
from engine.spiff.specs import OURS, AutomaticStep, CallStep
from engine.xml import BPMN, XmlError


class UnreadableDiagram(ValueError):
    """The diagram cannot be run; the message says why. Publishing refuses it long before."""


class _EndParser(EndEventParser):
    """The library's own overlooks that an end may send a signal."""

    def get_event_definition(self, xpaths: list[str]) -> Any:
        return super().get_event_definition([*xpaths, SIGNAL_EVENT_XPATH])


class _Parser(BpmnParser):
    AD_HOC_PARSER_CLASS = adhoc.Parser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 (the library's own way of saying it)
        full_tag("callActivity"): (TaskParser, CallStep),
        full_tag("serviceTask"): (TaskParser, AutomaticStep),
        full_tag("scriptTask"): (TaskParser, AutomaticStep),
        full_tag("businessRuleTask"): (TaskParser, AutomaticStep),
        full_tag("endEvent"): (_EndParser, EndEvent),
    }


class Definition:
    """A diagram entered by one of its start events (None: the one that awaits nothing)."""

    def __init__(self, name: str, content: bytes, start: str | None = None) -> None:
        try:
            self.diagram = Diagram(name, content, follow=True)
        except XmlError as error:
            raise UnreadableDiagram(error.message) from error
        if not self.diagram.is_bpmn:
            raise UnreadableDiagram("ce n’est pas un diagramme BPMN")
        self.name = self.diagram.id
        self.start = start
        _keep_one_start(self.diagram.process, start)
        try:
            parser = _Parser()
            parser.add_bpmn_xml(self.diagram.root, filename=name)
            self.spec = parser.get_spec(self.name)
            self.subprocess_specs: dict[str, Any] = parser.get_subprocess_specs(self.name)
            for spec in (self.spec, *self.subprocess_specs.values()):
                _make_ours(spec)
        except (ValidationException, ValueError, RecursionError) as error:
            raise UnreadableDiagram(str(error)) from error


def _keep_one_start(process: etree._Element, start: str | None) -> None:
    """A diagram may be called and also be started by messages: each way in is parsed alone."""
    starts = process.findall(f"{{{BPMN}}}startEvent")
    if start is None:
        plain = [event for event in starts if not any(True for _ in _triggers(event))]
        kept = plain[0] if plain else None
    else:
        kept = next((event for event in starts if event.get("id") == start), None)
    if kept is None:
        raise UnreadableDiagram(f"aucun évènement de début {start or 'simple'}")
    for trigger in list(_triggers(kept)):
        kept.remove(trigger)
    gone = {event.get("id") for event in starts if event is not kept}
    for event in starts:
        if event is not kept:
            process.remove(event)
    for flow in process.findall(f"{{{BPMN}}}sequenceFlow"):
        if flow.get("sourceRef") in gone:
            process.remove(flow)


def _triggers(event: etree._Element) -> Iterator[etree._Element]:
    for child in event:
        if etree.QName(child).localname.endswith("EventDefinition"):
            yield child


def _make_ours(spec: Any) -> None:
    """Swap in our own event definitions and joins, and connect what the parser leaves loose."""
    for task_spec in list(spec.task_specs.values()):
        for theirs, mine in OURS.items():
            if type(task_spec) is theirs:
                task_spec.__class__ = mine
        if isinstance(task_spec, (CatchingEvent, ThrowingEvent)):
            task_spec.event_definition = ours(task_spec.event_definition)
        if isinstance(task_spec, MultiInstanceTask):
            _read_our_data(task_spec)
        if isinstance(task_spec, LoopTask):
            child = spec.task_specs[task_spec.task_spec]
            child.completed_event.connect(task_spec.merge_child)


def _read_our_data(task_spec: Any) -> None:
    """A repetition reads its collection from our data; answers go there by themselves."""
    if task_spec.data_input is not None:
        task_spec.data_input = Reference(task_spec.data_input.bpmn_id)
    task_spec.data_output = task_spec.output_item = None
