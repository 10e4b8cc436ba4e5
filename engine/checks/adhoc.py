"""An ad-hoc sub-process holds short paths that people open and end, and says when it is over."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.loops import waits
from engine.checks.release import Release
from engine.checks.remarks import error
from engine.xml import BPMN

ALONE = "Faites-en un diagramme appelé."


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for scope in diagram.nodes.values():
        if scope.tag == "adHocSubProcess":
            yield from _scope(diagram, scope)
            for node in diagram.nodes.values():
                if node.scope == scope.id:
                    yield from _inside(release, diagram, scope, node)


def _scope(diagram: Diagram, scope: Node) -> Iterator[Finding]:
    if scope.xml.find(f"{{{BPMN}}}completionCondition") is None:
        yield error(
            diagram,
            scope,
            f"Le sous-processus ad hoc {scope.label} n’a pas de condition de fin.",
            "Ajoutez-la, ou faites de chaque activité un diagramme proposé à la demande.",
        )
    if scope.xml.get("ordering") == "Sequential":
        yield error(
            diagram,
            scope,
            f"L’ordre séquentiel du sous-processus ad hoc {scope.label} n’est pas respecté.",
            "Dessinez l’ordre avec des flux.",
        )


def _inside(release: Release, diagram: Diagram, scope: Node, node: Node) -> Iterator[Finding]:
    where = f"dans le sous-processus ad hoc {scope.label}"
    if node.is_event or node.is_gateway:
        yield error(diagram, node, f"{node.label} n’a pas sa place {where}.", ALONE)
    elif len(diagram.incoming[node.id]) > 1 or len(diagram.outgoing[node.id]) > 1:
        yield error(diagram, node, f"Les chemins se croisent en {node.label}, {where}.", ALONE)
    elif not diagram.incoming[node.id] and not waits(release, diagram, node):
        yield error(
            diagram,
            node,
            f"{node.label} ouvre un chemin {where} sans attendre personne : il tournerait sans fin.",
            "Commencez le chemin par une tâche utilisateur.",
        )
