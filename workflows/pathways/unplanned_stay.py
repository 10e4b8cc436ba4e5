"""A stay in hospital nobody had planned (T17): its dates, then a call two days after the return."""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, guard
from workflows.pathways.reading import day, known, refuse_future, today

AFTER_RETURN = timedelta(days=2)  # as after a planned stay (T04)


@guard("record_admission")
def refuse_future_admission(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "stay_admission_date", "Un séjour se trace une fois commencé.")


@guard("record_stay_end")
def require_dates_in_order(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "stay_end_date", "Une sortie se trace une fois passée.")
    entered = day(known(db, step).get("stay_admission_date"))
    left = day(step.answers.get("stay_end_date"))
    if entered and left and left < entered:
        raise Invalid(
            "La sortie précède l’entrée\u202f: corrigez la date de sortie.",
            {"stay_end_date": "Date après l’entrée attendue."},
        )


@handles("plan_return_call")
def plan_return_call(step: ServiceStep) -> None:
    left = day(step.get("stay_end_date")) or today(step.now)
    runtime.send_message(
        step.db,
        name=step.properties["message"],
        case_id=step.case.id,
        payload={"next_call_date": (left + AFTER_RETURN).isoformat()},
        key=f"return:{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )
