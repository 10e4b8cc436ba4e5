"""Every text that is evaluated compiles, and reads only names that something gives a value."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine.artifacts import Finding
from engine.checks.diagram import Diagram
from engine.checks.readings import Reading, readings_of
from engine.checks.release import Release
from engine.checks.remarks import error


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for reading in readings_of(diagram):
        if not reading.text:
            if reading.kind != "assignments":  # an empty script is a matter of tasks
                yield error(
                    diagram,
                    reading.element,
                    f"{reading.what} est vide.",
                    "Écrivez-la ou retirez-la.",
                )
        elif reading.problem:
            yield error(
                diagram,
                reading.element,
                f"{reading.what} ne se lit pas : {_lower(reading.problem)}",
                "Corrigez l’expression.",
            )
        else:
            yield from unknown_names(release, diagram, reading)
            yield from _in_place_of_a_person(release, diagram, reading)
    for node in diagram.nodes.values():
        for name in _listed(node.properties.get("returns", "")):
            if name not in release.known_names:
                yield error(
                    diagram,
                    node,
                    f"« returns » de {node.label} cite « {name} », que rien ne renseigne.",
                    nearest(name, release.known_names),
                )


def _in_place_of_a_person(
    release: Release, diagram: Diagram, reading: Reading
) -> Iterator[Finding]:
    for name in sorted(reading.given & set(release.vocabulary.answered)):
        yield error(
            diagram,
            reading.element,
            f"{reading.what} écrit « {name} », qui ne vient que de la réponse d’une personne.",
            "Demandez-la par une tâche et son formulaire, ou écrivez une autre donnée.",
        )


def unknown_names(release: Release, diagram: Diagram, reading: Reading) -> Iterator[Finding]:
    for name in sorted(reading.names - release.known_names):
        yield error(
            diagram,
            reading.element,
            f"{reading.what} lit « {name} », que rien ne renseigne.",
            nearest(name, release.known_names),
        )


def nearest(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), 3, 0.7)
    if near:
        return f"Vouliez-vous dire {', '.join(f'« {word} »' for word in near)} ?"
    return "Ajoutez cette donnée au dictionnaire, ou corrigez son nom."


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _lower(message: str) -> str:
    return message[0].lower() + message[1:] if message[1:2].islower() else message
