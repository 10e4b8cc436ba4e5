"""The diagrams, tables and forms that ship fit together: the gate has nothing to say."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from engine.decisions import load_decisions
from tests.bpmn import release
from workflows.deadlines.wording import MILESTONES
from workflows.revisions import operations
from workflows.revisions.release import ROOT, gather

# What this release does of domain §11; the rest of the list waits for its own issue.
DOMAIN = [
    "A02",
    "A03",
    "A06",
    "A07",
    "A08",
    "A09",
    "A10",
    "A11",
    "A12",
    "R01",
    "R02",
    "R03",
    "R04",
    "R05",
    "R06",
    "R11",
    "R12",
    "R13",
    "R14",
    "R15",
    "R16",
    "R17",
    "R18",
    "R19",
    "R20",
    "P01",
    "P02",
    "P03",
    "P04",
    "P05",
    "P06",
    "P07",
    "P08",
    "P09",
    "P10",
    "P11",
    "P13",
    "T01",
    "T02",
    "T03",
    "T04",
    "T05",
    "T06",
    "T07",
    "T08",
    "T09",
    "T10",
    "T11",
    "T12",
    "T15",
    "T16",
    "T18",
    "T20",
    "F02",
    "F03",
    "F04",
    "F05",
    "F06",
    "F07",
    "F08",
    "F09",
    "F11",
    "F13",
    "X01",
    "X05",
]


def properties(name: str) -> set[str]:
    """Every value one property has on the diagrams."""
    found: set[str] = set()
    for path in release.DIAGRAMS:
        found |= set(re.findall(rf'name="{name}" value="([^"]+)"', path.read_text("utf-8")))
    return found


def test_the_gate_has_nothing_to_say() -> None:
    findings = operations.check(gather(ROOT))

    assert [str(finding) for finding in findings] == []


def test_every_task_of_the_domain_list_is_drawn() -> None:
    drawn: set[str] = set()
    for path in release.DIAGRAMS:
        drawn |= set(re.findall(r"documentation>(\w+)</", path.read_text("utf-8")))

    assert set(DOMAIN) - drawn == set()


def test_every_step_has_its_own_deadline_and_no_row_is_left_over() -> None:
    rows = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())
    named = {str(value) for value in rows["deadlines"].literals("deadline")}

    assert named == properties("deadline")


def test_a_deadline_says_in_french_what_it_stands_for() -> None:
    rows = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())

    assert [rule.id for rule in rows["deadlines"].rules if not rule.label] == []


def test_what_deadlines_count_from_is_dated_by_something() -> None:
    """By a datum of the dictionary, or by our code: a milestone nobody sets would never count."""
    set_by_code = {"rcp_session", "rcp_approved"}
    dated = {datum.get("milestone") for datum in release.dictionary().values()} - {None}
    rows = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())
    anchors = {rule.entries[0].evaluate({}) for rule in rows["deadlines"].rules if rule.entries[0]}

    assert anchors - {"opened"} <= dated | set_by_code
    assert dated <= set(MILESTONES)


@pytest.mark.parametrize("path", release.DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_is_valid_bpmn(path: Path) -> None:
    library = find_spec("SpiffWorkflow")
    assert library is not None
    assert library.submodule_search_locations
    folder = Path(library.submodule_search_locations[0]) / "bpmn" / "parser" / "schema"
    schema = etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))

    schema.assertValid(etree.parse(str(path)))


def test_a_surveillance_calendar_exists_for_breast_and_lung() -> None:
    table = load_decisions((release.ROOT / "bpmn/rules/surveillance.dmn").read_bytes())

    for organ in ("breast", "lung"):
        lines = table["surveillance"].evaluate({"organ": organ}).values
        assert len(lines["exam"]) >= 3
        assert all(months > 0 for months in lines["first_months"])
    assert table["surveillance"].evaluate({"organ": "blood"}).values["exam"] == []
