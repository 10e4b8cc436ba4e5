"""Words, a date or an INS come in; the patients they may mean go out."""

import re
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.errors import NotFound
from workflows.patients import ins as ins_rules
from workflows.patients.doubles import Typed, look_alikes
from workflows.patients.models import Patient
from workflows.patients.names import normalised

_DATE = re.compile(r"\b(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\b")
_INS = re.compile(r"[1-8][0-9AB]{12,14}")
_LAST = "\U0010ffff"


def patient(db: Session, patient_id: int) -> Patient:
    found = db.get(Patient, patient_id)
    if found is None:
        raise NotFound("Ce patient n’existe pas.")
    return found


def surviving(db: Session, patient_id: int) -> Patient:
    """The identity this one stands for today: merged ones lead to the one that went on."""
    found = patient(db, patient_id)
    while found.merged_into_id is not None:
        found = patient(db, found.merged_into_id)
    return found


def by_ins(db: Session, number: str, oid: str) -> Patient | None:
    return db.scalar(
        sa.select(Patient).where(Patient.ins == ins_rules.compact(number), Patient.ins_oid == oid)
    )


def search(db: Session, text: str, *, limit: int = 20) -> Sequence[Patient]:
    """What a person types in one box: « le goff », « Le Goff 12/03/1961 », an INS."""
    if is_ins(text):
        return _first(db, Patient.ins.startswith(ins_rules.compact(text)), limit)
    rest, born = born_on(text)
    words = normalised(rest)
    conditions = [Patient.birth_date == born] if born else []
    if words:
        conditions.append(
            sa.or_(starts(Patient.name_key, words), starts(Patient.used_name_key, words))
        )
    return _first(db, sa.and_(*conditions), limit) if conditions else []


def possible_duplicates(
    db: Session,
    *,
    birth_name: str,
    first_names: str,
    birth_date: date,
    used_name: str | None = None,
    ins: str | None = None,
    ins_oid: str | None = None,
) -> list[Patient]:
    """Those a person with these traits may already be known as."""
    return look_alikes(
        db,
        Typed(birth_name, first_names, birth_date, used_name=used_name, ins=ins, ins_oid=ins_oid),
    )


def is_ins(text: str) -> bool:
    """13 characters, with or without the key."""
    return bool(_INS.fullmatch(ins_rules.compact(text)))


def born_on(text: str) -> tuple[str, date | None]:
    """« Le Goff 12/03/1961 » as the words and the date; no date when there is none."""
    found = _DATE.search(text)
    if not found:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    try:
        return rest, date(*(int(part) for part in reversed(found.groups())))
    except ValueError:
        return rest, None


def starts(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], prefix: str
) -> sa.ColumnElement[bool]:
    """A prefix as a range: an index serves it on both databases."""
    return sa.and_(column >= prefix, column < prefix + _LAST)


def _first(db: Session, condition: sa.ColumnElement[bool], limit: int) -> Sequence[Patient]:
    """A merged identity is found by its old name too, and leads to the one that went on."""
    found = db.scalars(
        sa.select(Patient)
        .where(condition)
        .order_by(Patient.name_key, Patient.birth_date, Patient.id)
        .limit(limit)
    )
    return list(dict.fromkeys(surviving(db, one.id) for one in found))
