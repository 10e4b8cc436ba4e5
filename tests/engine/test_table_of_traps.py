"""The rows of the engine notes that the library gets wrong, one test each, in the order of the notes.

`runs`: the row is made right, and played. `refused`: it may not be published, and the sentence
says what to draw instead.
"""

import pytest
import sqlalchemy as sa

from engine import queries
from engine.artifacts import Artifact
from engine.db import transaction
from engine.errors import Conflict
from tests.engine.coverage import rows
from tests.engine.coverage.drawing import END, START, between, file, flow, properties, task
from tests.engine.coverage.rows import (
    CALL,
    CHILD,
    COMPENSATION,
    CONDITION,
    ESCALATION,
    INSIDE,
    LINK,
    LINKED,
    MESSAGE,
    SIGNALLED,
    X,
    bordered,
    event,
    many,
    sub,
    timer,
    with_inside,
)  # fmt: skip
from tests.engine.golden.shapes import LOOP
from tests.engine.playing import Play
from tests.engine.sketches import errors, table

Move = tuple[str, list[str]]
TO_END: tuple[Move, ...] = (("", ["after"]), ("do after", []))


def runs(database: sa.Engine, body: str, *moves: Move, beside: tuple[Artifact, ...] = ()) -> Play:
    artifacts = [file(body), *beside]
    assert errors(*artifacts) == []
    play = Play.of(database, *artifacts)
    for move, expected in moves:
        opened = play.move(move) if move else play.open()
        assert sorted(opened) == sorted(expected), move
    return play


def refused(body: str, said: str, *beside: Artifact) -> None:
    found = errors(file(body), *beside)
    assert any(said in one for one in found), found


def script(text: str) -> str:
    return f'<bpmn:scriptTask id="x" name="x"><bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'


def test_service_task_runs_a_named_handler(database: sa.Engine) -> None:
    service = f'<bpmn:serviceTask id="x" name="x">{properties(handler="{}")}</bpmn:serviceTask>'
    runs(database, between(service.format("work")), *TO_END)
    refused(between(service.format("python")), "python")


def test_business_rule_task_runs_a_table_and_a_missing_one_is_refused(database: sa.Engine) -> None:
    rule = f'<bpmn:businessRuleTask id="x" name="x">{properties(decision="grade")}</bpmn:businessRuleTask>'
    grade = table(('"a"', "7"), ("-", "8"), name="grade", reads="answer", gives=("amount",))
    play = runs(database, between(rule), *TO_END, beside=(grade,))
    assert play.data()["amount"] == 8
    refused(between(rule), "grade")


def test_send_and_receive_tasks_without_a_message_are_refused() -> None:
    refused(between('<bpmn:sendTask id="x" name="x"/>'), "n’a pas de message")
    refused(between('<bpmn:receiveTask id="x" name="x"/>'), "n’a pas de message")


def test_exclusive_gateway_without_a_way_out_is_refused() -> None:
    choice = rows.choosing("exclusiveGateway")
    refused(choice.replace(' default="x_right"', ""), "sortie par défaut")


def test_parallel_join_in_a_loop_waits_for_every_branch_in_any_order(database: sa.Engine) -> None:
    runs(
        database, LOOP, ("do left", ["right"]), ("do right", ["ask"]),
        ("do ask amount=1", ["left", "right"]), ("do right", ["left"]), ("do left", ["ask"]),
        ("do ask amount=1", ["left", "right"]), ("do left", ["right"]), ("do right", ["ask"]),
        ("do ask amount=0", []),
    )  # fmt: skip


def test_complex_gateway_is_refused_even_where_nothing_leads() -> None:
    refused(
        between(X, '<bpmn:complexGateway id="nowhere" name="nowhere"/>'), "passerelle complexe"
    )


def test_two_flows_out_of_a_task_are_refused() -> None:
    more = task("z") + '<bpmn:endEvent id="end2"/>' + flow("x", "z") + flow("z", "end2")
    refused(between(X, more), "2 flux sortent")


def test_conditional_flow_out_of_a_task_is_refused() -> None:
    told = between(X).replace(flow("x", "after"), flow("x", "after", "amount &gt; 3"))
    refused(told, "serait ignorée")


def test_timer_reads_a_bare_duration_and_refuses_what_is_no_time(database: sa.Engine) -> None:
    catch = event("intermediateCatchEvent", timer("Duration", "P2D"))
    runs(database, between(catch), ("", []), ("wait 2", ["after"]))
    refused(between(catch.replace("P2D", "0 8 * * *")), "ne se lit pas")
    refused(between(catch.replace("P2D", '"demain"')), "ni une durée ni une date")


def test_timer_cycle_is_refused() -> None:
    refused(between(event("intermediateCatchEvent", timer("Cycle", "R3/P1D"))), "est répété")


def test_signal_end_event_is_heard(database: sa.Engine) -> None:
    runs(database, SIGNALLED, ("", ["ring"]), ("do ring", ["left"]), ("do left", []))


def test_an_automatic_step_that_fails_stops_the_command_with_a_sentence(
    database: sa.Engine,
) -> None:
    play = runs(database, between(X, "").replace(flow("x", "after"), flow("x", "sum") + flow("sum", "after"))
                + script("amount = amount / 0").replace('"x"', '"sum"'), ("", ["x"]))  # fmt: skip
    before = play.fingerprint()
    with pytest.raises(Conflict, match="Division par zéro"):
        play.do("x", amount=1)
    assert play.fingerprint() == before


def test_escalation_catch_event_is_refused() -> None:
    refused(between(event("intermediateCatchEvent", ESCALATION)), "escalade")


def test_conditional_event_on_an_unknown_value_waits(database: sa.Engine) -> None:
    catch = event("intermediateCatchEvent", CONDITION)
    runs(database, between(catch), ("", []), ("put amount=1", []), ("put amount=5", ["after"]))


def test_link_jumps(database: sa.Engine) -> None:
    runs(database, LINKED, *TO_END)
    refused(LINKED.replace('id="def2" name="there"', 'id="def2" name="elsewhere"'), "de lien")
    refused(between(event("intermediateThrowEvent", LINK)), "de lien")


def test_compensation_is_refused() -> None:
    refused(between(event("intermediateThrowEvent", COMPENSATION)), "compensation")
    refused(START + X + event("endEvent", COMPENSATION, key="end") + flow("start", "x")
            + flow("x", "end"), "compensation")  # fmt: skip
    refused(bordered(COMPENSATION), "compensation")
    refused(
        between(X.replace("<bpmn:userTask", '<bpmn:userTask isForCompensation="true"')),
        "compensation",
    )


def test_transaction_is_refused() -> None:
    refused(between(sub(INSIDE, tag="transaction")), "transactionnel")


def test_what_follows_a_task_never_waits_for_its_reminder(database: sa.Engine) -> None:
    runs(database, bordered(MESSAGE, interrupting=False), ("send news", ["x"]), ("send news", ["x"]),
         ("do x", ["after"]), ("do after", []))  # fmt: skip
    note = script("amount = 1").replace('"x"', '"note"')
    refused(bordered(MESSAGE, interrupting=False).replace(note, task("note")), "resterait ouvert")


def test_event_sub_process_is_refused() -> None:
    inside = sub(INSIDE, attributes=' triggeredByEvent="true"').replace('"x"', '"es"')
    refused(between(X, inside), "événementiel")


def test_call_activity_of_itself_or_of_nothing_is_refused(database: sa.Engine) -> None:
    runs(database, between(CALL), ("", ["inner"]), ("do inner", ["after"]), beside=(CHILD,))
    refused(between(CALL), "qui n’existe pas")
    refused(between(CALL.replace("child", "demo")), "appelle sans fin")


def test_multi_instance_over_a_list_runs_and_other_bookkeeping_is_refused(
    database: sa.Engine,
) -> None:
    for sequential in ("false", "true"):
        each = with_inside(X, rows.EACH.format(sequential))
        assert errors(file(between(each))) == []
        play = Play.of(database, file(between(each)), rows=[{"n": 1}, {"n": 2}])
        assert play.open() == (["x", "x"] if sequential == "false" else ["x"])
        play.do("x")
        assert play.do("x") == ["after"]
    check = with_inside(X, rows.EACH.format("true")).replace("</bpmn:multi", "<bpmn:completionCondition "
        'xsi:type="bpmn:tFormalExpression">row["n"] == 1</bpmn:completionCondition></bpmn:multi')  # fmt: skip
    assert Play.of(database, file(between(check)), rows=[{"n": 1}, {"n": 2}]).do("x") == ["after"]
    refused(between(with_inside(X, '<bpmn:ioSpecification id="io"/>')), "associations de données")
    told = many(sequential=False).replace("</bpmn:loop", "</bpmn:loop", 1)
    told = told.replace(
        "</bpmn:multi", "<bpmn:loopDataOutputRef>rows</bpmn:loopDataOutputRef></bpmn:multi"
    )
    refused(between(with_inside(X, told)), "seraient mélangés")
    refused(
        between(with_inside(X, many(sequential=False).replace(">2<", ">10000000<"))), "100 au plus"
    )


def test_ad_hoc_sub_process_is_open_until_its_condition_holds(database: sa.Engine) -> None:
    runs(database, between(rows.ANY_ORDER), ("do one", ["three", "two"]), ("do two", ["one", "three"]),
         ("do one amount=1", ["three", "two"]), ("do three", ["after"]))  # fmt: skip
    opening = '<bpmn:adHocSubProcess id="x" name="x">'
    lasting = opening[:-1] + ' cancelRemainingInstances="false">'
    runs(database, between(rows.ANY_ORDER.replace(opening, lasting)), ("do three amount=1", ["one"]),
         ("do one amount=2", ["two"]), ("do two", ["one"]), ("do one amount=1", ["two"]),
         ("do two", ["after"]))  # fmt: skip
    service = (
        f'<bpmn:serviceTask id="auto" name="auto">{properties(handler="work")}</bpmn:serviceTask>'
    )
    refused(between(rows.ANY_ORDER.replace(opening, opening + service)), "il tournerait sans fin")
    refused(
        between(rows.ANY_ORDER.replace(opening, opening[:-1] + ' ordering="Sequential">')),
        "séquentiel",
    )


def test_data_store_is_refused() -> None:
    refused(between(X) + '<bpmn:dataStoreReference id="ds"/>', "entrepôt")


def test_process_without_an_end_is_refused() -> None:
    refused(START + X + flow("start", "x"), "n’a pas d’événement de fin")


def test_t0_an_and_pair_left_by_another_way_than_it_came_in_is_refused() -> None:
    """A way back out of a branch would leave a token before the join."""
    gate = '<bpmn:exclusiveGateway id="out" default="out_y"/>'
    told = rows.BOTH.replace(flow("left", "y"), flow("left", "out") + flow("out", "y"))
    told += gate + '<bpmn:endEvent id="end2"/>' + flow("out", "end2", "amount == 1")
    refused(told, "peut attendre sans fin")


def test_t1_a_loop_turns_as_long_as_people_want(database: sa.Engine) -> None:
    loop = (
        START + '<bpmn:exclusiveGateway id="merge"/>' + task("ask")
        + '<bpmn:exclusiveGateway id="again" default="again_end"/>' + END + flow("start", "merge")
        + flow("merge", "ask") + flow("ask", "again") + flow("again", "merge", "amount == 1")
        + flow("again", "end")
    )  # fmt: skip
    play = runs(database, loop)
    for _ in range(400):
        assert play.do("ask", amount=1) == ["ask"]
    assert len(play.states()["demo"]) < 600
    assert play.do("ask", amount=0) == []


def test_t2_cases_share_a_diagram_and_nothing_else(database: sa.Engine) -> None:
    """A diagram started by a message changed, in the library, for every later case."""
    thrown = between(rows.THROWN)
    first = runs(database, thrown, ("", ["after", "heard"]), beside=(rows.LISTENER,))
    second = Play.of(database, file(thrown), rows.LISTENER)
    assert sorted(second.open()) == ["after", "heard"]
    assert sorted(first.do("heard")) == ["after"]
    assert sorted(second.open()) == ["after", "heard"]


def test_t5_what_a_step_was_answered_never_changes_later(database: sa.Engine) -> None:
    play = runs(database, between(X), ("", ["x"]))
    play.do("x", rows=[{"n": 1}])
    play.do("after", rows=[{"n": 2}])
    with transaction(database) as db:
        told = {
            one.element: one.answers
            for one in queries.history(db, play.case_id, with_answers=True)
        }
    assert told["x"] == {"rows": [{"n": 1}]}


def test_t7_a_plain_task_or_a_manual_one_is_refused() -> None:
    refused(between('<bpmn:task id="x" name="x"/>'), "n’a pas de type")
    refused(between('<bpmn:manualTask id="x" name="x"/>'), "tâche manuelle")


def test_t9_what_forms_hold_is_not_in_the_state(database: sa.Engine) -> None:
    play = runs(database, between(X), ("", ["x"]))
    before = len(play.states()["demo"])
    play.do("x", told="x" * 30_000)
    assert len(play.states()["demo"]) <= before + 100
