"""The text of an input cell comes in, a test on one value goes out."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.decisions.literals import compile_endpoint, constant
from engine.expressions import Expression, ExpressionError

Test = Callable[[Any, Mapping[str, Any]], bool]

_INTERVAL = re.compile(r"([\[\](])(.+?)\.\.(.+)([\[\])])")
_COMPARISON = re.compile(r"(<=|>=|<|>)(.+)")
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class UnaryTests:
    """The alternatives of one cell; `any` is a dash."""

    text: str
    tests: tuple[Test, ...]
    endpoints: tuple[Expression, ...]
    equal_to: tuple[Expression, ...] = ()
    negated: bool = False
    any: bool = False

    def accepts(self, value: Any, names: Mapping[str, Any]) -> bool:
        if self.any:
            return True
        met = any(test(value, names) for test in self.tests)
        if not self.negated:
            return met
        # An absent value passes no comparison, so not("a") does not hold for it; not(null) does its work.
        return not met and (value is not None)

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(endpoint.names for endpoint in self.endpoints))


def compile_tests(text: str) -> UnaryTests:
    bare = text.strip()
    if bare in ("", "-"):
        return UnaryTests("-", (), (), any=True)
    negation = _NOT.fullmatch(bare)
    inner = negation.group(1) if negation else bare
    tests: list[Test] = []
    endpoints: list[Expression] = []
    equal_to: list[Expression] = []
    for item in _items(inner):
        test, ends, plain = _one(item)
        tests.append(test)
        endpoints += ends
        equal_to += ends if plain else []
    return UnaryTests(bare, tuple(tests), tuple(endpoints), tuple(equal_to), bool(negation))


def _items(text: str) -> Iterator[str]:
    """Split at the commas that stand outside quotes and brackets."""
    start, depth, quoted = 0, 0, False
    for position, char in enumerate(text):
        if char == '"' and text[position - 1 : position] != "\\":
            quoted = not quoted
        elif not quoted and char == "(":
            depth += 1
        elif not quoted and char == ")":
            depth -= 1
        elif char == "," and not quoted and depth <= 0:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()


def _one(item: str) -> tuple[Test, list[Expression], bool]:
    if item in ("", "-"):
        raise ExpressionError("Une alternative est vide, ou un tiret est mêlé à d’autres valeurs.")
    interval = _INTERVAL.fullmatch(item)
    if interval:
        return _interval(*interval.groups())
    comparison = _COMPARISON.fullmatch(item)
    if comparison:
        end = compile_endpoint(comparison.group(2))
        return _comparison(comparison.group(1), end), [end], False
    end = compile_endpoint(item)
    return _equality(end), [end], True


def _interval(
    opening: str, low: str, high: str, closing: str
) -> tuple[Test, list[Expression], bool]:
    start, end = compile_endpoint(low), compile_endpoint(high)
    _check_order(start, end)
    above = _comparison(">=" if opening == "[" else ">", start)
    below = _comparison("<=" if closing == "]" else "<", end)
    return lambda value, names: above(value, names) and below(value, names), [start, end], False


def _check_order(start: Expression, end: Expression) -> None:
    if start.names or end.names:
        return
    first: Any = constant(start)
    last: Any = constant(end)
    if not same_kind(first, last) or isinstance(first, bool):
        raise ExpressionError(f"« {start.text} » et « {end.text} » ne bornent rien ensemble.")
    if first > last:
        raise ExpressionError(
            f"L’intervalle de « {start.text} » à « {end.text} » finit avant de commencer."
        )


def _comparison(sign: str, end: Expression) -> Test:
    compare: Callable[[Any, Any], bool] = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }[sign]

    def test(value: Any, names: Mapping[str, Any]) -> bool:
        limit = end.evaluate(names)
        if value is None or limit is None:
            return False
        if not same_kind(value, limit):
            raise ExpressionError(f"« {value} » et « {limit} » ne se comparent pas.")
        return compare(value, limit)

    return test


def _equality(end: Expression) -> Test:
    if end.text == "null":
        return lambda value, names: value is None

    def test(value: Any, names: Mapping[str, Any]) -> bool:
        wanted = end.evaluate(names)
        if isinstance(wanted, list):
            return value is not None and any(equal(value, one) for one in wanted)
        return equal(value, wanted)

    return test


def equal(value: Any, wanted: Any) -> bool:
    """True and 1 are different things; an absent value equals nothing."""
    if value is None or wanted is None:
        return False
    return same_kind(value, wanted) and bool(value == wanted)


def same_kind(one: Any, two: Any) -> bool:
    return _kind(one) is _kind(two)


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, (int, float)) else type(value)
