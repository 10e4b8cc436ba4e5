"""Every attempt to reach a patient is written down once, whichever diagram asked for the call."""

from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from workflows.cases.steps import CompletedForm
from workflows.french import PARIS
from workflows.pathways.reading import rows

NOBODY = frozenset({"voicemail", "not_reached"})
KEPT = 50  # attempts shown; the history of the steps keeps all of them


def write_down(db: Session, step: CompletedForm, *, note: str = "") -> None:
    """One line of the log of the case: when, who called, what came of it."""
    line: dict[str, Any] = {
        "at": step.now.astimezone(PARIS).isoformat(timespec="minutes"),
        "outcome": step.answers.get("call_outcome"),
        "by": step.user.display_name,
        "note": note[:300],
    }
    log = rows(engine_queries.case_data(db, step.case.id), "call_log")
    runtime.put_data(
        db,
        case_id=step.case.id,
        values={
            "call_log": [*log, {name: value for name, value in line.items() if value}][-KEPT:]
        },
        actor=step.actor,
        now=step.now,
    )
