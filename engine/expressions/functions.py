"""The functions an expression may call; an absent date or list stays absent or counts as empty."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from engine.expressions.errors import ExpressionError

MOST_DAYS = 100_000
MOST_DIGITS = 10


def _default(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def _known(value: Any) -> bool:
    return value is not None


def _len(value: Any) -> int:
    return 0 if value is None else len(_sized(value))


def _sized(value: Any) -> Any:
    if isinstance(value, (str, list, tuple, dict)):
        return value
    raise ExpressionError("« len » attend un texte ou une liste.")


def _rows(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return list(value)
    raise ExpressionError("Une liste est attendue.")


def number(value: Any) -> int | float:
    if isinstance(value, (int, float)):
        return value
    if value is None:
        raise ExpressionError("Un nombre est attendu, mais la donnée n’a pas de valeur.")
    raise ExpressionError(f"Un nombre est attendu, pas « {str(value)[:40]} ».")


def _numbers(values: tuple[Any, ...]) -> list[int | float]:
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        values = tuple(values[0])
    if not values:
        raise ExpressionError("Il faut au moins un nombre.")
    return [number(value) for value in values]


def _min(*values: Any) -> int | float:
    return min(_numbers(values))


def _max(*values: Any) -> int | float:
    return max(_numbers(values))


def _round(value: Any, digits: Any = 0) -> int | float:
    places = int(number(digits))
    if abs(places) > MOST_DIGITS:
        raise ExpressionError(f"« round » accepte au plus {MOST_DIGITS} décimales.")
    return round(number(value), places) if places else round(number(value))


def _abs(value: Any) -> int | float:
    return abs(number(value))


def _sum(values: Any) -> int | float:
    return sum(number(value) for value in _rows(values))


def _total(rows: Any, name: Any) -> int | float:
    """Sum of one column of a repeatable group; rows without it count for nothing."""
    found = [row.get(name) for row in _rows(rows) if isinstance(row, dict)]
    return sum(number(value) for value in found if value is not None)


def _count(rows: Any, name: Any, value: Any) -> int:
    """How many rows of a repeatable group hold this value."""
    return sum(1 for row in _rows(rows) if isinstance(row, dict) and row.get(name) == value)


def _column(rows: Any, name: Any) -> list[Any]:
    return [row.get(name) for row in _rows(rows) if isinstance(row, dict)]


def _first(values: Any) -> Any:
    return next(iter(_rows(values)), None)


def _last(values: Any) -> Any:
    return next(reversed(_rows(values)), None)


def parse_date(value: Any) -> date:
    """The day of a date or date-time text."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        message = f"Une date complète est attendue (AAAA-MM-JJ), pas « {str(value)[:40]} »."
        raise ExpressionError(message) from error


def _shifted(value: Any, days: Any) -> str | None:
    if value is None or days is None:
        return None
    shift = int(number(days))
    if abs(shift) > MOST_DAYS:
        raise ExpressionError(f"Un décalage de plus de {MOST_DAYS} jours est refusé.")
    try:
        return (parse_date(value) + timedelta(days=shift)).isoformat()
    except OverflowError as error:
        raise ExpressionError("La date obtenue sort du calendrier.") from error


def _days_before(value: Any, days: Any) -> str | None:
    return None if days is None else _shifted(value, -number(days))


def _days_between(start: Any, end: Any) -> int | None:
    if start is None or end is None:
        return None
    return (parse_date(end) - parse_date(start)).days


def _year(value: Any) -> int | None:
    return None if value is None else int(str(value)[:4])


def _duration(letter: str) -> Callable[[Any], str | None]:
    def duration(amount: Any) -> str | None:
        if amount is None:
            return None
        whole = int(number(amount))
        if not 0 <= whole <= MOST_DAYS:
            raise ExpressionError(f"Une durée va de 0 à {MOST_DAYS}.")
        return f"PT{whole}H" if letter == "H" else f"P{whole}{letter}"

    return duration


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "default": _default,
    "known": _known,
    "len": _len,
    "min": _min,
    "max": _max,
    "round": _round,
    "abs": _abs,
    "sum": _sum,
    "total": _total,
    "count": _count,
    "column": _column,
    "first": _first,
    "last": _last,
    "days_before": _days_before,
    "days_after": _shifted,
    "days_between": _days_between,
    "year": _year,
    "hours": _duration("H"),
    "days": _duration("D"),
    "weeks": _duration("W"),
    "months": _duration("M"),
}
