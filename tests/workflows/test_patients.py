"""Patients are found however they are typed, and never taken for one another."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import Conflict, Forbidden, Invalid
from engine.models import AuditEntry
from tests.factories import make_patient, make_unit, make_user
from workflows.patients import ins, looking_up, operations, queries
from workflows.patients.names import name_key
from workflows.patients.operations import PossibleDuplicate

VALID = "2580529123456" + (ins.key_of("2580529123456") or "")


def test_names_are_folded_so_that_accents_and_hyphens_do_not_hide_anybody() -> None:
    assert name_key("LE BIHAN", "Anne-Marie") == "le bihan anne marie"
    assert name_key("Œuvrard", "Maël") == "oeuvrard mael"
    assert name_key("L’Hénoret", "Zoé") == "l henoret zoe"


@pytest.mark.parametrize(
    "typed",
    [
        "le bihan",
        "LE-BIHAN mai",
        "kerjean",
        "14/05/1958",
        "le bihan 14/05/1958",
        VALID,
        VALID[:13],
    ],
)
def test_a_patient_is_found_by_name_used_name_birth_date_or_ins(db: Session, typed: str) -> None:
    wanted = make_patient(db, "Maïwenn Le Bihan", used_name="Kerjean", ins=VALID)
    make_patient(db, "Yves Tanguy", born=date(1950, 1, 2))

    assert queries.search(db, typed) == [wanted]


def test_an_empty_search_finds_nobody(db: Session) -> None:
    make_patient(db)

    assert queries.search(db, "  ") == []


def test_an_ins_with_a_wrong_key_is_refused(db: Session, now: datetime) -> None:
    patient = make_patient(db)
    wrong = VALID[:13] + f"{(int(VALID[13:]) + 1) % 97:02d}"

    with pytest.raises(Invalid, match="clé"):
        operations.identify(db, patient_id=patient.id, ins=wrong, actor="user:1", now=now)


def test_an_ins_belongs_to_one_person(db: Session, now: datetime) -> None:
    make_patient(db, ins=VALID)
    other = make_patient(db, "Yves Tanguy")

    with pytest.raises(Conflict, match="LE BIHAN"):
        operations.identify(db, patient_id=other.id, ins=VALID, actor="user:1", now=now)


def test_a_qualified_identity_needs_an_ins(db: Session, now: datetime) -> None:
    patient = make_patient(db)

    with pytest.raises(Invalid, match="matricule INS"):
        operations.set_status(
            db, patient_id=patient.id, status="qualified", actor="user:1", now=now
        )


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("Maiwenn Le Bihan", date(1958, 5, 14)),
        ("Maïwen Le-Bihan", date(1958, 5, 14)),
        ("Le-Bihan Maïwenn", date(1958, 5, 14)),
        ("Maïwenn Kerjean", date(1958, 5, 14)),
    ],
)
def test_somebody_very_like_is_shown_before_a_second_folder_is_made(
    db: Session, now: datetime, name: str, born: date
) -> None:
    known = make_patient(db, "Maïwenn Le Bihan", used_name="Kerjean")
    first_names, birth_name = name.split(" ", 1)

    with pytest.raises(PossibleDuplicate) as refusal:
        operations.create_patient(
            db,
            birth_name=birth_name,
            first_names=first_names,
            birth_date=born,
            sex="F",
            actor="user:1",
            now=now,
        )

    assert refusal.value.candidates == [known]
    assert "LE BIHAN Maïwenn (14/05/1958)" in refusal.value.message


def test_day_and_month_exchanged_are_noticed(db: Session) -> None:
    known = make_patient(db, born=date(1958, 5, 4))

    found = queries.possible_duplicates(
        db, birth_name="Le Bihan", first_names="Maïwenn", birth_date=date(1958, 4, 5)
    )

    assert found == [known]


def test_a_twin_is_not_taken_for_a_duplicate(db: Session) -> None:
    make_patient(db, "Maïwenn Le Bihan")

    found = queries.possible_duplicates(
        db, birth_name="Le Bihan", first_names="Corentin", birth_date=date(1958, 5, 14)
    )

    assert found == []


def test_correcting_a_trait_takes_back_the_trust_it_had(db: Session, now: datetime) -> None:
    patient = make_patient(db, ins=VALID)
    operations.set_status(db, patient_id=patient.id, status="qualified", actor="user:1", now=now)

    operations.correct(db, patient_id=patient.id, birth_name="Le Bian", actor="user:1", now=now)

    assert patient.ins_status == "provisional"
    assert queries.search(db, "le bian") == [patient]


def test_an_impossible_identity_names_every_field(db: Session, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        operations.create_patient(
            db,
            birth_name=" - ",
            first_names="",
            birth_date=date(2027, 1, 1),
            sex="X",
            actor="user:1",
            now=now,
        )

    assert set(refusal.value.fields) == {"birth_name", "first_names", "birth_date", "sex"}


def test_identities_of_the_region_are_for_those_who_open_cases_and_each_look_is_kept(
    db: Session, now: datetime
) -> None:
    unit = make_unit(db)
    patient = make_patient(db)
    secretary = make_user(db, "Katell Hervé", unit=unit, roles=("secretary",))
    auditor = make_user(db, "Soizic Le Roux", roles=("auditor",))

    assert looking_up.look_up(db, text="le bihan", user=secretary, now=now) == [patient]
    with pytest.raises(Forbidden, match="ouvrir un dossier"):
        looking_up.look_up(db, text="le bihan", user=auditor, now=now)
    with pytest.raises(Forbidden):
        operations.register_patient(
            db,
            birth_name="Morvan",
            first_names="Zoé",
            birth_date=date(1970, 1, 1),
            sex="F",
            user=auditor,
            now=now,
        )

    entry = db.scalars(sa.select(AuditEntry).filter_by(action="patient.looked_up")).one()
    assert (entry.actor, entry.detail) == (secretary.actor, {"patients": [patient.id]})
