"""Our task specs: calls that wait, automatic steps that ask our world, joins that count tokens."""

from collections import Counter
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    InclusiveGateway,
    ParallelGateway,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState

from engine.spiff.adhoc import AdHoc
from engine.spiff.alarms import stop


class CallStep(BpmnSpecMixin):
    """A call activity waits, like a person's task, for the instance that our rows start for it."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, manual=True, **kwargs)


class AutomaticStep(BpmnSpecMixin):
    """A service, script or business rule task: done by our world, at once."""

    def _run_hook(self, token: Token) -> bool:
        token.workflow.script_engine.world.serve(self.bpmn_id, token.data)
        return True


def _arrived(spec: Any, workflow: Any) -> list[Token]:
    """The tokens standing before a join, oldest first."""
    return [
        token
        for token in workflow.tasks.values()
        if token.task_spec is spec
        and not token.has_state(TaskState.FINISHED_MASK | TaskState.READY)
        and token.parent.has_state(TaskState.COMPLETED)
    ]


def _consume(tokens: list[Token]) -> None:
    for token in tokens:
        token._drop_children(force=True)
        token._set_state(TaskState.COMPLETED)


class ParallelJoin(ParallelGateway):
    """One token on each incoming flow. The library's join looks at history and errs in loops."""

    def _update_hook(self, token: Token) -> bool:
        arrived = _arrived(self, token.workflow)
        needed: Counter[str] = Counter(self._inputs)
        others = []
        needed[token.parent.task_spec.name] -= 1
        for other in arrived:
            name = other.parent.task_spec.name
            if other is not token and needed[name] > 0:
                needed[name] -= 1
                others.append(other)
        if any(count > 0 for count in needed.values()):
            token._set_state(TaskState.WAITING)
            return False
        _consume(others)
        token._inherit_data()
        return True

    def _run_hook(self, token: Token) -> bool:
        return True


class InclusiveJoin(InclusiveGateway):
    """Waits for the tokens that can still come in by a flow where none stands yet (BPMN 2.0 §13.4.3)."""

    def _update_hook(self, token: Token) -> bool:
        arrived = _arrived(self, token.workflow)
        with_token = {other.parent.task_spec.name for other in arrived}
        with_token.add(token.parent.task_spec.name)
        without = [name for name in self._inputs if name not in with_token]
        # Flows where two tokens stand keep the second for the next time.
        if any(self._may_come(other, with_token, without) for other in self._elsewhere(token)):
            token._set_state(TaskState.WAITING)
            return False
        first = {token.parent.task_spec.name: token}
        for other in arrived:
            first.setdefault(other.parent.task_spec.name, other)
        _consume([other for other in first.values() if other is not token])
        token._inherit_data()
        return True

    def _run_hook(self, token: Token) -> bool:
        matches, defaults = self._get_matching_outputs(token)
        if not (matches or defaults):
            raise WorkflowException("No conditions satisfied", task_spec=self)
        token._sync_children(matches or defaults, TaskState.FUTURE)
        for child in token.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True

    def _elsewhere(self, token: Token) -> list[Token]:
        moving = TaskState.READY | TaskState.WAITING | TaskState.STARTED
        return [
            other
            for other in token.workflow.tasks.values()
            if other.task_spec is not self
            and (other.has_state(moving) or _just_left(other))
            and not isinstance(other.task_spec, (BoundaryEventJoin, _EndJoin))
        ]

    def _may_come(self, other: Token, with_token: set[str], without: list[str]) -> bool:
        reach = _reachable(other.task_spec, self)
        return not reach.isdisjoint(without) and reach.isdisjoint(with_token)


def _just_left(token: Token) -> bool:
    """A child about to be updated: its parent is done and its own turn has not come yet."""
    return bool(token.state == TaskState.FUTURE and token.parent.has_state(TaskState.COMPLETED))


def _reachable(spec: Any, join: Any) -> set[str]:
    """Names of the specs a token can pass on its way, without visiting the join."""
    seen: set[str] = set()
    todo = [spec.name]
    while todo:
        name = todo.pop()
        if name in seen or name == join.name:
            continue
        seen.add(name)
        todo.extend(spec._wf_spec.task_specs[name]._outputs)
    return seen


class BoundaryJoin(BoundaryEventJoin):
    """Ends what its host's end, or an interruption, makes pointless; it never holds anything up."""

    def _update_hook(self, token: Token) -> bool:
        came_from = token.parent
        split = came_from.parent
        waiting = [
            other
            for other in split.children
            if isinstance(other.task_spec, BoundaryEvent) and other.has_state(TaskState.WAITING)
        ]
        if isinstance(came_from.task_spec, BoundaryEvent):
            if not came_from.task_spec.cancel_activity:
                return True
            for other in split.children:
                if not isinstance(other.task_spec, BoundaryEvent):
                    stop(other)
        for other in waiting:
            other.cancel()
        token._inherit_data()
        return True

    def _run_hook(self, token: Token) -> bool:
        return True


class EndJoin(_EndJoin):
    """The end of a (sub-)process: the last token to arrive closes it."""

    def _update_hook(self, token: Token) -> bool:
        # Asked once, when a path ends; a token that waits for the others is looked at again.
        arrives = not token.has_state(TaskState.WAITING)
        if arrives and isinstance(self._wf_spec, AdHoc) and self._wf_spec.goes_on(token):
            _consume([token])
            return False
        open_mask = TaskState.READY | TaskState.WAITING | TaskState.STARTED
        for other in token.workflow.tasks.values():
            if other is token or other.task_spec is self:
                continue
            if isinstance(other.task_spec, BoundaryEventJoin):
                continue
            if other.has_state(open_mask) or _will_run(other):
                token._set_state(TaskState.WAITING)
                return False
        _consume([other for other in _arrived(self, token.workflow) if other is not token])
        token._inherit_data()
        return True

    def _run_hook(self, token: Token) -> bool:
        return True


def _will_run(token: Token) -> bool:
    return _just_left(token) and not isinstance(token.task_spec, (_EndJoin, BoundaryEventJoin))


class _Reached:
    """A token that was only foreseen, behind a boundary event, may not start repetitions yet."""

    def _update_hook(self, token: Token) -> Any:
        if token.has_state(TaskState.PREDICTED_MASK):
            token._set_state(TaskState.FUTURE)
        return super()._update_hook(token)  # type: ignore[misc]  # the library's class beside it


class _OverItems(_Reached):
    """Each turn knows its own item, and nothing after it does: the library merges it upwards."""

    input_item: Any

    def create_child(self, token: Token, *given: Any) -> None:
        self._forget(token)
        super().create_child(token, *given)  # type: ignore[misc]  # as above

    def _run_hook(self, token: Token) -> Any:
        self._forget(token)
        return super()._run_hook(token)  # type: ignore[misc]  # as above

    def _forget(self, token: Token) -> None:
        if self.input_item is not None:
            token.data.pop(self.input_item.bpmn_id, None)


class ParallelRepetition(_OverItems, ParallelMultiInstanceTask):
    """All at once."""


class SequentialRepetition(_OverItems, SequentialMultiInstanceTask):
    """One after the other."""


class Repetition(_Reached, StandardLoopTask):
    """As long as its condition holds."""


OURS = {
    ParallelMultiInstanceTask: ParallelRepetition,
    SequentialMultiInstanceTask: SequentialRepetition,
    StandardLoopTask: Repetition,
    ParallelGateway: ParallelJoin,
    InclusiveGateway: InclusiveJoin,
    BoundaryEventJoin: BoundaryJoin,
    _EndJoin: EndJoin,
}
__all__ = ["OURS", "AutomaticStep", "CallStep"]
