"""The only place that knows SpiffWorkflow: a diagram and events come in, waits and passages go out.

The library's specs are replaced where it is silently wrong (joins, boundary joins), where it
would run Python (expressions, scripts) and where it would read the wall clock (timers).
"""

from engine.spiff.alarms import Alarm
from engine.spiff.definition import Definition, UnreadableDiagram
from engine.spiff.execution import Execution, Passed, Wait, World

__all__ = ["Alarm", "Definition", "Execution", "Passed", "UnreadableDiagram", "Wait", "World"]
