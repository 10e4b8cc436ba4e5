"""A row of `deadlines.dmn` and the moment it hangs on come in; due, reminder and escalation go out.

Nothing here asks a database or a clock.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.calendar import UNITS, Calendar

OPENED = "opened"
ESTABLISHMENT = "establishment"  # the column of the table, and the fact it looks at
_DATED = frozenset({"days", "working_days", "weeks", "months"})  # they end when the day does
_SHARE = re.compile(r"(\d{1,3})\s*%")
_BEFORE = re.compile(r"-?\s*(\d+)\s*([a-z_]+)")


@dataclass(frozen=True)
class Rule:
    """« eight days after the pathology report, reminded at 80 % », as the table says it."""

    anchor: str
    amount: float
    unit: str
    reminder: str = ""
    escalation: str = ""
    row_id: str = ""
    row_label: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any], *, row_id: str = "", row_label: str = "") -> "Rule":
        """The outputs of the decision; publishing has refused what cannot be read."""
        unit = str(values.get("unit") or "days")
        if unit not in UNITS:
            raise ValueError(f"deadlines row {row_id!r}: unknown unit {unit!r}")
        return cls(
            anchor=str(values.get("anchor") or OPENED),
            amount=float(values.get("amount") or 0),
            unit=unit,
            reminder=str(values.get("reminder") or ""),
            escalation=str(values.get("escalation") or ""),
            row_id=row_id,
            row_label=row_label,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Dates:
    due_at: datetime
    remind_at: datetime | None
    escalate_at: datetime | None


def dates(rule: Rule, *, anchor_at: datetime, opened_at: datetime, calendar: Calendar) -> Dates:
    """When it is due; a reminder that would come before the task itself is not made."""
    due_at = _due(rule, anchor_at, calendar)
    if rule.anchor == OPENED and due_at <= opened_at:  # « le jour même », opened in the evening
        due_at = _due(rule, calendar.add(anchor_at, 1, "working_days"), calendar)
    remind_at = _remind(rule.reminder, opened_at, due_at, calendar)
    return Dates(
        due_at=due_at,
        remind_at=remind_at if remind_at and opened_at < remind_at < due_at else None,
        escalate_at=_escalate(opened_at, due_at, calendar) if rule.escalation else None,
    )


def _due(rule: Rule, anchor_at: datetime, calendar: Calendar) -> datetime:
    moved = calendar.add(anchor_at, rule.amount, rule.unit)
    if rule.unit in _DATED:
        return calendar.end_of_day(moved.astimezone(calendar.zone).date())
    return moved


def _remind(
    reminder: str, opened_at: datetime, due_at: datetime, calendar: Calendar
) -> datetime | None:
    if share := _SHARE.fullmatch(reminder.strip()):
        passed = (due_at - opened_at).total_seconds() * int(share[1]) / 100
        return opened_at + timedelta(seconds=round(passed))
    if before := _BEFORE.fullmatch(reminder.strip()):
        return calendar.add(due_at, -int(before[1]), before[2])
    return None


def _escalate(opened_at: datetime, due_at: datetime, calendar: Calendar) -> datetime:
    """At the due moment; a task born late is left a working day before anybody is called."""
    return due_at if due_at > opened_at else calendar.add(opened_at, 1, "working_days")
