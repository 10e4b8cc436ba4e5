"""« Annuler » after a step: everything is again as the person found it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import Conflict
from tests.workflows.ward import Ward
from workflows.cases import hands, notes, steps, undo
from workflows.cases.inbox import inbox
from workflows.cases.models import TaskOffer

SOON, LATE = timedelta(seconds=4), timedelta(minutes=2)


def seen(ward: Ward) -> list[str]:
    return sorted(line.task.element for line in inbox(ward.db, ward.nurse, now=ward.now).lines)


def test_a_step_is_taken_back_with_its_draft_dates_and_offers(ward: Ward) -> None:
    ward.open_case()
    operate = ward.task("operate")
    due = operate.due_at
    notes.save_draft(
        ward.db, task_id=ward.task("nurse").id, values={"a": 1}, user=ward.nurse, now=ward.now
    )
    before = seen(ward)

    ward.do("nurse", ward.nurse, biopsy_date="2026-02-27")
    assert ward.task("operate").due_at != due, "the milestone re-dates what hangs on it"
    assert undo.last_step(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now) == "Nurse"
    undo.take_back(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now + SOON)

    assert (ward.open(), seen(ward)) == ({"nurse", "operate"}, before)
    assert ward.task("operate").due_at == due
    draft = notes.draft_of(ward.db, ward.task("nurse").id)
    assert draft is not None
    assert draft.values == {"a": 1}


def test_after_some_seconds_it_is_too_late(ward: Ward) -> None:
    ward.open_case()
    ward.do("nurse", ward.nurse)

    with pytest.raises(Conflict, match="ne peut plus être annulée"):
        undo.take_back(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now + LATE)


def test_offers_come_back_with_who_had_taken_the_step(ward: Ward) -> None:
    ward.open_case()
    hands.claim(ward.db, task_id=ward.task("operate").id, user=ward.surgeon, now=ward.now)
    offered = _offers(ward)

    ward.do("operate", ward.surgeon, session_date="2026-03-09")
    ward.do("nurse", ward.nurse, biopsy_date="2026-02-27")
    undo.take_back(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now + SOON)
    assert ward.open() == {"nurse"}

    again = undo.last_step(ward.db, case_id=ward.case_id, user=ward.surgeon, now=ward.now)
    assert again is None, "only the last step comes back"
    assert _offers(ward) == [offer for offer in offered if offer[1] == ward.task("nurse").id]


def test_a_step_that_carries_a_rule_is_never_offered(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(steps._guards, "ask", [lambda db, step: None])
    ward.open_case()

    ward.do("nurse", ward.nurse)

    assert undo.last_step(ward.db, case_id=ward.case_id, user=ward.nurse, now=ward.now) is None


def _offers(ward: Ward) -> list[tuple[object, ...]]:
    rows = ward.db.execute(sa.select(TaskOffer).order_by(TaskOffer.audience_id)).scalars()
    return sorted((o.audience_id, o.task_id, o.due_at, o.assignee_id, o.holder_id) for o in rows)
