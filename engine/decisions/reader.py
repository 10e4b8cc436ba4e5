"""The XML of a DMN file comes in, its decisions and everything wrong with them go out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from engine.decisions.decision import Decision, DecisionError, Input, Output, Rule
from engine.decisions.literals import compile_value, constant
from engine.decisions.unary import UnaryTests, compile_tests, same_kind
from engine.expressions import Expression, ExpressionError
from engine.xml import XmlError, local, parse_xml

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
SAMPLES = {"string": "", "number": 0, "integer": 0, "long": 0, "double": 0.0, "boolean": True}
MOST_RULES = 1_000
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    element: str
    message: str


def load_decisions(xml: bytes | str) -> dict[str, Decision]:
    """All decisions of a file; the first problem found is raised."""
    decisions, problems = read_decisions(xml)
    if problems:
        raise DecisionError(problems[0].message)
    return decisions


def read_decisions(xml: bytes | str) -> tuple[dict[str, Decision], list[Problem]]:
    """What can be read, and every problem, for the checks at publishing."""
    try:
        root = parse_xml(xml)
    except XmlError as error:
        return {}, [Problem("", f"Table illisible\u202f: {error.message}.")]
    if local(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        return {}, [Problem("", "Ce fichier n’est pas une table DMN.")]
    reader = _Reader()
    reader.foreign(root)
    decisions: dict[str, Decision] = {}
    for found in filter(None, map(reader.decision, _children(root, "decision"))):
        if found.id in decisions:
            reader.refuse(found.id, f"«\u202f{found.id}\u202f» est décidée deux fois.")
        decisions[found.id] = found
    reader.link(root, decisions)
    if not decisions and not reader.problems:
        reader.problems.append(Problem("", "Ce fichier ne contient aucune décision."))
    return decisions, reader.problems


class _Reader:
    """Keeps the problems met while reading."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, element: str, message: str) -> None:
        self.problems.append(Problem(element, message))

    def attempt(
        self, element: str, where: str, compile_it: Callable[[str], T], text: str
    ) -> T | None:
        try:
            return compile_it(text)
        except ExpressionError as error:
            self.refuse(element, f"{where}\u202f: {error.message}")
            return None

    def foreign(self, root: etree._Element) -> None:
        """What a table would need from elsewhere, and would not get."""
        for node in root.iter():
            if local(node) == "import":
                self.refuse("", "Ce fichier en importe un autre\u202f: réunissez-les en un seul.")
            elif local(node) in ("knowledgeRequirement", "businessKnowledgeModel"):
                message = (
                    "Un modèle de connaissance n’est pas exécuté\u202f: faites-en une décision."
                )
                self.refuse(node.get("id", ""), message)

    def decision(self, node: etree._Element) -> Decision | None:
        key = node.get("id", "")
        name = node.get("name", key)
        tables = _children(node, "decisionTable")
        if tables:
            return self.table(key, name, tables[0])
        literals = _children(node, "literalExpression")
        if literals:
            return self.literal(key, name, node, literals[0])
        self.refuse(key, f"La décision « {name} » n’est ni une table ni une expression.")
        return None

    def literal(
        self, key: str, name: str, node: etree._Element, box: etree._Element
    ) -> Decision | None:
        expression = self.attempt(key, f"Décision « {name} »", compile_value, _text(box))
        variables = _children(node, "variable")
        output = variables[0].get("name", key) if variables else key
        return Decision(key, name, (Output(output),), literal=expression) if expression else None

    def table(self, key: str, name: str, table: etree._Element) -> Decision | None:
        before = len(self.problems)
        policy = table.get("hitPolicy", "UNIQUE")
        aggregation = table.get("aggregation", "")
        outputs = tuple(self.output(key, name, o) for o in _children(table, "output"))
        self.check_policy(key, name, policy, aggregation, outputs)
        inputs = [self.input(key, name, i) for i in _children(table, "input")]
        rules = _children(table, "rule")
        if len(rules) > MOST_RULES:
            self.refuse(key, f"Table « {name} »\u202f: plus de {MOST_RULES} lignes.")
            return None
        columns = tuple(i for i in inputs if i)
        if len(self.problems) > before:
            return None
        found = [self.rule(name, n, r, columns, outputs) for n, r in enumerate(rules, 1)]
        if len(self.problems) > before:
            return None
        kept = tuple(r for r in found if r)
        return Decision(key, name, outputs, columns, kept, policy, aggregation)

    def check_policy(
        self, key: str, name: str, policy: str, aggregation: str, outputs: tuple[Output, ...]
    ) -> None:
        where = f"Table « {name} »"
        if policy not in POLICIES:
            allowed = ", ".join(POLICIES)
            self.refuse(
                key, f"{where}\u202f: la règle {policy} n’est pas prise en charge ({allowed})."
            )
        if aggregation and (policy != "COLLECT" or aggregation not in AGGREGATIONS):
            self.refuse(key, f"{where}\u202f: l’agrégat {aggregation} n’est pas pris en charge.")
        if aggregation and len(outputs) != 1:
            self.refuse(key, f"{where}\u202f: un agrégat porte sur une seule sortie.")
        if policy == "PRIORITY" and not all(output.priorities for output in outputs):
            self.refuse(
                key, f"{where}\u202f: PRIORITY demande la liste ordonnée des valeurs de sortie."
            )
        if len({output.name for output in outputs}) < len(outputs):
            self.refuse(key, f"{where}\u202f: deux sorties portent le même nom.")
        if not outputs or not all(output.name for output in outputs):
            self.refuse(key, f"{where}\u202f: chaque sortie doit avoir un nom.")

    def input(self, key: str, name: str, node: etree._Element) -> Input | None:
        boxes = _children(node, "inputExpression")
        label = node.get("label", "") or node.get("id", "")
        where = f"Table « {name} », entrée « {label} »"
        language = boxes[0].get("expressionLanguage", "") if boxes else ""
        if language and "feel" not in language.lower():
            self.refuse(key, f"{where}\u202f: le langage « {language} » n’est pas pris en charge.")
            return None
        expression = self.attempt(key, where, compile_value, _text(boxes[0]) if boxes else "")
        listed = [_text(box) for box in _children(node, "inputValues")]
        permitted = self.attempt(key, where, compile_tests, listed[0]) if listed else None
        kind = boxes[0].get("typeRef", "") if boxes else ""
        return Input(label, expression, kind, permitted) if expression else None

    def output(self, key: str, name: str, node: etree._Element) -> Output:
        label = node.get("label", "")
        where = f"Table « {name} », sortie « {label or node.get('name', '')} »"
        listed = [_text(box) for box in _children(node, "outputValues")]
        tests = self.attempt(key, where, compile_tests, listed[0]) if listed else None
        priorities = tuple(constant(e) for e in tests.equal_to if not e.names) if tests else ()
        default = [_text(box) for box in _children(node, "defaultOutputEntry")]
        entry = (
            self.attempt(key, where, compile_value, default[0]) if default and default[0] else None
        )
        return Output(node.get("name", ""), label, priorities, entry, node.get("typeRef", ""))

    def rule(
        self, name: str, number: int, node: etree._Element,
        inputs: tuple[Input, ...], outputs: tuple[Output, ...],
    ) -> Rule | None:  # fmt: skip
        key, where = node.get("id", f"row_{number}"), f"Table « {name} », ligne {number}"
        cells, results = _children(node, "inputEntry"), _children(node, "outputEntry")
        if len(cells) != len(inputs) or len(results) != len(outputs):
            self.refuse(key, f"{where}\u202f: il manque des cellules.")
            return None
        tests = [
            self.cell(key, f"{where}, « {column.label} »", _text(cell), column)
            for cell, column in zip(cells, inputs, strict=True)
        ]
        entries = [self.entry(key, where, cell) for cell in results]
        return Rule(key, _label(node), tuple(t for t in tests if t), tuple(entries))

    def cell(self, key: str, where: str, text: str, column: Input) -> UnaryTests | None:
        tests = self.attempt(key, where, compile_tests, text)
        sample = SAMPLES.get(column.kind)
        for end in tests.endpoints if tests and sample is not None else ():
            value = None if end.names else end.evaluate({})
            if value is not None and not same_kind(value, sample):
                self.refuse(key, f"{where}\u202f: « {end.text} » n’est pas du type {column.kind}.")
        permitted = column.permitted
        for end in tests.equal_to if tests and permitted else ():
            if permitted and not end.names and not permitted.accepts(end.evaluate({}), {}):
                self.refuse(key, f"{where}\u202f: « {end.text} » n’est pas une valeur permise.")
        return tests

    def entry(self, key: str, where: str, node: etree._Element) -> Expression | None:
        text = _text(node)
        return self.attempt(key, where, compile_value, text) if text not in ("", "-") else None

    def link(self, root: etree._Element, decisions: dict[str, Decision]) -> None:
        for node in _children(root, "decision"):
            decision = decisions.get(node.get("id", ""))
            for href in _required(node) if decision else ():
                if href not in decisions:
                    self.refuse(
                        node.get("id", ""), f"La décision requise « {href} » n’existe pas."
                    )
                elif decision and _leads_to(decisions[href], decision):
                    self.refuse(node.get("id", ""), f"« {decision.name} » se requiert elle-même.")
                elif decision:
                    decision.requires.append(decisions[href])


def _leads_to(start: Decision, wanted: Decision) -> bool:
    return start is wanted or any(_leads_to(required, wanted) for required in start.requires)


def _required(node: etree._Element) -> Iterator[str]:
    for requirement in _children(node, "informationRequirement"):
        for required in _children(requirement, "requiredDecision"):
            yield required.get("href", "").removeprefix("#")


def _children(node: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in node if local(child) == tag]


def _text(node: etree._Element) -> str:
    for child in _children(node, "text"):
        return (child.text or "").strip()
    return ""


def _label(node: etree._Element) -> str:
    notes = [_text(box) for box in _children(node, "annotationEntry")]
    notes += [(box.text or "").strip() for box in _children(node, "description")]
    return next((note for note in notes if note), "")
