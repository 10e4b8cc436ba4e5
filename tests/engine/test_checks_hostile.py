"""Whatever file is handed over, the gate answers with findings and never falls over."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.artifacts import Artifact, Finding
from engine.drawing import draw
from tests.engine.sketches import findings, sketch

WHOLE = sketch(
    "start -> merge -> ask -> split -> work -> join -> gate",
    "split -> count -> join",
    "gate -> merge if again == True",
    "gate -> call -> end",
    "late -> end",
    work={"type": "call", "calls": "demo"},
    call={"type": "throw", "message": "news"},
    count={"type": "script", "script": "amount = 1"},
    late={"type": "boundary", "host": "ask", "timer": "P7D"},
)
TREE = etree.fromstring(WHOLE.content)
PLACES = st.integers(0, sum(1 for _ in TREE.iter()) - 1)
WORDS = st.sampled_from(["", "ask", "gate", "demo", "true", "×", "'", "1e9", "\u202f", "R3/PT1H"])
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "copy", "attribute", "text", "move"]), PLACES, PLACES, WORDS
    ),
    min_size=1,
    max_size=6,
)


def _broken(changes: list[tuple[str, int, int, str]]) -> bytes:
    root = etree.fromstring(WHOLE.content)
    for change, here, there, word in changes:
        elements = list(root.iter())
        one, other = elements[here % len(elements)], elements[there % len(elements)]
        parent = one.getparent()
        if parent is None:
            continue
        if change == "drop":
            parent.remove(one)
        elif change == "copy":
            parent.append(etree.fromstring(etree.tostring(one)))
        elif change == "attribute" and one.attrib:
            one.set(sorted(one.attrib)[there % len(one.attrib)], word)
        elif change == "text":
            one.text = word
        elif change == "move" and one not in other.iterancestors() and one is not other:
            other.append(one)
    return etree.tostring(root)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_a_damaged_diagram_is_answered_with_findings_and_can_still_be_drawn(changes):
    content = _broken(changes)

    found = findings(Artifact("diagram", "demo", content))

    assert all(isinstance(one, Finding) and one.message for one in found)
    assert draw(content).startswith("<svg")


@settings(deadline=None, max_examples=100)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_answered_with_an_error(content):
    for kind in ("diagram", "table"):
        (first, *_) = findings(Artifact(kind, "odd", content))

        assert first.severity == "error"
        assert first.artifact == "odd"
