"""The picture of a diagram: whole, safe to put in a page, the same every time."""

import pytest
from lxml import etree

from engine.drawing import draw
from engine.xml import XmlError
from tests.engine.sketches import changed, sketch

DIAGRAM = sketch(
    "start -> merge -> ask -> split -> work -> join -> gate",
    "split -> count -> join",
    "gate -> merge if again == True",
    "gate -> end default",
    "late -> end",
    name="demo",
    lanes=("IDEC", "Système"),
    ask={"name": "Demander l’accord <du patient> & « signer »"},
    work={"type": "call", "calls": "child", "lane": "Système"},
    count={"type": "script", "script": "amount = 1", "lane": "Système"},
    late={"type": "boundary", "host": "ask", "timer": "P7D", "name": "Trop tard"},
)


def elements(svg):
    root = etree.fromstring(svg.encode())
    return {e.get("data-element"): e for e in root.iter() if e.get("data-element")}


def words(svg):
    return " ".join(
        text for t in etree.fromstring(svg.encode()).iter("{*}text") for text in [t.text]
    )


def test_every_element_and_flow_is_drawn():
    assert set(elements(draw(DIAGRAM.content))) >= {
        "start", "merge", "ask", "split", "work", "count", "join", "gate", "end", "late",
        "start__merge", "gate__merge", "gate__end", "late__end",
    }  # fmt: skip


def test_names_of_lanes_tasks_and_events_are_written():
    svg = draw(DIAGRAM.content)

    assert all(word in words(svg) for word in ("Essai", "IDEC", "Système", "Trop tard", "Gate"))


def test_what_an_author_types_is_text_and_never_markup():
    svg = draw(DIAGRAM.content)

    assert "&lt;du" in svg
    assert "<du" not in svg


def test_the_same_diagram_gives_the_same_picture():
    assert draw(DIAGRAM.content) == draw(DIAGRAM.content.decode())


def test_states_are_classes_with_a_sign_and_a_word():
    svg = draw(DIAGRAM.content, {"start": "done", "ask": "current", "work": "cancelled"})

    drawn = elements(svg)
    assert drawn["ask"].get("class") == "element userTask current"
    assert drawn["work"].get("class") == "element callActivity cancelled"
    assert drawn["end"].get("class") == "element endEvent todo"
    assert "<title>En cours</title>" in svg
    assert "<title>Annulé</title>" in svg


def test_the_way_taken_is_marked():
    drawn = elements(draw(DIAGRAM.content, {"start": "done", "merge": "done", "ask": "current"}))

    assert drawn["merge__ask"].get("class") == "flow passed"
    assert drawn["ask__split"].get("class") == "flow"


def test_a_mini_map_has_no_words_but_where_we_are():
    svg = draw(DIAGRAM.content, {"ask": "current"}, labels=False)

    assert words(svg) == "Ici"
    assert words(draw(DIAGRAM.content, labels=False)) == ""


def test_a_page_with_a_strict_policy_can_show_it():
    svg = draw(DIAGRAM.content, {"ask": "current"})

    assert "style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg


def test_a_long_name_shrinks_and_is_never_cut():
    name = "Vérifier la cohérence de la proposition thérapeutique avec les préférences du patient"
    svg = draw(sketch("start -> ask -> end", ask={"name": name}).content)

    assert name in words(svg)


def test_an_element_without_a_place_is_left_out():
    placeless = changed(DIAGRAM, 'bpmnElement="ask"', 'bpmnElement="gone"')

    assert "ask" not in elements(draw(placeless.content))


def test_what_is_not_xml_is_refused():
    with pytest.raises(XmlError):
        draw(b"<!DOCTYPE a><a/>")
