"""An ad-hoc sub-process: its activities stand open in any order, until its condition holds.

BPMN 2.0 §10.2.5, §13.3.5: what has no incoming flow is open from the start; each time one of its
paths has come to its end the condition is looked at, and as long as it does not hold the path
is offered again.
"""

from typing import Any

from SpiffWorkflow.bpmn.parser.ProcessParser import AdHocParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import AdHocSubprocessSpec
from SpiffWorkflow.task import Task as Token
from SpiffWorkflow.util.task import TaskState

from engine.spiff.alarms import stop

_OPEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class AdHoc(AdHocSubprocessSpec):
    """The library's own would evaluate Python, and reopens nothing."""

    entries: dict[str, Any]  # name of a path's last step → its first

    def create_paths(self) -> None:
        drawn = [one for one in self.task_specs.values() if getattr(one, "bpmn_id", None)]
        first = [one for one in drawn if not one.inputs]
        last = [one for one in drawn if not one.outputs]
        self.entries = {}
        for entry in first:
            self.start.connect(entry)
            for name in _reached(entry):
                self.entries[name] = entry
        for one in last:
            one.connect(self.end)

    def goes_on(self, token: Token) -> bool:
        """A path has come to its end (`token` stands behind it): whether another turn begins."""
        workflow = token.workflow
        if workflow.script_engine.evaluate(token, self.completion_condition):
            if self.cancel_remaining:
                for other in list(workflow.tasks.values()):
                    if other is not token and other.has_state(_OPEN):
                        stop(other)
            return False
        entry = self.entries[token.parent.task_spec.name]
        twin = workflow.task_tree._add_child(entry, TaskState.FUTURE)
        entry._predict(twin, mask=TaskState.NOT_FINISHED_MASK)
        entry._update(twin)
        return True


class Parser(AdHocParser):
    """Makes our kind of scope."""

    def create_spec(self) -> AdHoc:
        theirs: Any = super().create_spec()
        theirs.__class__ = AdHoc
        ours: AdHoc = theirs
        ours.cancel_remaining = self.node.get("cancelRemainingInstances") != "false"
        return ours


def _reached(entry: Any) -> set[str]:
    seen: set[str] = set()
    todo = [entry]
    while todo:
        one = todo.pop()
        if one.name not in seen:
            seen.add(one.name)
            todo.extend(one.outputs)
    return seen
