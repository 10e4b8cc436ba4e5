"""Where a token may go is said at exclusive and inclusive gateways only, and always has an answer."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.release import Release
from engine.checks.remarks import error

DECIDING = ("exclusiveGateway", "inclusiveGateway")
WAITS = {"message", "timer", "signal", "conditional"}


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        yield from _ends(diagram, node)
        if node.tag in DECIDING:
            yield from _deciding(diagram, node)
        else:
            yield from _undecided(diagram, node)
        if node.tag == "eventBasedGateway":
            yield from _awaiting(diagram, node)
        if node.tag in ("parallelGateway", "inclusiveGateway"):
            yield from _both_ways(diagram, node)


def _ends(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if node.tag in ("startEvent", "boundaryEvent") and diagram.incoming[node.id]:
        yield error(
            diagram,
            node,
            f"Un flux entre dans l’événement {node.label}, qui n’en reçoit pas.",
            "Faites-le entrer dans l’élément qui suit.",
        )
    if node.tag == "endEvent" and diagram.outgoing[node.id]:
        yield error(
            diagram,
            node,
            f"Un flux sort de l’événement de fin {node.label}.",
            "Utilisez un événement intermédiaire, ou supprimez ce flux.",
        )


def _deciding(diagram: Diagram, node: Node) -> Iterator[Finding]:
    flows = diagram.outgoing[node.id]
    if len(flows) == 1 and flows[0].condition is not None:
        yield error(
            diagram,
            flows[0],
            f"La passerelle {node.label} n’a qu’une sortie, et elle est conditionnelle : "
            "le parcours s’arrêterait là.",
            "Retirez la condition, ou ajoutez une sortie par défaut.",
        )
    if len(flows) < 2:
        return
    if node.default not in {flow.id for flow in flows}:
        yield error(
            diagram,
            node,
            f"La passerelle {node.label} n’a pas de sortie par défaut : sans réponse, "
            "le parcours s’arrêterait là.",
            "Choisissez le flux à suivre quand aucune condition n’est remplie.",
        )
    for flow in flows:
        if flow.id == node.default and flow.condition is not None:
            yield error(
                diagram,
                flow,
                f"La condition {diagram.between(flow)} est ignorée : c’est le flux par défaut.",
                "Retirez la condition, ou choisissez un autre flux par défaut.",
            )
        elif flow.id != node.default and flow.condition is None:
            yield error(
                diagram,
                flow,
                f"Il manque la condition {diagram.between(flow)}.",
                "Écrivez quand ce flux est suivi.",
            )


def _undecided(diagram: Diagram, node: Node) -> Iterator[Finding]:
    flows = diagram.outgoing[node.id]
    if len(flows) > 1 and not node.is_gateway:
        yield error(
            diagram,
            node,
            f"{len(flows)} flux sortent de {node.label}.",
            "Ajoutez une passerelle parallèle ou exclusive après cet élément.",
        )
    for flow in flows:
        if flow.condition is not None:
            yield error(
                diagram,
                flow,
                f"La condition {diagram.between(flow)} serait ignorée.",
                "Une condition part d’une passerelle exclusive ou inclusive : ajoutez-en une.",
            )
    if node.default:
        yield error(
            diagram,
            node,
            f"Le flux par défaut de {node.label} serait ignoré.",
            "Un flux par défaut part d’une passerelle exclusive ou inclusive.",
        )


def _awaiting(diagram: Diagram, node: Node) -> Iterator[Finding]:
    flows = diagram.outgoing[node.id]
    if len(flows) < 2:
        yield error(
            diagram,
            node,
            f"La passerelle événementielle {node.label} n’attend qu’un événement.",
            "Ajoutez une seconde attente, ou supprimez la passerelle.",
        )
    for flow in flows:
        target = diagram.nodes.get(flow.target)
        waits = target and (target.trigger in WAITS and target.tag == "intermediateCatchEvent")
        if target and not waits and target.tag != "receiveTask":
            yield error(
                diagram,
                flow,
                f"Après la passerelle événementielle {node.label}, {target.label} n’attend rien.",
                "Placez là un événement d’attente de message ou de minuteur.",
            )


def _both_ways(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if len(diagram.incoming[node.id]) > 1 and len(diagram.outgoing[node.id]) > 1:
        yield error(
            diagram,
            node,
            f"La passerelle {node.label} réunit et sépare à la fois.",
            "Dessinez deux passerelles, l’une après l’autre.",
        )
