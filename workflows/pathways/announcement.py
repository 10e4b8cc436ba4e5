"""The announcement: identity checked, team designated, a report that arrives dates its milestone."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Task
from engine.queries import case_data
from workflows.cases import care_team
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.deadlines.operations import set_milestone
from workflows.pathways.frailty import age_item
from workflows.pathways.reading import known, number, today
from workflows.patients import doubts
from workflows.patients import operations as patients
from workflows.patients.aftermath import age
from workflows.patients.ins import ONCE_SEEN
from workflows.patients.operations import SURROUNDINGS
from workflows.patients.trust import obstacle_to_trust

ADULT = 18


@effect("check_identity")
def apply_identity(db: Session, step: CompletedForm) -> None:
    """The patient's page follows what was seen; age and organ become known to the diagrams."""
    episode = db.get_one(Episode, step.case.id)
    patient_id, answers = episode.patient_id, step.answers
    changes = {name: answers[name] for name in SURROUNDINGS & answers.keys() if answers[name]}
    if changes:
        patients.correct(db, patient_id=patient_id, actor=step.actor, now=step.now, **changes)
    status = ONCE_SEEN.get(episode.patient.ins_status)
    seen = answers.get("identity_check") == "verified"
    if seen and status is not None and obstacle_to_trust(episode.patient) is None:
        patients.set_status(
            db, patient_id=patient_id, status=status, actor=step.actor, now=step.now
        )
    if answers.get("identity_check") == "discrepancy":
        _doubt(db, step, episode)
    tell_age_and_organ(db, step)


@skipped("check_identity")
def tell_age_and_organ(db: Session, step: CompletedForm) -> None:
    """They come from the folder, not from the check: the law of the RCP by age hangs on them."""
    episode = db.get_one(Episode, step.case.id)
    years = age(episode.patient.birth_date, today(step.now))
    step.answers["patient_age"] = years
    step.answers["g8_age"] = age_item(years)
    step.answers["organ"] = episode.organ


def _doubt(db: Session, step: CompletedForm, episode: Episode) -> None:
    """A02: what the document says otherwise goes to identitovigilance; the case goes on locally."""
    if doubts.open_doubt(db, episode.patient_id) is None:
        reason = str(step.answers.get("identity_comment") or doubts.UNSAID)
        runtime.send_message(
            db,
            name=doubts.MESSAGE,
            case_id=step.case.id,
            payload={"identity_doubt_reason": reason},
            actor=step.actor,
            now=step.now,
        )


@effect("designate_team")
def apply_team(db: Session, step: CompletedForm) -> None:
    """`team_idec`, `team_surgeon`…: a field left empty changes nobody."""
    chosen = {
        name.removeprefix("team_"): number(value)
        for name, value in step.answers.items()
        if name.startswith("team_") and number(value) is not None
    }
    care_team.designate(db, case_id=step.case.id, members=chosen, actor=step.actor, now=step.now)


@guard("inform_patient", undoable=True)
def require_the_legal_representative(db: Session, step: CompletedForm) -> None:
    """A03: a minor, or a protected adult who has a representative, is not informed alone."""
    if step.answers.get("information_to") != "patient":
        return
    born = db.get_one(Episode, step.case.id).patient.birth_date
    is_minor = age(born, today(step.now)) < ADULT
    if is_minor or str(known(db, step).get("legal_representative") or "").strip():
        who = "Le patient est mineur" if is_minor else "Le dossier nomme un représentant légal"
        raise Invalid(
            f"{who}\u202f: informez aussi son représentant et choisissez "
            "«\u202fLes deux\u202f» ou «\u202fLe représentant légal\u202f».",
            {"information_to": "Représentant légal attendu."},
        )


@hook("task_opened")
def name_the_new_sampling(db: Session, case: Case, task: Task, now: datetime) -> None:
    """A06: an inconclusive report was read; the one that is awaited now is that of a new biopsy."""
    is_report = task.form == "attach_pathology_report"
    if is_report and case_data(db, case.id).get("pathology_result") == "inconclusive":
        task.name = f"{task.name}\u202f: nouveau prélèvement"


@handles("date_milestone")
def date_milestone(step: ServiceStep) -> None:
    """A document that arrived by itself dates its milestone as a person's answer would."""
    at = step.get(step.properties.get("datum", ""))
    if at:
        set_milestone(
            step.db,
            case_id=step.case.id,
            name=step.properties["milestone"],
            at=at,
            actor=step.actor,
            now=step.now,
        )
