"""A treatment phase ends with a line that was stopped: an RCP follows, drawn or not (invariant 8).

The released pathway goes back to its RCP by itself. A diagram that does not is made up for once
the step is over: only then is it known whether one has begun.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import hook, job
from engine.jobs import later
from engine.models import Case, CaseState, Instance
from workflows.consent.queries import is_opposed
from workflows.pathways import closing
from workflows.pathways.treatment import PHASE, ask_for_change
from workflows.pathways.treatment_stop import was_decided

KIND = "follow_stopped_line"
# An emergency already treated brings its own RCP (X10).
BRINGS_ONE = frozenset({"rcp", "emergency"})


@hook("instance_ended")
def look_after_the_step(db: Session, case: Case, instance: Instance, now: datetime) -> None:
    if instance.definition != PHASE:
        return
    if engine_queries.case_data(db, case.id).get("line_stopped") is True:
        told = {"case_id": case.id, "phase_id": instance.id}
        later(db, kind=KIND, payload=told, key=f"{KIND}:{instance.id}", now=now, case_id=case.id)


@job(KIND)
def ask_for_the_rcp(db: Session, payload: dict[str, Any], *, now: datetime) -> None:
    case_id = int(payload["case_id"])
    data = engine_queries.case_data(db, case_id)
    running = engine_queries.instances(db, case_id, running=True)
    followed = any(one.definition in BRINGS_ONE for one in running)
    if followed or is_opposed(data) or data.get("death_date") or was_decided(db, case_id):
        return
    case = db.get_one(Case, case_id)
    if case.state == CaseState.CLOSED:
        if case.closed_reason != closing.ENDED:
            return  # somebody has closed it, with a reason
        runtime.reopen_case(db, case_id=case_id, actor="system", now=now)
    ask_for_change(db, case_id, key=f"{KIND}:{payload['phase_id']}", actor="system", now=now)
