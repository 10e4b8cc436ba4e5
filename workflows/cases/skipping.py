"""« Sans objet »: a reason and a way on come in; the step is closed and satisfies no rule.

The form names the ways (`skip:`, forms/README.md): one is taken by itself, of several the person
chooses. What the step should have established stays unmet, and what asks for it later says so.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from engine.models import Task
from engine.step import stepping
from forms import Library, SkipWay
from workflows.cases import steps
from workflows.cases.operations import locked_later, require_doable
from workflows.cases.undo import undoable
from workflows.library import library_of_task
from workflows.staff.models import User

LONGEST_REASON = 300
STRAIGHT_ON = SkipWay("", "Le parcours continue sans réponse à ce formulaire")


def ways_of(library: Library, form_name: str) -> Sequence[SkipWay]:
    """How the pathway may go on without this form; none when its revision names no way."""
    spec = library.forms.get(form_name)
    if spec is not None and spec.skip:
        return spec.skip
    return (STRAIGHT_ON,) if steps.goes_on_by_itself(form_name) else ()


def not_applicable(
    db: Session,
    *,
    task_id: int,
    reason: str,
    user: User,
    now: datetime,
    way: str | None = None,
    seen_version: int | None = None,
) -> Task:
    """Close a step « sans objet », with the reason and, where it matters, the way on."""
    task, reach = locked_later(db, user, task_id, now)
    reason = _in_words(reason)
    with (
        undoable(db, task, user=user, now=now),
        stepping(db, task.case_id, actor=user.actor, now=now) as step,
    ):
        require_doable(db, user, reach, step.task_now(task), seen_version)
        chosen = _chosen(db, task, way)
        passed = steps.CompletedForm(
            case=step.case,
            task=task,
            answers=dict(chosen.answers),
            actor=user.actor,
            user=user,
            now=now,
            way=chosen.code,
        )
        steps.skip(db, task.form, passed)
        if not steps.goes_on_by_itself(task.form):
            told = {"element": task.element, "way": chosen.code, "reason": reason}
            steps.write_down(db, passed, "task.rule_passed_over", **told)
        return runtime.complete_task(
            db,
            task_id=task_id,
            answers=passed.answers,
            actor=user.actor,
            now=now,
            outcome="not_applicable",
            reason=reason,
            leaves=chosen.leaves,
        )


def _in_words(reason: str) -> str:
    reason = reason.strip()
    if not 3 <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            f"Dites en quelques mots ({LONGEST_REASON} caractères au plus) pourquoi cette étape "
            "est sans objet.",
            {"reason": "Motif attendu."},
        )
    return reason


def _chosen(db: Session, task: Task, way: str | None) -> SkipWay:
    ways = ways_of(library_of_task(db, task), task.form)
    if not ways:
        raise Invalid(
            f"L’étape «\u202f{task.name}\u202f» porte une règle obligatoire du parcours\u202f: "
            "elle ne peut pas être déclarée sans objet."
        )
    if len(ways) == 1 and way is None:
        return ways[0]
    found = next((one for one in ways if one.code == way), None)
    if found is None:
        raise Invalid(
            f"Dites comment le parcours continue sans «\u202f{task.name}\u202f».",
            {"way": "Suite attendue."},
        )
    return found
