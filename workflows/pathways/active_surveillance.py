"""Surveillance in place of a treatment (T19): a calendar, and a reclassification that leads to an RCP."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways.reading import day, known, refuse_future, rows, today
from workflows.pathways.redirection import INTERRUPTION, awaits_interruption
from workflows.pathways.surveillance import CALENDAR, MONTHS_WITHOUT_CALENDAR
from workflows.pathways.treatment import ENDED, modalities_of


@guard("plan_watch")
def require_dated_checks(db: Session, step: CompletedForm) -> None:
    """A surveillance nobody is called for would be forgotten."""
    if _next(rows(step.answers, "watch_plan")) is None:
        raise Invalid(
            "Indiquez au moins un contrôle et sa date\u202f: c’est elle qui rappelle le patient.",
            {"watch_plan": "Contrôle daté attendu."},
        )


@guard("record_check")
def require_past_check(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "check_done_date", "Un contrôle se trace une fois réalisé.")


@effect("plan_watch")
def wait_for_first_check(db: Session, step: CompletedForm) -> None:
    _await_next(db, step, rows(step.answers, "watch_plan"))


@guard("record_check")
def require_coming_check(db: Session, step: CompletedForm) -> None:
    if _goes_on(db, step) and not _still_to_come(db, step):
        raise Invalid(
            "Les contrôles continuent\u202f: indiquez la date du prochain, après aujourd’hui.",
            {"watch_plan": "Date à venir attendue."},
        )


@effect("record_check")
def wait_for_next_check(db: Session, step: CompletedForm) -> None:
    if _goes_on(db, step):
        _await_next(db, step, _still_to_come(db, step))


@skipped("record_check")
def pass_over_check(db: Session, step: CompletedForm) -> None:
    """The exam that does not take place comes back one interval later, or after the shortest."""
    if step.answers.get("watch_continues") is False:
        return
    values, this_day = known(db, step), today(step.now)
    plan = [
        _after(row, this_day) if str(row.get("next_due") or "") <= this_day.isoformat() else row
        for row in rows(values, "watch_plan")
    ]
    usual = CALENDAR.shift(this_day, MONTHS_WITHOUT_CALENDAR, "months").isoformat()
    if _next(plan) is None:
        plan.append({"exam": values.get("next_check_exam"), "next_due": usual})
    _await_next(db, step, [row for row in plan if day(row.get("next_due"))])


@handles("leave_watch")
def leave_watch(step: ServiceStep) -> None:
    """Alone, it interrupts the phase that leads back to an RCP; else an RCP is asked for beside."""
    holding = [
        one
        for one in modalities_of(step.db, step.case.id)
        if one.reply_message == ENDED and one.id != step.instance.id
    ]
    alone = not holding and awaits_interruption(step.db, step.case.id)
    runtime.send_message(
        step.db,
        name=INTERRUPTION if alone else "rcp_requested",
        case_id=step.case.id,
        payload={"rcp_reason": "change"},
        key=f"reclassified:{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )


def _goes_on(db: Session, step: CompletedForm) -> bool:
    values = known(db, step)
    return values.get("reclassified") is not True and values.get("watch_continues") is not False


def _still_to_come(db: Session, step: CompletedForm) -> list[dict[str, Any]]:
    """What was just done comes back one interval later, unless a person has dated it anew."""
    values = known(db, step)
    done_on = day(values.get("check_done_date")) or today(step.now)
    expected = str(values.get("next_check_date") or "")
    plan = [
        _after(row, done_on) if _is_done(row, values.get("check_exam"), expected) else row
        for row in rows(values, "watch_plan")
    ]
    return [row for row in plan if (due := day(row.get("next_due"))) and due > today(step.now)]


def _is_done(row: dict[str, Any], exam: Any, expected: str) -> bool:
    """The line of the exam that was done, still on the date it was expected or earlier."""
    return row.get("exam") == exam and str(row.get("next_due") or "") <= expected


def _after(row: dict[str, Any], done_on: date) -> dict[str, Any]:
    every = row.get("interval_months")
    following = CALENDAR.shift(done_on, int(every), "months").isoformat() if every else None
    return row | {"next_due": following}


def _next(plan: list[dict[str, Any]]) -> dict[str, Any] | None:
    dated = [row for row in plan if day(row.get("next_due"))]
    return min(dated, key=lambda row: str(row["next_due"]), default=None)


def _await_next(db: Session, step: CompletedForm, plan: list[dict[str, Any]]) -> None:
    following = _next(plan)
    if following is None:
        return
    step.answers.update(
        watch_plan=plan, next_check_date=following["next_due"], next_check_exam=following["exam"]
    )
    date_of_diagram(db, step, step.task.instance_id, "next_check", following["next_due"])
