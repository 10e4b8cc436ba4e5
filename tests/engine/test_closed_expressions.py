"""The evaluator stays closed: a corpus of escapes and exhaustions, and expressions made at random."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import DecisionError, load_decisions
from engine.expressions import (
    FUNCTIONS,
    ExpressionError,
    compile_assignments,
    compile_expression,
    compile_timer,
)
from tests.engine.test_decisions import table

MOST_SECONDS = 1.0
DATA: dict[str, Any] = {
    "a": 2,
    "text": "abc",
    "rows": [{"n": 1, "on": "2026-03-01"}, {"n": 2.5}],
    "deep": [[[[[1]]]]],
    "none": None,
}

DUNDER = [
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__.__mro__[1].__subclasses__()[40]('/etc/passwd').read()",
    "(lambda: 0).__globals__",
    "known.__globals__['__builtins__']",
    "known.__self__",
    "__builtins__",
    "__import__('subprocess').run('id')",
    "__name__",
    "a.__class__",
    "rows[0].__class__",
    "text.join",
    "text.encode('rot13')",
    "[].append",
    "().__reduce_ex__(2)",
    "type(a)",
    "vars()",
    "globals()",
    "locals()",
    "dir(a)",
    "help()",
    "breakpoint()",
    "compile('1', '', 'eval')",
    "input()",
    "setattr(a, 'b', 1)",
    "object()",
    "memoryview(b'a')",
    "map(known, rows)",
    "iter(rows)",
    "sorted(rows, key=len)",
    "default(known, 1)(a)",
    "[known][0](a)",
    "(known if a else len)(a)",
    "rows[0]['n'].real",
]
TEXTS = [
    "'{0.__class__}'.format(a)",
    "f'{a.__class__}'",
    "f'{known.__globals__}'",
    "'%(a)s' % rows",
    "'%s' * 9 % a",
    "text.format_map(rows)",
    "t'{a}'",
    "rf'{a!r:>1000000000}'",
    "'\\N{LATIN SMALL LETTER A}'.upper()",
]
UNICODE = [
    "＿＿import＿＿('os')",
    "__ｉｍｐｏｒｔ__('os')",
    "().＿＿class＿＿",
    "𝓸𝓹𝓮𝓷('/etc/passwd')",
    "ｅｖａｌ('1')",
    "ᵍetattr(a, 'b')",
    "a\u200b.b",
    "a\u2024b\u2024c()",
    "ａ＿＿.__class__",
    "known\u00ad(a)",
    "\ufeffopen('x')",
    "a \u202e== 1",
    "a\u037e b",
    "\ud800",
]
POWERS = [
    "9**9**9**9",
    "pow(9, 99999)",
    "2 << 99999",
    "'x' * 1000000000",
    "[0] * 1000000000",
    "text * 99999999",
    "rows * 99999999",
    "1e999",
    "-1e999",
    "9" * 1999,
    "int('9' * 9)",
    "range(10**9)",
    "list(range(9))",
    "999999999999999999 * 99 * 99",
    "round(1.5, 99999)",
    "days_after('2026-01-01', 1e300)",
    "months(1e300)",
    "hours(-1)",
    "10 % 0",
    "10 // 0",
    "1 / 0",
]
NESTED = [
    "[[x for x in rows] for y in rows]",
    "{x: [y for y in x] for x in rows}",
    "sum(x for x in rows)",
    "(" * 100 + "a" + ")" * 100 + "+1" * 500,
    "(" * 990 + "a" + ")" * 990,
    "[" * 200 + "a" + "]" * 200,
    "-" * 1000 + "a",
    "+~-" * 300 + "a",
    "not " * 499 + "a",
    "a if " * 300 + "a",
    "a if a else " * 150 + "a",
    "known(" * 150 + "a" + ")" * 150,
    "a[" * 200 + "0" + "]" * 200,
    "a < " * 400 + "a",
    "a and " * 300 + "a",
    "'" + "x" * 1999,
    '"""' + "x" * 100,
    "#" * 100,
    "a\\",
    "a;" * 50,
    "async def f(): pass",
    "match a: case 1: pass",
    "*rows",
    "**rows",
    "print(a)",
    "a: int",
    "del a",
    "raise a",
    "global a",
]
CORPUS = {"dunder": DUNDER, "text": TEXTS, "unicode": UNICODE, "power": POWERS, "nested": NESTED}
ALL = [pytest.param(text, id=f"{kind}-{n}") for kind, all_ in CORPUS.items() for n, text in enumerate(all_)]  # fmt: skip


def quickly(act: Callable[[], object]) -> object:
    started = time.process_time()
    try:
        return act()
    finally:
        assert time.process_time() - started < MOST_SECONDS


@pytest.mark.parametrize("text", ALL)
def test_an_escape_or_an_exhaustion_is_refused_in_words_wherever_it_is_typed(text: str) -> None:
    for compiled in (compile_expression, compile_timer):
        with pytest.raises(ExpressionError) as refused:
            quickly(lambda c=compiled: c(text).evaluate(DATA))  # type: ignore[misc]
        said = refused.value.message
        assert said[0].isupper() or said[0] == "«"
        assert said.rstrip().endswith((".", ")"))
        assert len(said) < 2_500
    with pytest.raises(ExpressionError):
        quickly(lambda: compile_assignments(f"b = {text}").run(DATA))


@pytest.mark.parametrize("text", [text for text in DUNDER + POWERS if "\x00" not in text])
def test_a_table_refuses_the_same(text: str) -> None:
    for xml in (table([([text], ["1"])]), table([(["-"], [text])])):
        with pytest.raises(DecisionError):
            quickly(lambda x=xml: load_decisions(x)["t"].evaluate(DATA))  # type: ignore[misc]


@pytest.mark.parametrize(
    "lines",
    [
        ["b = [1]", *["b = [b, b]"] * 45],
        ["b = ['x']", *["b = [b + b, b]"] * 45],
        ["b = 'x'", *["b = b + b"] * 45],
        ["b = 2", *["b = b * b"] * 45],
        ["b = column(rows, 'n')", *["b = [b, [b, b]]"] * 45],
        ["b = 1"] * 51,
    ],
)
def test_lines_that_grow_on_each_other_are_bounded(lines: list[str]) -> None:
    with pytest.raises(ExpressionError):
        quickly(lambda: compile_assignments("\n".join(lines)).run(DATA))


names = st.sampled_from([*DATA, "unknown"])
literals = st.sampled_from(["0", "1", "-3", "2.5", '"x"', '"2026-02-30"', '"2026-03-01"', "true", "null", "[]"])  # fmt: skip


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(
        "+ - * / // % == != < <= > >= in and or".split()  # noqa: SIM905 (a list of signs)
    )
    call = st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=3))
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        call.map(lambda t: f"{t[0]}({', '.join(t[1])})"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.lists(inner, max_size=3).map(lambda t: f"[{', '.join(t)}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        inner.map(lambda t: f"not {t}"),
        inner.map(lambda t: f"-{t}"),
    )


expressions = st.recursive(names | literals, _wider, max_leaves=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
values = st.recursive(
    scalars | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["n", "on"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(text=expressions, data=st.dictionaries(names, values))
def test_a_well_made_expression_gives_plain_data_or_a_sentence(
    text: str, data: dict[str, Any]
) -> None:
    try:
        found = quickly(lambda: compile_expression(text).evaluate(data))
    except ExpressionError:
        return
    assert isinstance(found, (type(None), bool, int, float, str, list, dict))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    for act in (
        lambda: compile_expression(text).evaluate(DATA),
        lambda: compile_assignments(text).run(DATA),
        lambda: compile_timer(text).evaluate(DATA),
    ):
        with contextlib.suppress(ExpressionError):
            quickly(act)
