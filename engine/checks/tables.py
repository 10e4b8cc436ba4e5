"""Decision tables read known names and always answer."""

from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.expressions import nearest
from engine.checks.release import DEADLINES, PRIORITY, Release
from engine.checks.remarks import error, warning
from engine.decisions import Decision

GATHERING = ("COLLECT", "RULE ORDER")
GIVEN = frozenset({"deadline", "element"})  # by the engine, with the answers


def check_release(release: Release) -> Iterator[Finding]:
    for key, decision in release.decisions.items():
        if key == DEADLINES:
            continue
        told = GIVEN if key == PRIORITY else frozenset()
        yield from names(release, key, decision.names - release.known_names - told)
        yield from _answers(release, key, decision)
        for name in sorted(set(decision.output_names) & set(release.vocabulary.answered)):
            yield error(
                release.files[key],
                key,
                f"La table « {decision.name} » écrit « {name} », qui ne vient que de la réponse "
                "d’une personne.",
                "Donnez un autre nom à cette colonne.",
            )


def names(release: Release, key: str, unknown: frozenset[str]) -> Iterator[Finding]:
    for name in sorted(unknown):
        yield error(
            release.files[key],
            key,
            f"La table « {release.decisions[key].name} » lit « {name} », que rien ne renseigne.",
            nearest(name, release.known_names),
        )


def _answers(release: Release, key: str, decision: Decision) -> Iterator[Finding]:
    if decision.literal or decision.policy in GATHERING:
        return
    defaults = all(output.default for output in decision.outputs)
    if not defaults and not any(rule.catches_all for rule in decision.rules):
        yield warning(
            release.files[key],
            key,
            f"La table « {decision.name} » n’a pas de ligne pour tous les autres cas.",
            "Ajoutez une dernière ligne où chaque condition est « - » (avec la règle FIRST).",
        )
