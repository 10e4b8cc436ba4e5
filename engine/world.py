"""What a running diagram asks for comes in; our handlers, tables, messages and answers reply."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import expressions, handlers
from engine.decisions import DecisionError
from engine.errors import Conflict
from engine.models import Instance

if TYPE_CHECKING:
    from engine.step import Step


class InstanceData:
    """A handler's view of the answers: reads go up the callers, writes go to the name's scope."""

    def __init__(self, step: "Step", instance: Instance) -> None:
        self._step = step
        self._instance = instance

    def get(self, name: str) -> Any:
        return self._step.view(self._instance).get(name)

    def set(self, name: str, value: Any) -> None:
        self.put({name: value})

    def put(self, values: Mapping[str, Any]) -> None:
        self._step.answers.put(
            values,
            instance_id=self._instance.id,
            actor=self._step.actor,
            now=self._step.now,
        )


class InstanceWorld:
    """The world of one instance during one step."""

    def __init__(self, step: "Step", instance: Instance) -> None:
        self._step = step
        self._instance = instance
        self._data = InstanceData(step, instance)

    def evaluate(self, expression: str, local: dict[str, Any]) -> Any:
        return expressions.compile_expression(expression).evaluate(self._names(local))

    def serve(self, element: str, local: dict[str, Any]) -> None:
        node = (
            self._step.release_of(self._instance)
            .definition(self._instance.definition, self._instance.start)
            .diagram.nodes[element]
        )
        if node.tag == "scriptTask":
            script = expressions.compile_assignments(node.text("script"))
            self._data.put(script.run(self._names(local)))
        elif node.tag == "businessRuleTask":
            self._decide(node.properties.get("decision", ""), local)
        else:
            self._handle(element, node.properties)

    def throw(self, message: str, element: str, *, broadcast: bool) -> None:
        from engine import messages

        step, key = self._step, f"{self._instance.id}:{element}"
        step.queue(
            lambda: messages.route(step, name=message, sender=key, payload={}, broadcast=broadcast)
        )

    def _names(self, local: dict[str, Any]) -> Mapping[str, Any]:
        """What a repetition tells its turn comes before the answers."""
        return self._step.view(self._instance).new_child(local)

    def _decide(self, decision_id: str, local: dict[str, Any]) -> None:
        decision = self._step.release_of(self._instance).decisions.get(decision_id)
        if decision is None:
            raise Conflict(f"La table de décision «\u202f{decision_id}\u202f» n’existe pas.")
        try:
            self._data.put(decision.answer(self._names(local)).values)
        except DecisionError as error:
            raise Conflict(f"{error.message} Rien n’a été enregistré.") from error

    def _handle(self, element: str, properties: dict[str, str]) -> None:
        name = properties.get("handler", "")
        handler = handlers.handler(name)
        if handler is None:
            raise Conflict(f"L’action automatique «\u202f{name}\u202f» n’existe pas.")
        handler(
            handlers.ServiceStep(
                db=self._step.db,
                case=self._step.case,
                instance=self._instance,
                element=element,
                properties=properties,
                actor=self._step.actor,
                now=self._step.now,
                data=self._data,
            )
        )
