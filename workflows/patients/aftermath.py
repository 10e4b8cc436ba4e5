"""An identity has changed; what its cases say of it and the documents that named it follow."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from workflows.french import PARIS
from workflows.patients import doubts
from workflows.patients.models import Patient
from workflows.records.reissuing import Reissued, reissue

AGE = "patient_age"  # what gateways and tables read; known once the identity was checked


def follow(
    db: Session, patient: Patient, before: Mapping[str, Any], *, actor: str, now: datetime
) -> Reissued:
    """Nothing goes out while the identity is in doubt: settling it comes here again."""
    if before.get("birth_date") != patient.birth_date.isoformat():
        _correct_age(db, patient, actor=actor, now=now)
    return Reissued() if patient.is_doubtful else reissue(db, patient, actor=actor, now=now)


def _correct_age(db: Session, patient: Patient, *, actor: str, now: datetime) -> None:
    """The age decides ways (oncogeriatrics, paediatrics): each open case reads the right one."""
    years = age(patient.birth_date, now.astimezone(PARIS).date())
    for case in doubts.open_cases(db, patient.id):
        known = engine_queries.case_data(db, case.id).get(AGE)
        if known is not None and known != years:
            runtime.put_data(db, case_id=case.id, values={AGE: years}, actor=actor, now=now)


def age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
