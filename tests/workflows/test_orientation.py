"""The RCP the law asks for is the one chosen, or somebody says why not."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.db import transaction
from engine.errors import Invalid
from engine.models import AuditEntry
from tests.workflows.pathway import Region
from workflows.pathways.orientation import rcp_advice
from workflows.rcp.models import Rcp

CHILD = date(2016, 5, 2)


def ready(region: Region, born: date | None = None) -> int:
    """Announced, and a session to choose."""
    region.open_case(**({"born": born} if born else {}))
    region.announce()
    return region.plan_session(8)


def choose(region: Region, session_id: int, **answers: Any) -> None:
    region.do("choose_rcp", rcp_session_id=session_id, **answers)


def become(region: Region, **changes: Any) -> None:
    with transaction(region.database) as db:
        for name, value in changes.items():
            setattr(db.get_one(Rcp, region.rcp_id), name, value)


def test_before_eighteen_only_a_paediatric_rcp_is_chosen_without_a_word(region: Region) -> None:
    session = ready(region, CHILD)

    with pytest.raises(Invalid) as refused:
        choose(region, session)
    become(region, is_paediatric=True)
    choose(region, session)

    assert "RCP pédiatrique interrégionale" in refused.value.message
    assert refused.value.fields.keys() == {"rcp_id", "rcp_choice_reason"}


def test_another_rcp_is_kept_with_a_reason_that_is_written_down(region: Region) -> None:
    session = ready(region)

    with pytest.raises(Invalid, match="RCP de recours"):
        choose(region, session, complex_surgery="yes")
    choose(
        region,
        session,
        complex_surgery="yes",
        rcp_choice_reason="Avis de recours déjà rendu à Brest",
    )

    with transaction(region.database) as db:
        entry = db.scalars(sa.select(AuditEntry).filter_by(action="rcp.choice_overridden")).one()
        assert entry.detail is not None
        assert entry.detail["reason"] == "Avis de recours déjà rendu à Brest"
        assert entry.actor.startswith("user:")


def test_a_usual_case_goes_to_a_usual_rcp(region: Region) -> None:
    choose(region, ready(region))

    with transaction(region.database) as db:
        assert rcp_advice(db, instance_id=region.task("register_for_rcp").instance_id) == []
