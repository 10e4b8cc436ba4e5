"""An error that leaves a diagram is caught wherever the diagram is called."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.calls import calls_of
from engine.checks.diagram import Diagram, Node
from engine.checks.release import Release
from engine.checks.remarks import error, warning


def check_release(release: Release) -> Iterator[Finding]:
    for diagram in release.diagrams:
        for node in diagram.nodes.values():
            raises = node.tag in ("endEvent", "intermediateThrowEvent")
            if not raises or node.trigger not in ("error", "escalation"):
                continue
            if not _caught(release, diagram, node, _code(diagram, node), {diagram.id}):
                # An escalation that nobody hears changes nothing; an error stops everything.
                remark = error if node.trigger == "error" else warning
                yield remark(
                    diagram,
                    node,
                    f"{node.label} signale un incident qu’aucun événement de bord ne rattrape.",
                    "Ajoutez un événement de bord partout où ce diagramme est appelé.",
                )


def _caught(
    release: Release, diagram: Diagram, raising: Node, code: str, seen: set[str], place: str = ""
) -> bool:
    """Whether every way up from this place meets a border that catches it."""
    scope = place or raising.scope
    while scope in diagram.nodes:
        if _catches(diagram, scope, raising, code):
            return True
        scope = diagram.nodes[scope].scope
    starts = [n for n in diagram.nodes.values() if n.tag == "startEvent"]
    calls = [(d, n) for d in release.diagrams for n in calls_of(d) if n.called == diagram.id]
    if not calls or any(n.trigger for n in starts if n.scope == diagram.id):
        return False  # it may run alone
    return all(
        _catches(d, n.id, raising, code)
        or (d.id not in seen and _caught(release, d, raising, code, seen | {d.id}, n.scope))
        for d, n in calls
    )


def _catches(diagram: Diagram, host: str, raising: Node, code: str) -> bool:
    return any(
        border.host == host
        and border.trigger == raising.trigger
        and _code(diagram, border) in ("", code)
        for border in diagram.nodes.values()
        if border.tag == "boundaryEvent"
    )


def _code(diagram: Diagram, node: Node) -> str:
    """The code an event raises or catches; none: any."""
    reference = node.triggers[0].get(f"{node.trigger}Ref", "")
    for one in diagram.root.iter("{*}" + node.trigger):
        if one.get("id") == reference:
            return one.get(f"{node.trigger}Code", "")
    return ""
