"""An RCP asked for beside the surveillance proposes a treatment: the physician says what follows.

Nothing of the pathway waits for that opinion. The relapse is dated and announced (X01), or the plan
is proposed as it is; either way the pathway goes on at P01 and does not ask for the same RCP again.
"""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import ServiceStep, handles
from engine.models import Case
from workflows.cases.steps import CompletedForm, effect, guard, skipped
from workflows.pathways import redirection
from workflows.pathways.progression import REASON, RELAPSE
from workflows.pathways.reading import refuse_future

DIAGRAM, ASKED = "plan_decided", "plan_decided_beside"
FOLLOWED = ("after_treatment", "surveillance")
ADVICE_ONLY = "opinion"  # a patient followed elsewhere: nothing is to be started here
GIVEN = "rcp_already_given"


def is_to_be_followed(db: Session, case: Case) -> bool:
    """Whether nothing under way would take up what an RCP proposes, and nobody is asked yet."""
    running = {one.definition for one in engine_queries.instances(db, case.id, running=True)}
    idle = case.pathway not in running and case.pathway != ADVICE_ONLY
    known = ASKED in engine_queries.release_of(db, case.id).starts
    return known and DIAGRAM not in running and (idle or not running.isdisjoint(FOLLOWED))


@guard("follow_opinion")
def refuse_future_relapse(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "progression_date", "Une rechute se date une fois constatée.")


@handles("reopen_plan")
def reopen_plan(step: ServiceStep) -> None:
    """A pathway that has moved on meanwhile takes the opinion up by itself."""
    relapsed = step.get("opinion_followed") == "relapse"
    reason = RELAPSE if relapsed else str(step.get("rcp_reason") or "change")
    if any(redirection.is_open(step, one) for one in FOLLOWED):
        redirection.interrupt_phase(step, rcp_reason=reason, rcp_already_given=True)
        if relapsed:
            redirection.stop_modalities(step, REASON)
    elif not redirection.is_open(step, step.case.pathway):
        runtime.start_instance(
            step.db,
            case_id=step.case.id,
            definition=step.case.pathway,
            data={"relapse": True, "rcp_reason": reason, GIVEN: True},
            key=f"again:{step.instance.id}:{step.element}",
            actor=step.actor,
            now=step.now,
        )


@skipped("propose_treatment")
@effect("propose_treatment")
def take_the_opinion_up(db: Session, step: CompletedForm) -> None:
    """It served once: after a refusal, an RCP is asked for like any other."""
    step.answers[GIVEN] = False
