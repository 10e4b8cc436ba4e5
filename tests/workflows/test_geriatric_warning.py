"""A12: an RCP is held before the geriatrician has seen the patient; it is told, never blocked.

At which score the geriatrician is asked for stands in one place, the table `oncogeriatrics`.
"""

from datetime import date
from typing import Any

import pytest

from engine.artifacts import Artifact
from engine.db import transaction
from forms.computed import COMPUTATIONS
from tests.workflows.pathway import Region
from workflows.rcp import board, completeness
from workflows.records.contexts import build
from workflows.revisions import operations, release

SHEET = dict.fromkeys(completeness.EXPECTED, "dit") | {"patient_age": 79, "g8_total": 15}
WARNING = "avis oncogériatrique (EGS en attente)"
FIFTEEN = {"g8_appetite": "1", "g8_weight_loss": "2", "g8_mobility": "2", "g8_neuropsychology": "2",
           "g8_bmi": "3", "g8_medications": "1", "g8_health": "2", "g8_age": "2"}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "warned"),
    [
        ({}, False),
        ({"geriatric_needed": False}, False),
        ({"geriatric_needed": True}, True),
        ({"geriatric_needed": True, "geriatric_status": "pending"}, True),
        ({"geriatric_needed": True, "geriatric_status": "done"}, False),
        ({"geriatric_needed": True, "geriatric_status": "declined"}, False),
    ],
)
def test_what_the_geriatrician_has_not_said_is_missing(
    facts: dict[str, Any], warned: bool
) -> None:
    found = completeness.missing(SHEET | facts, None)

    assert (found == (WARNING,)) is warned
    assert warned or not found


@pytest.mark.parametrize(("threshold", "warned"), [("<= 14", False), ("<= 15", True)])
def test_the_meeting_is_warned_from_the_score_that_the_table_says(
    region: Region, threshold: str, warned: bool
) -> None:
    _publish_with(region, threshold)
    region.open_case(born=date(1948, 3, 1))  # 78 years
    region.announce()
    region.do("g8_score", g8_status="done", g8_total=COMPUTATIONS["g8_total"](FIFTEEN), **FIFTEEN)
    session_id = region.plan_session(10)
    region.register(session_id)

    with transaction(region.database) as db:
        (line,) = board.agenda(db, region.person(db, "rcp_secretary"), session_id)
        instance_id = line.registration.instance_id
        sheet = build(
            db, kind="rcp_sheet", case_id=region.case_id, instance_id=instance_id, now=region.now
        )

    assert ("geriatric_assessment" in region.open()) is warned
    assert (WARNING in line.missing) is warned
    assert ("EGS en attente" in str(sheet)) is warned


def _publish_with(region: Region, threshold: str) -> None:
    """The quality manager writes the score at which the geriatrician is asked for."""
    tree = [
        Artifact(one.kind, one.name, _moved(one.content, threshold))
        if one.name == "oncogeriatrics"
        else one
        for one in release.gather()
    ]
    with transaction(region.database) as db:
        operations.publish_release(db, artifacts=tree, actor="user:1", now=region.now)


def _moved(table: bytes, threshold: str) -> bytes:
    return table.replace(b"&lt;= 14", threshold.replace("<", "&lt;").encode()).replace(
        b"&gt; 14", f"&gt; {threshold.removeprefix('<= ')}".encode()
    )
