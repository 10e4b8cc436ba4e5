"""One referral to a supportive-care professional is one diagram (A14); the PPS says where it stands."""

from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.pathways.plan import NEEDS, TO_REFER
from workflows.pathways.reading import day, known, rows, today


@guard("arrange_referral")
def require_coming_appointment(db: Session, step: CompletedForm) -> None:
    wanted = day(step.answers.get("support_appointment_date"))
    if step.answers.get("support_status") == "booked" and wanted is None:
        raise Invalid(
            "Indiquez la date du rendez-vous\u202f: le compte rendu est demandé ce jour-là.",
            {"support_appointment_date": "Date attendue."},
        )


@effect("assess_support_needs")
def refer(db: Session, step: CompletedForm) -> None:
    """Each need that leads to somebody opens its own referral, unless one is under way."""
    under_way = {
        engine_queries.instance_data(db, one.id).get("support_wanted")
        for one in engine_queries.instances(db, step.case.id, running=True)
        if one.definition == "referral"
    }
    for need, kind in NEEDS.items():
        if step.answers.get(need) == TO_REFER and kind not in under_way:
            runtime.send_message(
                db,
                name="referral_requested",
                case_id=step.case.id,
                payload={"support_wanted": kind},
                key=f"referral:{step.task.instance_id}:{kind}",
                actor=step.actor,
                now=step.now,
            )


@effect("arrange_referral")
def say_arranged(db: Session, step: CompletedForm) -> None:
    if step.answers.get("support_status") == "booked":
        _say(
            db,
            step,
            status="planned",
            start=step.answers.get("support_appointment_date"),
            professional=step.answers.get("support_to"),
        )
    elif step.answers.get("support_status") == "refused":
        _say(db, step, status="not_done")


@effect("report_referral")
def say_done(db: Session, step: CompletedForm) -> None:
    if step.answers.get("support_report_status") == "done":
        on = step.answers.get("support_report_date") or today(step.now).isoformat()
        _say(db, step, status="in_progress", start=on)
    else:
        _say(db, step, status="not_done")


def _say(db: Session, step: CompletedForm, **columns: Any) -> None:
    """The action of the PPS of that kind, the one not done yet; a new one when there is none."""
    values = known(db, step)
    kind = values.get("support_wanted")
    said = {name: value for name, value in columns.items() if value}
    actions = rows(engine_queries.case_data(db, step.case.id), "support_actions")
    own = next((row for row in actions if row.get("kind") == kind), None)
    if own is None:
        actions.append({"kind": kind, **said})
    else:
        own.update(said)
    runtime.put_data(
        db,
        case_id=step.case.id,
        values={"support_actions": actions},
        actor=step.actor,
        now=step.now,
    )
