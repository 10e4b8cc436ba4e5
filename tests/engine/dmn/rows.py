"""What a decision table may say: each row is an example that the tests run and the page shows."""

from dataclasses import dataclass
from typing import Any

from tests.engine.test_decisions import HEAD, table


@dataclass(frozen=True)
class Cell:
    """An input cell, with values it accepts and values it does not."""

    says: str
    text: str
    accepts: tuple[Any, ...]
    refuses: tuple[Any, ...]


@dataclass(frozen=True)
class Policy:
    """A hit policy on one example, three rows of which answer together unless it forbids it."""

    name: str
    says: str
    xml: str
    answer: Any


@dataclass(frozen=True)
class Refused:
    """What publishing refuses, and the words it uses."""

    what: str
    xml: str
    said: str


CELLS = (
    Cell("any value, also none", "-", (1, "a", None), ()),
    Cell("a text", '"curative"', ("curative",), ("palliative", None)),
    Cell("one of several", '"T1","T2"', ("T1", "T2"), ("T3", None)),
    Cell("a number, whole or not", "2.5", (2.5,), (2, "2.5", None)),
    Cell("a negative number", "-3", (-3,), (3,)),
    Cell("true or false", "true", (True,), (False, 1, None)),
    Cell("less, more", "< 15", (14,), (15, None)),
    Cell("at least, at most", ">= 75", (75,), (74, None)),
    Cell("an interval with both ends", "[1..3]", (1, 2.5, 3), (0.9, 3.1, None)),
    Cell("without its start", "(1..3]", (1.1, 3), (1,)),
    Cell("without its end, written either way", "[1..3[", (1, 2.9), (3,)),
    Cell("without both", "]1..3[", (2,), (1, 3)),
    Cell("several tests, one is enough", "< 18, [70..120]", (17, 70), (18, 69)),
    Cell("none of them; an absent value is not « another »", 'not("a","b")', ("c",), ("a", None)),
    Cell("outside an interval", "not([1..3])", (4,), (2, None)),
    Cell("absent", "null", (None,), ("", 0, False)),
    Cell("known", "not(null)", (0, ""), (None,)),
    Cell("a date", 'date("2026-03-02")', ("2026-03-02",), ("2026-03-03",)),
    Cell("before a date", '< date("2026-03-02")', ("2026-03-01",), ("2026-03-02", None)),
    Cell("between dates", '[date("2026-01-01")..date("2026-12-31")]', ("2026-06-01",), ("2027-01-01",)),
    Cell("a time of day", '>= time("08:00")', ("08:30",), ("07:59",)),
    Cell("what another name holds", "limit", (7,), (8, None)),
    Cell("one of the values another name holds", "kinds", ("x", "y"), ("z",)),
)  # fmt: skip

_THREE = [(["-"], ["3"]), (["-"], ["1"]), (["-"], ["2"]), (['"no"'], ["9"])]
_LISTED = "<outputValues><text>2,1,3</text></outputValues>"
POLICIES = (
    Policy("UNIQUE", "one row answers, two are an error said in words",
           table([(['"yes"'], ["3"]), (['"no"'], ["9"])]), 3),
    Policy("FIRST", "the first row that answers", table(_THREE, policy="FIRST"), 3),
    Policy("ANY", "several may answer if they say the same",
           table([(["-"], ["3"]), (['"yes"'], ["3"])], policy="ANY"), 3),
    Policy("PRIORITY", "the answer listed first among the output values",
           table(_THREE, policy="PRIORITY", values=_LISTED), 2),
    Policy("RULE ORDER", "the list of answers, in the order of the rows",
           table(_THREE, policy="RULE ORDER"), [3, 1, 2]),
    Policy("COLLECT", "the list of answers", table(_THREE, policy="COLLECT"), [3, 1, 2]),
    *(
        Policy(f"COLLECT {name}", says, table(_THREE, policy="COLLECT", extra=f'aggregation="{name}"'), result)
        for name, says, result in (
            ("SUM", "their sum; none when no row answers", 6), ("MIN", "the least", 1),
            ("MAX", "the greatest", 3), ("COUNT", "how many rows answered", 3),
        )
    ),
)  # fmt: skip


def _file(inside: str) -> str:
    return f"{HEAD}{inside}</definitions>"


_ONE = table([(["-"], ["1"])])
_BKM = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
REFUSED = (
    Refused("OUTPUT ORDER", table([], policy="OUTPUT ORDER"), "OUTPUT ORDER n’est pas prise en charge"),
    Refused("an aggregation other than SUM, MIN, MAX, COUNT",
            table([(["-"], ["1"])], policy="COLLECT", extra='aggregation="AVG"'), "agrégat AVG"),
    Refused("an aggregation over several outputs", table([(["-"], ["1", "2"])], outputs=("a", "b"),
            policy="COLLECT", extra='aggregation="SUM"'), "une seule sortie"),
    Refused("PRIORITY without the list of output values", table([(["-"], ["1"])], policy="PRIORITY"), "liste ordonnée"),
    Refused("a computation in an input cell", table([(["a > 3"], ["1"])]), "sort de S-FEEL"),
    Refused("an interval that ends before it begins", table([(["[3..1]"], ["1"])]), "finit avant de commencer"),
    Refused("a duration in an input cell", table([(['< duration("P10D")'], ["1"])]), "durées ne se comparent pas"),
    Refused("a date and time in an input cell", table([(['< date and time("2026-03-02T10:00")'], ["1"])]),
            "comparez la date"),
    Refused("a date nobody can read", table([(['date("demain")'], ["1"])]), "n’est pas une valeur lisible"),
    Refused("a value of another type than its column", table([(['"a"'], ["1"])], kinds=["number"]), "n’est pas du type number"),
    Refused("a value that is not among those of its column", _ONE.replace("</inputExpression>",
            '</inputExpression><inputValues><text>"x","y"</text></inputValues>').replace(
            "<inputEntry><text>-", '<inputEntry><text>"z"'), "n’est pas une valeur permise"),
    Refused("FEEL beyond S-FEEL: for, if, some, functions", table([(["-"], ["for x in a return x"])]), "mal écrite"),
    Refused("another expression language", _ONE.replace("<inputExpression ", '<inputExpression expressionLanguage="groovy" '),
            "langage « groovy »"),
    Refused("a context, a list, an invocation", _file('<decision id="x" name="x"><context/></decision>'), "ni une table ni une expression"),
    Refused("a business knowledge model", _ONE.replace("<decisionTable", _BKM + "<decisionTable"), "modèle de connaissance"),
    Refused("an import", _ONE.replace('<decision id', '<import namespace="x"/><decision id', 1), "importe"),
    Refused("two decisions with the same id", _ONE.replace("</definitions>",
            _ONE[len(HEAD):]), "est décidée deux fois"),
    Refused("two outputs with the same name", table([(["-"], ["1", "2"])], outputs=("a", "a")), "deux sorties"),
    Refused("a required decision that is not there", _ONE.replace("<decisionTable",
            '<informationRequirement><requiredDecision href="#gone"/></informationRequirement><decisionTable'), "n’existe pas"),
    Refused("a decision that requires itself", _ONE.replace("<decisionTable",
            '<informationRequirement><requiredDecision href="#t"/></informationRequirement><decisionTable'), "se requiert elle-même"),
    Refused("a row with a missing cell", _ONE.replace("<inputEntry><text>-</text></inputEntry>", ""), "il manque des cellules"),
)  # fmt: skip
