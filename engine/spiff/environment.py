"""The library's script engine, reduced to questions put to our own world: it never runs Python."""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.task import Task as Token

from engine.expressions import ExpressionError

MOST_INSTANCES = 500


class Environment:
    """Set as a workflow's `script_engine`; `world` answers with the data of the case."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.environment = self

    def evaluate(self, token: Token, expression: str, external_context: Any = None) -> Any:
        value = self.world.evaluate(expression, token.data)
        if isinstance(token.task_spec, MultiInstanceTask) and isinstance(value, (int, float)):
            count = int(value)
            if isinstance(value, bool) or not 0 <= count <= MOST_INSTANCES:
                raise ExpressionError(
                    f"Le nombre de répétitions «\u202f{expression}\u202f» vaut {value}\u202f: "
                    f"il doit être entre 0 et {MOST_INSTANCES}."
                )
            return count
        return value
