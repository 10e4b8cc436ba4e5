"""A treatment whose first step is « sans objet » does not begin: an RCP follows (invariant 8)."""

from sqlalchemy.orm import Session

from workflows.cases.steps import CompletedForm, skipped
from workflows.pathways.treatment import instance_of, stop_leads_to_rcp


@skipped("plan_surgery")
@skipped("prepare_radiotherapy")
@skipped("prescribe_systemic")
@skipped("prescribe_oral")
@skipped("plan_procedure")
@skipped("plan_watch")
def give_up_line(db: Session, step: CompletedForm) -> None:
    if stop_leads_to_rcp(db, step, instance_of(db, step)):
        step.answers["line_stopped"] = True
