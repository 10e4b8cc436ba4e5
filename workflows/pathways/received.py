"""What each line of treatment wrote down comes in; the summary of the PPAC goes out (domain §5).

Dates, sessions, cycles and dose come from the line itself: nobody types them again.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from workflows.cases.steps import CompletedForm, effect, skipped
from workflows.french import plural
from workflows.pathways.modalities import MODALITIES, is_same
from workflows.pathways.reading import day, known, number, rows

GROUP = "received_treatments"
_GIVEN = ("done", "stopped", "in_progress")
# Diagram → where its own first and last day are.
_DATES: dict[str, tuple[str, str]] = {
    "surgery": ("surgery_date", "surgery_date"),
    "radiotherapy": ("radiotherapy_start_date", "radiotherapy_end_date"),
    "oral": ("oral_start_date", "follow_up_date"),
    "procedure": ("procedure_date", "procedure_date"),
}


@skipped("end_of_treatment_visit")
@effect("end_of_treatment_visit")
def sum_up(db: Session, step: CompletedForm) -> None:
    """What was given is added to what a first programme already summed up, before a relapse."""
    facts = known(db, step)
    before = rows(facts, GROUP)
    said = {(row.get("kind"), row.get("precision"), row.get("start")) for row in before}
    found = [
        row
        for row in received(db, step.case.id, rows(facts, "treatments"))
        if (row["kind"], row.get("precision"), row.get("start")) not in said
    ]
    if found:
        runtime.put_data(
            db,
            case_id=step.case.id,
            values={GROUP: [*before, *found]},
            actor="system",
            now=step.now,
        )


def received(db: Session, case_id: int, treatments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = [
        (one.definition, engine_queries.instance_data(db, one.id))
        for one in engine_queries.instances(db, case_id)
        if one.definition in MODALITIES
    ]
    found = []
    for row in treatments:
        if row.get("status") not in _GIVEN:
            continue
        own = next(((name, line) for name, line in lines if is_same(row, line)), None)
        written = _of_line(*own) if own else {}
        end = row.get("planned_end") if row.get("status") == "done" else None
        summary = {
            "kind": row.get("kind"),
            "precision": row.get("precision"),
            "start": row.get("planned_start"),
            "end": end,
        } | written
        if row.get("status") == "in_progress":  # a hormone taken for years goes on
            summary["end"] = None
        found.append({name: value for name, value in summary.items() if value})
    return found


def _of_line(diagram: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """The line's own dates and dose; what it never wrote stays that of the plan."""
    if diagram == "systemic":
        given = [
            on.isoformat()
            for row in rows(line, "planned_cycles")
            if row.get("status") == "done" and (on := day(row.get("date")))
        ]
        if not given:
            return {}
        dose = plural(len(given), "cycle", "cycles")
        return {"start": min(given), "end": max(given), "dose": dose}
    first, last = _DATES.get(diagram, ("", ""))
    written = {"start": line.get(first), "end": line.get(last), "dose": _dose(line)}
    return {name: value for name, value in written.items() if value}


def _dose(line: Mapping[str, Any]) -> str:
    """« 40 Gy en 15 séances »"""
    dose, sessions = line.get("dose_delivered_gy"), number(line.get("fractions_delivered"))
    told = f"{str(dose).replace('.', ',')} Gy" if dose else ""
    if told and sessions:
        told += f" en {plural(sessions, 'séance', 'séances')}"
    return told
