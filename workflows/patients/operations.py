"""Identity traits come in; a patient is created, corrected, given an INS; merging is elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import audit
from engine.errors import Conflict, Invalid
from workflows.access import require
from workflows.access.grants import rename
from workflows.patients import ins as ins_rules
from workflows.patients import queries, trust
from workflows.patients.doubles import note_pairs
from workflows.patients.history import note, remembered
from workflows.patients.ins import STATUS_LABELS, InsStatus
from workflows.patients.models import Patient
from workflows.patients.names import name_key
from workflows.roles import Permission
from workflows.staff.models import User

OLDEST = 130  # years; nobody known lived longer, a typed century is the usual cause
# What the national service vouches for: change one, and it vouches for nothing any more.
STRICT = frozenset({"birth_name", "first_names", "birth_date", "sex", "birth_place_code"})
TRAITS = frozenset(
    {"birth_name", "first_names", "used_name", "used_first_name", "birth_date", "sex"}
    | {"birth_place", "birth_place_code"}
)
SURROUNDINGS = frozenset(
    {"phone", "email", "address", "trusted_person", "emergency_contact", "alerts"}
    | {"legal_representative", "gp_name", "is_homonym", "is_doubtful", "is_fictional"}
)


class PossibleDuplicate(Conflict):
    """Somebody very like is already known; a person decides, never the machine."""

    def __init__(self, candidates: Sequence[Patient]) -> None:
        names = ", ".join(
            f"{patient.display_name} ({patient.birth_date:%d/%m/%Y})" for patient in candidates
        )
        super().__init__(
            f"Un patient très proche est déjà connu\u202f: {names}. "
            "Choisissez-le, ou confirmez qu’il s’agit d’une autre personne."
        )
        self.candidates = list(candidates)
        self.candidate_ids = [patient.id for patient in candidates]  # outlive the transaction


class SameIns(Conflict):
    """Two identities, one number: one person known twice, or a wrong number. A person decides."""

    def __init__(self, other: Patient) -> None:
        super().__init__(
            f"Ce matricule INS est déjà celui de {other.display_name}, né(e) le "
            f"{other.birth_date:%d/%m/%Y}\u202f: il s’agit peut-être d’un doublon. Signalez un "
            "doute\u202f: l’identitovigilance comparera les deux identités."
        )
        self.other_id = other.id


def register_patient(
    db: Session, *, user: User, now: datetime, confirmed: bool = False, **traits: Any
) -> Patient:
    """What a person does at the desk."""
    require(db, user, Permission.OPEN_CASE)
    return create_patient(db, actor=user.actor, now=now, confirmed=confirmed, **traits)


def create_patient(
    db: Session,
    *,
    birth_name: str,
    first_names: str,
    birth_date: date,
    sex: str,
    actor: str,
    now: datetime,
    confirmed: bool = False,
    ins: str | None = None,
    ins_oid: str = ins_rules.TEST_OID,
    **others: Any,
) -> Patient:
    """A new person; refused while a very similar one is known, until somebody confirms."""
    _check_known(others)
    patient = Patient(
        birth_name=birth_name.strip(),
        first_names=" ".join(first_names.split()),
        birth_date=birth_date,
        sex=sex,
        created_at=now,
        **{name: _clean(value) for name, value in others.items()},
    )
    _check_identity(patient, now)
    candidates = queries.possible_duplicates(
        db,
        birth_name=birth_name,
        first_names=first_names,
        birth_date=birth_date,
        used_name=patient.used_name,
        ins=ins,
        ins_oid=ins_oid if ins else None,
    )
    if candidates and not confirmed:
        raise PossibleDuplicate(candidates)
    patient.is_homonym = patient.is_homonym or bool(candidates)
    _sort(patient)
    db.add(patient)
    db.flush()
    note(db, patient, "created", {}, actor=actor, now=now)
    _audit(db, patient, "patient.created", actor=actor, now=now, homonyms=len(candidates))
    if ins:
        identify(db, patient_id=patient.id, ins=ins, oid=ins_oid, actor=actor, now=now)
    if candidates:
        note_pairs(db, patient, now=now)
    return patient


def correct(
    db: Session, *, patient_id: int, actor: str, now: datetime, reason: str = "", **changes: Any
) -> Patient:
    """Change traits or surroundings; trust falls back when a trait that carried it changes."""
    _check_known(changes, TRAITS | SURROUNDINGS)
    patient = queries.patient(db, patient_id)
    _require_living_row(patient)
    changed = {
        name: value
        for name, value in ((name, _clean(value)) for name, value in changes.items())
        if getattr(patient, name) != value
    }
    with remembered(db, patient, "corrected", actor=actor, now=now, reason=reason):
        for name, value in changed.items():
            setattr(patient, name, value)
        _check_identity(patient, now)
        if STRICT & changed.keys():
            _distrust(patient)
        if patient.is_fictional:
            patient.ins_status = str(InsStatus.PROVISIONAL)
    if TRAITS & changed.keys():
        spread_name(db, patient)
        note_pairs(db, patient, now=now)
    db.flush()
    _audit(db, patient, "patient.corrected", actor=actor, now=now, fields=sorted(changed))
    return patient


def spread_name(db: Session, patient: Patient) -> None:
    """Every list and search finds the patient by the name of today."""
    _sort(patient)
    db.flush()
    rename(db, patient)


def identify(
    db: Session,
    *,
    patient_id: int,
    ins: str,
    actor: str,
    now: datetime,
    oid: str = ins_rules.TEST_OID,
) -> Patient:
    """Attach the INS that the national service gave; its key must be right, nobody else has it."""
    number = ins_rules.compact(ins)
    if not ins_rules.is_valid(number, oid):
        raise Invalid(
            "Ce matricule INS n’est pas valide\u202f: vérifiez les 15 caractères et la clé.",
            {"ins": "Matricule INS invalide."},
        )
    other = queries.by_ins(db, number, oid)
    if other is not None and other.id != patient_id:
        raise SameIns(other)
    patient = queries.patient(db, patient_id)
    _require_trustable(patient)
    wanted = ins_rules.ONCE_RETRIEVED[patient.ins_status]
    if patient.ins not in (None, number):  # another number: the document is checked again
        wanted = InsStatus.RETRIEVED
    with remembered(db, patient, "status", actor=actor, now=now):
        patient.ins, patient.ins_oid = number, oid
        before, patient.ins_status = patient.ins_status, str(wanted)
    db.flush()
    _audit(db, patient, "patient.ins_status", actor=actor, now=now, was=before, to=str(wanted))
    return patient


def set_status(
    db: Session, *, patient_id: int, status: str, actor: str, now: datetime, reason: str = ""
) -> Patient:
    """Move along the national degrees of trust, one proof at a time; trust may be taken back."""
    patient = queries.patient(db, patient_id)
    wanted = InsStatus(status)
    if wanted in ins_rules.WITH_INS and not patient.ins:
        raise Invalid(
            "Une identité récupérée ou qualifiée a un matricule INS\u202f: "
            "interrogez d’abord le téléservice INSi.",
            {"ins_status": "Aucun matricule INS n’est connu."},
        )
    if wanted != InsStatus.PROVISIONAL:
        _require_trustable(patient)
    if not ins_rules.may_become(patient.ins_status, wanted):
        raise Conflict(
            f"Une identité «\u202f{STATUS_LABELS[patient.ins_status].lower()}\u202f» ne devient pas "
            f"directement «\u202f{STATUS_LABELS[wanted].lower()}\u202f»\u202f: il faut la réponse "
            "d’INSi et une pièce d’identité, dans un ordre ou dans l’autre."
        )
    with remembered(db, patient, "status", actor=actor, now=now, reason=reason):
        before, patient.ins_status = patient.ins_status, str(wanted)
    db.flush()
    _audit(db, patient, "patient.ins_status", actor=actor, now=now, was=before, to=str(wanted))
    return patient


def record_death(
    db: Session, *, patient_id: int, death_date: date, actor: str, now: datetime
) -> Patient:
    patient = queries.patient(db, patient_id)
    if not patient.birth_date <= death_date <= now.date():
        raise Invalid("La date de décès n’est pas possible\u202f: vérifiez-la.")
    with remembered(db, patient, "corrected", actor=actor, now=now):
        patient.death_date = death_date
    db.flush()
    _audit(db, patient, "patient.death_recorded", actor=actor, now=now)
    return patient


def undo_death(db: Session, *, patient_id: int, actor: str, now: datetime) -> Patient:
    """Recorded by mistake: the patient lives."""
    patient = queries.patient(db, patient_id)
    with remembered(db, patient, "corrected", actor=actor, now=now):
        patient.death_date = None
    db.flush()
    _audit(db, patient, "patient.death_undone", actor=actor, now=now)
    return patient


def _distrust(patient: Patient) -> None:
    """Neither the national service nor the document seen said these traits; the number stays."""
    patient.ins_status = str(InsStatus.PROVISIONAL)


def _require_trustable(patient: Patient) -> None:
    _require_living_row(patient)
    if obstacle := trust.obstacle_to_trust(patient):
        raise Conflict(obstacle)


def _require_living_row(patient: Patient) -> None:
    if patient.merged_into_id is not None:
        raise Conflict(
            "Cette identité a été fusionnée avec une autre\u202f: travaillez sur celle qui demeure."
        )


def _check_known(names: Iterable[str], known: frozenset[str] = TRAITS | SURROUNDINGS) -> None:
    unknown = sorted(set(names) - known)
    if unknown:
        raise TypeError(f"not a trait of a patient: {', '.join(unknown)}")


def _check_identity(patient: Patient, now: datetime) -> None:
    today = now.date()
    problems = {}
    if not name_key(patient.birth_name, ""):
        problems["birth_name"] = "Le nom de naissance est obligatoire."
    if not name_key("", patient.first_names):
        problems["first_names"] = "Le premier prénom de naissance est obligatoire."
    if not today.year - OLDEST <= patient.birth_date.year or patient.birth_date > today:
        problems["birth_date"] = "La date de naissance n’est pas possible."
    if patient.sex not in ("F", "M", "I"):
        problems["sex"] = "Le sexe est F, M ou I (indéterminé)."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)


def _sort(patient: Patient) -> None:
    patient.name_key = name_key(patient.birth_name, patient.first_names)
    patient.used_name_key = (
        name_key(patient.used_name or patient.birth_name, patient.first_name)
        if patient.used_name or patient.used_first_name
        else None
    )


def _clean(value: Any) -> Any:
    """What was typed without the spaces around; an emptied field is no value."""
    return (value.strip() or None) if isinstance(value, str) else value


def _audit(
    db: Session, patient: Patient, action: str, *, actor: str, now: datetime, **detail: Any
) -> None:
    audit.record(
        db, actor=actor, action=action, now=now, object=f"patient:{patient.id}", detail=detail
    )
