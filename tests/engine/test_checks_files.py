"""What a file must be before anything in it is looked at."""

import pytest

from engine.artifacts import Artifact
from engine.checks import files
from tests.engine.sketches import changed, errors, findings, sketch, table

CLEAN = sketch(
    "start -> merge -> ask -> split -> one -> join -> gate",
    "split -> work -> join",
    "gate -> merge if again == True",
    "gate -> end default",
    work={"type": "service", "properties": {"handler": "work"}},
)


def test_a_clean_diagram_has_no_remark():
    assert findings(CLEAN) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not xml", "Le fichier n’est pas lisible : le XML est mal formé"),
        (b"<html/>", "n’est pas un diagramme BPMN 2.0"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        (b"<a>" * 400 + b"</a>" * 400, "mal formé"),
        (b"", "mal formé"),
    ],
)
def test_a_file_that_is_not_a_diagram_is_refused_by_name(content, said):
    (message,) = errors(Artifact("diagram", "odd", content))

    assert message.startswith("odd : ")
    assert said in message


def test_a_table_that_is_not_dmn_is_refused_by_name():
    said = errors(CLEAN, Artifact("table", "odd", b"<html/>"))

    assert said == ["odd : Ce fichier n’est pas une table DMN. Corrigez la table."]


def test_other_files_are_none_of_our_business():
    assert findings(CLEAN, Artifact("form", "ask", b"anything")) == []


def test_a_diagram_that_is_too_big_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MOST_NODES", 8)

    assert "compte 9 éléments, 8 au plus sont permis" in " ".join(errors(CLEAN))


def test_an_identifier_used_twice_is_refused():
    twice = changed(CLEAN, 'id="gate__end"', 'id="gate__merge"')

    assert any("« gate__merge » est utilisé 2 fois" in said for said in errors(twice))


def test_an_element_without_an_identifier_is_refused():
    nameless = changed(CLEAN, '<bpmn:serviceTask id="work"', "<bpmn:serviceTask")

    assert any("« serviceTask » n’a pas d’identifiant" in said for said in errors(nameless))


def test_two_files_cannot_hold_the_same_process():
    copy = Artifact("diagram", "copy", CLEAN.content)

    assert any(
        "copy, demo : Le processus « demo » existe déjà" in said for said in errors(CLEAN, copy)
    )


def test_a_process_has_the_name_of_its_file():
    moved = Artifact("diagram", "moved", CLEAN.content)

    assert any("s’appelle « demo » et le fichier « moved »" in said for said in errors(moved))


def test_a_second_process_in_a_file_is_refused():
    two = changed(CLEAN, "<bpmndi:BPMNDiagram", '<bpmn:process id="other"/><bpmndi:BPMNDiagram')

    assert any("plusieurs processus (« demo », « other »)" in said for said in errors(two))


def test_names_longer_than_the_database_keeps_are_refused():
    said = errors(sketch("start -> ask -> end", ask={"name": "Long " * 40}))

    assert any("dépasse 160 caractères" in one for one in said)


def test_a_flow_to_nowhere_is_refused():
    torn = changed(CLEAN, 'targetRef="ask"', 'targetRef="gone"')

    assert any("mène à un élément qui n’existe pas (« gone »)" in said for said in errors(torn))


def test_what_is_not_drawn_is_refused():
    hidden = changed(CLEAN, 'bpmnElement="ask"', 'bpmnElement="elsewhere"')
    lineless = changed(CLEAN, 'bpmnElement="merge__ask"', 'bpmnElement="elsewhere"')

    assert any(
        said.startswith("demo, ask : « Ask » n’est pas dessiné.") for said in errors(hidden)
    )
    assert any(
        "du flux de « Merge » vers « Ask » n’est pas dessinée" in s for s in errors(lineless)
    )


def test_the_same_decision_in_two_files_is_refused():
    one = table(("-", "1"), name="rule", reads="answer", gives=("out",))
    two = Artifact("table", "again", one.content)

    assert any(
        "« rule » existe déjà dans le fichier « rule »" in said for said in errors(one, two)
    )
