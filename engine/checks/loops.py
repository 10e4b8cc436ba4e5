"""A loop is entered by a gateway, waits for somebody, and holds whole pairs of AND or OR only."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.graph import Graph, back_edges, circles, reachable, reverse
from engine.checks.release import Release
from engine.checks.remarks import error

JOINING = ("parallelGateway", "inclusiveGateway")
WAITING = {"message", "timer", "signal", "conditional"}


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    graph = diagram.following
    yield from _entries(diagram, graph)
    yield from _endless(release, diagram, graph)
    yield from _joins(diagram, graph)
    yield from _beside(release, diagram, graph)


def _entries(diagram: Diagram, graph: Graph) -> Iterator[Finding]:
    starts = [n.id for n in diagram.nodes.values() if n.tag == "startEvent"]
    for source, target in back_edges(graph, starts):
        if not diagram.nodes[target].is_gateway:
            yield error(
                diagram,
                target,
                f"Le retour de {diagram.nodes[source].label} entre directement dans "
                f"{diagram.nodes[target].label}.",
                "Faites-le entrer dans une passerelle exclusive placée avant.",
            )


def _endless(release: Release, diagram: Diagram, graph: Graph) -> Iterator[Finding]:
    automatic = {key for key, node in diagram.nodes.items() if not waits(release, diagram, node)}
    automatic -= {key for key in automatic if _join_waits(diagram, diagram.nodes[key], automatic)}
    inner = {key: [n for n in graph[key] if n in automatic] for key in automatic}
    for circle in circles(inner):
        names = ", ".join(n.label for key, n in diagram.nodes.items() if key in circle and n.name)
        yield error(
            diagram,
            min(circle),
            f"Cette boucle tourne sans jamais attendre personne : {names or min(circle)}.",
            "Ajoutez-y une tâche utilisateur, un minuteur ou l’attente d’un message.",
        )
    for node in diagram.nodes.values():
        loop = [child for child in node.xml if child.tag.endswith("}standardLoopCharacteristics")]
        if loop and not loop[0].get("loopMaximum") and not waits(release, diagram, node):
            yield error(
                diagram,
                node,
                f"{node.label} se répète sans attendre personne et sans maximum.",
                "Indiquez un nombre maximal de tours.",
            )


def _join_waits(diagram: Diagram, node: Node, automatic: set[str]) -> bool:
    """Whether one of the branches a parallel join collects waits for somebody."""
    split = opening(diagram, node, None) if node.tag == "parallelGateway" else None
    if split is None:
        return False
    human = diagram.nodes.keys() - automatic
    at_once = reachable(diagram.following, [split.id], without=human)
    return any(flow.source not in at_once for flow in diagram.incoming[node.id])


def waits(release: Release, diagram: Diagram, node: Node) -> bool:
    """Whether a token always rests on this node until something happens outside."""
    if node.tag in ("userTask", "receiveTask", "adHocSubProcess"):
        return True
    if node.tag == "intermediateCatchEvent":
        return node.trigger in WAITING
    if node.tag == "callActivity":
        called = release.by_process.get(node.called)
        return called is None or not _passes(release, called, called.id)
    if node.tag == "subProcess":
        return not _passes(release, diagram, node.id)
    return False


def _passes(release: Release, diagram: Diagram, scope: str) -> bool:
    """Whether a token may cross a whole process or sub-process without resting once."""
    key = f"{diagram.id}\n{scope}"
    if key not in release.crossed:
        release.crossed[key] = False  # a diagram that calls itself is a matter of calls
        nodes = [node for node in diagram.nodes.values() if node.scope == scope]
        resting = {node.id for node in nodes if waits(release, diagram, node)}
        automatic = diagram.nodes.keys() - resting
        resting |= {node.id for node in nodes if _join_waits(diagram, node, automatic)}
        starts = [node.id for node in nodes if node.tag == "startEvent"]
        met = reachable(diagram.following, starts, without=resting)
        release.crossed[key] = any(node.id in met for node in nodes if node.tag == "endEvent")
    return release.crossed[key]


def _joins(diagram: Diagram, graph: Graph) -> Iterator[Finding]:
    """The engine counts right in a loop only when the whole pair turns together."""
    looping = circles(graph)
    for node in diagram.nodes.values():
        if node.tag not in JOINING or len(diagram.incoming[node.id]) < 2:
            continue
        circle = next((group for group in looping if node.id in group), None)
        if circle is None and node.tag == "parallelGateway":
            continue  # the game of tokens tells more
        if opening(diagram, node, circle) is None:
            inside = "dans la même boucle, " if circle else ""
            yield error(
                diagram,
                node,
                f"La passerelle {node.label} réunit des branches qu’aucune passerelle "
                f"du même type n’ouvre {inside}sur tous les chemins.",
                "Ouvrez et fermez les branches par deux passerelles de même type, "
                "ou déplacez-les dans un diagramme appelé.",
            )


def opening(diagram: Diagram, join: Node, circle: set[str] | None) -> Node | None:
    """The split that every way into the join has passed, and whose every way out leads to it."""
    graph, backwards = diagram.following, reverse(diagram.following)
    starts = [
        n.id for n in diagram.nodes.values() if n.scope == join.scope and n.tag == "startEvent"
    ]
    ends = [n.id for n in diagram.nodes.values() if n.scope == join.scope and n.tag == "endEvent"]
    before_end = reachable(backwards, ends, without=[join.id])
    for node in diagram.nodes.values():
        splits = node.tag == join.tag and len(diagram.outgoing[node.id]) > 1
        if not splits or node.id == join.id or (circle and node.id not in circle):
            continue
        dominates = join.id not in reachable(graph, starts, without=[node.id])
        if dominates and node.id not in before_end:
            return node
    return None


def _beside(release: Release, diagram: Diagram, graph: Graph) -> Iterator[Finding]:
    """A branch beside a task keeps the whole diagram open until somebody has done it."""
    for node in diagram.nodes.values():
        if node.tag != "boundaryEvent" or node.interrupting:
            continue
        for key in sorted(reachable(graph, [node.id]) - {node.id}):
            if waits(release, diagram, diagram.nodes[key]):
                yield error(
                    diagram,
                    node,
                    f"L’événement {node.label} n’interrompt pas et mène à "
                    f"{diagram.nodes[key].label} : le diagramme resterait ouvert jusque-là.",
                    "Démarrez un diagramme à côté par un message, ou rendez l’événement interruptif.",
                )
                break
