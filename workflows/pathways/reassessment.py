"""The check-up of a treatment (T18) comes by itself: after a radiotherapy, and again and again
during a treatment taken at home (domain §11: « tous les 2–4 cycles / fin RT »).

One waits per line, as a diagram of its own with its date. Asked for by hand before, the check-up
replaces those that wait, and gives them back if it is not made. It names no line: what it answers
is how the disease responds (§9), whatever was given.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Instance
from workflows.cases.steps import CompletedForm, effect, skipped
from workflows.deadlines.operations import due_by
from workflows.pathways.modalities import is_assessed
from workflows.pathways.reading import day, number, rows, today
from workflows.pathways.treatment import instance_of, modalities_of

PLANNED = "reassessment_planned"
DIAGRAM = "reassessment"
ORAL = "reassess_oral"  # the row of the table of delays
TO_ITS_END = "done"  # the end event of a line that was not stopped
OVER = "La ligne de traitement est terminée."


@handles("plan_reassessment")
def plan_reassessment(step: ServiceStep) -> None:
    """The physician's date, else so long after the last day of a treatment that was not stopped."""
    line = engine_queries.instance_data(step.db, step.instance.id)
    if step.get("radiotherapy_stopped") is True:
        return  # an RCP follows, and decides
    said = day(step.get("reassessment_date"))
    if said is None and is_assessed(line):
        since = step.get(step.properties["since"]) or today(step.now).isoformat()
        said = due_by(
            step.db, case=step.case, deadline=step.properties["deadline"], since=str(since)
        )
    if said is not None:
        _plan(step.db, step, step.instance.id, said.isoformat())


def plan_first_oral(step: ServiceStep) -> None:
    """Counted from the first day of the treatment."""
    _plan_oral(step.db, step, step.instance, since=str(step.get("oral_start_date") or ""))


@handles("replace_planned_reassessments")
def replace_planned_reassessments(step: ServiceStep) -> None:
    """Nobody is asked twice for the same check-up: what waits gives way, and is remembered."""
    replaced = []
    for one in planned(step.db, step.case.id, waiting=True):
        data = engine_queries.instance_data(step.db, one.id)
        replaced.append({"line": data["reassessed_line"], "date": data.get("reassessment_date")})
        _cancel(step.db, step, one, "Bilan demandé avant sa date.")
    step.set("replaced_reassessments", replaced)


@effect("reassess_response")
def plan_following(db: Session, step: CompletedForm) -> None:
    """Each treatment taken at home is assessed again, one interval after this check-up."""
    if instance_of(db, step).definition != DIAGRAM:
        return
    waiting = _lines_awaiting(db, step.case.id, but=step.task.instance_id)
    for line in modalities_of(db, step.case.id):
        if line.definition == "oral" and line.id not in waiting:
            _plan_oral(db, step, line, since=today(step.now).isoformat())


@skipped("reassess_response")
def give_back_what_was_replaced(db: Session, step: CompletedForm) -> None:
    """It was not made: those it replaced come at their own dates."""
    mine = engine_queries.instance_data(db, step.task.instance_id)
    for one in rows(mine, "replaced_reassessments"):
        _plan(db, step, int(one["line"]), str(one["date"]))
    plan_following(db, step)


def forget_planned(step: ServiceStep, line_ids: set[int] | None = None) -> None:
    """What stops is not assessed any more: those of these lines, or all."""
    for one in planned(step.db, step.case.id):
        if line_ids is None or _line_of(step.db, one) in line_ids:
            _cancel(step.db, step, one, OVER)


@hook("instance_ended")
def follow_line(db: Session, case: Case, instance: Instance, now: datetime) -> None:
    """A line taken at home has ended: no later check-up; one that is open is still made,
    unless the line was stopped, since an RCP then decides."""
    if instance.definition != "oral":
        return
    to_its_end = instance.outcome == TO_ITS_END
    for one in planned(db, case.id, waiting=to_its_end):
        if _line_of(db, one) == instance.id:
            runtime.cancel_instance(db, instance_id=one.id, reason=OVER, actor="system", now=now)


def planned(db: Session, case_id: int, *, waiting: bool = False) -> list[Instance]:
    """The check-ups that the calendar asks for; `waiting`: whose day has not come."""
    busy = {task.instance_id for task in engine_queries.open_tasks(db, case_id)}
    return [
        one
        for one in engine_queries.instances(db, case_id, running=True)
        if one.definition == DIAGRAM
        and _line_of(db, one) is not None
        and not (waiting and one.id in busy)
    ]


def _lines_awaiting(db: Session, case_id: int, *, but: int) -> set[int | None]:
    return {_line_of(db, one) for one in planned(db, case_id) if one.id != but}


def _line_of(db: Session, reassessment: Instance) -> int | None:
    return number(engine_queries.instance_data(db, reassessment.id).get("reassessed_line"))


def _plan_oral(db: Session, step: CompletedForm | ServiceStep, line: Instance, since: str) -> None:
    """Every so many weeks where the physician says so, else by the table; adjuvant: never."""
    values = engine_queries.instance_data(db, line.id)
    weeks, first = number(values.get("reassessment_weeks")), day(since) or today(step.now)
    if weeks:
        _plan(db, step, line.id, (first + timedelta(weeks=weeks)).isoformat())
    elif is_assessed(values):
        found = due_by(db, case=step.case, deadline=ORAL, since=first.isoformat())
        if found is not None:
            _plan(db, step, line.id, found.isoformat())


def _plan(db: Session, step: CompletedForm | ServiceStep, line_id: int, on: str) -> None:
    told: dict[str, Any] = {"reassessed_line": line_id, "reassessment_date": on}
    runtime.send_message(
        db, name=PLANNED, case_id=step.case.id, payload=told, actor=step.actor, now=step.now
    )


def _cancel(db: Session, step: CompletedForm | ServiceStep, one: Instance, reason: str) -> None:
    runtime.cancel_instance(db, instance_id=one.id, reason=reason, actor=step.actor, now=step.now)
