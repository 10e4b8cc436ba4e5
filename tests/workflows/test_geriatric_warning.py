"""A12: an RCP is held before the geriatrician has seen the patient; it is told, never blocked."""

from typing import Any

import pytest

from workflows.rcp import completeness

SHEET = dict.fromkeys(completeness.EXPECTED, "dit") | {"patient_age": 79, "g8_total": 11}


@pytest.mark.parametrize(
    ("facts", "warned"),
    [
        ({}, True),
        ({"geriatric_status": "pending"}, True),
        ({"geriatric_status": "done"}, False),
        ({"geriatric_status": "declined"}, False),
        ({"g8_total": 14}, True),
        ({"g8_total": 14.5}, False),
        ({"g8_total": 17}, False),
    ],
)
def test_what_the_geriatrician_has_not_said_is_missing(
    facts: dict[str, Any], warned: bool
) -> None:
    found = completeness.missing(SHEET | facts, None)

    assert (found == ("avis oncogériatrique (EGS en attente)",)) is warned
    assert warned or not found
