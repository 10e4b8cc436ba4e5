"""Treatment by cycles: each cycle dates the next; a postponement moves all that follow it."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways import cycles
from workflows.pathways.reading import day, number, rows, today

FIRST_CALL = timedelta(days=2)  # after the first cycle; the nurse plans the following ones


@effect("prescribe_systemic")
def plan_cycles(db: Session, step: CompletedForm) -> None:
    first = day(step.answers.get("first_cycle_date"))
    count = number(step.answers.get("cycles_planned")) or 1
    interval = number(step.answers.get("cycle_interval_days"))
    step.answers.update(cycle_number=0, next_cycle_date=step.answers.get("first_cycle_date"))
    if first:
        step.answers["planned_cycles"] = cycles.planned(first, count, interval)
        date_of_diagram(db, step, step.task.instance_id, "next_cycle", first)


@guard("administer_cycle", undoable=True)
def require_given_or_why_not(db: Session, step: CompletedForm) -> None:
    """A cycle is counted on the day it was given, or not at all (T11: absence leads to X07)."""
    given, why_not = (step.answers.get(one) for one in ("administration_date", "cycle_not_given"))
    if bool(given) == bool(why_not):
        raise Invalid(
            "Ce cycle est-il administré ? Les deux réponses se contredisent."
            if given
            else "Indiquez le jour où le cycle a été administré, ou pourquoi il ne l’est pas.",
            {"administration_date": "Date attendue, ou motif ci-dessous."},
        )


@effect("administer_cycle")
def forget_the_other_answer(db: Session, step: CompletedForm) -> None:
    """Of the cycle before, neither its date nor why it was not given; who came is no more absent."""
    step.answers.setdefault("administration_date", None)
    step.answers.setdefault("cycle_not_given", None)
    if step.answers["administration_date"]:
        step.answers["absences"] = 0


@effect("administer_cycle")
def rate_the_reaction(db: Session, step: CompletedForm) -> None:
    """T11: a reaction while the cycle is given is graded like any other toxicity (T15)."""
    if step.answers.get("administration_incident") == "yes":
        runtime.send_message(
            db, name="toxicity_declared", case_id=step.case.id, actor=step.actor, now=step.now
        )


@handles("plan_next_cycle")
def plan_next_cycle(step: ServiceStep) -> None:
    """Count what was given and date what follows; the first cycle opens the nurse's calls."""
    on = day(step.get("administration_date")) or today(step.now)
    count = (number(step.get("cycle_number")) or 0) + 1
    step.set("cycle_number", count)
    plan = cycles.given(rows({"plan": step.get("planned_cycles")}, "plan"), count, on)
    following = _following(step, on)
    if following and count < (number(step.get("cycles_planned")) or 0):
        plan, _days = cycles.shifted(plan, count + 1, following)
        step.set("next_cycle_date", following.isoformat())
        date_of_diagram(step.db, step, step.instance.id, "next_cycle", following)
    step.set("planned_cycles", plan)
    if count == 1:
        date_of_diagram(step.db, step, step.instance.id, "first_cycle", on)
        _open_calls(step, (on + FIRST_CALL).isoformat())


def _following(step: ServiceStep, given: date) -> date | None:
    """The date given with this cycle, else one interval later."""
    said = day(step.get("next_cycle_date"))
    if said is not None and said > given:
        return said
    interval = number(step.get("cycle_interval_days"))
    return given + timedelta(days=interval) if interval else None


def _open_calls(step: ServiceStep, first_call: str) -> None:
    message = step.properties.get("after_first_cycle")
    if message:
        runtime.send_message(
            step.db,
            name=message,
            case_id=step.case.id,
            payload={"next_call_date": first_call},
            key=f"{message}:{step.instance.id}",
            actor=step.actor,
            now=step.now,
        )
