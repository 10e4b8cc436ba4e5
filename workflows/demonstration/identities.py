"""The region and its patients come in; a woman known twice and an identity in doubt are among them."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from workflows.cases import operations as cases
from workflows.demonstration.region import Region
from workflows.patients import doubts
from workflows.patients import operations as patients
from workflows.patients.retrieving import FAKE, SETTING
from workflows.staff import operations as staff
from workflows.staff.models import User


def connect_fake_insi(db: Session, *, now: datetime) -> None:
    """Numbers of the test authority, made up: the screens say that the service is simulated."""
    staff.set_setting(db, name=SETTING, value=FAKE, actor="system", now=now)


def add(db: Session, region: Region, *, now: datetime) -> None:
    """Both look like somebody of `names.yaml`: one opened elsewhere under her married name, one
    with day and month of birth exchanged, that the desk did not dare to take for the same.
    """
    clinic, hospital = (db.get_one(User, region.people[key]) for key in ("bourhis", "roudaut"))
    twice = patients.register_patient(
        db,
        birth_name="Le Roux",
        first_names="Marie-Thérèse",
        birth_date=date(1959, 9, 2),
        sex="F",
        phone="02 99 41 17 63",
        gp_name="Dr Joël Kerhoas",
        user=clinic,
        now=now,
        confirmed=True,
    )
    cases.open_case(
        db,
        patient_id=twice.id,
        unit_id=region.units["abers.breast"],
        organ="breast",
        user=clinic,
        now=now,
        confirmed=True,
    )
    uncertain = patients.register_patient(
        db,
        birth_name="Quéméner",
        first_names="Annaïg",
        birth_date=date(1988, 11, 4),
        sex="F",
        user=hospital,
        now=now,
        confirmed=True,
    )
    doubts.declare(
        db,
        patient_id=uncertain.id,
        reason="Jour et mois de naissance inversés sur la convocation, carte d’identité non présentée",
        user=hospital,
        now=now,
    )
