"""Link events come in, drawn flows go out: what a link says is « go on there » (BPMN 2.0 §10.5.1).

Only a proper link is followed: one arrival of that name beside it, nothing drawn after its
departure nor before its arrival. Anything else stays as it is, for publishing to refuse.
"""

from collections import defaultdict

from lxml import etree

from engine.xml import BPMN, local

FLOW = f"{{{BPMN}}}sequenceFlow"


def follow_links(process: etree._Element) -> set[str]:
    """Replace the links of a process by flows, in place; the ids of those flows."""
    made: set[str] = set()
    for scope in [process, *(one for one in process.iter() if local(one) == "subProcess")]:
        flows = scope.findall(FLOW)
        sources = {flow.get("sourceRef") for flow in flows}
        targets = {flow.get("targetRef") for flow in flows}
        throws = [one for one in _named(scope, "intermediateThrowEvent") if one not in sources]
        arrivals = defaultdict(list)
        for key, (event, name) in _named(scope, "intermediateCatchEvent").items():
            if key not in targets:
                arrivals[name].append(event)
        for key in throws:
            event, name = _named(scope, "intermediateThrowEvent")[key]
            if len(arrivals[name]) == 1:
                made.add(_join(scope, event, arrivals[name][0]))
        for events in arrivals.values():
            if len(events) == 1 and events[0].find(f"{{{BPMN}}}incoming") is not None:
                _plain(events[0])
    return made


def _named(scope: etree._Element, tag: str) -> dict[str, tuple[etree._Element, str]]:
    """Id → link event of that kind and the name of its link."""
    found = {}
    for event in scope.findall(f"{{{BPMN}}}{tag}"):
        link = event.find(f"{{{BPMN}}}linkEventDefinition")
        if link is not None and event.get("id"):
            found[event.get("id", "")] = (event, link.get("name", ""))
    return found


def _join(scope: etree._Element, event: etree._Element, arrival: etree._Element) -> str:
    key = f"{event.get('id')}_link"
    flow = etree.SubElement(
        scope, FLOW, id=key, sourceRef=event.get("id", ""), targetRef=arrival.get("id", "")
    )
    for end, tag in ((event, "outgoing"), (arrival, "incoming")):
        told = etree.Element(f"{{{BPMN}}}{tag}")
        told.text = flow.get("id")
        end.insert(0, told)
    _plain(event)
    return key


def _plain(event: etree._Element) -> None:
    """An event that is only passed."""
    link = event.find(f"{{{BPMN}}}linkEventDefinition")
    if link is not None:
        event.remove(link)
    event.tag = f"{{{BPMN}}}intermediateThrowEvent"
