"""A case whose last diagram has ended is closed by itself; a relapse opens it again."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.handlers import hook
from engine.models import Case

ENDED = "Parcours terminé."
BENIGN = "Résultat bénin\u202f: pas de cancer à prendre en charge."


@hook("case_idle")
def close_when_done(db: Session, case: Case, now: datetime) -> None:
    """Nothing runs, so nobody would ever be asked anything: the case says that it is over."""
    runtime.close_case(db, case_id=case.id, reason=_reason(db, case.id), actor="system", now=now)


def _reason(db: Session, case_id: int) -> str:
    """Domain §11, A06: a benign result closes; everything else has run its course."""
    result = engine_queries.case_data(db, case_id).get("pathology_result")
    return BENIGN if result == "benign" else ENDED
