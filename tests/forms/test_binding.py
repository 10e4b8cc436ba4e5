"""A form is bound, checked and answered; what was typed is never lost."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import forms
from workflows.revisions import release

TODAY = date(2026, 3, 2)
SHIPPED = forms.load(release.gather())

DICTIONARY = """
name: {type: text, label: Nom, max_length: 10}
born: {type: date, label: Né le, past: true}
recall: {type: date, label: Rappeler le, ahead: true}
found: {type: partial_date, label: Découvert}
called: {type: datetime, label: Appel}
weight: {type: decimal, label: Poids, unit: kg, min: 1, max: 300}
cycles: {type: integer, label: Cycles}
agrees: {type: boolean, label: D’accord}
why: {type: choice, label: Raison, value_set: reasons}
signs: {type: choices, label: Signes, value_set: reasons}
doctor: {type: person, label: Médecin, role: surgeon}
rows:
  type: group
  label: Lignes
  fields:
    - {name: kind, type: choice, label: Sorte, value_set: reasons, required: true}
    - {name: day, type: date, label: Le}
bmi: {type: computed, label: IMC, computed: bmi}
"""
REASONS = "title: Raisons\nvalues: [{code: a, label: Première}, {code: b, label: Seconde}]"


def library(*fields: str) -> forms.Library:
    asked = "\n".join(f"    - {one}" for one in fields)
    form = f"title: Essai\nsubmit: Valider\nafter: [Rien]\nsections:\n  - title: Une\n    fields:\n{asked}"
    return forms.load(
        [
            SimpleNamespace(kind="dictionary", name="dictionary", content=DICTIONARY.encode()),
            SimpleNamespace(kind="value_set", name="reasons", content=REASONS.encode()),
            SimpleNamespace(kind="form", name="ask", content=form.encode()),
        ]
    )


def posted(*fields: str, **typed: Any) -> forms.BoundForm:
    given = {
        key.replace("__", "-"): value if isinstance(value, list) else [value]
        for key, value in typed.items()
    }
    return forms.bind(
        library(*fields), "ask", formdata=given, today=TODAY, choices={"doctor": [(7, "Dr Riou")]}
    )


@pytest.mark.parametrize(
    ("name", "typed", "answer"),
    [
        ("born", "2/3/1960", "1960-03-02"),
        ("born", "02.03.1960", "1960-03-02"),
        ("born", "1960-03-02", "1960-03-02"),
        ("recall", "2/3/2026", "2026-03-02"),
        ("found", "11/2025", "2025-11"),
        ("found", "2025-11", "2025-11"),
        ("found", "05/11/2025", "2025-11-05"),
        ("called", "27/11/2025 à 14 h 30", "2025-11-27T14:30"),
        ("called", "2025-11-27T14:30", "2025-11-27T14:30"),
        ("weight", "67,5", 67.5),
        ("cycles", " 4 ", 4),
        ("agrees", "false", False),
        ("why", "b", "b"),
        ("doctor", "7", 7),
        ("name", "  Le Goff ", "Le Goff"),
    ],
)
def test_what_is_typed_the_french_way_is_answered_in_plain_json(
    name: str, typed: str, answer: Any
) -> None:
    form = posted(name, **{name: typed})

    assert form.validate(), form.errors
    assert forms.answers(form) == {name: answer}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("born", "31/02/2026", "Cette date ne se lit pas. Saisissez jour, mois, année"),
        ("born", "03/03/2026", "Cette date est dans le futur. Saisissez une date jusqu’au 02/03/2026."),
        ("recall", "01/03/2026", "Cette date est passée. Saisissez une date à partir du 02/03/2026."),
        ("found", "13/2025", "Saisissez mois et année"),
        ("weight", "lourd", "Ce n’est pas un nombre."),
        ("weight", "301", "C’est trop\u202f: 300\u00a0kg au plus."),
        ("cycles", "4,5", "Saisissez un nombre entier"),
        ("why", "z", "Ce choix n’est pas dans la liste."),
        ("doctor", "8", "Ce choix n’est pas dans la liste."),
        ("name", "Kermarrec-Le Bihan", "Ce texte compte 18 caractères\u202f: 10 au plus."),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_said_under_the_field_and_kept(
    name: str, typed: str, said: str
) -> None:
    form = posted(name, **{name: typed})

    assert not form.validate()
    (message,) = form.errors[name]
    assert said in message
    (shown,) = forms.sections(form)[0].fields
    assert shown.error == message
    if not shown.choices:
        assert shown.value == typed


def test_nothing_is_chosen_beforehand_and_no_is_an_answer() -> None:
    form = posted("agrees", "why", "signs", "doctor")

    assert form.validate()
    assert forms.answers(form) == {}
    assert not any(choice.chosen for one in forms.sections(form)[0] for choice in one.choices)


def test_a_required_question_is_owed_only_while_it_is_asked() -> None:
    fields = ("agrees", "{name: why, required: true, when: {agrees: false}}")

    assert posted(*fields, agrees="true").validate()
    assert posted(*fields, agrees="false").errors == {}
    refused = posted(*fields, agrees="false")
    assert not refused.validate()
    assert refused.errors == {"why": ["Choisissez une réponse."]}
    assert "why" not in forms.answers(posted(*fields, agrees="true", why="a"))


def test_a_hidden_mistake_bars_nothing() -> None:
    form = posted("agrees", "{name: born, when: {agrees: true}}", agrees="false", born="jamais")

    assert form.validate()
    assert forms.answers(form) == {"agrees": False}


def test_conditions_look_at_what_is_already_known() -> None:
    asked = library("{name: born, required: true, when: {why: a}}")

    assert not forms.bind(asked, "ask", formdata={}, values={"why": "a"}, today=TODAY).validate()
    assert forms.bind(asked, "ask", formdata={}, values={"why": "b"}, today=TODAY).validate()


def test_rows_are_added_and_taken_out_without_a_script() -> None:
    typed = {"rows__0__kind": "a", "rows__1__kind": "b", "rows__1__day": "01/02/2026"}

    assert len(forms.sections(posted("rows", _add="rows", **typed))[0].fields[0].rows) == 3
    (left,) = forms.sections(posted("rows", _remove="rows-0", **typed))[0].fields[0].rows
    assert [one.value for one in left] == ["b", "01/02/2026"]


def test_a_row_that_was_begun_is_whole_and_an_empty_one_is_nothing() -> None:
    form = posted("rows", rows__0__day="01/02/2026", rows__1__kind="", rows__2__kind="b")

    assert not form.validate()
    assert form.errors == {"rows": [{0: {"kind": ["Choisissez une réponse."]}}]}
    whole = posted("rows", rows__1__kind="", rows__2__kind="b")
    assert whole.validate()
    assert forms.answers(whole) == {"rows": [{"kind": "b"}]}


def test_a_draft_keeps_what_cannot_be_read() -> None:
    form = posted("born", "weight", "rows", born="demain", weight="67,5", rows__0__day="bientôt")

    again = forms.bind(
        library("born", "weight", "rows"), "ask", values=forms.raw(form), today=TODAY
    )

    born, weight, rows = forms.sections(again)[0].fields
    assert (born.value, weight.value, rows.rows[0].fields[1].value) == (
        "demain",
        "67,5",
        "bientôt",
    )


def test_what_is_carried_over_is_said_until_it_is_changed() -> None:
    asked = library("{name: name, carried: true, source: du compte rendu}")
    brought = {"name": ("Riou", "du compte rendu", "2026-02-18")}

    shown = forms.sections(forms.bind(asked, "ask", carried=brought, today=TODAY))[0].fields[0]
    changed = forms.bind(asked, "ask", formdata={"name": ["Morvan"]}, carried=brought, today=TODAY)

    assert (shown.value, shown.carried.source) == ("Riou", "du compte rendu")
    assert forms.sections(changed)[0].fields[0].carried is None


def test_a_computed_value_is_answered_and_never_typed() -> None:
    form = forms.bind(
        SHIPPED, "complete_rcp_sheet", formdata={"weight_kg": ["67"], "height_cm": ["170"], "bmi": ["12"]}, today=TODAY
    )  # fmt: skip

    assert form.validate()
    assert forms.answers(form)["bmi"] == 23.2


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_shown_again_are_the_same_answers(data: st.DataObject) -> None:
    """Whatever the shipped forms ask: bound again, what was answered is answered the same."""
    name = data.draw(st.sampled_from(sorted(SHIPPED.forms)))
    values = {
        datum.name: value
        for datum in (SHIPPED.dictionary[one] for one in forms.names_of(SHIPPED, name))
        if (value := data.draw(_answer(datum))) is not None
    }
    people = {path: [(3, "Dr Riou"), (4, "Anne Riou")] for path in _chosen(name)}

    first = forms.bind(SHIPPED, name, values=values, today=TODAY, choices=people)
    first.validate()
    again = forms.bind(SHIPPED, name, values=forms.answers(first), today=TODAY, choices=people)
    again.validate()

    assert forms.answers(again) == forms.answers(first)
    assert [s.title for s in forms.sections(again)] == [s.title for s in forms.sections(first)]


def _chosen(form: str) -> list[str]:
    found = []
    for name in forms.names_of(SHIPPED, form):
        datum = SHIPPED.dictionary[name]
        found += [name, *(f"{name}.{column.name}" for column in datum.fields)]
    return found


def _answer(datum: forms.Datum) -> st.SearchStrategy[Any]:
    codes = [value.code for value in SHIPPED.values_of(datum)] or ["x"]
    days = st.dates(date(1950, 1, 1), TODAY).map(date.isoformat)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": st.text("aé’ 1", max_size=8).map(str.strip).map(lambda text: text or None),
        "long_text": st.sampled_from(["Une ligne\nune autre", None]),
        "integer": st.integers(int(datum.min or 0), int(datum.max or 90)),
        "decimal": st.integers(int(datum.min or 0), int(datum.max or 90)).map(lambda n: n / 2 + (datum.min or 0) / 2),
        "date": days,
        "partial_date": days.map(lambda day: day[:7]),
        "datetime": days.map(lambda day: f"{day}T14:30"),
        "boolean": st.booleans(),
        "choice": st.sampled_from(codes),
        "choices": st.lists(st.sampled_from(codes), min_size=1, unique=True),
        "computed": st.none(),
    }  # fmt: skip
    if datum.is_group:
        row = {column.name: _answer(column) for column in datum.fields}
        return st.lists(st.fixed_dictionaries(row), max_size=3).map(
            lambda rows: [{k: v for k, v in row.items() if v is not None} for row in rows] or None
        )
    return st.one_of(st.none(), kinds.get(datum.type, st.sampled_from([3, 4])))
