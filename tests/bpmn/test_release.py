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

# Domain §11, whole: 81 tasks and 10 handlers.
DOMAIN = [
    f"{phase}{number:02}"
    for phase, last in {"A": 15, "R": 20, "P": 13, "T": 20, "F": 13, "X": 10}.items()
    for number in range(1, last + 1)
]
# The rows that no diagram draws, and why.
NOT_DRAWN = {
    "A01": "the referral arrives before there is a case: opening it is the answer",
    "A04": "asked with A03: what was said in town is traced, nobody is waited for",
    "A13": "asked in P01, arranged by A14; the prerequisites (T01) hold the start",
    "R07": "once for all the cases of a meeting: workflows/rcp closes its agenda",
    "R08": "once for all the cases of a meeting: workflows/rcp orders its agenda",
    "R09": "once for all the cases of a meeting: workflows/rcp convenes",
    "R10": "once for all the cases of a meeting: workflows/rcp keeps who is present",
}


def properties(name: str) -> set[str]:
    """Every value one property has on the diagrams."""
    found: set[str] = set()
    for path in release.DIAGRAMS:
        found |= set(re.findall(rf'name="{name}" value="([^"]+)"', path.read_text("utf-8")))
    return found


def test_the_gate_has_nothing_to_say() -> None:
    findings = operations.check(gather(ROOT))

    assert [str(finding) for finding in findings] == []


def test_every_row_of_the_domain_list_is_drawn_or_says_why_not() -> None:
    drawn: set[str] = set()
    for path in release.DIAGRAMS:
        drawn |= set(re.findall(r"documentation>(\w+)</", path.read_text("utf-8")))

    assert len(DOMAIN) == 91
    assert set(DOMAIN) - drawn == set(NOT_DRAWN)


def test_every_step_has_its_own_deadline_and_no_row_is_left_over() -> None:
    rows = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())
    named = {str(value) for value in rows["deadlines"].literals("deadline")}

    # a date no single step holds, a second row of the same step
    by_code = {"reassess_oral", "radiotherapy_interrupted", "propose_again"}
    assert named == properties("deadline") | by_code


def test_a_deadline_says_in_french_what_it_stands_for() -> None:
    rows = load_decisions((release.ROOT / "bpmn/rules/deadlines.dmn").read_bytes())

    assert [rule.id for rule in rows["deadlines"].rules if not rule.label] == []


def test_what_deadlines_count_from_is_dated_by_something() -> None:
    """By a datum of the dictionary, or by our code: a milestone nobody sets would never count."""
    set_by_code = {"last_session", "rcp_session", "rcp_approved", "first_treatment"}
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
