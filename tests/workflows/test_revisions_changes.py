"""Delays and steps are changed without drawing; what differs is told in the words of the ward."""

import pytest

from engine.decisions import load_decisions
from engine.errors import Invalid, NotFound
from workflows.revisions import delays, differences, operations, release, steps
from workflows.revisions.delays import Delay

SHIPPED = release.gather()
FILES = {(a.kind, a.name): a.content for a in SHIPPED}
TABLE = FILES["table", "deadlines"]
FRAILTY = FILES["diagram", "frailty"]
TITLES = differences.titles_of(SHIPPED)


def posted(**changed: str) -> dict[str, str]:
    return {
        "anchor": "opened", "amount": "5", "unit": "working_days", "reminder": "2",
        "reminder_unit": "days", "escalation": "idec", "label": "",
    } | changed  # fmt: skip


def errors(kind: str, name: str, content: bytes) -> list[str]:
    files = [
        type(a)(kind, name, content) if (a.kind, a.name) == (kind, name) else a for a in SHIPPED
    ]
    return [str(one) for one in operations.check(files) if one.severity == "error"]


def test_every_row_that_ships_can_be_asked_in_a_form() -> None:
    rows = delays.rows(TABLE)

    assert len(rows) == len(load_decisions(TABLE)["deadlines"].rules)
    assert all(row.is_plain for row in rows)
    assert {row.step for row in rows} >= set(TITLES)


def test_a_row_written_is_the_row_read_and_the_engine_decides_by_it() -> None:
    row = delays.row_of(TABLE, "g8_score")
    assert row is not None

    written = delays.write(TABLE, row.id, delays.read(posted()))

    again = delays.row_of(written, "g8_score")
    assert again is not None
    assert again.delay.say() == "5 jours ouvrés après l’ouverture"
    assert again.delay.label == row.delay.label  # the rule of the trade is not lost
    values = load_decisions(written)["deadlines"].evaluate({"deadline": "g8_score"}).values
    assert values["amount"] == 5
    assert values["reminder"] == "-2 days"
    assert [one for one in delays.rows(written) if one.id != row.id] == [
        one for one in delays.rows(TABLE) if one.id != row.id
    ]
    assert errors("table", "deadlines", written) == []


def test_a_new_row_comes_before_the_one_for_all_the_others() -> None:
    written = delays.add(TABLE, "new_step", Delay(amount=3, unit="days", label="essai"))

    assert [row.step for row in delays.rows(written)][-2:] == ["new_step", ""]
    outcome = load_decisions(written)["deadlines"].evaluate({"deadline": "new_step"})
    assert (outcome.values["amount"], outcome.row_label) == (3, "essai")
    assert errors("table", "deadlines", written) == []


def decided(table: bytes, step: str, establishment: str | None) -> object:
    facts = {"deadline": step, "establishment": establishment}
    return load_decisions(table)["deadlines"].evaluate(facts).values["amount"]


def test_the_row_of_an_establishment_wins_there_and_nowhere_else() -> None:
    usual = decided(TABLE, "g8_score", None)

    own = delays.add(TABLE, "g8_score", Delay(amount=21, label="site seul en charge"), "299900011")

    assert decided(own, "g8_score", "299900011") == 21
    assert decided(own, "g8_score", "299900029") == decided(own, "g8_score", None) == usual
    assert [row for row in delays.rows(own) if not row.establishment] == delays.rows(TABLE)
    found = delays.row_of(own, "g8_score", "299900011")
    assert found is not None
    assert found.is_plain
    assert errors("table", "deadlines", own) == []


def test_an_establishment_may_go_back_to_the_delay_of_everybody() -> None:
    own = delays.add(TABLE, "g8_score", Delay(amount=21), "299900011")
    two = delays.add(own, "g8_score", Delay(amount=3), "299900029")
    row = delays.row_of(two, "g8_score", "299900011")
    assert row is not None

    left = delays.remove(two, row.id)

    assert decided(left, "g8_score", "299900011") == decided(TABLE, "g8_score", None)
    assert decided(left, "g8_score", "299900029") == 3
    shared = delays.row_of(left, "g8_score")
    assert shared is not None
    with pytest.raises(NotFound):
        delays.remove(left, shared.id)  # the row of everybody is never taken out here


def test_a_row_that_would_never_answer_is_refused() -> None:
    own = delays.add(TABLE, "g8_score", Delay(amount=21), "299900011")
    row = delays.row_of(own, "g8_score", "299900011")
    assert row is not None
    lost = own.replace(b'"299900011"', b"-")

    (said,) = [one for one in errors("table", "deadlines", lost) if "répond toujours" in one]

    assert "Supprimez" in said or "supprimez-la" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "bientôt"}, "Le délai est un nombre"),
        ({"unit": "lunes"}, "l’unité"),
        ({"anchor": "noël"}, "d’où compter"),
        ({"reminder": "x"}, "Le rappel est un nombre"),
        ({"reminder": "120", "reminder_unit": "%"}, "entre 1 et 99"),
        ({"escalation": "druide"}, "qui prévenir"),
    ],
)
def test_a_delay_that_cannot_be_is_refused_in_words(typed: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        delays.read(posted(**typed))

    assert said in refused.value.message


def test_a_table_that_does_not_read_has_no_rows() -> None:
    assert delays.rows(b"<html/>") == []
    assert delays.rows(b"Bonjour") == []


def test_steps_come_in_the_order_a_patient_meets_them() -> None:
    names = [
        step.id for step in steps.sheet("announcement", FILES["diagram", "announcement"]).tasks
    ]

    assert names == [
        "check_identity", "inform_patient", "attach_pathology_report", "announce_diagnosis",
        "designate_team",
    ]  # fmt: skip


def test_a_step_is_changed_without_drawing() -> None:
    changed = steps.change(
        FRAILTY, "g8_score", name="Faire le G8", form="nursing_time", deadline="nursing_time"
    )

    step = steps.sheet("frailty", changed).step("g8_score")
    assert step is not None
    assert (step.name, step.form, step.deadline) == ("Faire le G8", "nursing_time", "nursing_time")
    assert b"A11" in changed
    emptied = steps.change(FRAILTY, "g8_score", name="Faire le G8", form="", deadline="g8_score")
    assert any("formulaire" in one for one in errors("diagram", "frailty", emptied))


def test_a_step_that_is_gone_or_nameless_is_refused() -> None:
    with pytest.raises(NotFound):
        steps.change(FRAILTY, "nobody", name="x", form="", deadline="")
    with pytest.raises(Invalid, match="nom"):
        steps.change(FRAILTY, "g8_score", name=" ", form="", deadline="")
    with pytest.raises(Invalid, match="ne se lit pas"):
        steps.change(b"Bonjour", "g8_score", name="x", form="", deadline="")


def test_what_differs_is_told_in_the_words_of_the_ward() -> None:
    row = delays.row_of(TABLE, "g8_score")
    assert row is not None
    table = delays.write(TABLE, row.id, delays.read(posted(reminder_unit="", escalation="")))
    diagram = steps.change(
        FRAILTY, "g8_score", name="Faire le G8", form="g8_score", deadline="g8_score"
    )

    (delay,) = differences.differences("table", "deadlines", TABLE, table, TITLES)
    (step,) = differences.differences("diagram", "frailty", FRAILTY, diagram, TITLES)

    assert (delay.what, delay.subject) == ("changed", "Calculer le score G8")
    assert delay.sentence.endswith("→ 5 jours ouvrés après l’ouverture, sans rappel")
    assert step.sentence == (
        "nom\u202f: «\u202fCalculer le score G8\u202f» → «\u202fFaire le G8\u202f»"
    )
