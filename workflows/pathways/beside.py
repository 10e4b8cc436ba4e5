"""What follows from a step without anybody asking: the GP's visit, a trial, the return to daily life."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from workflows.cases.steps import CompletedForm, effect
from workflows.pathways.reading import is_no, known, today
from workflows.records import queries as records
from workflows.records.models import RecordKind

YEAR_OF_REVIEW = 335  # days: the control of the year may come a month early (F09, ±30 j)
_DAILY_LIFE = {"work": "work", "rights": "rights"}
# What the patient answered → what the RCP sheet and the indicators call it; no answer yet, no change.
_INCLUSION = {
    "included": "included",
    "declined": "declined",
    "not_eligible": "not_eligible",
    "referred": "proposed",
}


@effect("hand_over_pps")
def invite_gp(db: Session, step: CompletedForm) -> None:
    """A15 follows the first PPS; who keeps documents from their GP is not sent there by us."""
    if known(db, step).get("gp_sharing") not in ("refused", False):
        _start(db, step, "synthesis_visit_requested", key="synthesis_visit")


@effect("approve_rcp_sheet")
def propose_trial(db: Session, step: CompletedForm) -> None:
    """P12: what the meeting proposes is put to the patient before the treatment."""
    if step.answers.get("correction_requested") is True:
        return
    if known(db, step).get("trial_inclusion") == "proposed":
        _start(db, step, "trial_requested", key=f"trial:{step.task.instance_id}")


@effect("end_of_treatment_visit")
def accompany(db: Session, step: CompletedForm) -> None:
    """F12: a need for work or rights goes to the social worker."""
    needs = [
        _DAILY_LIFE[need] for need in step.answers.get("late_needs") or [] if need in _DAILY_LIFE
    ]
    if needs:
        _start(
            db,
            step,
            "daily_life_requested",
            key=f"daily_life:{step.task.instance_id}",
            payload={"daily_life_needs": needs},
        )


@effect("close_treatment")
def reassess_needs(db: Session, step: CompletedForm) -> None:
    """T20: needs that were not reassessed with the end of the phase are, by the nurse (§2: the
    announcement scheme applies again at the end of a curative treatment)."""
    if step.answers.get("needs_reassessed") in ("no", "unknown"):
        _start(db, step, "nursing_time_requested", key=f"needs:{step.task.id}")


@effect("record_control")
def review_ppac(db: Session, step: CompletedForm) -> None:
    """F13: with the control of each year the programme is read again, as long as it is followed."""
    handed = records.current(db, case_id=step.case.id, kind=RecordKind.PPAC)
    since = (handed.handed_over_date or handed.refused_date) if handed else None
    followed = step.answers.get("control_result") == "normal" and not is_no(
        step.answers.get("surveillance_continues")
    )
    running = engine_queries.instances(db, step.case.id, running=True)
    if not followed or since is None or any(one.definition == "ppac_update" for one in running):
        return
    if (today(step.now) - since).days >= YEAR_OF_REVIEW:
        _start(db, step, "ppac_update_requested", key=f"ppac_review:{step.task.id}")


@effect("propose_trial")
def record_answer(db: Session, step: CompletedForm) -> None:
    inclusion = _INCLUSION.get(str(step.answers.get("trial_answer")))
    if inclusion:
        step.answers["trial_inclusion"] = inclusion


@effect("accompany_return")
def end_without_a_date(db: Session, step: CompletedForm) -> None:
    step.answers.setdefault("daily_life_review_date", None)


def _start(
    db: Session,
    step: CompletedForm,
    message: str,
    *,
    key: str,
    payload: Mapping[str, Any] | None = None,
) -> None:
    runtime.send_message(
        db,
        name=message,
        case_id=step.case.id,
        payload=dict(payload or {}),
        key=key,
        actor=step.actor,
        now=step.now,
    )
