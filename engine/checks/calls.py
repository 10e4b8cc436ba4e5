"""A call names a diagram of the release, and no diagram calls itself, even through others."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.release import Release
from engine.checks.remarks import error


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in calls_of(diagram):
        if not node.called:
            yield error(
                diagram,
                node,
                f"{node.label} n’appelle aucun diagramme.",
                "Indiquez le processus appelé.",
            )
        elif node.called not in release.by_process:
            yield error(
                diagram,
                node,
                f"{node.label} appelle « {node.called} », qui n’existe pas dans cette version.",
                "Ajoutez ce diagramme, ou corrigez son nom.",
            )
        elif not _has_plain_start(release.by_process[node.called]):
            yield error(
                diagram,
                node,
                f"{node.label} appelle « {node.called} », qui ne démarre que par un message.",
                "Ajoutez-lui un début ordinaire, ou envoyez-lui ce message.",
            )


def check_release(release: Release) -> Iterator[Finding]:
    for diagram in release.diagrams:
        for node in calls_of(diagram):
            if path := _way(release, node.called, diagram.id, {node.called}):
                around = " → ".join(f"« {name} »" for name in [diagram.id, *path])
                yield error(
                    diagram,
                    node,
                    f"{node.label} appelle sans fin : {around}.",
                    "Démarrez ce diagramme à côté par un message, ou dessinez une boucle.",
                )


def calls_of(diagram: Diagram) -> Iterator[Node]:
    return (node for node in diagram.nodes.values() if node.tag == "callActivity")


def _has_plain_start(diagram: Diagram) -> bool:
    starts = (n for n in diagram.nodes.values() if n.tag == "startEvent" and n.scope == diagram.id)
    return any(not node.trigger for node in starts)


def _way(release: Release, start: str, wanted: str, seen: set[str]) -> list[str]:
    """The calls that lead from one process to another, both ends included."""
    if start == wanted:
        return [start]
    called = release.by_process.get(start)
    for node in calls_of(called) if called else ():
        if node.called not in seen:
            seen.add(node.called)
            if rest := _way(release, node.called, wanted, seen):
                return [start, *rest]
    return []
