"""A timer says how long or until when in a way the engine can read."""

import re
from collections.abc import Iterator

from engine.artifacts import Finding
from engine.checks.diagram import Diagram, Node
from engine.checks.readings import timers_of
from engine.checks.release import Release
from engine.checks.remarks import error
from engine.expressions import ExpressionError, compile_timer
from engine.expressions.expression import ISO_DURATION

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")


def check(release: Release, diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if node.trigger != "timer":
            continue
        timers = list(timers_of(node))
        if not timers:
            yield error(
                diagram,
                node,
                f"Le minuteur {node.label} ne dit pas combien de temps attendre.",
                "Écrivez une durée (P7D) ou une expression qui donne une date.",
            )
        for kind, text in timers:
            yield from _timer(diagram, node, kind, text)


def _timer(diagram: Diagram, node: Node, kind: str, text: str) -> Iterator[Finding]:
    if kind == "timeCycle":
        yield error(
            diagram,
            node,
            f"Le minuteur {node.label} est répété (« {text} »), ce qui n’est pas exécuté.",
            "Dessinez une boucle avec un minuteur simple ; un rappel est une ligne des délais.",
        )
        return
    try:
        expression = compile_timer(text)
        value = None if expression.names else expression.evaluate({})
    except ExpressionError:
        return  # said with the other expressions
    if not expression.names and not _is_time(value):
        yield error(
            diagram,
            node,
            f"Le minuteur {node.label} donne « {value} », qui n’est ni une durée ni une date.",
            'Écrivez une durée ISO 8601 (P7D) ou une date entre guillemets ("2026-03-02").',
        )


def _is_time(value: object) -> bool:
    text = value if isinstance(value, str) else ""
    return bool(ISO_DURATION.fullmatch(text) or _DATE.fullmatch(text))
