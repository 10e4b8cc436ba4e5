"""The text of an expression comes in, a checked and bounded syntax tree goes out."""

import ast
from collections.abc import Iterator

from engine.expressions.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS
from engine.expressions.operators import OPERATORS

LONGEST_TEXT, MOST_NODES, DEEPEST = 2_000, 400, 40
CONSTANTS = {"true": True, "false": False, "null": None}

_ALLOWED = (
    ast.Name, ast.Load, ast.Constant, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.And, ast.Or,
    ast.Compare, ast.IfExp, ast.Call, ast.List, ast.Tuple, ast.Subscript, *OPERATORS,
)  # fmt: skip
_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: 'l’accès par un point (« a.b ») n’est pas permis ; utilisez a["b"]',
    ast.Pow: "la puissance (« ** ») n’est pas permise",
    ast.Lambda: "« lambda » n’est pas permis",
    ast.ListComp: "les boucles ne sont pas permises",
    ast.SetComp: "les boucles ne sont pas permises",
    ast.DictComp: "les boucles ne sont pas permises",
    ast.GeneratorExp: "les boucles ne sont pas permises",
    ast.JoinedStr: 'les textes à trous (f"…") ne sont pas permis',
    ast.NamedExpr: "« := » n’est pas permis",
    ast.Is: "« is » n’est pas permis ; demandez known(donnée)",
    ast.IsNot: "« is not » n’est pas permis ; demandez known(donnée)",
    ast.Slice: "les tranches (« a[1:2] ») ne sont pas permises",
    ast.Dict: "les accolades ne sont pas permises",
    ast.Set: "les accolades ne sont pas permises ; écrivez [a, b]",
}


def parse(text: str) -> ast.expr:
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(f"L’expression dépasse {LONGEST_TEXT} caractères.")
    if not text.strip():
        raise ExpressionError("L’expression est vide.")
    tree = _tree(text)
    _bound(tree)
    for node in ast.walk(tree):
        _check(node, text)
    return tree


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(
            f"Expression mal écrite{_near(text, error)} : « {_cut(text)} »."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"Expression illisible : « {_cut(text)} ».") from error


def _near(text: str, error: SyntaxError) -> str:
    if "=" in text and not any(sign in text for sign in ("==", "<=", ">=", "!=")):
        return " (« = » affecte une valeur ; pour comparer, écrivez « == »)"
    return f" (vers le caractère {error.offset})" if error.offset else ""


def _cut(text: str) -> str:
    flat = " ".join(text.replace("\x00", " ").split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"


def _bound(tree: ast.expr) -> None:
    """Level by level, so that a deep tree cannot exhaust the stack while being measured."""
    level: list[ast.AST] = [tree]
    depth = count = 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > DEEPEST or count > MOST_NODES:
            raise ExpressionError("L’expression est trop compliquée : découpez-la.")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _check(node: ast.AST, text: str) -> None:
    if not isinstance(node, _ALLOWED):
        reason = _REFUSED.get(type(node), f"« {type(node).__name__} » n’est pas permis")
        raise ExpressionError(f"Dans « {_cut(text)} », {reason}.")
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        raise ExpressionError(f"Le nom « {node.id} » n’est pas permis.")
    if isinstance(node, ast.Constant):
        _check_constant(node)
    if isinstance(node, ast.Call):
        _check_call(node)
    if isinstance(node, ast.Compare):
        _check_comparison(node)


def _check_constant(node: ast.Constant) -> None:
    if not isinstance(node.value, (int, float, str, bool, type(None))):
        raise ExpressionError(f"La valeur « {_cut(repr(node.value))} » n’est pas permise.")


def _check_call(node: ast.Call) -> None:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise ExpressionError("Un appel s’écrit nom(valeur, valeur).")
    if node.func.id not in FUNCTIONS:
        known = ", ".join(sorted(FUNCTIONS))
        raise ExpressionError(f"La fonction « {node.func.id} » n’existe pas. Fonctions : {known}.")


def _check_comparison(node: ast.Compare) -> None:
    for side in (node.left, *node.comparators):
        absent = isinstance(side, ast.Constant) and side.value is None
        if absent or (isinstance(side, ast.Name) and side.id == "null"):
            raise ExpressionError(
                "Comparer à une valeur absente est toujours faux ; demandez known(donnée)."
            )


def names_of(tree: ast.expr) -> Iterator[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in CONSTANTS:
            yield node.id
