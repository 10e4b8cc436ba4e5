"""Facts come in, the outcome of a decision and the row that gave it go out."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.decisions.unary import UnaryTests
from engine.expressions import Expression, ExpressionError

_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {"SUM": sum, "MIN": min, "MAX": max}


class DecisionError(ValueError):
    """The table cannot be read, or cannot answer; one French sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Outcome:
    """What was decided, and by which row (empty when no row matched)."""

    values: dict[str, Any]
    row_id: str = ""
    row_label: str = ""


@dataclass(frozen=True)
class Input:
    label: str
    expression: Expression
    kind: str = ""
    permitted: UnaryTests | None = None  # the values the column lists


@dataclass(frozen=True)
class Output:
    name: str
    label: str = ""
    priorities: tuple[Any, ...] = ()
    default: Expression | None = None
    kind: str = ""


@dataclass(frozen=True)
class Rule:
    id: str
    label: str
    tests: tuple[UnaryTests, ...]
    entries: tuple[Expression | None, ...]

    @property
    def catches_all(self) -> bool:
        return all(test.any for test in self.tests)

    def covers(self, other: "Rule") -> bool:
        """Every case the other answers, this one does: cell by cell, all of them or the same text."""
        return all(
            mine.any or mine.text == its.text
            for mine, its in zip(self.tests, other.tests, strict=True)
        )


@dataclass(frozen=True)
class Decision:
    id: str
    name: str
    outputs: tuple[Output, ...]
    inputs: tuple[Input, ...] = ()
    rules: tuple[Rule, ...] = ()
    policy: str = "UNIQUE"
    aggregation: str = ""
    literal: Expression | None = None
    requires: list["Decision"] = field(default_factory=list, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """The names it reads, those given by the decisions it requires left out."""
        read = {name for one in self.inputs for name in one.expression.names}
        read |= self.literal.names if self.literal else set()
        for rule in self.rules:
            read |= {name for test in rule.tests for name in test.names}
            read |= {name for entry in rule.entries if entry for name in entry.names}
        for required in self.requires:
            read = (read - {output.name for output in required.outputs}) | required.names
        return frozenset(read)

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.outputs)

    def literals(self, name: str) -> frozenset[Any]:
        """The values a column tests by equality: the names of the rows of a table keyed by it."""
        found: set[Any] = set()
        for position, column in enumerate(self.inputs):
            if column.expression.text == name:
                for rule in self.rules:
                    ends = rule.tests[position].equal_to
                    found |= {end.evaluate({}) for end in ends if not end.names}
        return frozenset(found)

    def evaluate(self, inputs: Mapping[str, Any]) -> Outcome:
        facts: ChainMap[str, Any] = ChainMap({}, dict(inputs))
        for required in self.requires:
            facts.maps[0].update(required.evaluate(inputs).values)
        try:
            return self._evaluate(facts)
        except ExpressionError as error:
            raise DecisionError(f"Table « {self.name} »\u202f: {error.message}") from error

    def answer(self, inputs: Mapping[str, Any]) -> Outcome:
        """The same, for who cannot go on without an answer: no row that fits is an error."""
        outcome = self.evaluate(inputs)
        if self._owes_a_row and not outcome.row_id and None in outcome.values.values():
            raise DecisionError(
                f"Table «\u202f{self.name}\u202f»\u202f: aucune ligne ne convient pour "
                f"{self._said(inputs)}. Le qualiticien ajoute une ligne pour ce cas, ou une "
                "dernière ligne pour tous les autres."
            )
        return outcome

    @property
    def _owes_a_row(self) -> bool:
        return self.literal is None and self.policy not in ("COLLECT", "RULE ORDER")

    def _said(self, inputs: Mapping[str, Any]) -> str:
        """« Âge » = 12, « Organe » sans valeur"""
        facts: ChainMap[str, Any] = ChainMap({}, dict(inputs))
        for required in self.requires:
            facts.maps[0].update(required.evaluate(inputs).values)
        values = [
            (one.label or one.expression.text, one.expression.evaluate(facts))
            for one in self.inputs
        ]
        return ", ".join(
            f"«\u202f{label}\u202f» " + ("sans valeur" if value is None else f"= {_shown(value)}")
            for label, value in values
        )

    def _evaluate(self, facts: Mapping[str, Any]) -> Outcome:
        if self.literal:
            return Outcome(
                {self.outputs[0].name: self.literal.evaluate(facts)}, self.id, self.name
            )
        values = [column.expression.evaluate(facts) for column in self.inputs]
        met = [rule for rule in self.rules if _meets(rule, values, facts)]
        if self.policy == "COLLECT" and self.aggregation:
            return self._aggregated(met, facts)
        if self.policy in ("COLLECT", "RULE ORDER"):
            return self._gathered(met, facts)
        return self._single(met, facts)

    def _single(self, met: Sequence[Rule], facts: Mapping[str, Any]) -> Outcome:
        if not met:
            return Outcome(
                {o.name: o.default.evaluate(facts) if o.default else None for o in self.outputs}
            )
        if self.policy == "UNIQUE" and len(met) > 1:
            raise DecisionError(
                f"{self._rows(met)} répondent ensemble, une seule est permise (UNIQUE)."
            )
        outcomes = [self._outcome(rule, facts) for rule in met]
        if self.policy == "ANY" and any(o.values != outcomes[0].values for o in outcomes):
            raise DecisionError(f"{self._rows(met)} donnent des réponses différentes (ANY).")
        if self.policy == "PRIORITY":
            return min(outcomes, key=self._rank)
        return outcomes[0]

    def _outcome(self, rule: Rule, facts: Mapping[str, Any]) -> Outcome:
        pairs = zip(self.outputs, rule.entries, strict=True)
        values = {output.name: entry.evaluate(facts) if entry else None for output, entry in pairs}
        return Outcome(values, rule.id, rule.label)

    def _rank(self, outcome: Outcome) -> tuple[int, ...]:
        """Output values listed first win; the first output weighs most."""
        return tuple(
            output.priorities.index(value)
            if value in output.priorities
            else len(output.priorities)
            for output, value in zip(self.outputs, outcome.values.values(), strict=True)
        )

    def _gathered(self, met: Sequence[Rule], facts: Mapping[str, Any]) -> Outcome:
        outcomes = [self._outcome(rule, facts) for rule in met]
        values = {name: [o.values[name] for o in outcomes] for name in self.output_names}
        return Outcome(
            values, ", ".join(rule.id for rule in met), ", ".join(r.label for r in met if r.label)
        )

    def _aggregated(self, met: Sequence[Rule], facts: Mapping[str, Any]) -> Outcome:
        gathered = self._gathered(met, facts)
        name = self.output_names[0]
        found = gathered.values[name]
        if self.aggregation == "COUNT":
            result: Any = len(found)
        elif not found:
            result = None
        elif not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in found):
            raise DecisionError(
                f"Table « {self.name} »\u202f: {self.aggregation} attend des nombres."
            )
        else:
            result = _AGGREGATES[self.aggregation](found)
        return Outcome({name: result}, gathered.row_id, gathered.row_label)

    def _rows(self, rules: Sequence[Rule]) -> str:
        numbers = [str(self.rules.index(rule) + 1) for rule in rules]
        return f"Table « {self.name} »\u202f: les lignes {' et '.join([', '.join(numbers[:-1]), numbers[-1]])}"


def _meets(rule: Rule, values: Sequence[Any], facts: Mapping[str, Any]) -> bool:
    return all(test.accepts(v, facts) for test, v in zip(rule.tests, values, strict=True))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)[:60]
