"""What the shipped tables answer, held against the rules of the domain (§3.1 and §5)."""

from collections.abc import Mapping
from typing import Any

import pytest

import forms
from engine.decisions import load_decisions
from workflows.revisions import release

ROOT = release.ROOT / "bpmn/rules"
ORIENTATION = load_decisions((ROOT / "rcp_orientation.dmn").read_bytes())["rcp_orientation"]
SURVEILLANCE = load_decisions((ROOT / "surveillance.dmn").read_bytes())
LIBRARY = forms.load(
    [one for one in release.gather() if one.kind in ("dictionary", "form", "value_set")]
)
# Site of domain §5 → a topography of it; thyroid and lung have a second line by morphology.
SITES = {
    "Sein": "C50.4", "Côlon": "C18.7", "Rectum": "C20", "Poumon": "C34.1", "Prostate": "C61",
    "VADS": "C32", "Lymphome": "C83.3", "Hodgkin": "C81", "Mélanome": "C43.5", "Ovaire": "C56",
    "Vessie": "C67", "Rein": "C64", "Thyroïde": "C73", "Œsophage": "C15", "Estomac": "C16",
    "Pancréas": "C25", "Col": "C53", "Endomètre": "C54.1", "Myélome": "C90.0",
}  # fmt: skip


def lines(**facts: Any) -> list[dict[str, Any]]:
    columns = SURVEILLANCE["surveillance"].evaluate(facts).values
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def due(exam: str, **facts: Any) -> list[tuple[int, int | None, int | None]]:
    return [
        (one["first_months"], one["every_months"], one["until_months"])
        for one in lines(**facts)
        if one["exam"] == exam
    ]


@pytest.mark.parametrize("site", SITES)
def test_every_site_of_the_domain_has_a_calendar(site: str) -> None:
    found = lines(topography=SITES[site])

    assert found
    for line in found:
        assert line["kind"] in {one.code for one in LIBRARY.value_sets["follow_up_kind"].values}
        assert line["actor"] in {
            one.code for one in LIBRARY.value_sets["surveillance_actor"].values
        }
        assert line["version"]
        assert 0 < line["first_months"] <= (line["until_months"] or 999)
        assert (line["until_months"] is None) or line["every_months"]


def test_every_topography_of_the_table_is_one_that_can_be_chosen() -> None:
    known = {one.code for one in LIBRARY.value_sets["topography"].values}

    assert SURVEILLANCE["surveillance_site"].literals("topography") - {None} <= known
    assert ORIENTATION.literals("topography") - {None} <= known


def test_every_morphology_of_the_tables_is_one_that_can_be_chosen() -> None:
    known = {one.code for one in LIBRARY.value_sets["morphology"].values}

    assert SURVEILLANCE["surveillance_site"].literals("morphology") <= known
    assert ORIENTATION.literals("morphology") <= known


def test_breast_is_seen_every_six_months_for_five_years_then_every_year_for_life() -> None:
    assert due("Consultation de suivi", topography="C50.4") == [(6, 6, 60), (72, 12, None)]
    assert due("Mammographie, avec échographie si besoin", topography="C50.4") == [(12, 12, None)]


def test_without_a_topography_the_organ_of_the_case_gives_the_calendar() -> None:
    assert lines(organ="breast") == lines(topography="C50.4")
    assert lines(organ="digestive") == []  # nobody can tell the site: free entry (F03)


def test_a_colonoscopy_comes_at_one_year_three_years_then_every_five() -> None:
    assert due("Coloscopie", topography="C18.7") == [
        (6, None, None), (12, None, None), (36, None, None), (96, 60, None),
    ]  # fmt: skip


def test_a_stage_that_is_known_takes_away_the_lines_of_others() -> None:
    assert due("ACE", topography="C18.7", stage="III") == [(3, 3, 36)]
    assert due("ACE", topography="C18.7") == [(3, 3, 36)]
    assert due("ACE", topography="C18.7", stage="I") == []


def test_psa_is_counted_from_what_was_done() -> None:
    operated = due("PSA", topography="C61", had_surgery=True, had_radiotherapy=False)
    irradiated = due("PSA", topography="C61", had_surgery=False, had_radiotherapy=True)

    assert operated == [(3, None, None), (6, 6, 36), (48, 12, 180)]
    assert irradiated == [(6, 6, 36), (48, 12, None)]
    watched = lines(topography="C61", had_surgery=False, had_radiotherapy=False, under_watch=True)
    assert {one["exam"] for one in watched} == {"PSA et toucher rectal", "Biopsies de la prostate"}


def test_a_heart_is_checked_at_the_end_of_anthracyclines_then_every_five_years() -> None:
    assert due("Bilan cardiaque", topography="C81") == [(1, None, None), (60, 60, None)]


def test_small_cell_lung_medullary_thyroid_and_cystectomy_have_their_own() -> None:
    assert lines(topography="C34.1", morphology="8041/3") != lines(topography="C34.1")
    assert "calcitonine" in lines(topography="C73", morphology="8510/3")[0]["exam"]
    assert {one["exam"] for one in lines(topography="C67", had_surgery=True)} == {
        "Consultation, fonction rénale et scanner"
    }


def asked(**facts: Any) -> Mapping[str, str]:
    values = ORIENTATION.evaluate(facts).values
    return dict(zip(values["rcp_type"], values["obligation"], strict=True))


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"patient_age": 15}, {"paediatric": "mandatory", "double_expertise": "mandatory"}),
        ({"patient_age": 14}, {"paediatric": "mandatory"}),
        ({"patient_age": 17}, {"paediatric": "mandatory", "double_expertise": "mandatory"}),
        ({"patient_age": 18}, {"double_expertise": "mandatory"}),
        ({"patient_age": 24}, {"double_expertise": "mandatory"}),
        ({"patient_age": 25}, {}),
        ({"patient_age": 74}, {}),
        ({"patient_age": 75}, {"geriatric": "advised"}),
        ({"complex_surgery": "yes", "topography": "C15"}, {"expert": "mandatory"}),
        ({"complex_surgery": "no", "topography": "C15"}, {"expert": "advised"}),
        ({"topography": "C25.0"}, {"expert": "advised"}),
        ({"topography": "C18.7"}, {}),
        ({"organ": "sarcoma", "topography": "C49"}, {"rare": "mandatory"}),
        ({"organ": "lung", "topography": "C45.0"}, {"rare": "mandatory"}),
        ({"organ": "skin", "topography": "C44", "morphology": "8247/3"}, {"rare": "mandatory"}),
        ({"organ": "blood", "topography": "C83.3"}, {"second_reading": "advised"}),
        ({"rcp_reason": "stop_treatment"}, {"discussed": "mandatory"}),
        ({"rcp_reason": "after_emergency"}, {"discussed": "mandatory"}),
    ],
)
def test_the_rcp_the_law_asks_for(facts: dict[str, Any], wanted: dict[str, str]) -> None:
    assert asked(**facts) == wanted


TNM = load_decisions((ROOT / "tnm_suggestions.dmn").read_bytes())["tnm_suggestions"]
LISTS = {
    "usual_staging_system": "staging_system",
    "usual_classification_name": "classification",
    "usual_tnm_t": "tnm_t",
    "usual_tnm_n": "tnm_n",
    "usual_tnm_m": "tnm_m",
    "usual_stage": "stage",
}


def usual(**facts: Any) -> dict[str, list[str]]:
    return {name: text.split() for name, text in TNM.evaluate(facts).values.items()}


def test_every_usual_stage_is_one_that_can_be_chosen() -> None:
    topographies = {one.code for one in LIBRARY.value_sets["topography"].values}

    assert TNM.literals("topography") <= topographies
    for topography in TNM.literals("topography"):
        for edition in ("8", "9"):
            for name, codes in usual(topography=topography, tnm_edition=edition).items():
                known = [one.code for one in LIBRARY.value_sets[LISTS[name]].values]
                assert set(codes) <= set(known), (topography, name)


def test_a_blood_disease_is_led_to_its_own_classification_and_no_tnm() -> None:
    for topography in ("C81", "C83.3", "C90.0", "C91.1", "C92.0", "D46"):
        found = usual(topography=topography)
        assert found["usual_staging_system"] == ["other"]
        assert found["usual_tnm_t"] == []


def test_the_edition_changes_what_is_usual() -> None:
    assert "N2a" in usual(topography="C34.1", tnm_edition="9")["usual_tnm_n"]
    assert "N2a" not in usual(topography="C34.1", tnm_edition="8")["usual_tnm_n"]
    assert "T1b3" in usual(topography="C53", tnm_edition="9")["usual_tnm_t"]


def test_an_unknown_site_offers_the_whole_list_in_its_order() -> None:
    assert set(map(len, usual(topography="C80.0").values())) == {0}


G8 = load_decisions((ROOT / "oncogeriatrics.dmn").read_bytes())["oncogeriatrics"]
PRIORITY = load_decisions((ROOT / "priority.dmn").read_bytes())["priority"]


@pytest.mark.parametrize(
    ("score", "needed"), [(14, True), (14.5, False), (0, True), (17, False), (None, False)]
)
def test_a_score_of_fourteen_or_less_asks_for_a_geriatric_opinion(
    score: float | None, needed: bool
) -> None:
    assert G8.answer({"g8_total": score}).values == {"geriatric_needed": needed}


@pytest.mark.parametrize(
    ("facts", "priority"),
    [
        ({"deadline": "nursing_time"}, "normal"),
        ({"deadline": "nursing_time", "is_urgent": True}, "high"),
        ({"deadline": "choose_rcp", "rcp_reason": "progression"}, "high"),
        ({"deadline": "choose_rcp", "rcp_reason": "initial"}, "normal"),
        ({"deadline": "adapt_treatment", "toxicity_grade": 3}, "high"),
        ({"deadline": "adapt_treatment", "toxicity_grade": 2}, "normal"),
        ({"deadline": "explore_suspicion"}, "high"),
    ],
)
def test_what_cannot_wait_comes_first(facts: dict[str, Any], priority: str) -> None:
    assert PRIORITY.answer(facts).values == {"priority": priority}


def test_the_steps_of_the_table_of_priorities_exist() -> None:
    rows = load_decisions((ROOT / "deadlines.dmn").read_bytes())["deadlines"]

    assert PRIORITY.literals("deadline") <= rows.literals("deadline")
