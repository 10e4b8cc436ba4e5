"""docs/dmn.md says what these examples prove; intervals are right for any numbers and dates."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import load_decisions, read_decisions
from engine.decisions.unary import compile_tests
from engine.expressions import ExpressionError
from tests.engine.dmn.page import page
from tests.engine.dmn.rows import CELLS, POLICIES, REFUSED, Cell, Policy, Refused

PAGE = Path(__file__).parents[3] / "docs" / "dmn.md"
FACTS = {"limit": 7, "kinds": ["x", "y"]}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.text)
def test_a_cell_accepts_what_the_page_says(cell: Cell) -> None:
    tests = compile_tests(cell.text)

    assert [one for one in cell.accepts if not tests.accepts(one, FACTS)] == []
    assert [one for one in cell.refuses if tests.accepts(one, FACTS)] == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_policy_answers_what_the_page_says(policy: Policy) -> None:
    outcome = load_decisions(policy.xml)["t"].evaluate({"a": "yes"})

    assert outcome.values == {"out": policy.answer}


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.what)
def test_the_rest_is_refused_with_a_reason(row: Refused) -> None:
    _, problems = read_decisions(row.xml)
    said = [one.message.replace("\u202f", " ") for one in problems]

    assert any(row.said in one for one in said), said


def test_the_page_says_what_the_examples_prove() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it again: python -m tests.engine.dmn.page"


numbers = st.integers(-(10**6), 10**6) | st.decimals(-1000, 1000, places=3).map(float)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(
    low=numbers, high=numbers, value=numbers,
    opening=st.sampled_from("[(]"), closing=st.sampled_from("])["),
)  # fmt: skip
def test_an_interval_holds_what_lies_between_its_ends(
    low: float, high: float, value: float, opening: str, closing: str
) -> None:
    text = f"{opening}{low}..{high}{closing}"
    if low > high:
        with pytest.raises(ExpressionError, match="finit avant"):
            compile_tests(text)
        return
    for candidate in (value, low, high):
        above = candidate >= low if opening == "[" else candidate > low
        below = candidate <= high if closing == "]" else candidate < high
        assert compile_tests(text).accepts(candidate, {}) == (above and below)
        assert compile_tests(f"not({text})").accepts(candidate, {}) != (above and below)


@given(low=days, high=days, value=days)
def test_an_interval_of_dates_follows_the_calendar(low: date, high: date, value: date) -> None:
    low, high = min(low, high), max(low, high)
    tests = compile_tests(f'[date("{low}")..date("{high}")]')

    assert tests.accepts(value.isoformat(), {}) == (low <= value <= high)
