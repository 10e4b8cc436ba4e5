"""DMN 1.3 tables (S-FEEL) come in as XML, decisions that explain which row answered go out.

Read: several decisions per file, decisions that require others, decision tables, literal expressions;
hit policies UNIQUE, FIRST, PRIORITY, ANY, RULE ORDER, COLLECT (SUM, MIN, MAX, COUNT).
Unary tests: ``-``, literals, names, ``< <= > >=``, intervals ``[1..5[``, lists, ``not(…)``, ``null``.
Literals: numbers, "texts", true, false, ``date("…")``, ``date and time("…")``, ``duration("…")``.
Everything else is refused with a reason.
"""

from engine.decisions.decision import Decision, DecisionError, Outcome
from engine.decisions.reader import Problem, load_decisions, read_decisions

__all__ = [
    "Decision",
    "DecisionError",
    "Outcome",
    "Problem",
    "load_decisions",
    "read_decisions",
]
