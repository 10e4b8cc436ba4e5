"""A fictional person comes in; a number of the test authority, shaped like an INS, goes out."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.patients import ins
from workflows.patients.models import Patient

NOWHERE = "29999"  # no commune of Finistère has this code


def test_ins(db: Session, patient: Patient) -> str:
    """The next free number of that sex, year and month, with its key; never a real one."""
    sex = "2" if patient.sex == "F" else "1"
    stem = f"{sex}{patient.birth_date:%y%m}{NOWHERE}"
    taken = db.scalar(
        sa.select(sa.func.count()).where(
            Patient.ins.startswith(stem), Patient.ins_oid == ins.TEST_OID
        )
    )
    number = f"{stem}{(taken or 0) + 1:03d}"
    return f"{number}{ins.key_of(number)}"
