"""Appointments later than hoped: the physician of the case is told, with why (domain §11, P11)."""

from sqlalchemy.orm import Session

from workflows.access.audiences import unit_audience
from workflows.cases.audience import people_in
from workflows.cases.care_team import care_team
from workflows.cases.episodes import episode_of
from workflows.cases.steps import CompletedForm, effect
from workflows.notices.operations import notify

TOLD = frozenset({"referring_physician", "requesting_physician", "oncologist"})


@effect("plan_appointments")
def tell_of_a_delay(db: Session, step: CompletedForm) -> None:
    """The secretariat sees that no room is left in time; the physician decides what to do of it."""
    why = str(step.answers.get("delay_comment") or "").strip()
    if not why:
        return
    notify(
        db,
        user_ids=_physicians(db, step.case.id),
        key=f"appointment_delay:{step.task.id}",
        kind="appointment_delay",
        text=f"Rendez-vous plus tardifs que prévu\u202f: {why}"[:300],
        case_id=step.case.id,
        now=step.now,
    )


def _physicians(db: Session, case_id: int) -> set[int]:
    """Those designated; before anybody is, the referring physicians of the unit."""
    designated = {one.user_id for one in care_team(db, case_id) if one.role in TOLD}
    episode = episode_of(db, case_id)
    if designated or episode is None:
        return designated
    unit = unit_audience(episode.unit_id, "referring_physician")
    return {person.id for person in people_in(db, [unit])}
