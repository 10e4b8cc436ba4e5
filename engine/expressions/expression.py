"""One compiled expression: parsed once when a revision is published, evaluated at every gateway."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from engine.expressions.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS
from engine.expressions.operators import OPERATORS, bounded
from engine.expressions.syntax import CONSTANTS, names_of, parse

ISO_DURATION = re.compile(
    r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)


# What computing on data that do not fit raises; the sentence is the same.
_UNABLE = (InvalidExpression, TypeError, ValueError, ArithmeticError, RecursionError, MemoryError)


class _Evaluator(SimpleEval):
    """SimpleEval reduced to a handful of nodes; one per evaluation, so that threads never share."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        # Not the parent's: it silences warnings process-wide and allows more nodes than we want.
        self.names = names
        self.functions = FUNCTIONS
        self.operators = OPERATORS
        self.nodes = {
            ast.Name: self._eval_name,
            ast.Constant: self._eval_constant,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
            ast.Subscript: self._eval_subscript,
            ast.List: self._eval_list,
            ast.Tuple: self._eval_list,
        }

    def _eval_name(self, node: ast.Name) -> Any:
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        return self.names.get(node.id)

    def _eval_list(self, node: ast.List | ast.Tuple) -> list[Any]:
        return [self._eval(item) for item in node.elts]

    def _eval_subscript(self, node: ast.Subscript) -> Any:
        container, key = self._eval(node.value), self._eval(node.slice)
        if not isinstance(container, (list, dict)):
            return None
        try:
            return container[key]
        except (KeyError, IndexError, TypeError):
            return None


@dataclass(frozen=True)
class Expression:
    text: str
    names: frozenset[str]
    tree: ast.expr

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        tree = self.tree
        try:  # most cells of a table are constants: there is nothing to work out
            if isinstance(tree, ast.Constant):
                return bounded(tree.value)
            return bounded(_Evaluator(names)._eval(tree))
        except ExpressionError as error:
            raise ExpressionError(f"{error.message} (dans « {self.text} »)") from error
        except _UNABLE as error:
            raise ExpressionError(f"« {self.text} » ne peut pas être calculé.") from error

    def holds(self, names: Mapping[str, Any]) -> bool:
        """The expression read as a condition: an absent value does not hold."""
        return bool(self.evaluate(names))


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Parse and check once; an ExpressionError says in French what is not permitted."""
    tree = parse(text)
    return Expression(text.strip(), frozenset(names_of(tree)), tree)


def compile_timer(text: str) -> Expression:
    """A bare ISO duration (``P7D``) stands for itself; anything else is an expression."""
    bare = text.strip()
    if ISO_DURATION.fullmatch(bare):
        return Expression(bare, frozenset(), ast.Constant(bare))
    return compile_expression(text)
