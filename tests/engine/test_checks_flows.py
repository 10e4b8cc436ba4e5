"""Flows, conditions, loops and branches: what would get stuck, or go wrong without a word."""

import pytest

from engine.checks import soundness
from tests.engine.sketches import changed, errors, findings, plain, sketch, table

LOOP = ("gate -> merge if again == True", "gate -> end default")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("again = True", "pour comparer, écrivez « == »"),
        ("(again", "ne se lit pas"),
        ("agian == True", "lit « agian », que rien ne renseigne. Vouliez-vous dire « again » ?"),
        ("__import__('os')", "ne se lit pas"),
        ("answer.upper()", "ne se lit pas"),
    ],
)
def test_a_condition_compiles_and_reads_known_names(condition, said):
    (message,) = errors(
        sketch("start -> ask -> gate", f"gate -> one if {condition}", "gate -> two default",
               "one -> end", "two -> end")
    )  # fmt: skip

    assert message.startswith("demo, gate__one : La condition du flux de « Gate » vers « One »")
    assert said in message


def test_an_empty_condition_is_refused():
    empty = changed(sketch("start -> merge -> ask -> gate", *LOOP), "again == True", "")

    assert any("est vide" in said for said in errors(empty))


def test_scripts_and_tables_make_names_known():
    count = {"type": "script", "script": "counted = default(counted, 0) + 1"}
    rule = {"type": "rule", "properties": {"decision": "rule"}}
    decided = table(("-", "1"), name="rule", reads="counted", gives=("verdict",))
    diagram = sketch(
        "start -> ask -> count -> decide -> gate", "gate -> one if verdict == 1",
        "gate -> end default", "one -> end", count=count, decide=rule,
    )  # fmt: skip

    assert findings(diagram, decided) == []


def test_a_choice_needs_conditions_and_a_default():
    diagram = sketch("start -> ask -> gate -> one -> end", "gate -> two -> end")

    said = errors(diagram)

    assert len(said) == 3
    assert "« Gate » n’a pas de sortie par défaut" in said[0]
    assert "Il manque la condition du flux de « Gate » vers « One »" in said[1]


def test_a_condition_on_the_default_flow_is_refused():
    diagram = changed(
        sketch("start -> merge -> ask -> gate", *LOOP),
        'default="gate__end"',
        'default="gate__merge"',
    )

    assert any("est ignorée : c’est le flux par défaut" in said for said in errors(diagram))


def test_a_single_way_out_cannot_be_conditional():
    said = errors(sketch("start -> ask -> gate", "gate -> end if again == True"))

    assert any("n’a qu’une sortie, et elle est conditionnelle" in one for one in said)


@pytest.mark.parametrize("kind", ["user", "and"])
def test_a_condition_elsewhere_than_at_a_choice_is_refused(kind):
    said = errors(sketch("start -> do", "do -> end if again == True", do={"type": kind}))

    assert said == [
        "demo, do__end : La condition du flux de « Do » vers « End » serait ignorée. "
        "Une condition part d’une passerelle exclusive ou inclusive : ajoutez-en une."
    ]


def test_two_flows_out_of_a_task_are_refused():
    said = errors(sketch("start -> ask -> one -> end", "ask -> two -> end"))

    assert any("2 flux sortent de « Ask »" in one for one in said)


def test_a_flow_into_a_start_or_out_of_an_end_is_refused():
    said = errors(sketch("start -> ask -> end", "end -> start"))

    assert any("Un flux entre dans l’événement « Start »" in one for one in said)
    assert any("Un flux sort de l’événement de fin « End »" in one for one in said)


def test_a_diagram_begins_and_ends():
    assert "n’a pas d’événement de fin" in errors(sketch("start -> ask"))[0]
    assert "n’a pas d’événement de début" in errors(sketch("ask -> end"))[0]
    assert "2 débuts ordinaires" in errors(sketch("start -> ask -> end", "start2 -> ask"))[0]


def test_everything_is_reached_and_leads_to_an_end():
    said = errors(sketch("start -> ask -> end", "lost -> end2", "start2 -> gate -> stuck",
                         start2={"message": "go"}))  # fmt: skip

    assert "demo, lost : « Lost » n’est jamais atteint" in " ".join(said)
    assert "Aucune fin n’est accessible depuis « Stuck »" in " ".join(said)


def test_a_way_back_enters_a_gateway():
    said = errors(
        sketch("start -> ask -> gate", "gate -> ask if again == True", "gate -> end default")
    )

    assert said == [
        "demo, ask : Le retour de « Gate » entre directement dans « Ask ». "
        "Faites-le entrer dans une passerelle exclusive placée avant."
    ]


def test_a_loop_that_waits_for_nobody_is_refused():
    work = {"type": "service", "properties": {"handler": "work"}}

    (said,) = errors(sketch("start -> merge -> work -> gate", *LOOP, work=work))

    assert "tourne sans jamais attendre personne" in said


@pytest.mark.parametrize(
    "waiting",
    [{"type": "user"}, {"type": "catch", "timer": "P7D"}, {"type": "catch", "message": "news"}],
)
def test_a_loop_that_waits_is_fine(waiting):
    assert errors(sketch("start -> merge -> wait -> gate", *LOOP, wait=waiting)) == []


def test_a_loop_of_calls_waits_only_if_the_called_diagram_always_does():
    call = {"type": "call", "calls": "child"}
    loop = sketch("start -> merge -> do -> gate", *LOOP, do=call)
    asks = sketch("start -> ask -> end", name="child")
    may_pass = sketch("start -> gate", "gate -> ask if again == True", "gate -> end default",
                      "ask -> end2", name="child")  # fmt: skip

    assert errors(loop, asks) == []
    assert "sans jamais attendre personne" in errors(loop, may_pass)[0]


def test_a_called_diagram_waits_when_one_of_its_branches_does():
    loop = sketch("start -> merge -> do -> gate", *LOOP, do={"type": "call", "calls": "child"})
    branches = sketch("start -> split -> ask -> join -> end", "split -> join", name="child")

    assert errors(loop, branches) == []


def test_a_pair_of_parallel_gateways_may_turn_in_a_loop():
    diagram = sketch("start -> merge -> split -> one -> join -> gate", "split -> join", *LOOP)

    assert errors(diagram) == []


def test_a_join_in_a_loop_whose_split_is_outside_is_refused():
    diagram = sketch(
        "start -> split -> one -> merge -> wait -> join -> gate", "split -> two -> join", *LOOP
    )

    said = " ".join(errors(diagram))

    assert "n’ouvre dans la même boucle" in said
    assert "peut attendre sans fin une branche qui n’arrivera pas" in said


def test_a_parallel_join_after_a_choice_gets_stuck():
    diagram = sketch("start -> ask -> gate", "gate -> one if again == True", "gate -> two default",
                     "one -> join -> end", "two -> join")  # fmt: skip

    (said,) = errors(diagram)

    assert said.startswith("demo, join : La passerelle « Join » peut attendre sans fin")


def test_branches_that_never_meet_again_do_the_rest_twice():
    diagram = sketch("start -> split -> one -> merge -> rest -> end", "split -> two -> merge")

    assert errors(diagram)[0].startswith(
        "demo, merge : « Merge » peut être franchi par deux branches à la fois"
    )


def test_an_interruption_in_a_branch_may_not_skip_the_join():
    diagram = sketch("start -> split -> one -> join -> end", "split -> two -> join", "late -> end2",
                     late={"type": "boundary", "host": "one", "timer": "P7D"})  # fmt: skip

    assert any("peut attendre sans fin" in said for said in errors(diagram))


def test_inclusive_gateways_come_in_pairs():
    flows = ("open -> one if again == True", "open -> two default", "one -> close", "two -> close")
    paired = sketch(
        "start -> ask -> open", *flows, "close -> end", open={"type": "or"}, close={"type": "or"}
    )
    alone = sketch(
        "start -> ask -> open", *flows, "close -> end", open={"type": "xor"}, close={"type": "or"}
    )

    assert errors(paired) == []
    assert "qu’aucune passerelle du même type n’ouvre" in errors(alone)[0]


def test_a_gateway_does_not_join_and_split_at_once():
    diagram = sketch("start -> split -> one -> both -> three -> join -> end", "split -> two -> both",
                     "both -> four -> join", both={"type": "and"})  # fmt: skip

    assert errors(diagram)[0].startswith("demo, both : La passerelle « Both » réunit et sépare")


def test_too_many_branches_to_play_is_said(monkeypatch):
    monkeypatch.setattr(soundness, "MOST_POSITIONS", 5)
    branches = [f"split -> gate{n} -> join" for n in range(3)]

    found = findings(sketch("start -> split", *branches, "join -> end"))

    assert [one.severity for one in found] == ["warning"]
    assert "Trop de branches" in plain(found[0].message)


def test_permission_to_start_reads_known_names():
    said = errors(
        sketch("start -> ask -> end", properties={"permitted_when": "unknown_thing == 1"})
    )

    assert "« permitted_when » du processus lit « unknown_thing »" in said[0]
