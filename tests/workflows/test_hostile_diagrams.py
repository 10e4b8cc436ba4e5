"""Diagrams that leave out every check, or ask in the wrong order: the invariants of domain §13 hold.

Each step below is alone in its diagram, with nothing before it and nothing after: what is refused
here is refused by the rule of the form or the verb, never by a drawing.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import publishing, runtime
from engine.artifacts import Vocabulary
from engine.errors import Conflict, Invalid, Refusal
from engine.models import Timer
from tests.engine.sketches import sketch, table
from tests.factories import MORNING, make_rcp, make_unit, make_user
from tests.workflows.ward import LANES, Ward, task
from workflows.deadlines import steps as deadline_steps
from workflows.rcp import operations as rcp
from workflows.rcp import registrations
from workflows.rcp.models import MemberFunction, Registration, RegistrationState
from workflows.records.models import Record

FORMS = {
    "ask": ("biopsy_date",),
    "register_for_rcp": ("rcp_session_id", "question"),
    "register_conforming_case": ("guideline_name",),
    "discuss_case": ("opinion_given",),
    "record_rcp_decision": ("rcp_proposal", "proposals"),
    "approve_rcp_sheet": ("correction_requested",),
    "hand_over_pps": ("pps_handover_date", "handed_over_by"),
    "adapt_treatment": ("adaptation",),
    "record_death": ("death_date",),
}
STEPS = tuple(form for form in FORMS if form not in ("ask", "record_death"))
LOOSE = sketch(
    "start -> split -> ask -> join -> end",
    *(f"split -> {form} -> join" for form in STEPS),
    name="cancer",
    lanes=LANES,
    **{form: task("Médecin référent", form=form) for form in ("ask", *STEPS)},
)
DEATH = sketch(  # no « Arrêter le parcours », no closing
    "start -> record_death -> end",
    name="death",
    lanes=LANES,
    start={"message": "death_declared"},
    record_death=task("Médecin référent", form="record_death"),
)
DEADLINES = table(
    ('"ask"', '"opened"', "30", '"days"', '"80%"', '"idec"'),
    ("-", '"opened"', "30", '"days"', '""', '""'),
)


@pytest.fixture
def ward(db: Session, monkeypatch: pytest.MonkeyPatch) -> Ward:
    monkeypatch.setattr(
        deadline_steps, "library_of_task", lambda *_: SimpleNamespace(dictionary={})
    )
    names = {name for fields in FORMS.values() for name in fields}
    publishing.publish(
        db,
        artifacts=[LOOSE, DEATH, DEADLINES],
        vocabulary=Vocabulary(
            roles=LANES,
            forms=FORMS,
            data=dict.fromkeys(names, "case"),
            handlers=(),
            codes=("idec",),
            anchors=(),
        ),
        actor="system",
        now=MORNING,
    )
    unit = make_unit(db, "Sénologie")
    ward = Ward(
        db,
        unit,
        nurse=make_user(db, "Anne Riou", unit=unit, roles=("idec",)),
        surgeon=make_user(db, "Paul Le Gall", unit=unit, roles=("surgeon",)),
        referring=make_user(db, "Yann Kervella", unit=unit, roles=("referring_physician",)),
        stranger=make_user(db, "Zoé Morvan"),
        others={"rcp": make_rcp(db)},
    )
    ward.open_case()
    return ward


def meeting(ward: Ward) -> int:
    rcp.add_member(
        ward.db, rcp_id=ward.others["rcp"].id, user_id=make_user(ward.db, "Gwen Tanguy").id,
        function=MemberFunction.COORDINATOR, specialty="SM36", actor="system", now=MORNING,
    )  # fmt: skip
    return rcp.add_session(
        ward.db, rcp_id=ward.others["rcp"].id, starts_at=MORNING + timedelta(days=9),
        actor="system", now=MORNING,
    ).id  # fmt: skip


def inscribed(ward: Ward) -> Registration:
    """An inscription as the machine would leave it on the agenda, never called."""
    found = Registration(
        session_id=meeting(ward), case_id=ward.case_id,
        instance_id=ward.task("discuss_case").instance_id, state=RegistrationState.ON_AGENDA,
        reasons=[], question="", case_status="discussed", urgent=False, requested_by="system",
        submitted_at=MORNING,
    )  # fmt: skip
    ward.db.add(found)
    ward.db.flush()
    return found


def test_1_nobody_is_inscribed_without_having_been_told(ward: Ward) -> None:
    with pytest.raises(Invalid, match="n’est pas tracée"):
        ward.do("register_for_rcp", ward.referring, rcp_session_id=meeting(ward), question="?")

    assert ward.db.scalars(sa.select(Registration)).all() == []


def test_2_a_registered_case_names_its_guideline(ward: Ward) -> None:
    inscribed(ward)
    with pytest.raises(Invalid, match="nom, version et date"):
        ward.do("register_conforming_case", ward.referring, guideline_name="Sein 2025")


def test_3_no_sheet_is_approved_by_who_is_not_its_coordinator(ward: Ward) -> None:
    inscribed(ward)
    with pytest.raises(Refusal, match="coordonnateur"):
        ward.do("approve_rcp_sheet", ward.referring)


def test_4_a_case_that_was_not_called_is_not_discussed(ward: Ward) -> None:
    row = inscribed(ward)
    with pytest.raises(Conflict, match="n’a pas été appelé"):
        ward.do("discuss_case", ward.referring, opinion_given="yes")

    assert row.state == RegistrationState.ON_AGENDA


def test_4_a_case_called_without_its_quorum_is_not_discussed(ward: Ward) -> None:
    row = inscribed(ward)
    row.called_at, row.quorum = MORNING, {"status": "not_reached", "missing": ["Chirurgie"]}

    for state in (RegistrationState.DISCUSSED, RegistrationState.REGISTERED):
        with pytest.raises(Conflict, match="quorum"):
            registrations.conclude(
                ward.db, registration_id=row.id, state=state, actor="system", now=MORNING
            )


def test_5_nothing_is_handed_over_without_a_person_nor_before_it_exists(ward: Ward) -> None:
    with pytest.raises(Invalid, match="nom de la personne"):
        ward.do("hand_over_pps", ward.referring, pps_handover_date="2026-03-02")
    with pytest.raises(Conflict, match="pas encore établi"):
        ward.do(
            "hand_over_pps", ward.referring, pps_handover_date="2026-03-02", handed_over_by="Moi"
        )
    assert ward.db.scalars(sa.select(Record)).all() == []


def test_a_conclusion_is_made_of_typed_proposals(ward: Ward) -> None:
    with pytest.raises(Invalid, match="type de traitement"):
        ward.do("record_rcp_decision", ward.referring, rcp_proposal="treatment")


def test_9_a_death_stops_what_runs_whoever_asked_for_its_date(ward: Ward) -> None:
    runtime.send_message(
        ward.db, name="death_declared", case_id=ward.case_id, actor="system", now=ward.now
    )
    assert ward.db.scalars(sa.select(Timer).filter_by(case_id=ward.case_id)).all()

    ward.do("record_death", ward.referring, death_date=ward.now.date().isoformat())

    assert not ward.open() - {"approve_rcp_sheet"}  # a document may still wait for its approval
    assert ward.db.scalars(sa.select(Timer).filter_by(case_id=ward.case_id)).all() == []
