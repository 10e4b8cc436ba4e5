"""The lines of a script task come in (``name = expression``), the values they give go out."""

import re
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from engine.expressions.errors import ExpressionError
from engine.expressions.expression import Expression, compile_expression
from engine.expressions.functions import FUNCTIONS
from engine.expressions.syntax import CONSTANTS

MOST_LINES = 50
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(?!=)\s*(.+)")


@dataclass(frozen=True)
class Assignments:
    lines: tuple[tuple[str, Expression], ...]

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(target for target, _ in self.lines)

    @property
    def names(self) -> frozenset[str]:
        """The names read from outside: a name given by an earlier line is not."""
        read: set[str] = set()
        given: set[str] = set()
        for target, expression in self.lines:
            read |= expression.names - given
            given.add(target)
        return frozenset(read)

    def run(self, names: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        seen = ChainMap(values, cast("dict[str, Any]", names))  # read only, never copied
        for target, expression in self.lines:
            values[target] = expression.evaluate(seen)
        return values


@lru_cache(maxsize=1024)
def compile_assignments(text: str) -> Assignments:
    """One assignment per line; empty lines and lines starting with # are skipped."""
    wanted = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    if len(wanted) > MOST_LINES:
        raise ExpressionError(f"Un script compte au plus {MOST_LINES} lignes.")
    return Assignments(tuple(_assignment(line) for line in wanted))


def _assignment(line: str) -> tuple[str, Expression]:
    match = _LINE.fullmatch(line)
    if not match:
        raise ExpressionError(
            f"Une ligne s’écrit « nom = expression », pas « {line.strip()[:80]} »."
        )
    target, text = match.groups()
    if target in FUNCTIONS or target in CONSTANTS:
        raise ExpressionError(f"« {target} » est un mot réservé : choisissez un autre nom.")
    return target, compile_expression(text)


def run_assignments(text: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Compile (once, cached) and run: the new values, by name."""
    return compile_assignments(text).run(names)
