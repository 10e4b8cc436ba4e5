"""The shipped diagrams and forms speak of the same things: names, ways out, milestones."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

ROOT = Path(__file__).parents[2]
DICTIONARY: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "forms" / "dictionary.yaml").read_text("utf-8")
)
DIAGRAMS = sorted((ROOT / "bpmn").glob("*/*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


# What a decision table answers is no datum of the dictionary.
DECIDED = {
    output.get("name")
    for table in (ROOT / "bpmn" / "rules").glob("*.dmn")
    for output in etree.parse(table).iter("{*}output")
}


def _properties(diagram: Path, name: str) -> Iterator[str]:
    for element in etree.parse(diagram).iter("{*}property"):
        if element.get("name") == name:
            yield element.get("value", "")


def _conditions(diagram: Path) -> Iterator[str]:
    for element in etree.parse(diagram).iter(f"{BPMN}conditionExpression"):
        yield (element.text or "").strip()
    yield from _properties(diagram, "permitted_when")


def test_every_form_is_asked_by_a_diagram() -> None:
    asked = {form for diagram in DIAGRAMS for form in _properties(diagram, "form")}
    written = {path.stem for path in (ROOT / "forms" / "definitions").glob("*.yaml")}

    assert asked == written


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_a_way_out_compares_an_answer_with_one_that_exists(diagram: Path) -> None:
    for condition in _conditions(diagram):
        for compared in (node for node in ast.walk(ast.parse(condition, mode="eval"))):
            if isinstance(compared, ast.Compare) and isinstance(compared.left, ast.Name):
                if compared.left.id in DECIDED:
                    continue
                datum = DICTIONARY[compared.left.id]
                for value in _constants(compared.comparators):
                    assert _may_be(datum, value), (condition, value)


def test_what_diagrams_hand_over_is_in_the_dictionary() -> None:
    for diagram in DIAGRAMS:
        for name in ("returns", "expected", "datum"):
            for value in _properties(diagram, name):
                assert {one.strip() for one in value.split(",")} <= DICTIONARY.keys()


def _constants(comparators: list[ast.expr]) -> Iterator[Any]:
    for comparator in comparators:
        for node in ast.walk(comparator):
            if isinstance(node, ast.Constant):
                yield node.value


def _may_be(datum: dict[str, Any], value: Any) -> bool:
    if datum["type"] in ("integer", "decimal", "computed"):
        return isinstance(value, (int, float))
    if datum["type"] == "boolean":
        return isinstance(value, bool) or value == "yes"
    values = yaml.safe_load(
        (ROOT / "forms" / "value_sets" / f"{datum['value_set']}.yaml").read_text("utf-8")
    )
    return value in {one["code"] for one in values["values"]}
