"""What an author's list becomes when it is laid out."""

import pytest
from lxml import etree

from engine.checks.diagram import Diagram
from engine.layout import SourceError, lay_out
from tests.engine.sketches import sketch


def test_everything_listed_is_drawn():
    diagram = Diagram("demo", sketch("start -> ask -> end").content)

    assert diagram.drawn >= {"start", "ask", "end", "start__ask", "ask__end"}


def test_the_same_list_gives_the_same_file():
    assert sketch("start -> ask -> end") == sketch("start -> ask -> end")


def test_what_leaves_a_boundary_event_has_room_in_its_lane():
    late = {"type": "boundary", "host": "ask", "timer": "P7D"}
    root = etree.fromstring(sketch("start -> ask -> end", "late -> end", late=late).content)
    bounds = {s.get("bpmnElement"): s[0] for s in root.iter("{*}BPMNShape")}
    lane, event = bounds["demo_lane_1"], bounds["late"]

    bottoms = [float(box.get("y")) + float(box.get("height")) for box in (lane, event)]

    assert bottoms[0] - bottoms[1] >= 20


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("id: [", "YAML est illisible"),
        ("id: a\nname: A", "il manque la clé 'elements'"),
        (
            "{id: a, name: A, lanes: [L], flows: [], elements: [{id: x, type: odd}]}",
            "type inconnu",
        ),
        (
            "{id: a, name: A, lanes: [L], flows: [], elements: [{id: x, type: user}]}",
            "couloir inconnu",
        ),
        (
            "{id: a, name: A, lanes: [L], flows: [x -> y], elements: [{id: x, type: user, lane: L}]}",
            "élément inconnu « y »",
        ),
    ],
)
def test_a_list_that_cannot_be_drawn_says_why(source, said):
    with pytest.raises(SourceError, match=said):
        lay_out(source)
