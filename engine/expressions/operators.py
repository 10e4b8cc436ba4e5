"""The operators of the closed evaluator: false on an absent value, refused on a nonsense."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from engine.expressions.errors import ExpressionError
from engine.expressions.functions import number

LARGEST = 10**18
LONGEST = 10_000
MOST_CONTENT = 30_000  # values in a list, with those of the lists in it


def bounded(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("Le résultat n’est pas un nombre fini.")
    if isinstance(value, (int, float)) and abs(value) > LARGEST:
        raise ExpressionError("Le résultat est un nombre trop grand.")
    if isinstance(value, str) and len(value) > LONGEST:
        raise ExpressionError("Le résultat est trop long.")
    if isinstance(value, (list, dict)):
        _measure(value)
    return value


def _measure(value: Any) -> None:
    """Lists in lists count with all they hold: [a, a] doubles what a line before has doubled."""
    left, todo = MOST_CONTENT, [value]
    while todo:
        one = todo.pop()
        left -= 1
        if isinstance(one, str):
            left -= len(one) // 16
        elif isinstance(one, (list, dict)):
            left -= len(one)
            if left >= 0:
                todo.extend(one.values() if isinstance(one, dict) else one)
        if left < 0:
            raise ExpressionError("Le résultat est trop long.")


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        try:
            return bounded(compute(number(left), number(right)))
        except ZeroDivisionError as error:
            raise ExpressionError("Division par zéro.") from error

    return apply


def _add(left: Any, right: Any) -> Any:
    for kind in (str, list):
        if isinstance(left, kind) and isinstance(right, kind):
            return bounded(left + right)  # type: ignore[operator]  # both of one kind
    return _arithmetic(operator.add)(left, right)


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def apply(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        try:
            return compare(left, right)
        except TypeError as error:
            message = f"« {str(left)[:40]} » et « {str(right)[:40]} » ne se comparent pas."
            raise ExpressionError(message) from error

    return apply


def _within(left: Any, right: Any) -> bool:
    return left in right


def _outside(left: Any, right: Any) -> bool:
    return left not in right


OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
    ast.Eq: _comparison(operator.eq),
    ast.NotEq: _comparison(operator.ne),
    ast.Lt: _comparison(operator.lt),
    ast.LtE: _comparison(operator.le),
    ast.Gt: _comparison(operator.gt),
    ast.GtE: _comparison(operator.ge),
    ast.In: _comparison(_within),
    ast.NotIn: _comparison(_outside),
    ast.Not: operator.not_,
    ast.USub: lambda value: -number(value),
    ast.UAdd: lambda value: +number(value),
}
