"""Several treatments at a time: what is said of one line touches no other, be it of the same kind."""

import pytest

from engine import queries
from engine.db import transaction
from engine.errors import Conflict, Invalid
from tests.workflows.pathway import Region
from workflows.cases import events
from workflows.pathways import lines

CHEMOTHERAPY, RADIOTHERAPY = "C15632", "C15313"


@pytest.fixture
def region(region: Region) -> Region:
    """Two chemotherapies and a radiotherapy under way; the first cycles were given on day 17."""
    region.open_case()
    region.announce()
    region.hold_rcp(8, CHEMOTHERAPY, RADIOTHERAPY)
    region.on(10)
    planned = {"status": "planned"}
    region.hand_over(
        [
            {"kind": CHEMOTHERAPY, "precision": "FOLFOX", **planned},
            {"kind": CHEMOTHERAPY, "precision": "Intrapéritonéale", **planned},
            {"kind": RADIOTHERAPY, "planned_start": region.day(90), **planned},
        ]
    )
    for _ in range(2):
        region.do(
            "prescribe_systemic",
            first_cycle_date=region.day(7),
            cycles_planned=4,
            cycle_interval_days=21,
        )
    region.on(16, hour=9)
    for _ in range(2):
        region.do("pre_cycle_check", go_ahead=True)
    region.on(17, hour=9)
    for _ in range(2):
        region.do("administer_cycle", administration_date=region.day())
    return region


def next_cycles(region: Region) -> list[str]:
    return [str(region.answers(one)["next_cycle_date"]) for one in region.instances("systemic")]


def rate(region: Region, *lines: str) -> None:
    region.declare("toxicity_declared", by="idec")
    region.do("rate_toxicity", toxicity="fatigue", toxicity_grade=3, toxicity_lines=list(lines))


def refuse(region: Region, **answers: object) -> None:
    region.declare("refusal_declared")
    region.do(
        "trace_refusal",
        refusal_date=region.day(),
        refusal_scope="one",
        refusal_information="Le risque de rechute.",
        refusal_outcome="rcp",
        refusal_review_date=region.day(30),
        **answers,
    )


def pause(region: Region, *lines: str, days: int) -> None:
    region.declare("window_declared")
    region.do(
        "open_window",
        window_reason="Fatigue.",
        window_lines=list(lines),
        window_restart_date=region.day(days),
    )


def test_a_toxicity_names_the_line_that_is_adapted(region: Region) -> None:
    first, second = region.lines("systemic")
    rate(region, second)
    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(28))

    assert next_cycles(region) == ["2026-04-09", "2026-04-16"]
    assert region.case_data()["toxicity_history"][-1]["treatment"].endswith("Intrapéritonéale")
    assert first != second


def test_a_toxicity_may_name_several_lines(region: Region) -> None:
    rate(region, *region.lines("systemic"))
    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(28))

    assert next_cycles(region) == ["2026-04-16", "2026-04-16"]


def test_a_toxicity_that_names_none_asks_which(region: Region) -> None:
    rate(region)

    with pytest.raises(Invalid, match=r"FOLFOX.*Intrapéritonéale"):
        region.do("adapt_treatment", adaptation="stop")


def test_a_toxicity_of_a_line_that_has_stopped_meanwhile_asks_for_another(region: Region) -> None:
    first, second = region.lines("systemic")
    rate(region, first)
    rate(region, first)
    region.do("adapt_treatment", adaptation="stop")

    with pytest.raises(Invalid, match="plus en cours") as refusal:
        region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(28))
    assert "adapted_lines" in refusal.value.fields
    with transaction(region.database) as db:
        offered = [str(line) for line, _ in lines.offered(db, region.case_id, "adapted_lines")]
    assert first not in offered
    assert second in offered


def test_nothing_is_stopped_where_nothing_is_given(region: Region) -> None:
    region.open_case()
    region.send("toxicity_declared")
    region.do("rate_toxicity", toxicity="fatigue", toxicity_grade=3)

    with pytest.raises(Invalid, match="à arrêter") as refusal:
        region.do("adapt_treatment", adaptation="stop")
    assert set(refusal.value.fields) == {"adaptation"}


def test_two_toxicities_at_once_each_keep_to_their_line(region: Region) -> None:
    first, second = region.lines("systemic")
    rate(region, first)
    rate(region, second)
    region.do("adapt_treatment", adaptation="postpone", next_cycle_date=region.day(28))
    region.do("adapt_treatment", adaptation="stop")

    assert region.lines("systemic") == [first]
    assert next_cycles(region)[0] == "2026-04-16"


def test_a_refusal_stops_the_line_it_names_and_not_its_like(region: Region) -> None:
    first, second = region.lines("systemic")
    with pytest.raises(Invalid, match="cochez"):
        refuse(region, refused_treatments=[CHEMOTHERAPY])
    region.do(
        "trace_refusal",
        refusal_date=region.day(),
        refusal_scope="one",
        refused_lines=[second],
        refusal_information="Le risque de rechute.",
        refusal_outcome="rcp",
        refusal_review_date=region.day(30),
    )

    assert region.lines("systemic") == [first]
    assert "radiotherapy" in region.running()
    status = {row.get("precision"): row["status"] for row in region.treatments()}
    assert (status["FOLFOX"], status["Intrapéritonéale"]) == ("in_progress", "stopped")


def test_a_refused_line_that_is_wanted_again_is_planned_once_more(region: Region) -> None:
    _first, second = region.lines("systemic")
    refuse(region, refused_lines=[second])
    region.declare("refusal_retracted")
    region.do("review_refusal", refusal_maintained="no", retraction_outcome="resume")

    status = [row["status"] for row in region.treatments() if row["kind"] == CHEMOTHERAPY]
    assert status == ["in_progress", "planned"]


def test_two_pauses_end_each_at_its_own_date(region: Region) -> None:
    first, second = region.lines("systemic")
    pause(region, first, days=20)
    pause(region, second, days=60)

    region.on(31, hour=9)
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())

    assert next_cycles(region) == ["2026-04-23", "2026-04-09"]
    region.on(51, hour=9)
    assert region.open().count("pre_cycle_check") == 1  # the first line only
    region.do("pre_cycle_check", go_ahead=True)
    windows = [row["status"] for row in region.treatments() if row["kind"] == "MED-556"]
    assert windows == ["done", "in_progress"]
    region.on(71, hour=9)
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())
    assert next_cycles(region)[1] == "2026-06-02"


def test_the_pause_that_ends_early_is_the_one_that_is_chosen(region: Region) -> None:
    first, second = region.lines("systemic")
    pause(region, first, days=40)
    pause(region, second, days=60)
    region.on(27, hour=9)
    with pytest.raises(Invalid, match=r"FOLFOX.*Intrapéritonéale"):
        region.declare("window_ended")

    region.declare("window_ended", about=waiting(region, "window_ended", "Intrapéritonéale"))
    assert said(region, "decide_restart", "paused_names").endswith("Intrapéritonéale")
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())

    assert next_cycles(region) == ["2026-04-09", "2026-04-19"]  # ten days later, the second only
    region.declare("window_ended")  # one is left: nothing to choose
    assert said(region, "decide_restart", "paused_names").endswith("FOLFOX")


def test_the_refusal_taken_back_is_the_one_that_is_chosen(region: Region) -> None:
    first, second = region.lines("systemic")
    refuse(region, refused_lines=[first])
    refuse(region, refused_lines=[second])

    region.declare("refusal_retracted", about=waiting(region, "refusal_retracted", "Intrapérit"))

    assert said(region, "review_refusal", "refused_names") == "Chimiothérapie, Intrapéritonéale"
    region.do("review_refusal", refusal_maintained="no", retraction_outcome="resume")
    status = {row.get("precision"): row["status"] for row in region.treatments()}
    assert (status["FOLFOX"], status["Intrapéritonéale"]) == ("stopped", "planned")


def test_a_pause_that_has_ended_meanwhile_ends_no_other(region: Region) -> None:
    first, second = region.lines("systemic")
    pause(region, first, days=40)
    seen = waiting(region, "window_ended", "FOLFOX")
    region.declare("window_ended")
    region.do("decide_restart", window_decision="resume", window_end_date=region.day())
    pause(region, second, days=40)

    with pytest.raises(Conflict, match="rechargez"):
        region.declare("window_ended", about=seen)


def waiting(region: Region, event: str, name: str) -> int:
    """The pause or the refusal of that treatment, as the page offers it."""
    with transaction(region.database) as db:
        offered = events.awaiting(db, case_id=region.case_id, event=events.EVENTS[event])
    return next(one for one, words in offered if name in words)


def said(region: Region, element: str, name: str) -> str:
    with transaction(region.database) as db:
        return str(queries.instance_data(db, region.task(element).instance_id)[name])


def test_what_is_paused_is_not_paused_again(region: Region) -> None:
    first, _second = region.lines("systemic")
    pause(region, first, days=20)

    with pytest.raises(Invalid, match="déjà en pause"):
        pause(region, first, days=30)


def test_a_line_refused_during_its_pause_ends_the_pause(region: Region) -> None:
    first, _second = region.lines("systemic")
    pause(region, first, days=20)
    refuse(region, refused_lines=[first])

    assert "therapeutic_window" not in region.running()
