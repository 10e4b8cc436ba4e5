"""An RCP that nothing waits for has concluded: what it says reaches the treatments under way.

A stop is applied by the physician, who decides with the patient (X04, invariant 8, D.6124-131 I); a
changed plan is a new version of the PPS (P13: « nouvelle RCP »), and a treatment proposed during
the surveillance is put to the physician (X01). The RCP that the pathway or a
handler called needs none of this: whoever called it acts on what it says.
"""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.models import Instance
from workflows.cases.steps import CompletedForm, effect
from workflows.french import listed
from workflows.library import library_of
from workflows.pathways import plan_decided
from workflows.pathways.plan import update_reason
from workflows.pathways.reading import rows
from workflows.pathways.treatment import modalities_of, treatment_phase
from workflows.pathways.treatment_stop import STOP
from workflows.rcp.correction import corrected

TREATMENT = "treatment"
PLANS = (TREATMENT, "surveillance")
DETAIL = 500  # letters that the PPS prints of what changes


@effect("approve_rcp_sheet")
def act_on_conclusion(db: Session, step: CompletedForm) -> None:
    """Once approved. A correction counts where it turns what goes on into a stop."""
    if step.answers.get("correction_requested") is True:
        return
    meeting = db.get_one(Instance, corrected(db, step.task.instance_id))
    is_beside, is_correction = meeting.parent_id is None, meeting.id != step.task.instance_id
    conclusion = engine_queries.instance_data(db, meeting.id).get("rcp_proposal")
    if conclusion == STOP and (is_beside or is_correction):
        _prepare_stop(db, step, meeting)
    elif conclusion in PLANS and is_beside and not is_correction:
        _ask_for_pps(db, step, meeting)
        if conclusion == TREATMENT and plan_decided.is_to_be_followed(db, step.case):
            said = {
                "rcp_plan_detail": _proposed(db, meeting).capitalize(),
                "rcp_reason": _reason(db, meeting),
            }
            _send(db, step, plan_decided.ASKED, said, key=f"plan_decided:{meeting.id}")


def _prepare_stop(db: Session, step: CompletedForm, meeting: Instance) -> None:
    """Nothing to stop, or a stop already under way: nobody is asked again."""
    running = engine_queries.instances(db, step.case.id, running=True)
    treated = modalities_of(db, step.case.id) or treatment_phase(db, step.case.id)
    if treated and all(one.definition != "treatment_stop" for one in running):
        said = {"rcp_stop_detail": f"Arrêt des traitements, avec {_proposed(db, meeting)}"}
        _send(db, step, "stop_decided_beside", said, key=f"stop_decided:{meeting.id}")


def _ask_for_pps(db: Session, step: CompletedForm, meeting: Instance) -> None:
    """A revision that nobody has begun takes this in; without a phase nothing would start."""
    being_revised = any(
        task.form == "revise_pps" for task in engine_queries.open_tasks(db, step.case.id)
    )
    if treatment_phase(db, step.case.id) is None or being_revised:
        return
    said = {
        "pps_update_reason": update_reason(_reason(db, meeting)),
        "pps_update_detail": f"Après la RCP\u202f: {_proposed(db, meeting)}."[:DETAIL],
    }
    _send(db, step, "pps_update_requested", said, key=f"rcp_plan:{meeting.id}")


def _reason(db: Session, meeting: Instance) -> str:
    return str(engine_queries.instance_data(db, meeting.id).get("rcp_reason") or "")


def _proposed(db: Session, meeting: Instance) -> str:
    """« chirurgie et chimiothérapie », as the meeting recorded them."""
    kinds = library_of(db, meeting.revision_id).value_sets["proposal_kind"]
    proposals = rows(engine_queries.instance_data(db, meeting.id), "proposals")
    return listed([kinds.label(str(row.get("kind"))).lower() for row in proposals])


def _send(
    db: Session, step: CompletedForm, message: str, payload: dict[str, str], *, key: str
) -> None:
    runtime.send_message(
        db,
        name=message,
        case_id=step.case.id,
        payload=payload,
        key=key,
        actor=step.actor,
        now=step.now,
    )
