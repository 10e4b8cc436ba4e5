"""Everything drawn can be reached from a start, and leads to an end."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.graph import reachable, reverse
from engine.checks.release import Release
from engine.checks.remarks import error


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for scope in diagram.scopes:
        nodes = [node for node in diagram.nodes.values() if node.scope == scope]
        if _is_ad_hoc(diagram, scope):
            continue  # its activities stand beside each other
        starts = [node for node in nodes if node.tag == "startEvent"]
        ends = [node for node in nodes if node.tag == "endEvent"]
        yield from _starts(diagram, scope, starts)
        if not ends:
            yield error(
                diagram,
                scope,
                f"{diagram.called(scope)} n’a pas d’événement de fin : il ne se terminerait jamais.",
                "Ajoutez un événement de fin.",
            )
        if starts and ends:
            yield from _reached(diagram, nodes, starts, ends)


def _is_ad_hoc(diagram: Diagram, scope: str) -> bool:
    return scope in diagram.nodes and diagram.nodes[scope].tag == "adHocSubProcess"


def _starts(diagram: Diagram, scope: str, starts: list[Node]) -> Iterator[Finding]:
    plain = [node for node in starts if not node.trigger]
    if not starts:
        yield error(
            diagram,
            scope,
            f"{diagram.called(scope)} n’a pas d’événement de début.",
            "Ajoutez un événement de début.",
        )
    if len(plain) > 1:
        yield error(
            diagram,
            plain[1],
            f"{diagram.called(scope)} a {len(plain)} débuts ordinaires.",
            "Gardez-en un seul ; les autres débuts attendent un message.",
        )
    if scope in diagram.nodes and starts and not plain:
        yield error(
            diagram,
            scope,
            f"{diagram.called(scope)} doit commencer par un début ordinaire.",
            "Retirez le déclencheur du début.",
        )


def _reached(
    diagram: Diagram, nodes: list[Node], starts: list[Node], ends: list[Node]
) -> Iterator[Finding]:
    keys = {node.id for node in nodes}
    graph = {key: [n for n in diagram.following[key] if n in keys] for key in keys}
    met = reachable(graph, [node.id for node in starts])
    ending = reachable(reverse(graph), [node.id for node in ends])
    for node in nodes:
        if node.id not in met:
            yield error(
                diagram,
                node,
                f"{node.label} n’est jamais atteint.",
                "Reliez-le au reste du diagramme, ou supprimez-le.",
            )
        elif node.id not in ending:
            yield error(
                diagram,
                node,
                f"Aucune fin n’est accessible depuis {node.label}.",
                "Tracez un chemin jusqu’à un événement de fin.",
            )
