"""Each task says what it needs to be done: by whom, with which form, by when, by which handler."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.release import DEADLINES, Release
from engine.checks.remarks import error, warning

NOUNS = {
    "form": ("le", "formulaire"),
    "handler": ("le", "traitement"),
    "decision": ("la", "table de décision"),
}
KNOWN_PROPERTIES = {
    "userTask": {"form", "deadline", "priority"},
    "businessRuleTask": {"decision"},
    "callActivity": {"returns", "with"},
}


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    yield from _lanes(release, diagram)
    for node in diagram.nodes.values():
        if node.is_human:
            yield from _human(release, diagram, node)
        elif node.tag == "serviceTask":
            yield from _word(diagram, node, "handler", release.vocabulary.handlers)
        elif node.tag == "businessRuleTask":
            yield from _word(diagram, node, "decision", release.decisions)
        elif node.tag == "scriptTask" and not node.text("script"):
            yield error(
                diagram,
                node,
                f"Le script de {node.label} est vide.",
                "Écrivez des lignes « nom = expression ».",
            )
        yield from _unknown_properties(diagram, node)


def _lanes(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for key, name in diagram.lane_names:
        if name not in release.vocabulary.roles:
            yield error(
                diagram,
                key,
                f"Le couloir « {name} » n’est pas un rôle connu.",
                _choice(name, release.vocabulary.roles),
            )


def _human(release: Release, diagram: Diagram, node: Node) -> Iterator[Finding]:
    if not node.name.strip():
        yield error(
            diagram,
            node,
            f"La tâche {node.label} n’a pas de nom.",
            "Nommez-la par un verbe : c’est ce que liront les équipes.",
        )
    if not node.lane:
        yield error(
            diagram,
            node,
            f"La tâche {node.label} n’est dans aucun couloir : elle ne serait offerte à personne.",
            "Placez-la dans le couloir d’un rôle.",
        )
    yield from _word(diagram, node, "form", release.vocabulary.forms)
    yield from _deadline(release, diagram, node)
    if node.properties.get("priority", "high") != "high":
        yield error(
            diagram,
            node,
            f"La priorité « {node.properties['priority']} » de {node.label} n’existe pas.",
            "Écrivez « high » ou retirez la propriété.",
        )


def _deadline(release: Release, diagram: Diagram, node: Node) -> Iterator[Finding]:
    row = node.properties.get("deadline", "")
    if not row:
        yield error(
            diagram,
            node,
            f"La tâche {node.label} n’a pas de délai.",
            f"Ajoutez la propriété « deadline » : le nom d’une ligne de la table « {DEADLINES} ».",
        )
    elif release.deadlines and row not in release.deadlines.literals("deadline"):
        yield error(
            diagram,
            node,
            f"Le délai « {row} » de {node.label} n’a pas de ligne dans la table « {DEADLINES} ».",
            f"Ajoutez une ligne « {row} » à la table, ou choisissez une ligne existante.",
        )


def _word(diagram: Diagram, node: Node, key: str, known: Collection[str]) -> Iterator[Finding]:
    """A property that must be there and name something known."""
    value = node.properties.get(key, "")
    article, noun = NOUNS[key]
    if not value:
        yield error(
            diagram,
            node,
            f"{node.label} n’a pas de {noun}.",
            f"Ajoutez la propriété « {key} ».",
        )
    elif value not in known:
        yield error(
            diagram,
            node,
            f"{node.label} demande {article} {noun} « {value} », qui n’existe pas.",
            _choice(value, known),
        )


def _unknown_properties(diagram: Diagram, node: Node) -> Iterator[Finding]:
    known = KNOWN_PROPERTIES.get(node.tag)
    for name in node.properties:
        if known is not None and name not in known:
            yield warning(
                diagram,
                node,
                f"La propriété « {name} » de {node.label} n’est lue par personne.",
                f"Propriétés connues : {', '.join(sorted(known))}.",
            )


def _choice(wrong: str, known: Collection[str]) -> str:
    """The nearest known words, if any."""
    near = get_close_matches(wrong, list(known), 3, 0.5)
    quoted = ", ".join(f"« {word} »" for word in near)
    return f"Vouliez-vous dire {quoted} ?" if near else "Corrigez ce nom."
