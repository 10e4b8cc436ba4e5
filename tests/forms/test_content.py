"""What the shipped forms ask: whole, short, in French, and never with an answer chosen beforehand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflows.deadlines.wording import MILESTONES
from workflows.rcp.specialties import SPECIALTIES
from workflows.rcp.states import NON_DISCUSSION_REASONS
from workflows.roles import ROLES

FORMS = Path(__file__).parents[2] / "forms"


class _Strict(yaml.SafeLoader):
    """YAML keeps the last of two equal keys without a word; here that is a mistake."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]  # type: ignore[no-untyped-call]
    twice = {key for key in keys if keys.count(key) > 1}
    assert not twice, f"said twice: {twice}"
    return {
        key: loader.construct_object(value, deep=True)  # type: ignore[no-untyped-call]
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


_Strict.add_constructor("tag:yaml.org,2002:map", _mapping)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=_Strict)  # noqa: S506 (a safe loader)


DICTIONARY: dict[str, dict[str, Any]] = _read(FORMS / "dictionary.yaml")
DEFINITIONS = {path.stem: _read(path) for path in sorted((FORMS / "definitions").glob("*.yaml"))}
VALUE_SETS = {path.stem: _read(path) for path in sorted((FORMS / "value_sets").glob("*.yaml"))}

# Nobody types these: a handler, a guard or the engine writes them.
WRITTEN_BY_CODE = {
    "absences",
    "awaited_piece",
    "awaited_second_reading",
    "control_recalls",
    "corrected_rcp",
    "dmp_opposition",
    "cycle_number",
    "geriatric_needed",
    "had_radiotherapy",
    "had_surgery",
    "handover_refusal_date",
    "emergency_rcp_awaited",
    "emergency_rcp_latest_date",
    "emergency_rcp_needed",
    "announcement_skipped",
    "information_skipped",
    "line_stopped",
    "missing_items",
    "organ",
    "patient_age",
    "ppac_in_force",
    "paused_lines",
    "plan_goes_on",
    "planned_cycles",
    "prerequisites_skipped",
    "alert_received_at",
    "call_log",
    "toxicity_history",
    "unreachable_calls",
    "quorum_status",
    "radiotherapy_planned_date",
    "reassessed_line",
    "reissued_is_sheet",
    "reissued_record",
    "replaced_reassessments",
    "reissued_was_given",
    "rcp_already_given",
    "relapse",
    "first_follow_up_days",
    "first_interview_days",
    "follow_up_interval_days",
    "interview_interval_days",
    "interview_number",
    "interviews_planned",
    "next_check_date",
    "next_check_exam",
    "stop_decided",
    "treatment_kind",
    "treatment_precision",
    "under_watch",
}

# Every question that cannot be left: a date that starts a delay, a way out of a gateway, what
# the law asks (domain §13). A longer list slows every user down: argue before adding.
WRITTEN_BY_A_SERVICE = {
    "awaited_second_reading",  # A06
    "prerequisites_skipped",  # T01
    "emergency_rcp_latest_date",  # X10
}
REQUIRED = {
    "adapt_treatment": {"adaptation", "next_cycle_date"},
    "accept_registration": {"registration_accepted", "registration_refusal_reason"},
    "choose_rcp": {"rcp_id", "rcp_session_id"},
    "complete_rcp_sheet": set(),
    "complete_pps_support": set(),
    "complete_pps_treatment": {"treatments_stopped_date"},
    "hand_over_pps": {"pps_handover_date", "handed_over_by"},
    "hand_over_ppac": {"ppac_handover_date", "handed_over_by"},
    "inform_patient": {"information_date", "sharing_opposition"},
    "inform_after_death": {"death_gp_informed", "death_sites_informed"},  # X05
    "record_death": {"death_date", "death_place"},  # X05: date, lieu
    "record_progression": {"progression_date", "progression_kind"},  # X01: date, type
    "record_rcp_decision": {"rcp_proposal", "proposals"},
    "register_for_rcp": {"case_status", "question", "rcp_session_id"},
    "register_conforming_case": {"guideline_name", "guideline_version", "guideline_date"},
    # P04: the refusal and the information given; X02: when the patient is seen again
    "trace_refusal": {
        "refusal_date",
        "refusal_scope",
        "refusal_information",
        "refusal_outcome",
        "refusal_review_date",
    },
}


def _fields(form: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for section in DEFINITIONS[form]["sections"]:
        for field in section["fields"]:
            yield section, field if isinstance(field, dict) else {"name": field}


def _data() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every datum, and every column of a group."""
    for name, datum in DICTIONARY.items():
        yield name, datum
        for column in datum.get("fields", ()):
            yield f"{name}.{column['name']}", column


def _texts() -> Iterator[tuple[str, str]]:
    """All that a user reads, with where it is said."""
    for name, datum in _data():
        yield name, datum["label"]
        if "hint" in datum:
            yield name, datum["hint"]
    for name, form in DEFINITIONS.items():
        yield name, form["title"]
        yield name, form["submit"]
        yield from ((name, line) for line in form["after"])
        for section, field in _fields(name):
            yield name, section["title"]
            yield from (
                (name, part[key]) for part in (section, field) for key in ("hint",) if key in part
            )
            yield from ((name, field[key]) for key in ("label", "source") if key in field)
    for name, values in VALUE_SETS.items():
        yield name, values["title"]
        for value in values["values"]:
            yield name, value["label"]
            yield from ((name, value[key]) for key in ("hint",) if key in value)


@pytest.mark.parametrize("form", DEFINITIONS)
def test_a_section_can_be_taken_in_at_a_glance(form: str) -> None:
    for section in DEFINITIONS[form]["sections"]:
        assert 1 <= len(section["fields"]) <= 9, section["title"]


@pytest.mark.parametrize("form", DEFINITIONS)
def test_a_question_is_in_the_dictionary_and_asked_once(form: str) -> None:
    names = [field["name"] for _, field in _fields(form)]

    assert not set(names) - DICTIONARY.keys()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("form", DEFINITIONS)
def test_a_condition_reads_an_answer_of_the_same_form_that_exists(form: str) -> None:
    asked = {field["name"] for _, field in _fields(form)}
    for section, field in _fields(form):
        for condition in (section.get("when"), field.get("when")):
            for name, wanted in (condition or {}).items():
                assert name in asked or name in WRITTEN_BY_A_SERVICE
                assert wanted == "not_empty" or set(_listed(wanted)) <= _possible(name), name


@pytest.mark.parametrize("form", DEFINITIONS)
def test_few_questions_are_mandatory(form: str) -> None:
    required = {field["name"] for _, field in _fields(form) if field.get("required")}

    assert required == REQUIRED.get(form, required)
    # A score needs all its items, or says why it has none; a refusal is traced in full (L.1111-4).
    if form not in ("g8_score", "trace_refusal"):
        assert len(required) <= 4


@pytest.mark.parametrize("form", DEFINITIONS)
def test_a_form_says_what_its_button_does_and_what_follows(form: str) -> None:
    spec = DEFINITIONS[form]

    assert spec["submit"][0].isupper()
    assert len(spec["submit"]) <= 32
    assert 1 <= len(spec["after"]) <= 3
    assert set(spec) - {"skip"} == {"title", "submit", "after", "sections"}
    for way in spec.get("skip", ()):  # « sans objet » says what follows, in one sentence
        assert way["label"][0].isupper()
        assert not way["label"].endswith(".")
        assert len(way["label"]) <= 120


def test_a_value_brought_from_elsewhere_says_from_where() -> None:
    for form in DEFINITIONS:
        for _, field in _fields(form):
            assert bool(field.get("carried")) == ("source" in field), (form, field["name"])
            if "source" in field:
                assert re.match(r"(du |de la |de l’|des )", field["source"]), field["source"]


def test_a_table_of_the_case_comes_back_before_it_is_completed() -> None:
    """Rows typed over nothing would replace those of the step before."""
    for form in DEFINITIONS:
        for _, field in _fields(form):
            datum = DICTIONARY[field["name"]]
            if datum["type"] == "group" and datum.get("scope") == "case":
                assert field.get("carried"), (form, field["name"])


def test_a_decision_or_a_measure_is_never_answered_beforehand() -> None:
    anew = {"who_status", "weight_kg", "response", "patient_decision", "rcp_proposal", "go_ahead"}
    for form in DEFINITIONS:
        for _, field in _fields(form):
            assert not (field.get("carried") and field["name"] in anew), form


def test_every_datum_is_asked_or_written_by_the_code() -> None:
    asked = {field["name"] for form in DEFINITIONS for _, field in _fields(form)}

    assert DICTIONARY.keys() - asked == WRITTEN_BY_CODE


def test_every_value_set_exists_and_is_used() -> None:
    used = {datum["value_set"] for _, datum in _data() if "value_set" in datum}

    assert used == set(VALUE_SETS)
    choices = [name for name, datum in _data() if datum["type"] in ("choice", "choices")]
    assert [name for name, datum in _data() if "value_set" in datum] == choices


@pytest.mark.parametrize("name", VALUE_SETS)
def test_the_answers_of_a_set_are_distinct_texts(name: str) -> None:
    values = VALUE_SETS[name]["values"]
    codes, labels = [value["code"] for value in values], [value["label"] for value in values]

    assert all(isinstance(code, str) for code in codes)  # "0" is no number, "no" no boolean
    assert len(set(codes)) == len(codes) >= 2
    assert len(set(labels)) == len(labels)


def test_nothing_is_chosen_beforehand() -> None:
    for _, datum in _data():
        assert not {"default", "initial", "value"} & set(datum)
    for form in DEFINITIONS:
        for _, field in _fields(form):
            assert not {"default", "initial", "value"} & set(field)


def test_not_knowing_is_not_no() -> None:
    for name, values in VALUE_SETS.items():
        labels = {value["code"]: value["label"] for value in values["values"]}
        if "unknown" in labels:
            assert labels["unknown"] in ("Ne sait pas", "Non renseigné"), name
            assert labels.get("no") != labels["unknown"]


def test_a_milestone_is_one_that_deadlines_can_hang_on() -> None:
    dated = {datum["milestone"]: datum for _, datum in _data() if "milestone" in datum}

    assert not set(dated) - MILESTONES.keys()
    assert all(datum["type"] in ("date", "datetime", "partial_date") for datum in dated.values())
    # Facts of a meeting, and the first line of a plan, are no answers.
    assert MILESTONES.keys() - dated == {
        "last_session",
        "rcp_session",
        "rcp_approved",
        "first_treatment",
    }


def test_people_are_looked_for_by_a_role_that_exists() -> None:
    assert {datum["role"] for _, datum in _data() if "role" in datum} <= ROLES.keys()


def test_lists_that_the_code_knows_too_are_the_same() -> None:
    assert _labels("specialty") == SPECIALTIES
    assert _labels("non_discussion_reason") == NON_DISCUSSION_REASONS


def test_possible_values_are_an_interval() -> None:
    for name, datum in _data():
        if "min" in datum and "max" in datum:
            assert datum["min"] < datum["max"], name


# What an English or a technical slip would look like.
ENGLISH = re.compile(
    r"\b(the|and|with|date of|patient’s|treatment|surgery|yes|unknown|stage|review|draft|ok|"
    r"workflow|process|instance|token)\b",
    re.IGNORECASE,
)


def test_every_text_is_french_and_well_set() -> None:
    for where, text in _texts():
        assert text == text.strip() != "", where
        assert "'" not in text, (where, text)  # ’
        assert '"' not in text, (where, text)  # « »
        assert "!" not in text, (where, text)
        assert not re.search(r"(?<![\u202f\u00a0])[;:?»]|«(?!\u202f)", text), (where, text)
        assert not ENGLISH.search(text), (where, text)
        assert "_" not in text, (where, text)


def test_labels_are_short_and_in_sentence_case() -> None:
    for name, datum in _data():
        label = datum["label"]
        assert len(label) <= 48, (name, label)
        assert not label.endswith((".", ":")), (name, label)
        assert label[0].isupper() or label in ("cT", "cN", "cM", "pT", "pN", "pM"), (name, label)


def test_a_label_names_one_datum_wherever_it_is_shown() -> None:
    """In a list of what is missing, in an error summary, there is no section to make it clear."""
    labels = [datum["label"] for datum in DICTIONARY.values()]

    assert {label for label in labels if labels.count(label) > 1} == set()


def test_a_score_is_the_sum_of_its_items() -> None:
    """Domain §9: from 0 to 17."""
    items = [name for name in DICTIONARY if name.startswith("g8_") and _is_item(name)]
    points = [[float(value["code"]) for value in _values(name)] for name in items]

    assert len(items) == 8
    assert sum(map(min, points)) == 0
    assert sum(map(max, points)) == 17


def _is_item(name: str) -> bool:
    return DICTIONARY[name].get("value_set") == name and name != "g8_status"


def _values(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = VALUE_SETS[DICTIONARY[name]["value_set"]]["values"]
    return found


def _labels(value_set: str) -> dict[str, str]:
    return {value["code"]: value["label"] for value in VALUE_SETS[value_set]["values"]}


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _possible(name: str) -> set[Any]:
    if DICTIONARY[name]["type"] == "boolean":
        return {True, False}
    return {value["code"] for value in _values(name)}
