"""What runs can be seen: every element has a shape and every flow a line."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram
from engine.checks.release import Release
from engine.checks.remarks import error


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if node.id not in diagram.drawn:
            yield error(
                diagram,
                node,
                f"{node.label} n’est pas dessiné.",
                "Placez cet élément sur le diagramme, ou supprimez-le.",
            )
    for flow in diagram.flows:
        if flow.id not in diagram.drawn | diagram.jumps and set(flow.ends) <= set(diagram.nodes):
            yield error(
                diagram,
                flow,
                f"La ligne {diagram.between(flow)} n’est pas dessinée.",
                "Redessinez ce flux.",
            )
