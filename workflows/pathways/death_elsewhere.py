"""A patient followed in two cases dies once: the other cases stop and close with the one that says so.

Domain §11, X05, and invariant 9: no timer and no message to the patient survives in any of them.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import runtime
from engine.models import Case, CaseState
from engine.step import stepping
from workflows.cases.care_team import care_team
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect
from workflows.deadlines.operations import set_milestone
from workflows.notices.operations import notify
from workflows.pathways.death import DEATH, close_but_approvals, stop_everything

ELSEWHERE = "Décès du patient, déclaré dans un autre de ses dossiers."
# What every case of the patient says of it.
TOLD = ("death_date", "death_place", "death_cause", "death_reported_by")


@effect("record_death")
def close_other_cases(db: Session, step: CompletedForm) -> None:
    for case_id in cases_of_patient(db, step.case.id, but_closed=True):
        if case_id != step.case.id:
            _close(db, case_id, step)


def cases_of_patient(db: Session, case_id: int, *, but_closed: bool = False) -> Sequence[int]:
    """This one and the others of the same patient, the oldest first."""
    patient_id = db.get_one(Episode, case_id).patient_id
    wanted = sa.select(Episode.case_id).where(Episode.patient_id == patient_id)
    if but_closed:
        wanted = wanted.join(Case, Case.id == Episode.case_id).where(
            Case.state != CaseState.CLOSED
        )
    return db.scalars(wanted.order_by(Episode.case_id)).all()


def _close(db: Session, case_id: int, step: CompletedForm) -> None:
    with stepping(db, case_id, actor=step.actor, now=step.now) as other:
        told = {name: step.answers[name] for name in TOLD if step.answers.get(name)}
        runtime.put_data(db, case_id=case_id, values=told, actor=step.actor, now=step.now)
        set_milestone(
            db,
            case_id=case_id,
            name=DEATH,
            at=str(step.answers["death_date"]),
            actor=step.actor,
            now=step.now,
        )
        stop_everything(db, other, None)
        close_but_approvals(db, other, own=None, reason=ELSEWHERE)
    _tell(db, case_id, step.now)


def _tell(db: Session, case_id: int, now: datetime) -> None:
    """Its care team learns it from the application; nobody else, the family least of all."""
    notify(
        db,
        user_ids=[member.user_id for member in care_team(db, case_id)],
        key=f"death:{case_id}:{now.isoformat()}",
        kind="death",
        text="Décès déclaré dans un autre dossier de ce patient\u202f: celui-ci est clos.",
        case_id=case_id,
        now=now,
    )
