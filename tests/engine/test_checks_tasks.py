"""Tasks name their role, form, deadline, handler, decision or diagram."""

import pytest

from engine.artifacts import Vocabulary
from tests.engine.sketches import (
    VOCABULARY,
    changed,
    errors,
    findings,
    plain,
    sketch,
    table,
)


def test_a_lane_that_is_no_role_is_refused_with_the_nearest():
    (said,) = errors(sketch("start -> ask -> end", lanes=("Chirurgienne",)))

    assert "Le couloir « Chirurgienne » n’est pas un rôle connu" in said
    assert "Vouliez-vous dire « Chirurgien » ?" in said


def test_a_task_outside_every_lane_is_refused():
    outside = changed(
        sketch("start -> ask -> end"), "<bpmn:flowNodeRef>ask</bpmn:flowNodeRef>", ""
    )

    assert any("dans aucun couloir" in said for said in errors(outside))


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        (
            {"form": ""},
            "demo, ask : « Ask » n’a pas de formulaire. Ajoutez la propriété « form ».",
        ),
        ({"form": "aks"}, "le formulaire « aks », qui n’existe pas. Vouliez-vous dire « ask » ?"),
        ({"deadline": ""}, "La tâche « Ask » n’a pas de délai."),
        ({"deadline": "soon"}, "Le délai « soon » de « Ask » n’a pas de ligne dans la table"),
        ({"priority": "low"}, "La priorité « low » de « Ask » n’existe pas"),
    ],
)
def test_a_person_is_asked_with_a_known_form_and_deadline(properties, said):
    (message,) = errors(sketch("start -> ask -> end", ask={"properties": properties}))

    assert said in message


def test_a_nameless_task_is_refused():
    (said,) = errors(sketch("start -> ask -> end", ask={"name": ""}))

    assert "La tâche « ask » n’a pas de nom" in said


def test_a_property_nobody_reads_is_a_warning():
    (found,) = findings(sketch("start -> ask -> end", ask={"properties": {"dealine": "ask"}}))

    assert found.severity == "warning"
    assert "« dealine »" in plain(found.message)


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ({"type": "service"}, "« Do » n’a pas de traitement"),
        ({"type": "service", "properties": {"handler": "wrok"}}, "Vouliez-vous dire « work » ?"),
        ({"type": "rule"}, "« Do » n’a pas de table de décision"),
        ({"type": "rule", "properties": {"decision": "x"}}, "la table de décision « x »"),
        ({"type": "script"}, "Le script de « Do » est vide"),
        ({"type": "script", "script": "import os"}, "ne se lit pas : une ligne s’écrit"),
        ({"type": "script", "script": "answer = open('a')"}, "« open » n’existe pas"),
        ({"type": "call"}, "« Do » n’appelle aucun diagramme"),
        ({"type": "call", "calls": "gone"}, "« Do » appelle « gone », qui n’existe pas"),
        ({"type": "send"}, "« Do » n’a pas de message"),
        ({"type": "receive"}, "« Do » n’a pas de message"),
        ({"type": "task"}, "Choisissez une tâche utilisateur"),
        ({"type": "manual"}, "Choisissez une tâche utilisateur"),
    ],
)
def test_a_task_that_cannot_be_done_is_refused(element, said):
    messages = errors(sketch("start -> do -> end", do=element))

    assert len(messages) == 1
    assert said in messages[0]


def test_what_a_call_gives_and_takes_has_known_names():
    child = sketch("start -> ask -> end", name="child")
    call = {"type": "call", "calls": "child"}
    properties = {"returns": "answer, anwser", "with": "amount = amout + 1"}
    said = errors(child, sketch("start -> do -> end", do={**call, "properties": properties}))

    assert len(said) == 2
    assert "« with » sur « Do » lit « amout »" in said[0]
    assert "« returns » de « Do » cite « anwser »" in said[1]


def test_a_called_diagram_can_be_entered_without_a_message():
    child = sketch("start -> ask -> end", name="child", start={"message": "go"})

    (said,) = errors(child, sketch("start -> do -> end", do={"type": "call", "calls": "child"}))

    assert "appelle « child », qui ne démarre que par un message" in said


def test_calls_that_go_round_in_circles_are_refused():
    one = sketch("start -> do -> end", name="one", do={"type": "call", "calls": "two"})
    two = sketch("start -> do -> end", name="two", do={"type": "call", "calls": "one"})

    assert errors(one, two)[0].startswith(
        "one, do : « Do » appelle sans fin : « one » → « two » → « one »."
    )


def test_a_diagram_that_calls_itself_is_refused():
    said = errors(sketch("start -> do -> end", do={"type": "call", "calls": "demo"}))

    assert any("appelle sans fin : « demo » → « demo »" in one for one in said)


def test_nothing_is_known_when_the_vocabulary_is_empty():
    said = errors(sketch("start -> ask -> end"), vocabulary=Vocabulary())

    assert len(said) == 2  # its lane, its form


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (('"ask"', '"opened"', '"two"', '"days"', "", ""), "le délai « two » n’est pas un nombre"),
        (
            ('"ask"', '"opened"', "2", '"fortnights"', "", ""),
            "l’unité « fortnights » n’existe pas",
        ),
        (('"ask"', '"opened"', "2", "", "", ""), "l’unité « » n’existe pas"),
        (('"ask"', "", "2", '"days"', "", ""), "il manque l’ancre"),
        (('"ask"', '"someday"', "2", '"days"', "", ""), "l’ancre « someday » n’existe pas"),
        (('"ask"', '"surgery"', "2", '"days"', '"soon"', ""), "le rappel « soon » ne se lit pas"),
        (('"ask"', '"opened"', "2", '"days"', "", '"boss"'), "le rôle « boss » n’existe pas"),
    ],
)
def test_a_row_of_deadlines_can_be_computed(row, said):
    deadlines = table(row, ("-", '"surgery"', "-7", '"days"', '"-2 days"', '"surgeon"'))

    (message,) = errors(sketch("start -> ask -> end"), deadlines)

    assert message.startswith("deadlines, row_1 : Table des délais, ligne 1")
    assert said in message.replace("«  »", "« »")


def test_deadlines_end_with_a_row_for_everything_else():
    row = ('"ask"', '"opened"', "2", '"days"', "", "")
    everything = ("-", *row[1:])
    diagram = sketch("start -> ask -> end")

    assert "ne finit pas par une ligne pour tous" in errors(diagram, table(row))[0]
    assert "les suivantes jamais" in errors(diagram, table(everything, row, everything))[0]
    assert "la règle UNIQUE" in errors(diagram, table(row, everything, policy="UNIQUE"))[0]


def test_deadlines_have_all_their_columns():
    short = table(('"ask"', "2"), ("-", "3"), gives=("amount",))

    assert "Il manque à la table des délais : « anchor », « unit »" in errors(short)[0]


def test_people_cannot_be_asked_without_a_table_of_deadlines():
    other = table(("-", "1"), name="other", reads="answer", gives=("out",))
    from engine.checks import check

    (found,) = check([sketch("start -> ask -> end"), other], VOCABULARY)

    assert "La table des délais" in plain(found.message)


def test_a_table_reads_known_names_and_always_answers():
    unknown = table(("-", "1"), name="rule", reads="anwser", gives=("out",))
    silent = table(('"a"', "1"), name="rule", reads="answer", gives=("out",))

    assert (
        "lit « anwser », que rien ne renseigne. Vouliez-vous dire « answer »" in errors(unknown)[0]
    )
    (found,) = findings(silent)
    assert found.severity == "warning"
    assert "pas de ligne pour tous les autres cas" in found.message
