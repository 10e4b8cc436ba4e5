"""A file is one process of reasonable size, each thing in it has an identifier of its own."""

from collections import Counter
from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram
from engine.checks.release import Release
from engine.checks.remarks import error

MOST_NODES = 250  # the parser of the library walks a diagram recursively
LONGEST = {"id": 80, "name": 160}  # what the database keeps


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    yield from _one_process(diagram)
    yield from _size(diagram)
    yield from _identifiers(diagram)
    yield from _ends_of_flows(diagram)


def _one_process(diagram: Diagram) -> Iterator[Finding]:
    if len(diagram.processes) > 1:
        names = ", ".join(f"« {p.get('id', '')} »" for p in diagram.processes)
        yield error(
            diagram,
            diagram.processes[1].get("id", ""),
            f"Le fichier contient plusieurs processus ({names}), un seul serait exécuté.",
            "Gardez un seul bassin par fichier.",
        )
    if diagram.id != diagram.artifact:
        yield error(
            diagram,
            diagram.id,
            f"Le processus s’appelle « {diagram.id} » et le fichier « {diagram.artifact} ».",
            "Donnez au processus le nom du fichier.",
        )


def _size(diagram: Diagram) -> Iterator[Finding]:
    if len(diagram.nodes) > MOST_NODES:
        yield error(
            diagram,
            diagram.id,
            f"Le diagramme compte {len(diagram.nodes)} éléments, {MOST_NODES} au plus sont permis.",
            "Déplacez une partie dans un diagramme appelé.",
        )
    for node in diagram.nodes.values():
        for attribute, most in LONGEST.items():
            if len(node.xml.get(attribute, "")) > most:
                what = "L’identifiant" if attribute == "id" else "Le nom"
                yield error(
                    diagram,
                    node,
                    f"{what} de {node.label[:60]} dépasse {most} caractères.",
                    "Raccourcissez-le.",
                )


def _identifiers(diagram: Diagram) -> Iterator[Finding]:
    used = Counter(element.get("id") for element in diagram.root.iter() if element.get("id"))
    for key, times in used.items():
        if times > 1:
            yield error(
                diagram,
                str(key),
                f"L’identifiant « {key} » est utilisé {times} fois.",
                "Donnez à chaque élément son propre identifiant.",
            )
    for element in diagram.anonymous:
        yield error(
            diagram,
            "",
            f"Un élément « {element} » n’a pas d’identifiant.",
            "Donnez-lui un identifiant.",
        )


def _ends_of_flows(diagram: Diagram) -> Iterator[Finding]:
    for flow in diagram.flows:
        missing = [end for end in flow.ends if end not in diagram.nodes]
        if missing:
            yield error(
                diagram,
                flow,
                f"Le flux « {flow.id} » mène à un élément qui n’existe pas (« {missing[0]} »).",
                "Redessinez ou supprimez ce flux.",
            )
        elif len({diagram.nodes[end].scope for end in flow.ends}) > 1:
            yield error(
                diagram,
                flow,
                f"Le flux « {flow.id} » traverse le bord d’un sous-processus.",
                "Faites-le partir du sous-processus lui-même.",
            )
