"""Answers come in; what is computed from them, and never typed, goes out."""

from collections.abc import Callable, Mapping
from typing import Any

Computation = Callable[[Mapping[str, Any]], Any]
COMPUTATIONS: dict[str, Computation] = {}

G8_ITEMS = (
    "g8_appetite", "g8_weight_loss", "g8_mobility", "g8_neuropsychology", "g8_bmi",
    "g8_medications", "g8_health", "g8_age",
)  # fmt: skip


def computes(name: str) -> Callable[[Computation], Computation]:
    """Register what the datum of that name is computed by; None when it cannot be known yet."""

    def remember(function: Computation) -> Computation:
        COMPUTATIONS[name] = function
        return function

    return remember


@computes("g8_total")
def g8_total(answers: Mapping[str, Any]) -> float | int | None:
    """The geriatric screening score, 0 to 17: known once all eight items are (domain §9, S21)."""
    points = [_number(answers.get(item)) for item in G8_ITEMS]
    if any(point is None for point in points):
        return None
    return _short(sum(point for point in points if point is not None))


@computes("bmi")
def bmi(answers: Mapping[str, Any]) -> float | int | None:
    """Kilograms over square metres, to one decimal."""
    weight, height = _number(answers.get("weight_kg")), _number(answers.get("height_cm"))
    if not weight or not height:
        return None
    return _short(round(weight / (height / 100) ** 2, 1))


@computes("fractions_done")
def fractions_done(answers: Mapping[str, Any]) -> int | None:
    """Radiotherapy sessions given: a row counts unless it says it was not done."""
    rows = answers.get("sessions")
    if rows is None:
        return None
    return len([row for row in rows if row.get("status", "done") == "done"])


def _as_said(name: str) -> Computation:
    """Written by a diagram; only shown afterwards."""

    def said(answers: Mapping[str, Any]) -> str | None:
        return str(answers[name]) if answers.get(name) else None

    return said


# When a pause began, to whoever ends it; when a refusal was told, to whoever sees the patient again;
# what an RCP concluded, to whoever applies it; what a PPS lacks, to whoever completes it; what the
# calendar asks for next, to whoever writes a control down.
SAID = frozenset(
    {
        "calendar_ahead",
        "paused_names",
        "pps_missing",
        "rcp_plan_detail",
        "rcp_stop_detail",
        "refused_names",
    }
)
COMPUTATIONS.update((name, _as_said(name)) for name in SAID)


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value
