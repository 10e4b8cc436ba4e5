"""The INS: its key, its statuses, and what may leave under it."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from tests.factories import make_patient
from workflows.patients import ins, operations, trust
from workflows.patients.ins import InsStatus

DEPARTMENTS = st.one_of(
    st.integers(1, 95).map(lambda n: f"{n:02d}"), st.sampled_from(["2A", "2B", "97", "98", "99"])
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """13 characters shaped like a number of the national directory."""
    sex = draw(st.sampled_from("123478"))
    month = draw(st.one_of(st.integers(1, 12), st.integers(20, 99)))
    return (
        f"{sex}{draw(st.integers(0, 99)):02d}{month:02d}{draw(DEPARTMENTS)}"
        f"{draw(st.integers(0, 999)):03d}{draw(st.integers(0, 999)):03d}"
    )


def key_by_subtraction(number: str) -> int:
    """The other way the rule is told: A is 0 and a million is taken off, B is 0 and two millions."""
    letter = number[6]
    whole = int(number.replace("A", "0").replace("B", "0"))
    return 97 - (whole - {"A": 1_000_000, "B": 2_000_000}.get(letter, 0)) % 97


@given(numbers())
def test_the_key_is_the_one_of_the_rule_told_otherwise_corsica_included(number: str) -> None:
    assert ins.key_of(number) == f"{key_by_subtraction(number):02d}"


@given(numbers(), st.sampled_from(sorted(ins.OIDS)), st.data())
def test_the_key_finds_one_wrong_digit_out_and_two_exchanged(
    number: str, oid: str, data: st.DataObject
) -> None:
    whole = number + (ins.key_of(number) or "")
    assert ins.is_valid(" ".join(re.findall("..?", whole)).lower(), oid)

    place = data.draw(st.integers(0, 12).filter(lambda i: whole[i].isdigit()))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != whole[place]))
    assert not ins.is_valid(whole[:place] + digit + whole[place + 1 :], oid)

    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert swapped == whole or not ins.is_valid(swapped, oid)


def test_the_key_of_a_number_that_everybody_knows() -> None:
    assert ins.key_of("2550814168025") == "38"  # the example printed on leaflets
    assert ins.key_of("1840120A00000") is None
    assert ins.key_of("184012A004123") == ins.key_of("184012a004123")


@pytest.mark.parametrize("wrong", ["", "12", "2550814168025", "255081416802538X", "0550814168025"])
def test_what_is_no_number_is_refused(wrong: str) -> None:
    assert not ins.is_valid(wrong, ins.TEST_OID)


def test_an_unknown_authority_vouches_for_nobody() -> None:
    assert ins.is_valid("255081416802538", ins.NIR_OID)
    assert not ins.is_valid("255081416802538", "1.2.3")


def test_a_number_that_says_another_sex_or_month_is_only_noticed() -> None:
    found = ins.disagreements("255081416802538", sex="M", birth_date=date(1955, 9, 2))

    assert found == ["le sexe", "le mois de naissance"]


NUMBER = "255081416802538"


def reach(db: Session, patient_id: int, *steps: str, now: datetime) -> None:
    for step in steps:
        if step == "insi":
            operations.identify(db, patient_id=patient_id, ins=NUMBER, actor="user:1", now=now)
        else:
            operations.set_status(db, patient_id=patient_id, status=step, actor="user:1", now=now)


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (("insi",), "retrieved"),
        (("validated",), "validated"),
        (("insi", "qualified"), "qualified"),
        (("validated", "insi"), "qualified"),
        (("insi", "qualified", "validated"), "validated"),
        (("insi", "qualified", "provisional", "validated", "insi"), "qualified"),
    ],
)
def test_an_identity_is_qualified_by_two_proofs_in_either_order(
    db: Session, now: datetime, steps: tuple[str, ...], status: str
) -> None:
    patient = make_patient(db)

    reach(db, patient.id, *steps, now=now)

    assert patient.ins_status == status


@pytest.mark.parametrize(
    ("steps", "wanted", "said"),
    [
        ((), "qualified", "interrogez d’abord"),
        ((), "retrieved", "interrogez d’abord"),
        (("insi", "provisional"), "qualified", "ne devient pas directement"),
        (("insi",), "validated", "ne devient pas directement"),
    ],
)
def test_no_proof_is_left_out(
    db: Session, now: datetime, steps: tuple[str, ...], wanted: str, said: str
) -> None:
    patient = make_patient(db)
    reach(db, patient.id, *steps, now=now)
    before = patient.ins_status

    with pytest.raises((Conflict, Invalid), match=said):
        operations.set_status(db, patient_id=patient.id, status=wanted, actor="user:1", now=now)

    assert patient.ins_status == before


@pytest.mark.parametrize("attribute", ["is_doubtful", "is_fictional"])
def test_a_doubtful_or_fictional_identity_gains_no_trust(
    db: Session, now: datetime, attribute: str
) -> None:
    patient = make_patient(db)
    setattr(patient, attribute, True)

    with pytest.raises(Conflict, match="provisoire"):
        reach(db, patient.id, "insi", now=now)
    with pytest.raises(Conflict, match="provisoire"):
        reach(db, patient.id, "validated", now=now)


@pytest.mark.parametrize(
    ("status", "attribute", "leaves"),
    [
        (InsStatus.QUALIFIED, None, True),
        (InsStatus.QUALIFIED, "is_homonym", True),
        (InsStatus.QUALIFIED, "is_doubtful", False),
        (InsStatus.QUALIFIED, "is_fictional", False),
        (InsStatus.RETRIEVED, None, False),
        (InsStatus.VALIDATED, None, False),
        (InsStatus.PROVISIONAL, None, False),
    ],
)
def test_the_ins_in_full_leaves_only_when_qualified_and_undoubted(
    db: Session, status: str, attribute: str | None, leaves: bool
) -> None:
    patient = make_patient(db, ins=NUMBER)
    patient.ins_status = str(status)
    if attribute:
        setattr(patient, attribute, True)

    assert trust.may_send_ins(patient) is leaves
    assert (trust.obstacle_to_national_record(patient) is None) is leaves


def test_a_number_given_anew_has_to_be_checked_again(db: Session, now: datetime) -> None:
    """From a waiting number (NIA) to the final one: the person is the same, the proof is not."""
    patient = make_patient(db, ins=NUMBER)
    reach(db, patient.id, "qualified", now=now)
    waiting = "755081416802" + "9"

    operations.identify(
        db,
        patient_id=patient.id,
        ins=f"{waiting}{ins.key_of(waiting)}",
        oid=ins.NIA_OID,
        actor="user:1",
        now=now,
    )

    assert patient.ins_status == "retrieved"
