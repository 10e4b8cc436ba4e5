"""A treatment taken at home (T09, T13): each follow-up dates the next, whatever was taken or not."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.steps import date_of_diagram
from workflows.pathways import reassessment
from workflows.pathways.reading import day, known, number, today

# Asked at each follow-up: what is not answered this time is not what was said the last time.
_EACH_TIME = (
    "symptoms",
    "adaptation_requested",
    "oral_ended",
    "observance_detail",
    "stopped_since",
    "next_follow_up_date",
)
_INJECTED = frozenset({"intravenous", "subcutaneous", "intramuscular", "intradermal"})


@guard("prescribe_oral")
def require_an_end_after_the_start(db: Session, step: CompletedForm) -> None:
    start, end = day(step.answers.get("oral_start_date")), day(step.answers.get("oral_end_date"))
    if start and end and end < start:
        raise Invalid(
            "La fin prévue précède la première prise\u202f: corrigez l’une des deux dates.",
            {"oral_end_date": "Date après la première prise attendue."},
        )


@guard("follow_oral")
def require_a_coming_follow_up(db: Session, step: CompletedForm) -> None:
    following = day(step.answers.get("next_follow_up_date"))
    if following is not None and following <= today(step.now):
        raise Invalid(
            "Le prochain suivi est à venir\u202f: indiquez une date après aujourd’hui.",
            {"next_follow_up_date": "Date à venir attendue."},
        )


@effect("follow_oral")
def answer_each_time(db: Session, step: CompletedForm) -> None:
    for name in _EACH_TIME:
        step.answers.setdefault(name, None)


@handles("plan_oral_follow_up")
def plan_oral_follow_up(step: ServiceStep) -> None:
    """The first follow-up and check-up, and the pharmacist's interviews if it is taken alone."""
    start = day(step.get("oral_start_date")) or today(step.now)
    _follow_up_on(step, start + timedelta(days=number(step.get("first_follow_up_days")) or 7))
    reassessment.plan_first_oral(step)
    interviews = number(step.get("interviews_planned")) or 0
    message = step.properties.get("after_prescription")
    if not message or not interviews or step.get("administration_route") in _INJECTED:
        return
    first = start + timedelta(days=number(step.get("first_interview_days")) or 0)
    runtime.send_message(
        step.db,
        name=message,
        case_id=step.case.id,
        payload={
            "next_interview_date": first.isoformat(),
            "interviews_planned": interviews,
            "interview_interval_days": step.get("interview_interval_days"),
            "protocol": step.get("protocol"),
        },
        key=f"{message}:{step.instance.id}",
        actor=step.actor,
        now=step.now,
    )


@handles("plan_next_renewal")
def plan_next_renewal(step: ServiceStep) -> None:
    """The date just given, that of a resumption, else one interval later; the last on the last day."""
    if step.get("oral_ended") is True:
        return
    said = day(step.get("next_follow_up_date"))
    resumed = day(step.get("next_cycle_date"))
    seen = day(step.get("follow_up_date")) or today(step.now)
    interval = number(step.get("follow_up_interval_days")) or 30
    coming = next(
        (one for one in (resumed, said) if one and one > today(step.now)),
        max(seen, today(step.now)) + timedelta(days=interval),
    )
    step.set("next_cycle_date", None)
    end = day(step.get("oral_end_date"))
    _follow_up_on(step, end if end and today(step.now) < end < coming else coming)


def _follow_up_on(step: ServiceStep, at: date) -> None:
    step.set("next_follow_up_date", at.isoformat())
    date_of_diagram(step.db, step, step.instance.id, "next_follow_up", at)


@guard("follow_oral")
def require_renewal_of_what_goes_on(db: Session, step: CompletedForm) -> None:
    """A treatment that has come to its end is not also said to be stopped by the patient."""
    values = known(db, step)
    if step.answers.get("oral_ended") is True and values.get("observance") == "stopped":
        raise Invalid(
            "Un traitement arrêté par le patient n’est pas allé à son terme\u202f: choisissez l’un "
            "ou l’autre.",
            {"oral_ended": "Réponse contradictoire."},
        )
