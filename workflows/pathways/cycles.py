"""The cycles of a line, planned from its first day: what was given, what moves, in pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from workflows.french import plural, say_date
from workflows.pathways.reading import day, number, rows

Cycle = dict[str, Any]


def planned(first: date, count: int, interval_days: int | None) -> list[Cycle]:
    """All dates are known from the start when the interval is; else only the first one."""
    dated = count if interval_days else 1
    step = timedelta(days=interval_days or 0)
    return [
        {"number": place + 1, "date": (first + place * step).isoformat(), "status": "planned"}
        for place in range(dated)
    ]


def given(cycles: Sequence[Cycle], which: int, on: date) -> list[Cycle]:
    """This one was given, maybe on another day than planned."""
    done = {"number": which, "date": on.isoformat(), "status": "done"}
    return [
        *(row for row in cycles if (number(row.get("number")) or 0) < which),
        done,
        *(row for row in cycles if (number(row.get("number")) or 0) > which),
    ]


def shifted(cycles: Sequence[Cycle], which: int, to: date) -> tuple[list[Cycle], int]:
    """That cycle is now on this day; every later one moves by as much. The days it moved, too."""
    before = next(
        (
            found
            for row in cycles
            if row.get("number") == which and (found := day(row.get("date")))
        ),
        None,
    )
    days = (to - before).days if before else 0
    changed = [
        row
        if (number(row.get("number")) or 0) < which or row.get("status") == "done"
        else row | {"date": _moved_by(row, days)}
        for row in cycles
    ]
    if before is None:
        changed.append({"number": which, "date": to.isoformat(), "status": "planned"})
    return changed, days


def moved(line: Mapping[str, Any], to: date) -> tuple[dict[str, Any], str]:
    """What a line learns when its next cycle moves, and the sentence for the PPS."""
    which = (number(line.get("cycle_number")) or 0) + 1
    changed, days = shifted(rows(line, "planned_cycles"), which, to)
    values = {"next_cycle_date": to.isoformat(), "planned_cycles": changed}
    last = number(line.get("cycles_planned")) or which
    who = f"Le cycle {which}" if which >= last else f"Le cycle {which} et les suivants"
    if not days:
        return values, f"{who}\u202f: prochain cycle le {say_date(to)}."
    how = "retardé" if days > 0 else "avancé"
    agreed = how if which >= last else f"sont {how}s"
    verb = agreed if which < last else f"est {how}"
    return values, (
        f"{who} {verb} de {plural(abs(days), 'jour', 'jours')}, prochain cycle le {say_date(to)}."
    )


def end_of(cycles: Sequence[Cycle]) -> str | None:
    """The last day of the plan."""
    return max((str(row["date"]) for row in cycles if row.get("date")), default=None)


def following(cycles: Sequence[Cycle], which: int) -> date | None:
    """When the cycle after this one is planned."""
    return next((day(row.get("date")) for row in cycles if row.get("number") == which + 1), None)


def _moved_by(row: Cycle, days: int) -> str | None:
    on = day(row.get("date"))
    return (on + timedelta(days=days)).isoformat() if on else None
