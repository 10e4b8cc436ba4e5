"""The table of deadlines gives every task a due date that can be computed."""

import re
from collections.abc import Iterator
from typing import Any

from engine.artifacts import Finding
from engine.calendar import UNITS
from engine.checks import tables
from engine.checks.release import DEADLINES, Release
from engine.checks.remarks import error
from engine.decisions.decision import Decision, Rule
from engine.expressions import Expression, ExpressionError

OUTPUTS = ("anchor", "amount", "unit", "reminder", "escalation")
GIVEN = {"deadline"}  # by the engine, with the facts of the case
_REMINDER = re.compile(r"\d{1,3}\s*%|-?\d+ (" + "|".join(UNITS) + ")")


def check_release(release: Release) -> Iterator[Finding]:
    decision = release.deadlines
    if decision is None:
        if any(node.is_human for d in release.diagrams for node in d.nodes.values()):
            yield error(
                DEADLINES,
                "",
                f"La table des délais « {DEADLINES} » n’existe pas ou ne se lit pas.",
                f"Ajoutez une table DMN dont la décision s’appelle « {DEADLINES} ».",
            )
        return
    file = release.files[DEADLINES]
    given = GIVEN | set(release.vocabulary.deadline_facts)
    yield from tables.names(release, DEADLINES, decision.names - release.known_names - given)
    missing = [name for name in OUTPUTS if name not in decision.output_names]
    if missing:
        yield error(
            file,
            DEADLINES,
            f"Il manque à la table des délais : {', '.join(f'« {name} »' for name in missing)}.",
            f"Les sorties attendues sont {', '.join(OUTPUTS)}.",
        )
    yield from _last_row(file, decision)
    yield from _hidden_rows(file, decision)
    for number, rule in enumerate(decision.rules, 1):
        yield from _row(release, decision, rule, number)


def _last_row(file: str, decision: Decision) -> Iterator[Finding]:
    if decision.policy != "FIRST":
        yield error(
            file,
            DEADLINES,
            f"La table des délais a la règle {decision.policy}.",
            "Choisissez FIRST : la première ligne qui convient répond.",
        )
    if not decision.rules or not decision.rules[-1].catches_all:
        yield error(
            file,
            DEADLINES,
            "La table des délais ne finit pas par une ligne pour tous les autres cas.",
            "Ajoutez une dernière ligne où chaque condition est « - ».",
        )
    for number, rule in enumerate(decision.rules[:-1], 1):
        if rule.catches_all:
            yield error(
                file,
                rule.id,
                f"Table des délais, ligne {number} : elle répond toujours, les suivantes jamais.",
                "Placez-la en dernier.",
            )


def _hidden_rows(file: str, decision: Decision) -> Iterator[Finding]:
    """The row of one establishment after the row of all of them would never answer."""
    for number, rule in enumerate(decision.rules, 1):
        before = (
            rank for rank, one in enumerate(decision.rules[: number - 1], 1)
            if not one.catches_all and one.covers(rule)
        )  # fmt: skip
        if hidden_by := next(before, 0):
            yield error(
                file,
                rule.id,
                f"Table des délais, ligne {number} ({rule.label or rule.id})\u202f: la ligne "
                f"{hidden_by} répond toujours avant elle.",
                f"Placez-la avant la ligne {hidden_by}, ou supprimez-la.",
            )


def _row(release: Release, decision: Decision, rule: Rule, number: int) -> Iterator[Finding]:
    for name, entry in zip(decision.output_names, rule.entries, strict=True):
        known, value = _constant(entry)
        problem = _problem(release, name, value) if known else ""
        if problem:
            yield error(
                release.files[DEADLINES],
                rule.id,
                f"Table des délais, ligne {number} ({rule.label or rule.id}) : {problem}.",
                "Corrigez cette cellule.",
            )


def _constant(entry: Expression | None) -> tuple[bool, Any]:
    """Whether the cell says the same whatever the case, and what."""
    if entry is None:
        return True, None
    try:
        return (False, None) if entry.names else (True, entry.evaluate({}))
    except ExpressionError:
        return True, entry.text


def _problem(release: Release, name: str, value: Any) -> str:
    vocabulary = release.vocabulary
    if name == "amount" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return f"le délai « {_shown(value)} » n’est pas un nombre"
    if name == "unit" and value not in UNITS:
        return f"l’unité « {_shown(value)} » n’existe pas ({', '.join(UNITS)})"
    if name == "anchor" and not (isinstance(value, str) and value):
        return "il manque l’ancre : d’où compte-t-on"
    if name == "anchor" and vocabulary.anchors and value not in {*vocabulary.anchors, "opened"}:
        return f"l’ancre « {value} » n’existe pas"
    if name == "reminder" and value and not _REMINDER.fullmatch(str(value)):
        return f"le rappel « {value} » ne se lit pas (« 80% » ou « -2 days »)"
    if name == "escalation" and value and vocabulary.codes and value not in vocabulary.codes:
        return f"le rôle « {value} » n’existe pas"
    return ""


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
