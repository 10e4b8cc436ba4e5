"""The release that ships, spoiled by its author: invariants 8 and 10 of domain §13 hold, or it is refused.

Each release below is one a quality manager could draw in the studio from the one in service.
"""

import pytest
import sqlalchemy as sa

from engine.artifacts import Artifact
from engine.db import transaction
from engine.errors import Invalid
from engine.models import AuditEntry
from tests.engine.sketches import sketch
from tests.workflows.pathway import DAY_ZERO, Region
from workflows.revisions import operations as revisions
from workflows.revisions.release import gather

CHEMOTHERAPY = "C15632"
NOWHERE = 'treatment_outcome == "after_treatment"'
# Whatever the person who closes the phase chooses, the pathway never goes back to an RCP.
ANYWHERE = 'treatment_outcome != "never"'


def spoiled(kind: str, name: str, *changes: tuple[str, str]) -> list[Artifact]:
    """The shipped files with some text of one of them replaced."""
    found = gather()
    wanted = next(one for one in found if (one.kind, one.name) == (kind, name))
    text = wanted.content.decode()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    changed = Artifact(kind, name, text.encode())
    return [changed if one is wanted else one for one in found]


def publish(region: Region, artifacts: list[Artifact]) -> None:
    with transaction(region.database) as db:
        revisions.publish_release(db, artifacts=artifacts, actor="system", now=DAY_ZERO)


def errors(artifacts: list[Artifact]) -> list[str]:
    return [str(one) for one in revisions.check(artifacts) if one.severity == "error"]


def written(region: Region, action: str) -> list[AuditEntry]:
    with transaction(region.database) as db:
        chosen = sa.select(AuditEntry).filter_by(case_id=region.case_id, action=action)
        return list(db.scalars(chosen.order_by(AuditEntry.id)))


def planned(region: Region) -> None:
    """A chemotherapy agreed on: the prerequisites are next."""
    region.open_case()
    region.announce()
    region.hold_rcp(8, CHEMOTHERAPY)
    region.on(10)
    region.agree([{"kind": CHEMOTHERAPY, "status": "planned"}])
    region.do("plan_appointments")


def stopped(region: Region) -> None:
    """The line begins, then stops before its second cycle."""
    planned(region)
    region.do("check_prerequisites", prerequisites_outcome="met")
    region.do("prescribe_systemic", first_cycle_date=region.day(7), cycles_planned=4)
    region.on(16)
    region.do("pre_cycle_check", go_ahead=False)
    region.do("adapt_treatment", adaptation="stop", adaptation_reason="Toxicité cardiaque")


def test_8_a_stopped_line_leads_to_an_rcp_that_the_pathway_has_forgotten(region: Region) -> None:
    publish(region, spoiled("diagram", "cancer", (NOWHERE, ANYWHERE)))
    stopped(region)
    region.do("close_treatment", treatment_outcome="rcp")
    assert "rcp" not in region.running()

    region.print()

    assert "choose_rcp" in region.open()
    assert len([one for one in region.instances("rcp") if one.state == "running"]) == 1


def test_8_the_pathway_that_goes_back_to_its_rcp_has_one_and_not_two(region: Region) -> None:
    stopped(region)
    region.do("close_treatment", treatment_outcome="rcp")

    region.print()

    assert region.open().count("choose_rcp") == 1


def test_8_a_case_that_its_last_step_closed_opens_again_for_its_rcp(region: Region) -> None:
    """The pathway ends with the phase: nothing runs, and the case has closed itself."""
    back = "<bpmn:incoming>after__rcp_needed</bpmn:incoming>"
    ended = '<bpmn:endEvent id="ended" name="Parcours terminé">'
    publish(
        region,
        spoiled(
            "diagram",
            "cancer",
            (back, ""),
            (ended, f"{ended}{back}"),
            ('sourceRef="after" targetRef="rcp_needed"', 'sourceRef="after" targetRef="ended"'),
        ),
    )
    stopped(region)
    region.do("close_treatment", treatment_outcome="rcp")
    while beside := region.open():
        region.skip(beside[0])
    assert region.case_state() == "closed"

    region.print()

    assert region.case_state() == "open"
    assert "choose_rcp" in region.open()


def test_8_a_release_where_no_rcp_can_be_asked_for_is_refused() -> None:
    (said,) = errors(spoiled("diagram", "rcp", ("rcp_requested", "rcp_wanted")))

    assert "Aucun diagramme ne commence par le message «\u202frcp_requested\u202f»" in said
    assert "l’arrêt d’un traitement ne mènerait à aucune RCP" in said


@pytest.mark.parametrize(
    "line",
    [
        'information_date = "2026-03-02"',  # 1
        'rcp_proposal = "stop_treatment"',  # 4 and 8
        "handed_over_by = 12",  # 5
        "line_stopped = False",  # 8
        'death_date = "2026-03-02"',  # 9
        'waiver_reason = "Habitude du service"',  # 10
    ],
)
def test_no_script_answers_in_the_place_of_a_person(line: str) -> None:
    script = {"type": "script", "name": "Répondre", "lane": "Système", "script": line}
    drawn = sketch(
        "start -> answer -> end",
        name="shortcut",
        lanes=("Système",),
        start={"message": "shortcut_wanted"},
        answer=script,
    )
    name = line.split(" ")[0]

    assert any(
        f"écrit «\u202f{name}\u202f», qui ne vient que de la réponse d’une personne" in said
        for said in errors([*gather(), drawn])
    )


def test_no_caller_answers_in_the_place_of_a_person() -> None:
    given = "rcp_reason = &quot;after_emergency&quot;"
    more = f"{given}&#10;rcp_proposal = &quot;treatment&quot;"
    (said,) = errors(spoiled("diagram", "emergency", (given, more)))

    assert "écrit «\u202frcp_proposal\u202f»" in said


def test_no_table_answers_in_the_place_of_a_person() -> None:
    column = ("geriatric_needed", "sharing_opposition")
    said = " ".join(errors(spoiled("table", "oncogeriatrics", column)))

    assert "écrit «\u202fsharing_opposition\u202f», qui ne vient que de la réponse" in said


def test_10_a_block_is_lifted_with_a_name_and_a_reason_that_the_form_forgot_to_ask(
    region: Region,
) -> None:
    asked = "required: true, when: {prerequisites_outcome: waived}"
    optional = "when: {prerequisites_outcome: waived}"
    publish(region, spoiled("form", "check_prerequisites", (asked, optional)))
    planned(region)
    who = region.people["referring_physician"]

    for given in ({}, {"waiver_by": who}, {"waiver_reason": "Urgence"}, {"waiver_reason": "  "}):
        with pytest.raises(Invalid, match="nom du médecin qui le décide et sa raison"):
            region.do("check_prerequisites", prerequisites_outcome="waived", **given)
    region.do(
        "check_prerequisites",
        prerequisites_outcome="waived",
        waiver_by=who,
        waiver_reason="Compression médullaire",
    )

    (kept,) = written(region, "treatment.prerequisites_waived")
    assert (kept.detail["by"], kept.detail["reason"]) == (who, "Compression médullaire")
    assert kept.actor.startswith("user:")
    assert kept.at == region.now


def test_10_an_rcp_chosen_against_the_rule_says_why_whatever_the_form_asks(region: Region) -> None:
    """A child goes to the paediatric RCP; the form without its question does not do without it."""
    form = next(one for one in gather() if (one.kind, one.name) == ("form", "choose_rcp"))
    question = next(
        line for line in form.content.decode().splitlines(True) if "rcp_choice_reason" in line
    )
    publish(region, spoiled("form", "choose_rcp", (question, "")))
    region.open_case(born=DAY_ZERO.date().replace(year=2012))
    region.announce()
    near = region.plan_session(8)

    with pytest.raises(Invalid, match="dites pourquoi celle-ci convient"):
        region.do("choose_rcp", rcp_session_id=near)

    assert not written(region, "rcp.choice_overridden")
    assert region.registrations() == []


def test_10_a_treatment_begun_unverified_says_why_in_whatever_diagram(region: Region) -> None:
    """The step that verifies is passed over: each treatment says why, and the journal keeps it."""
    planned(region)
    region.skip("check_prerequisites")
    first = {"first_cycle_date": region.day(7), "cycles_planned": 4}

    with pytest.raises(Invalid, match="Dites pourquoi il commence quand même"):
        region.do("prescribe_systemic", **first)
    region.do("prescribe_systemic", **first, start_waiver_reason="Vérifiés à la clinique")

    (kept,) = written(region, "treatment.unverified_start")
    assert kept.detail == {"reason": "Vérifiés à la clinique"}
