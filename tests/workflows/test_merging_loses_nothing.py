"""Whatever two identities are, merging them loses no word and no case; undoing gives both back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from engine.db import Base, transaction
from engine.models import AuditEntry
from tests.factories import MORNING, make_unit, make_user
from tests.workflows.ward import Ward, build
from workflows.cases import operations as cases
from workflows.cases.models import CaseAccess, Episode, TaskOffer
from workflows.notices.models import Notice
from workflows.patients import comparing, history, merging, operations, unmerging
from workflows.patients import queries as patients
from workflows.patients.models import Patient

NAMES = st.sampled_from(["Le Bihan", "LE-BIHAN", "Kerjean", "Morvan", "Le Bihan-Kerjean"])
WORDS = st.one_of(
    st.none(), st.sampled_from(["06 99 00 00 01", "Anne", "12 rue du Port, Kerlann"])
)
IDENTITIES = st.fixed_dictionaries(
    {
        "birth_name": NAMES,
        "first_names": st.sampled_from(["Maïwenn", "Maiwenn Marie", "Zoé"]),
        "birth_date": st.sampled_from([date(1958, 5, 4), date(1958, 4, 5), date(1985, 5, 4)]),
        "sex": st.sampled_from("FMI"),
        "used_name": st.one_of(st.none(), NAMES),
        "used_first_name": st.one_of(st.none(), st.just("Maï")),
        "phone": WORDS,
        "address": WORDS,
        "gp_name": WORDS,
        "trusted_person": WORDS,
        "alerts": st.lists(
            st.sampled_from(["Allergie pénicilline", "Porteur de BMR"]), unique=True
        ),
        "is_homonym": st.booleans(),
    }
)


@contextmanager
def undone(db: Session) -> Iterator[None]:
    """Each example on the same ward, as it was."""
    point = db.begin_nested()
    try:
        yield
    finally:
        point.rollback()
        db.expire_all()


def rows(db: Session) -> dict[str, int]:
    """How many there are of everything that is kept; `case_access` repeats names for the lists."""
    return {
        table.name: db.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name != "case_access"
    }


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    one=IDENTITIES, other=IDENTITIES, counts=st.tuples(*[st.integers(0, 2)] * 2), data=st.data()
)
def test_a_merge_loses_nothing_and_can_be_undone(
    ward: Ward,
    one: dict[str, Any],
    other: dict[str, Any],
    counts: tuple[int, int],
    data: st.DataObject,
) -> None:
    db = ward.db
    with undone(db):
        cell = make_user(
            db, "Iris Colin", unit=make_unit(db, "Identité"), roles=("identity_vigilance",)
        )
        pair = [
            _known(ward, traits, count) for traits, count in zip((one, other), counts, strict=True)
        ]
        survivor, absorbed = data.draw(st.permutations(pair))
        choices = {
            name: data.draw(st.sampled_from(["survivor", "absorbed"]))
            for name in comparing.CHOICES
        }
        held = {p.id: _cases(db, p) for p in pair}
        before, kept = {p.id: history.snapshot(p) for p in pair}, rows(db)
        given = {"user": cell, "now": MORNING}

        merge = merging.merge(
            db, survivor_id=survivor.id, absorbed_id=absorbed.id, choices=choices,
            reason="Même personne", **given,
        ).merge  # fmt: skip

        db.expire_all()
        now = rows(db)
        assert all(now[table] >= count for table, count in kept.items())
        assert _cases(db, survivor) == held[survivor.id] | held[absorbed.id]
        assert _cases(db, absorbed) == set()
        assert patients.surviving(db, absorbed.id).id == survivor.id
        # Every word of both is on the one that goes on, or kept as it was.
        assert (merge.survivor_before, merge.absorbed_before) == (
            before[survivor.id], before[absorbed.id],
        )  # fmt: skip
        after = history.snapshot(survivor)
        for name in comparing.CHOICES:
            said = {before[p.id][name] for p in pair} - {None}
            assert (after[name] in said) if said else after[name] is None
        assert set(after["alerts"]) == {a for p in pair for a in before[p.id]["alerts"]}
        for table in (CaseAccess, TaskOffer):  # lists show the name of today
            found = db.scalars(
                sa.select(table.name_key).where(
                    table.case_id.in_(_cases(db, survivor)),
                    *([CaseAccess.is_listed] if table is CaseAccess else []),
                )
            )
            assert set(found) <= {survivor.name_key}
        assert db.scalar(
            sa.select(sa.func.count()).select_from(AuditEntry).where(
                AuditEntry.action == "case.patient_merged",
                AuditEntry.case_id.in_(held[absorbed.id] or {0}),
            )
        ) == len(held[absorbed.id])  # fmt: skip

        unmerging.undo(db, merge_id=merge.id, reason="Deux personnes", **given)

        db.expire_all()
        for patient in pair:
            assert history.snapshot(db.get_one(Patient, patient.id)) == before[patient.id]
            assert _cases(db, patient) == held[patient.id]
        assert db.scalar(sa.select(sa.func.count()).select_from(Notice)) == kept["notice"]


def _known(ward: Ward, traits: dict[str, Any], count: int) -> Patient:
    patient = operations.create_patient(
        ward.db, **traits, confirmed=True, actor="system", now=MORNING
    )
    for _number in range(count):
        cases.open_case(
            ward.db,
            patient_id=patient.id,
            unit_id=ward.unit.id,
            organ="breast",
            user=ward.nurse,
            now=MORNING,
            confirmed=True,
        )
    return patient


def _cases(db: Session, patient: Patient) -> set[int]:
    return set(db.scalars(sa.select(Episode.case_id).where(Episode.patient_id == patient.id)))


@pytest.fixture
def any_ward(any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    with transaction(any_database) as db:
        yield build(db, monkeypatch)


def test_a_number_changes_hands_on_both_databases(any_ward: Ward) -> None:
    """Two rows may never hold it at once, not even for a moment."""
    db = any_ward.db
    cell = make_user(
        db, "Iris Colin", unit=make_unit(db, "Identité"), roles=("identity_vigilance",)
    )
    number = {"ins": "258052999900121"}
    one = operations.create_patient(
        db, birth_name="Le Bihan", first_names="Maïwenn", birth_date=date(1958, 5, 4), sex="F",
        confirmed=True, actor="system", now=MORNING,
    )  # fmt: skip
    other = operations.create_patient(
        db, birth_name="Kerjean", first_names="Maïwenn", birth_date=date(1958, 5, 4), sex="F",
        confirmed=True, actor="system", now=MORNING,
    )  # fmt: skip
    other.ins, other.ins_oid, other.ins_status = number["ins"], "1.2.250.1.213.1.4.10", "retrieved"
    db.flush()

    merge = merging.merge(
        db, survivor_id=one.id, absorbed_id=other.id, choices={"birth_name": "absorbed"},
        reason="Même personne", user=cell, now=MORNING,
    ).merge  # fmt: skip
    assert (one.ins, one.ins_status, other.ins) == (number["ins"], "retrieved", None)

    unmerging.undo(db, merge_id=merge.id, reason="Deux personnes", user=cell, now=MORNING)
    assert (one.ins, other.ins) == (None, number["ins"])
