"""A person finishes a step: the next one is there at once, and nobody does it twice."""

from datetime import timedelta

import pytest

from engine.errors import AlreadyCompleted, Conflict, Forbidden, Invalid, NotFound, StaleForm
from engine.models import AuditEntry
from tests.factories import make_user
from tests.workflows.ward import Ward
from workflows.access import CaseRefused
from workflows.cases import events, notes, operations, queries, skipping, steps


def test_completing_a_task_opens_the_next_one(ward: Ward) -> None:
    ward.open_case()
    assert ward.open() == {"nurse", "operate"}

    ward.do("nurse", ward.nurse)
    ward.do("operate", ward.surgeon)

    assert ward.open() == {"meet"}


def test_a_task_done_by_a_colleague_names_the_colleague_and_the_moment(ward: Ward) -> None:
    ward.open_case()
    done = ward.do("nurse", ward.nurse)

    with pytest.raises(AlreadyCompleted) as refusal:
        operations.complete_task(
            ward.db, task_id=done.id, answers={}, user=ward.nurse, now=ward.now
        )

    assert (
        refusal.value.message
        == "Cette étape a déjà été validée par Anne Riou le 2 mars 2026 à 9 h 00."
    )


def test_a_form_that_has_changed_since_is_refused(ward: Ward) -> None:
    ward.open_case()

    with pytest.raises(StaleForm, match="saisie est conservée"):
        operations.complete_task(
            ward.db,
            task_id=ward.task("nurse").id,
            answers={},
            user=ward.nurse,
            now=ward.now,
            seen_version=99,
        )


def test_a_task_of_another_role_is_refused_in_words(ward: Ward) -> None:
    ward.open_case()

    with pytest.raises(Forbidden, match="Chirurgien"):
        ward.do("operate", ward.nurse)


def test_somebody_from_elsewhere_does_not_even_see_the_task(ward: Ward) -> None:
    ward.open_case()

    with pytest.raises(CaseRefused):
        ward.do("nurse", ward.stranger)


def test_an_unknown_task_is_not_found(ward: Ward) -> None:
    with pytest.raises(NotFound):
        operations.complete_task(ward.db, task_id=4_000, answers={}, user=ward.nurse, now=ward.now)


def test_a_rule_refuses_whatever_the_diagram_says(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_db: object, _step: steps.CompletedForm) -> None:
        raise Invalid("Pas sans l’accord du patient.")

    monkeypatch.setitem(steps._guards, "ask", [never])
    ward.open_case()

    with pytest.raises(Invalid, match="accord du patient"):
        ward.do("nurse", ward.nurse)
    with pytest.raises(Invalid, match="règle obligatoire"):
        skipping.not_applicable(
            ward.db,
            task_id=ward.task("nurse").id,
            reason="Vu ailleurs",
            user=ward.nurse,
            now=ward.now,
        )

    assert "nurse" in ward.open()


def test_an_effect_may_complete_the_answers(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def stamp(_db: object, step: steps.CompletedForm) -> None:
        step.answers["biopsy_date"] = "2026-02-20"

    monkeypatch.setitem(steps._effects, "ask", [stamp])
    ward.open_case()

    done = ward.do("nurse", ward.nurse)

    assert done.answers == {"biopsy_date": "2026-02-20"}


def test_a_step_without_object_keeps_its_reason_and_answers_nothing(ward: Ward) -> None:
    ward.open_case()

    done = skipping.not_applicable(
        ward.db,
        task_id=ward.task("operate").id,
        reason="Opérée avant l’adressage",
        user=ward.surgeon,
        now=ward.now,
    )

    assert (done.outcome, done.reason, done.answers) == (
        "not_applicable",
        "Opérée avant l’adressage",
        {},
    )
    with pytest.raises(AlreadyCompleted, match="déclarée sans objet par Paul Le Gall"):
        operations.complete_task(
            ward.db, task_id=done.id, answers={}, user=ward.surgeon, now=ward.now
        )


def test_a_step_without_object_needs_a_reason(ward: Ward) -> None:
    ward.open_case()

    with pytest.raises(Invalid, match="pourquoi"):
        skipping.not_applicable(
            ward.db,
            task_id=ward.task("nurse").id,
            reason="  ",
            user=ward.nurse,
            now=ward.now,
        )


def test_opening_a_case_is_for_the_units_own(ward: Ward) -> None:
    with pytest.raises(Forbidden):
        ward.open_case(user=ward.stranger)


def test_a_second_case_of_the_same_organ_asks_for_confirmation(ward: Ward) -> None:
    first = ward.open_case()
    given = {
        "patient_id": first.patient_id,
        "unit_id": ward.unit.id,
        "organ": "breast",
        "user": ward.nurse,
        "now": ward.now,
    }

    with pytest.raises(Conflict, match="seconde tumeur"):
        operations.open_case(ward.db, **given)

    assert operations.open_case(ward.db, **given, confirmed=True).case_id != first.case_id


def test_the_same_key_opens_a_case_once(ward: Ward) -> None:
    first = ward.open_case(key="letter-17")

    again = operations.open_case(
        ward.db,
        patient_id=first.patient_id,
        unit_id=ward.unit.id,
        organ="breast",
        user=ward.nurse,
        now=ward.now,
        key="letter-17",
    )

    assert again.case_id == first.case_id


def test_a_draft_is_shared_and_goes_with_the_task(ward: Ward) -> None:
    ward.open_case()
    task_id = ward.task("nurse").id
    notes.save_draft(ward.db, task_id=task_id, values={"a": 1}, user=ward.nurse, now=ward.now)
    notes.save_draft(ward.db, task_id=task_id, values={"a": 2}, user=ward.nurse, now=ward.now)

    draft = notes.draft_of(ward.db, task_id)
    assert draft is not None
    assert (draft.values, draft.user) == ({"a": 2}, ward.nurse)

    ward.do("nurse", ward.nurse)
    ward.db.expire_all()
    assert notes.draft_of(ward.db, task_id) is None


def test_a_draft_somebody_is_typing_is_taken_over_on_purpose(ward: Ward) -> None:
    other = make_user(ward.db, "Maud Guillou", unit=ward.unit, roles=("idec",))
    ward.open_case()
    task_id = ward.task("nurse").id
    notes.save_draft(ward.db, task_id=task_id, values={"a": 1}, user=ward.nurse, now=ward.now)
    soon, later = ward.now + timedelta(minutes=2), ward.now + timedelta(hours=1)

    with pytest.raises(Conflict, match="Anne Riou remplit ce formulaire"):
        notes.save_draft(ward.db, task_id=task_id, values={}, user=other, now=soon)
    notes.save_draft(ward.db, task_id=task_id, values={}, user=other, now=soon, take_over=True)
    kept = notes.save_draft(ward.db, task_id=task_id, values={"b": 2}, user=ward.nurse, now=later)

    assert kept.user == ward.nurse


def test_comments_are_for_those_who_may_read_the_case(ward: Ward) -> None:
    ward.open_case()
    notes.add_comment(
        ward.db, case_id=ward.case_id, text=" Vue ce matin. ", user=ward.nurse, now=ward.now
    )

    assert [one.text for one in notes.comments(ward.db, ward.case_id)] == ["Vue ce matin."]
    with pytest.raises(CaseRefused):
        notes.add_comment(
            ward.db, case_id=ward.case_id, text="?", user=ward.stranger, now=ward.now
        )


def test_an_event_starts_its_diagram_beside_once(ward: Ward) -> None:
    ward.open_case()
    declared = {
        "case_id": ward.case_id,
        "event": "progression_declared",
        "now": ward.now,
    }

    with pytest.raises(Forbidden, match="déclarer un événement"):
        events.declare_event(ward.db, **declared, user=ward.nurse)
    events.declare_event(ward.db, **declared, user=ward.referring)

    assert ward.open() == {"nurse", "operate", "relapse"}
    with pytest.raises(Conflict, match="déjà en cours"):
        events.declare_event(ward.db, **declared, user=ward.referring)


def test_only_events_that_a_diagram_handles_are_offered(ward: Ward) -> None:
    ward.open_case()

    offered = events.events_offered(ward.db, case_id=ward.case_id, user=ward.referring)

    assert [event.message for event in offered] == ["progression_declared"]


def test_the_case_page_says_what_each_step_is_and_whose(ward: Ward) -> None:
    ward.open_case()
    ward.do("nurse", ward.nurse)

    top = queries.heading(ward.db, case_id=ward.case_id, user=ward.surgeon, now=ward.now)
    waiting = queries.open_steps(ward.db, case_id=ward.case_id, user=ward.surgeon, now=ward.now)
    done = queries.done_steps(ward.db, case_id=ward.case_id, user=ward.surgeon, now=ward.now)

    assert top.patient.display_name == "LE BIHAN Maïwenn"
    assert [(step.task.element, step.is_mine) for step in waiting] == [("operate", True)]
    assert [(step.task.element, step.done_by) for step in done] == [("nurse", "Anne Riou")]


def test_reading_a_case_is_written_down(ward: Ward) -> None:
    ward.open_case()

    queries.heading(ward.db, case_id=ward.case_id, user=ward.surgeon, now=ward.now)

    last = ward.db.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert last is not None
    assert (last.actor, last.action, last.case_id) == (
        ward.surgeon.actor,
        "case.read",
        ward.case_id,
    )
