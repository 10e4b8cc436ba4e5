"""What the library accepts and then runs wrongly, or not at all, is refused with what to do instead."""

import pytest

from engine.artifacts import Artifact
from tests.engine.sketches import changed, errors, findings, plain, sketch

PLAIN = sketch("start -> ask -> wait -> end", wait={"type": "catch", "message": "news"})
NEWS = '<bpmn:messageEventDefinition id="wait_message" messageRef="message_news"/>'


def event(definition, old=NEWS, diagram=PLAIN):
    return changed(diagram, old, definition)


def as_tag(old, new, extra=""):
    text = changed(PLAIN, f"<bpmn:{old}", f"<bpmn:{new}{extra}")
    return changed(text, f"</bpmn:{old}>", f"</bpmn:{new}>")


@pytest.mark.parametrize(
    ("diagram", "said"),
    [
        (event('<bpmn:linkEventDefinition id="l"/>'), "de lien « Wait » n’est pas exécuté. Donnez à chaque lien"),
        (event('<bpmn:escalationEventDefinition id="l"/>'), "d’escalade « Wait » n’est pas exécuté"),
        (event('<bpmn:compensateEventDefinition id="l"/>'), "de compensation « Wait » n’est pas exécuté"),
        (event('<bpmn:cancelEventDefinition id="l"/>'), "d’annulation « Wait » n’est pas exécuté"),
        (event(""), "sans déclencheur « Wait » n’est pas exécuté"),
        (event(NEWS + '<bpmn:signalEventDefinition id="l"/>'), "a plusieurs déclencheurs"),
        (event('<bpmn:signalEventDefinition id="l"/>'), "attend un signal que rien n’émet"),
        (event('<bpmn:messageEventDefinition id="l"/>'), "« Wait » n’a pas de message"),
        (as_tag("intermediateCatchEvent", "complexGateway"), "La passerelle complexe"),
        (as_tag("intermediateCatchEvent", "transaction"), "transactionnel"),
        (as_tag("intermediateCatchEvent", "dataStoreReference"), "entrepôt de données"),
        (as_tag("intermediateCatchEvent", "choreographyTask"), "« choreographyTask » n’est pas exécuté"),
        (as_tag("intermediateCatchEvent", "receiveTask", ' instantiate="true"'), "ne peut pas démarrer"),
        (as_tag("userTask", "userTask", ' isForCompensation="true"'), "est une compensation"),
        (as_tag("intermediateCatchEvent", "adHocSubProcess"), "n’a pas de condition de fin"),
        (
            as_tag("intermediateCatchEvent", "subProcess", ' triggeredByEvent="true"'),
            "Le sous-processus événementiel « Wait » n’interrompt rien",
        ),
        (
            event('<bpmn:ioSpecification id="io"/>' + NEWS),
            "Les associations de données de « Wait » ne transportent rien",
        ),
    ],
)  # fmt: skip
def test_what_would_go_wrong_in_silence_is_refused(diagram, said):
    assert any(said in plain_(one) for one in errors(diagram)), errors(diagram)


def plain_(text):
    return (
        plain(text)
        .replace("« Wait » : l", "L")
        .replace("« Wait » : C", "C")
        .replace(": la pass", ": La pass")
    )


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ("compensate", "L’événement de fin de compensation « End » n’est pas exécuté"),
        ("cancel", "L’événement de fin d’annulation « End » n’est pas exécuté"),
    ],
)
def test_an_end_that_says_something_nobody_hears_is_refused(trigger, said):
    diagram = event(
        f'<bpmn:terminateEventDefinition id="t"/><bpmn:{trigger}EventDefinition id="x"/>',
        '<bpmn:terminateEventDefinition id="end_terminate"/>',
        sketch("start -> ask -> end", end={"type": "terminate"}),
    )
    diagram = changed(diagram, '<bpmn:terminateEventDefinition id="t"/>', "")

    assert any(said in one for one in errors(diagram))


@pytest.mark.parametrize(("alarm", "severity"), [("error", "error"), ("escalation", "warning")])
def test_an_alarm_is_caught_wherever_its_diagram_is_called(alarm, severity):
    stop = sketch("start -> ask -> end", name="child", end={"error": "stop"})
    call = {"type": "call", "calls": "child"}
    border = {"type": "boundary", "host": "do", "error": "stop"}
    caught = sketch("start -> do -> end", "out -> end2", do=call, out=border)
    bare = sketch("start -> do -> end", name="other", do=call)
    stop, caught = (
        Artifact(one.kind, one.name, one.content.replace(b"error", alarm.encode()))
        for one in (stop, caught)
    )

    (found,) = findings(stop, caught, bare)

    assert found.severity == severity
    assert "qu’aucun événement de bord ne rattrape" in plain(found.message)
    assert findings(stop, caught) == []


def test_an_error_border_stands_on_what_may_end_in_error():
    border = {"type": "boundary", "host": "ask", "error": "stop"}

    (said,) = errors(sketch("start -> ask -> end", "out -> end2", out=border))

    assert "accroché à « Ask », qui n’en produit pas" in said


def test_a_script_hidden_in_an_extension_is_refused():
    diagram = changed(
        PLAIN,
        "<bpmn:extensionElements>",
        "<bpmn:extensionElements><spiffworkflow:preScript>import os</spiffworkflow:preScript>",
    )

    assert "« preScript » de « Ask » n’est pas exécutée" in " ".join(errors(diagram))


def test_a_start_by_a_timer_is_refused():
    said = errors(sketch("start -> ask -> end", start={"timer": "P1D"}))

    assert "L’événement de début de minuteur « Start » n’est pas exécuté" in said[0]


def test_a_boundary_event_stands_on_something_that_waits():
    work = {"type": "service", "properties": {"handler": "work"}}
    late = {"type": "boundary", "host": "work", "timer": "P1D"}

    (said,) = errors(sketch("start -> work -> end", "late -> end", work=work, late=late))

    assert "accroché à « Work », qui n’attend jamais" in said


def test_a_branch_that_does_not_interrupt_keeps_nobody_waiting():
    late = {"type": "boundary", "host": "ask", "timer": "P1D", "interrupting": False}
    work = {"type": "service", "properties": {"handler": "work"}}

    beside = sketch("start -> ask -> end", "late -> remind -> end2", late=late)
    quick = sketch("start -> ask -> end", "late -> work -> end2", late=late, work=work)

    assert "mène à « Remind » : le diagramme resterait ouvert" in errors(beside)[0]
    assert errors(quick) == []


def test_an_event_gateway_awaits_two_events():
    news = {"type": "catch", "message": "news"}
    late = {"type": "catch", "timer": "P7D"}
    first = {"type": "event_gateway"}

    good = sketch(
        "start -> first -> news -> end", "first -> late -> end", first=first, news=news, late=late
    )
    bad = sketch("start -> first -> news -> end", "first -> ask -> end", first=first, news=news)

    assert errors(good) == []
    assert "Après la passerelle événementielle « First », « Ask » n’attend rien" in errors(bad)[0]


@pytest.mark.parametrize(
    ("multiple", "said"),
    [
        ({"times": 10_000_000}, "se répète 10000000 fois, 100 au plus"),
        ({"times": "how_many"}, "Le nombre de répétitions de « Ask » lit « how_many »"),
        ({"collection": "lines", "item": "line"}, "La liste à parcourir de « Ask » lit « lines »"),
    ],
)
def test_a_repetition_is_bounded_and_reads_known_names(multiple, said):
    assert said in errors(sketch("start -> ask -> end", ask={"multiple": multiple}))[0]


def test_a_repetition_writes_where_it_reads():
    rows = {"multiple": {"collection": "rows", "item": "row"}}
    diagram = sketch("start -> ask -> end", ask=rows)
    elsewhere = changed(diagram, "DataOutputRef>rows<", "DataOutputRef>results<")

    assert errors(diagram) == []
    assert "les résultats seraient mélangés" in errors(elsewhere)[0]


@pytest.mark.parametrize(
    ("timer", "said"),
    [
        ({"cycle": "R3/PT10M"}, "est répété (« R3/PT10M »)"),
        ({"cycle": "0 0 * * *"}, "est répété"),
        ("2026-10-12", "donne « 2004 », qui n’est ni une durée ni une date"),
        ('"next week"', "donne « next week »"),
        ("12", "donne « 12 »"),
        ("someday", "lit « someday », que rien ne renseigne"),
        ("days(", "ne se lit pas"),
    ],
)
def test_a_timer_says_how_long_or_until_when(timer, said):
    messages = errors(sketch("start -> wait -> end", wait={"type": "catch", "timer": timer}))

    assert len(messages) == 1
    assert said in messages[0]


@pytest.mark.parametrize("timer", ["P7D", '"P1M"', "days(amount)", '"2026-03-02"', "answer"])
def test_a_timer_may_be_a_duration_a_date_or_computed(timer):
    assert errors(sketch("start -> wait -> end", wait={"type": "catch", "timer": timer})) == []


def test_a_message_starts_one_diagram_only():
    one = sketch("start -> ask -> end", name="one", start={"message": "go"})
    two = sketch("start -> ask -> end", name="two", start={"message": "go"})

    assert errors(one, two)[0].startswith(
        "two, go : Le message « go » démarre déjà le diagramme « one »."
    )


def test_a_message_nobody_awaits_is_a_warning():
    throw = sketch("start -> ask -> call -> end", call={"type": "throw", "message": "go"})
    heard = sketch("start -> ask -> end", name="heard", start={"message": "go"})

    (found,) = findings(throw)

    assert found.severity == "warning"
    assert "envoie « go », que personne n’attend" in plain(found.message)
    assert findings(throw, heard) == []


def test_a_message_is_kept_or_not_the_same_way_everywhere():
    def one(name, keep):
        return sketch("start -> wait -> end", name=name, wait={"type": "catch", "message": "news"},
                      messages={"news": {"keep": keep}})  # fmt: skip

    assert (
        "« keep = false » ici et « keep = true » dans « one »"
        in errors(one("one", "true"), one("two", "false"))[0]
    )
    assert "du message « news » vaut « maybe »" in errors(one("one", "maybe"))[0]
