"""One S-FEEL literal, name or simple expression comes in, a compiled expression goes out."""

import ast
import re

from engine.expressions import Expression, ExpressionError, compile_expression

# Dates, times and durations are ISO text everywhere in Hent: the constructor only wraps them.
_TEMPORAL = re.compile(r'(date and time|date|time|duration)\(\s*"([^"]*)"\s*\)')
_SHAPES = {
    "date": r"\d{4}-\d\d(-\d\d)?",
    "date and time": r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?",
    "time": r"\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?",
    "duration": r"-?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?",
}

# Text of these does not sort as what it says: a comparison would be wrong without a word.
_MUTE = {
    "duration": "les durées ne se comparent pas, comparez un nombre de jours.",
    "date and time": "un instant ne se compare pas ici, comparez la date.",
}


def compile_value(text: str) -> Expression:
    """What an output cell or an input expression may say."""
    return compile_expression(_TEMPORAL.sub(_plain, text.strip()))


def compile_endpoint(text: str) -> Expression:
    """What may be compared with: a literal or a name, nothing computed."""
    for kind, _ in _TEMPORAL.findall(text):
        if kind in _MUTE:
            raise ExpressionError(f"« {text.strip()[:60]} »\u202f: {_MUTE[kind]}")
    expression = compile_value(text)
    tree = expression.tree
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        tree = tree.operand
    if not isinstance(tree, (ast.Constant, ast.Name)):
        message = (
            f"« {text.strip()[:60]} » sort de S-FEEL\u202f: une valeur ou un nom est attendu."
        )
        raise ExpressionError(message)
    return expression


def constant(expression: Expression) -> object:
    """The value of a literal; an ExpressionError when it is a name."""
    if expression.names:
        raise ExpressionError(f"« {expression.text} » n’est pas une valeur.")
    return expression.evaluate({})


def _plain(match: re.Match[str]) -> str:
    kind, text = match.groups()
    if not re.fullmatch(_SHAPES[kind], text):
        raise ExpressionError(f"« {match.group(0)} » n’est pas une valeur lisible.")
    return f'"{text}"'
