"""A message has a name, starts one diagram at most, and reaches somebody."""

from collections import defaultdict
from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.release import Release
from engine.checks.remarks import error, warning

THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in talking(diagram):
        if not diagram.message_of(node):
            yield error(
                diagram,
                node,
                f"{node.label} n’a pas de message.",
                "Choisissez un message, et donnez-lui un nom.",
            )
    for name, properties in diagram.message_properties.items():
        if properties.get("keep", "true") not in ("true", "false"):
            yield error(
                diagram,
                name,
                f"La propriété « keep » du message « {name} » vaut « {properties['keep']} ».",
                "Écrivez « true » ou « false ».",
            )


def check_release(release: Release) -> Iterator[Finding]:
    starts: dict[str, list[Diagram]] = defaultdict(list)
    for diagram in release.diagrams:
        for name in sorted({diagram.message_of(node) for node in _starting(diagram)} - {""}):
            starts[name].append(diagram)
    for name, diagrams in starts.items():
        for diagram in diagrams[1:]:
            yield error(
                diagram,
                name,
                f"Le message « {name} » démarre déjà le diagramme « {diagrams[0].artifact} ».",
                "Donnez à chaque message de début son propre nom.",
            )
    yield from _nothing_begins(release, set(starts))
    yield from _unheard(release, set(starts))
    yield from _keeping(release)
    yield from _signals(release)


def talking(diagram: Diagram) -> Iterator[Node]:
    """The nodes that throw or await a message."""
    for node in diagram.nodes.values():
        if node.tag in ("sendTask", "receiveTask") or node.trigger == "message":
            yield node


def _starting(diagram: Diagram) -> Iterator[Node]:
    return (node for node in talking(diagram) if node.tag == "startEvent")


def _nothing_begins(release: Release, started: set[str]) -> Iterator[Finding]:
    for name, what_for in release.vocabulary.begins.items():
        if name not in started:
            yield error(
                "",
                name,
                f"Aucun diagramme ne commence par le message « {name} »\u202f: {what_for}",
                "Remettez ce message de début sur le diagramme qui le portait.",
            )


def _unheard(release: Release, heard: set[str]) -> Iterator[Finding]:
    for diagram in release.diagrams:
        heard |= {diagram.message_of(n) for n in talking(diagram) if n.tag not in THROWING}
    for diagram in release.diagrams:
        for node in talking(diagram):
            name = diagram.message_of(node)
            if node.tag in THROWING and name and name not in heard:
                yield warning(
                    diagram,
                    node,
                    f"{node.label} envoie « {name} », que personne n’attend dans cette version.",
                    "Vérifiez le nom, ou dessinez le diagramme que ce message démarre.",
                )


def _keeping(release: Release) -> Iterator[Finding]:
    said: dict[str, tuple[str, Diagram]] = {}
    for diagram in release.diagrams:
        for name, properties in diagram.message_properties.items():
            if "keep" not in properties:
                continue
            keep, other = said.setdefault(name, (properties["keep"], diagram))
            if keep != properties["keep"]:
                yield error(
                    diagram,
                    name,
                    f"Le message « {name} » a « keep = {properties['keep']} » ici et "
                    f"« keep = {keep} » dans « {other.artifact} ».",
                    "Écrivez la même chose partout.",
                )


def _signals(release: Release) -> Iterator[Finding]:
    throwing = [(d, n) for d, n in _signalling(release) if n.tag in THROWING]
    thrown = {d.signal_of(n) for d, n in throwing}
    for diagram, node in _signalling(release):
        if diagram.signal_of(node) not in thrown:
            yield error(
                diagram,
                node,
                f"{node.label} attend un signal que rien n’émet dans cette version.",
                "Utilisez un message, ou dessinez l’événement qui émet ce signal.",
            )


def _signalling(release: Release) -> Iterator[tuple[Diagram, Node]]:
    for diagram in release.diagrams:
        for node in diagram.nodes.values():
            if node.trigger == "signal":
                yield diagram, node
