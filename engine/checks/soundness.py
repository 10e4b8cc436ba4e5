"""Every game of tokens on a diagram is played: none gets stuck, no step is done twice at once.

Only gateways and what waits beside them matter: plain chains are skipped, so that the number of
positions depends on how many branches are open together, not on how long they are.
"""

from collections.abc import Iterator
from itertools import combinations

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Flow, Node
from engine.checks.graph import reachable, reverse
from engine.checks.loops import opening
from engine.checks.release import Release
from engine.checks.remarks import error, warning

MOST_POSITIONS = 20_000
MOST_BRANCHES = 6  # of an inclusive split: 63 choices
Marking = frozenset[str]  # ids of the flows that hold a token


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for scope in diagram.scopes:
        nodes = {n.id: n for n in diagram.nodes.values() if n.scope == scope}
        if any(n.tag in ("parallelGateway", "inclusiveGateway") for n in nodes.values()):
            yield from _Game(diagram, nodes).play()


class _Game:
    def __init__(self, diagram: Diagram, nodes: dict[str, Node]) -> None:
        self.diagram = diagram
        self.nodes = nodes
        self.flows = {f.id: f for f in diagram.flows if set(f.ends) <= set(nodes)}
        self.boundaries: dict[str, list[Node]] = {}
        for node in nodes.values():
            if node.host and node.interrupting:
                self.boundaries.setdefault(node.host, []).append(node)
        self.regions = {n.id: self._region(n) for n in nodes.values() if _joins_some(diagram, n)}
        self.twice: set[str] = set()

    def play(self) -> Iterator[Finding]:
        waiting = [
            self._put(frozenset(), node)
            for node in self.nodes.values()
            if node.tag == "startEvent"
        ]
        seen: set[Marking] = set(waiting)
        stuck: set[str] = set()
        while waiting and len(seen) <= MOST_POSITIONS:
            marking = waiting.pop()
            followers = list(self._moves(marking))
            if marking and not followers:
                stuck |= {self.flows[key].target for key in marking}
            for follower in followers:
                if follower not in seen:
                    seen.add(follower)
                    waiting.append(follower)
        yield from self._findings(stuck, complete=not waiting)

    def _findings(self, stuck: set[str], *, complete: bool) -> Iterator[Finding]:
        for key in sorted(stuck):
            yield error(
                self.diagram,
                key,
                f"La passerelle {self.nodes[key].label} peut attendre sans fin une branche "
                "qui n’arrivera pas.",
                "Réunissez par une passerelle parallèle les branches d’une passerelle parallèle "
                "seulement.",
            )
        for key in sorted(self.twice):
            yield error(
                self.diagram,
                key,
                f"{self.nodes[key].label} peut être franchi par deux branches à la fois : "
                "la suite serait faite deux fois.",
                "Réunissez d’abord les branches par une passerelle parallèle.",
            )
        if not complete:
            yield warning(
                self.diagram,
                self.diagram.id,
                "Trop de branches s’ouvrent ensemble pour vérifier qu’aucune ne se bloque.",
                "Déplacez des branches dans des diagrammes appelés.",
            )

    def _moves(self, marking: Marking) -> Iterator[Marking]:
        for key in sorted(marking):
            node = self.nodes[self.flows[key].target]
            if node.id in self.regions:
                arrived = frozenset(k for k in marking if self.flows[k].target == node.id)
                if key == min(arrived) and self._may_join(node, marking, arrived):
                    yield self._put(marking - arrived, node)
                continue
            left = marking - {key}
            yield from self._leave(left, node)
            for boundary in self.boundaries.get(node.id, ()):
                yield self._put(left, boundary)

    def _leave(self, left: Marking, node: Node) -> Iterator[Marking]:
        flows = self._out(node)
        if node.tag == "endEvent" and node.trigger == "terminate":
            yield frozenset()
        elif node.tag == "inclusiveGateway" and 1 < len(flows) <= MOST_BRANCHES:
            for size in range(1, len(flows) + 1):
                for chosen in combinations(flows, size):
                    yield self._put(left, node, chosen)
        elif node.tag in ("exclusiveGateway", "eventBasedGateway") and flows:
            for flow in flows:
                yield self._put(left, node, (flow,))
        else:
            yield self._put(left, node)

    def _put(self, left: Marking, node: Node, flows: tuple[Flow, ...] | None = None) -> Marking:
        """A token on each flow out of a node, moved on along plain chains."""
        found = set(left)
        for flow in self._out(node) if flows is None else flows:
            rest = self._along(flow)
            if rest.id in found:
                self.twice.add(node.id)
            found.add(rest.id)
        return frozenset(found)

    def _along(self, flow: Flow) -> Flow:
        passed: set[str] = set()
        while flow.id not in passed:
            passed.add(flow.id)
            target = self.nodes[flow.target]
            further = self._out(target)
            if target.is_gateway or target.id in self.boundaries or len(further) != 1:
                return flow
            flow = further[0]
        return flow

    def _out(self, node: Node) -> list[Flow]:
        return [flow for flow in self.diagram.outgoing[node.id] if flow.id in self.flows]

    def _may_join(self, node: Node, marking: Marking, arrived: Marking) -> bool:
        if node.tag == "parallelGateway":
            return len(arrived) == sum(f.id in self.flows for f in self.diagram.incoming[node.id])
        return not any(
            self.flows[key].target in self.regions[node.id] for key in marking - arrived
        )

    def _region(self, join: Node) -> set[str]:
        """The nodes between an inclusive join and the split that opens it."""
        split = opening(self.diagram, join, None) if join.tag == "inclusiveGateway" else None
        if split is None:
            return set()
        after = reachable(self.diagram.following, [split.id], without=[join.id])
        return after & reachable(reverse(self.diagram.following), [join.id]) - {join.id}


def _joins_some(diagram: Diagram, node: Node) -> bool:
    joining = node.tag in ("parallelGateway", "inclusiveGateway")
    return joining and len(diagram.incoming[node.id]) > 1
