"""Text an author may type comes in, a value computed without any reach into Python goes out.

Names read the data; an unknown name is ``None`` and every comparison with it is false
(``known(x)`` asks whether it is there, ``default(x, 0)`` gives it a value).
"""

from engine.expressions.assignments import (
    Assignments,
    compile_assignments,
    run_assignments,
)
from engine.expressions.errors import ExpressionError
from engine.expressions.expression import Expression, compile_expression, compile_timer
from engine.expressions.functions import FUNCTIONS

__all__ = [
    "FUNCTIONS",
    "Assignments",
    "Expression",
    "ExpressionError",
    "compile_assignments",
    "compile_expression",
    "compile_timer",
    "run_assignments",
]
