"""A case and a scope come in; the row that lets this scope read, list and search it goes out."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import CaseAccess, Episode, TaskOffer
from workflows.patients.models import Patient

_ACCESS: Any = CaseAccess.__table__
_SCOPES = (
    sa.select(_ACCESS.c.scope_id).where(_ACCESS.c.case_id == sa.bindparam("case_id")).distinct()
)


def name_keys(patient: Patient) -> list[tuple[str, bool]]:
    """(key, is listed): the birth name sorts the list, the used name only answers a search."""
    keys = [(patient.name_key, True)]
    if patient.used_name_key and patient.used_name_key != patient.name_key:
        keys.append((patient.used_name_key, False))
    return keys


def grant(db: Session, *, case_id: int, scopes: Iterable[int]) -> None:
    """Let these scopes read the case; those that already may are left alone."""
    wanted = set(scopes)
    wanted -= scopes_of_case(db, case_id)
    if not wanted:
        return
    patient = db.scalars(
        sa.select(Patient)
        .join(Episode, Episode.patient_id == Patient.id)
        .where(Episode.case_id == case_id)
    ).one()
    db.add_all(
        CaseAccess(scope_id=scope, name_key=key, case_id=case_id, is_listed=listed)
        for scope in sorted(wanted)
        for key, listed in name_keys(patient)
    )
    db.flush()


def revoke(db: Session, *, case_id: int, scopes: Iterable[int]) -> None:
    db.flush()
    db.execute(
        sa.delete(CaseAccess)
        .where(CaseAccess.case_id == case_id, CaseAccess.scope_id.in_(list(scopes)))
        .execution_options(synchronize_session="fetch")
    )


def scopes_of_case(db: Session, case_id: int) -> set[int]:
    return set(db.scalars(_SCOPES, {"case_id": case_id}))


def rename(db: Session, patient: Patient) -> None:
    """A patient's name was corrected: every list and search finds the new one."""
    cases = db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == patient.id)).all()
    for case_id in cases:
        scopes = scopes_of_case(db, case_id)
        revoke(db, case_id=case_id, scopes=scopes)
        grant(db, case_id=case_id, scopes=scopes)
    db.execute(
        sa.update(TaskOffer)
        .where(TaskOffer.case_id.in_(cases))
        .values(name_key=patient.name_key)
        .execution_options(synchronize_session="fetch")
    )
