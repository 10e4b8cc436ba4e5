"""Whatever is answered to a shipped form: shown, posted again and read in French, it is the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms import shown
from workflows.revisions.release import gather

TODAY = date(2026, 3, 2)
FILES = [file for file in gather() if file.kind in ("dictionary", "form", "value_set")]
LIBRARY = forms.load(FILES)
DATA = [
    (name, datum)
    for group in LIBRARY.dictionary.values()
    for name, datum in [
        (group.name, group),
        *((f"{group.name}.{c.name}", c) for c in group.fields),
    ]
]
SOMEBODY = ("person", "rcp", "rcp_session", "unit")
PEOPLE = {
    name: [(7, "Dr Yann Kervella"), (8, "Maëlle Le Goff")]
    for name, datum in DATA
    if datum.type in SOMEBODY
} | {
    name: [("7", "Chimiothérapie, FOLFOX"), ("8", "Radiothérapie")]
    for name, datum in DATA
    if datum.type == "lines"
}

_days = st.dates(date(1980, 1, 1), TODAY).map(date.isoformat)
_days_ahead = st.dates(TODAY, date(2029, 1, 1)).map(date.isoformat)
_texts = st.text("aàéœ’ 0123456789-,;.", min_size=1, max_size=40).map(str.strip).filter(bool)


def _value(datum: forms.Datum) -> st.SearchStrategy[Any]:
    """Anything a person may rightly answer."""
    if datum.type in ("choice", "choices"):
        code = st.sampled_from([one.code for one in LIBRARY.values_of(datum) if one.active])
        several = st.lists(code, min_size=1, max_size=4, unique=True)
        return code if datum.type == "choice" else several.map(_in_order(datum))
    if datum.type in ("integer", "decimal"):
        lowest, highest = int(datum.min or 0), int(datum.max if datum.max is not None else 999)
        whole = st.integers(lowest, highest)
        return (
            whole
            if datum.type == "integer"
            else st.integers(lowest * 10, highest * 10).map(_tenth)
        )
    if datum.is_group:
        return st.lists(_row(datum), min_size=1, max_size=3)
    return {
        "text": _texts.filter(lambda text: len(text) <= (datum.max_length or 300)),
        "long_text": _texts,
        "boolean": st.booleans(),
        "date": _days_ahead if datum.ahead else _days,
        "partial_date": _days | _days.map(lambda day: day[:7]),
        "datetime": _days.map(lambda day: f"{day}T14:30"),
        "lines": st.sampled_from([["7"], ["8"], ["7", "8"]]),
        **dict.fromkeys(SOMEBODY, st.sampled_from([7, 8])),
    }[datum.type]


def _row(datum: forms.Datum) -> st.SearchStrategy[dict[str, Any]]:
    columns = {column.name: _value(column) for column in datum.fields}
    required = {column.name for column in datum.fields if column.required}
    needed = required or {datum.fields[0].name}  # an empty row is no row
    return st.fixed_dictionaries(
        {name: columns[name] for name in needed},
        optional={name: columns[name] for name in columns.keys() - needed},
    )


def _answers(form: str) -> st.SearchStrategy[dict[str, Any]]:
    asked = (LIBRARY.dictionary[name] for name in forms.names_of(LIBRARY, form))
    typed = {datum.name: _value(datum) for datum in asked if datum.type != "computed"}
    return st.fixed_dictionaries({}, optional=typed)


def _in_order(datum: forms.Datum) -> Any:
    order = [value.code for value in LIBRARY.values_of(datum)]
    return lambda codes: sorted(codes, key=order.index)


def _tenth(tenths: int) -> float | int:
    return tenths // 10 if tenths % 10 == 0 else tenths / 10


def test_the_shipped_forms_have_no_problem() -> None:
    assert forms.problems(FILES) == []


@pytest.mark.parametrize(("name", "datum"), DATA, ids=[name for name, _ in DATA])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_an_answer_is_shown_in_french(name: str, datum: forms.Datum, data: st.DataObject) -> None:
    if datum.type == "computed":
        return
    value = data.draw(_value(datum))

    text = forms.display(LIBRARY, name, value, names=lambda _, number: dict(PEOPLE[name])[number])

    assert text.strip()
    assert "None" not in text
    for code in _codes(datum, value):
        label = next(v.label for v in LIBRARY.values_of(datum) if v.code == code)
        assert label in text
    if datum.type in ("date", "partial_date"):
        assert "/" in text  # 02/03/2026, or 03/2026: never the order of machines
    if datum.type == "boolean":
        assert text == ("Oui" if value else "Non")


@pytest.mark.parametrize("form", LIBRARY.forms)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_what_was_answered_comes_back_from_the_page_unchanged(
    form: str, data: st.DataObject
) -> None:
    known = data.draw(_answers(form))
    before = forms.bind(LIBRARY, form, values=known, today=TODAY, choices=PEOPLE)

    posted = forms.bind(LIBRARY, form, dict(_posted(before)), today=TODAY, choices=PEOPLE)
    posted.validate()

    assert posted.answers() == before.answers()
    assert {name: errors for name, errors in posted.errors.items() if name in known} == {}


@pytest.mark.parametrize("form", LIBRARY.forms)
def test_an_empty_form_only_misses_what_it_owes(form: str) -> None:
    bound = forms.bind(LIBRARY, form, {}, today=TODAY, choices=PEOPLE)
    bound.validate()

    owed = {
        one.name
        for section, one in LIBRARY.forms[form].fields()
        if one.required and not section.when and not one.when
    }
    assert set(bound.errors) == owed
    assert bound.answers().keys() <= {"fractions_done"}


@pytest.mark.parametrize("form", LIBRARY.forms)
def test_a_fresh_form_has_nothing_chosen(form: str) -> None:
    bound = forms.bind(LIBRARY, form, today=TODAY, choices=PEOPLE)

    for section in shown.sections(bound):
        for field in section:
            assert not any(choice.chosen for choice in field.choices)
            assert field.value in ("", [], None)


def test_a_fact_of_tomorrow_is_refused_with_the_last_day_that_may_be() -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    bound = forms.bind(LIBRARY, "record_death", {"death_date": tomorrow}, today=TODAY)

    assert not bound.validate()
    assert "02/03/2026" in bound.errors["death_date"][0]


@pytest.mark.parametrize(
    ("points", "total"), [((0, 0, 0, 0, 0, 0, 0, 0), 0), ((2, 3, 2, 2, 3, 1, 0.5, 1), 14.5)]
)
def test_the_geriatric_score_is_added_up(points: tuple[float, ...], total: float) -> None:
    items = [name for name in forms.names_of(LIBRARY, "g8_score") if _is_item(name)]
    typed = {name: f"{point:g}" for name, point in zip(items, points, strict=True)}

    bound = forms.bind(LIBRARY, "g8_score", {"g8_status": "done", **typed}, today=TODAY)

    assert bound.validate(), bound.errors
    assert bound.answers()["g8_total"] == total


def test_a_haematology_case_owes_no_tnm() -> None:
    typed = {
        "staging_system": "other",
        "classification_name": "ann_arbor",
        "classification_value": "III",
    }

    bound = forms.bind(LIBRARY, "complete_rcp_sheet", typed, today=TODAY)

    assert bound.validate(), bound.errors
    assert bound.answers() == typed
    titles = {section.title: section.visible for section in shown.sections(bound)}
    assert not titles["Stade"]


def test_the_usual_stages_of_a_site_come_first_and_all_can_be_chosen() -> None:
    bound = forms.bind(
        LIBRARY, "complete_rcp_sheet", {"staging_system": "tnm", "clinical_t": "T4e"},
        today=TODAY, usual={"clinical_t": ("T1", "T2")},
    )  # fmt: skip

    fields = {one.name: one for section in shown.sections(bound) for one in section}
    offered = fields["clinical_t"].choices

    assert [one.value for one in offered if one.usual] == ["T1", "T2"]
    assert [one.value for one in offered[:3]] == ["T1", "T2", "TX"]
    assert bound.validate(), bound.errors
    assert bound.answers()["clinical_t"] == "T4e"
    assert not any(one.usual for one in fields["clinical_n"].choices)


def test_what_is_taken_out_of_a_page_is_taken_out_of_the_case() -> None:
    brought = {
        "allergies": ("Pénicilline", "du dossier", None),
        "exams": ([{"exam": "TEP"}], "", None),
    }
    typed = {"allergy_status": "none_known", "allergies": ""}

    bound = forms.bind(LIBRARY, "complete_rcp_sheet", typed, carried=brought, today=TODAY)

    assert bound.validate(), bound.errors
    assert bound.answers() == {"allergy_status": "none_known", "allergies": None, "exams": []}


def test_what_was_never_there_is_not_said_to_be_taken_out() -> None:
    bound = forms.bind(LIBRARY, "complete_rcp_sheet", {"question": "Chirurgie ?"}, today=TODAY)

    assert bound.answers() == {"question": "Chirurgie ?"}


def test_a_proposal_in_free_text_alone_is_refused() -> None:
    typed = {
        "rcp_proposal": "treatment",
        "proposals-0-_row": "",
        "proposals-0-precision": "Chimiothérapie à discuter",
    }

    bound = forms.bind(LIBRARY, "record_rcp_decision", typed, today=TODAY)

    assert not bound.validate()
    assert "proposals" in bound.errors


def _is_item(name: str) -> bool:
    return name.startswith("g8_") and LIBRARY.dictionary[name].value_set == name != "g8_status"


def _codes(datum: forms.Datum, value: Any) -> list[str]:
    if datum.type not in ("choice", "choices"):
        return []
    return value if isinstance(value, list) else [value]


def _posted(bound: forms.BoundForm) -> Iterator[tuple[str, list[str]]]:
    """What a browser sends back of the page: only what is on it."""
    for section in shown.sections(bound):
        for field in section:
            for row in field.rows:
                yield f"{row.id}-_row", [""]
                for cell in row:
                    yield cell.html_name, _sent(cell)
            if field.visible and section.visible and field.kind not in ("group", "computed"):
                yield field.html_name, _sent(field)


def _sent(field: forms.ShownField) -> list[str]:
    return list(field.value) if isinstance(field.value, list) else [str(field.value)]
