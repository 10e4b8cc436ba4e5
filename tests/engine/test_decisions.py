import pytest

from engine.decisions import DecisionError, load_decisions, read_decisions

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="hent">'


def table(
    rows, *, inputs=("a",), outputs=("out",), policy="UNIQUE", kinds=None, extra="", values=""
):
    """A one-table file; a row is ([cells], [results]) or ([cells], [results], note)."""
    kinds = kinds or [""] * len(inputs)
    head = "".join(
        f'<input id="i{n}" label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for n, (name, kind) in enumerate(zip(inputs, kinds, strict=True))
    )
    head += "".join(f'<output id="o_{name}" name="{name}">{values}</output>' for name in outputs)
    body = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(f"<inputEntry><text>{_escape(c)}</text></inputEntry>" for c in row[0])
        results = "".join(f"<outputEntry><text>{_escape(c)}</text></outputEntry>" for c in row[1])
        note = f"<annotationEntry><text>{row[2]}</text></annotationEntry>" if len(row) > 2 else ""
        body += f'<rule id="row_{number}">{cells}{results}{note}</rule>'
    return (
        f'{HEAD}<decision id="t" name="Essai"><decisionTable hitPolicy="{policy}" {extra}>'
        f"{head}{body}</decisionTable></decision></definitions>"
    )


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def decide(xml, **facts):
    return load_decisions(xml)["t"].evaluate(facts)


def test_the_row_that_answers_is_named():
    xml = table([(['"urgent"'], ["3"], "Cas urgent"), (["-"], ["14"], "Sinon")], policy="FIRST")

    outcome = decide(xml, a="urgent")

    assert (outcome.values, outcome.row_id, outcome.row_label) == (
        {"out": 3},
        "row_1",
        "Cas urgent",
    )
    assert decide(xml, a=None).row_label == "Sinon"


@pytest.mark.parametrize(
    ("cell", "inside", "outside"),
    [
        ("3", [3, 3.0], [4, "3", True, None]),
        ('"a"', ["a"], ["b", None]),
        ('"a, b","c"', ["a, b", "c"], ["a"]),
        ("-3", [-3], [3]),
        ("true", [True], [False, 1, None]),
        ("< 3", [2], [3, None]),
        (">= 3", [3], [2]),
        ("[1..3]", [1, 3], [0, 4, None]),
        ("]1..3[", [2], [1, 3]),
        ("(1..3)", [2], [1, 3]),
        ("[1..3[", [1], [3]),
        ("< 2, [5..6]", [1, 5], [3]),
        ('not("a","b")', ["c"], ["a", "b", None]),
        ("not([1..3])", [4], [2, None]),
        ("null", [None], ["", 0]),
        ("not(null)", ["x"], [None]),
        ('< date("2026-03-02")', ["2026-03-01"], ["2026-03-02"]),
        ('date("2026-03-02")', ["2026-03-02"], ["2026-03-03"]),
        ("limit", [7], [8]),
        ("kinds", ["x", "y"], ["z"]),
    ],
)
def test_unary_tests_accept_what_s_feel_says(cell, inside, outside):
    xml = table([([cell], ["true"])])

    facts = {"limit": 7, "kinds": ["x", "y"]}

    assert [decide(xml, a=value, **facts).values["out"] for value in inside] == [True] * len(
        inside
    )
    assert [decide(xml, a=value, **facts).values["out"] for value in outside] == [None] * len(
        outside
    )


def test_unique_refuses_two_answers_in_words():
    xml = table([(["> 1"], ["1"]), (["> 2"], ["2"])])

    assert decide(xml, a=2).values == {"out": 1}
    with pytest.raises(DecisionError, match="les lignes 1 et 2 répondent ensemble"):
        decide(xml, a=3)


def test_any_wants_the_same_answer():
    same = table([(["> 1"], ["1"]), (["> 2"], ["1"])], policy="ANY")
    other = table([(["> 1"], ["1"]), (["> 2"], ["2"])], policy="ANY")

    assert decide(same, a=3).values == {"out": 1}
    with pytest.raises(DecisionError, match="réponses différentes"):
        decide(other, a=3)


def test_priority_follows_the_listed_output_values():
    values = '<outputValues><text>"high","low"</text></outputValues>'
    xml = table([(["> 1"], ['"low"']), (["> 2"], ['"high"'])], policy="PRIORITY", values=values)

    assert decide(xml, a=3).values == {"out": "high"}
    assert decide(xml, a=2).values == {"out": "low"}


@pytest.mark.parametrize(
    ("aggregation", "result"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3), ("", [3, 1, 2])]
)
def test_collect_gathers_and_aggregates(aggregation, result):
    rows = [(["-"], ["3"]), (["-"], ["1"]), (["-"], ["2"]), (['"x"'], ["9"])]
    extra = f'aggregation="{aggregation}"' if aggregation else ""

    assert decide(table(rows, policy="COLLECT", extra=extra), a="y").values == {"out": result}


def test_rule_order_lists_the_answers_in_the_order_of_the_rows():
    xml = table([(["-"], ['"b"']), (["-"], ['"a"'])], policy="RULE ORDER")

    assert decide(xml, a=1).values == {"out": ["b", "a"]}
    assert decide(xml, a=1).row_id == "row_1, row_2"


def test_no_row_gives_the_default_or_nothing():
    default = "<defaultOutputEntry><text>14</text></defaultOutputEntry>"

    assert decide(table([(["1"], ["2"])], values=default), a=3).values == {"out": 14}
    assert decide(table([(["1"], ["2"])]), a=3).values == {"out": None}


def test_who_needs_an_answer_is_told_which_table_has_no_row_for_which_input():
    xml = table([(["1"], ["2"])], inputs=("age",))
    decision = load_decisions(xml)["t"]

    with pytest.raises(DecisionError) as refused:
        decision.answer({"age": 3})

    assert "« Essai »" in refused.value.message.replace("\u202f", " ")
    assert "« age » = 3" in refused.value.message.replace("\u202f", " ")
    assert "ajoute une ligne" in refused.value.message
    assert decision.answer({"age": 1}).values == {"out": 2}
    gathers = load_decisions(table([(["1"], ["2"])], policy="RULE ORDER"))["t"]
    assert gathers.answer({"a": 3}).values == {"out": []}


def test_outputs_may_compute_with_the_facts():
    xml = table([(["-"], ["interval * 2"])], policy="FIRST")

    assert decide(xml, a=1, interval=21).values == {"out": 42}
    assert load_decisions(xml)["t"].names == {"a", "interval"}


def test_a_decision_may_require_another_of_the_same_file():
    risk = (
        '<decision id="risk" name="Risque"><variable name="risk"/>'
        "<literalExpression><text>age &gt; 75</text></literalExpression></decision>"
    )
    xml = table([(["true"], ['"g8"']), (["-"], ["null"])], inputs=("risk",), policy="FIRST")
    needs = '<informationRequirement><requiredDecision href="#risk"/></informationRequirement>'
    xml = xml.replace('name="Essai">', f'name="Essai">{needs}').replace(
        "</definitions>", f"{risk}</definitions>"
    )

    decisions = load_decisions(xml)

    assert decisions["t"].evaluate({"age": 80}).values == {"out": "g8"}
    assert decisions["t"].evaluate({"age": 60}).values == {"out": None}
    assert decisions["t"].names == {"age"}


def test_the_rows_of_a_keyed_table_are_known():
    xml = table(
        [(['"verify_identity","inform_patient"'], ["1"]), (['"approve_pps"'], ["2"])],
        inputs=("deadline",),
    )

    assert load_decisions(xml)["t"].literals("deadline") == {
        "verify_identity",
        "inform_patient",
        "approve_pps",
    }


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (table([], policy="OUTPUT ORDER"), "OUTPUT ORDER n’est pas prise en charge"),
        (table([(["-"], ["1"])], policy="COLLECT", extra='aggregation="AVG"'), "agrégat AVG"),
        (table([(["-"], ["1"])], policy="PRIORITY"), "liste ordonnée"),
        (table([(["a > 3"], ["1"])]), "ligne 1, « a ».*S-FEEL"),
        (table([(["3,"], ["1"])]), "alternative est vide"),
        (table([(['"a"'], ["1"])], kinds=["number"]), "n’est pas du type number"),
        (table([(['date("demain")'], ["1"])]), "n’est pas une valeur lisible"),
        (table([(["1"], ["().__class__"])]), "point"),
        (table([(["for x in a return x"], ["1"])]), "mal écrite"),
        (table([(["-"], ["1"])], inputs=("a.b",)), "point"),
        (f'{HEAD}<decision id="x" name="x"><context/></decision></definitions>', "ni une table"),
        (f"{HEAD}</definitions>", "aucune décision"),
        ("<html/>", "pas une table DMN"),
        ("<definitions", "mal formé"),
        ("<!DOCTYPE x []><definitions/>", "DOCTYPE"),
    ],
)
def test_what_is_not_supported_is_refused_with_a_reason(xml, said):
    with pytest.raises(DecisionError, match=said):
        load_decisions(xml)


def test_every_problem_of_a_file_is_listed_at_once():
    _, problems = read_decisions(table([(["a >"], ["1"]), (["-"], ["b."])]))

    assert [problem.element for problem in problems] == ["row_1", "row_2"]


def test_a_decision_that_requires_itself_is_refused():
    xml = table([(["-"], ["1"])])
    needs = '<informationRequirement><requiredDecision href="#t"/></informationRequirement>'

    with pytest.raises(DecisionError, match="se requiert elle-même"):
        load_decisions(xml.replace('name="Essai">', f'name="Essai">{needs}'))
