"""A request about one task comes in; the page it stands on, whatever happened, goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import forms
from engine import queries as engine
from engine.errors import NotFound
from engine.models import Instance, Task
from engine.releases import release
from engine.suspension import stands_still
from web.tasks.asking import Asked
from web.tasks.choices import naming
from workflows.access import require_task
from workflows.cases import hands, notes, skipping
from workflows.cases.models import TaskDraft
from workflows.cases.queries import OpenedTask, next_step_for, task_page
from workflows.cases.whereabouts import ahead
from workflows.deadlines import queries as deadlines
from workflows.pathways.orientation import rcp_advice
from workflows.rcp.correction import corrected
from workflows.records import queries as records
from workflows.records.models import Record
from workflows.records.reissuing import reissued_in
from workflows.roles import Permission
from workflows.staff.models import User

blueprint = Blueprint("tasks", __name__, template_folder="templates")

# Steps that judge or hand over a document: it stands beside the form.
DOCUMENTS = {
    "approve_rcp_sheet": "rcp_sheet",
    "approve_pps": "pps",
    "hand_over_pps": "pps",
    "approve_ppac": "ppac",
    "hand_over_ppac": "ppac",
}
REISSUED = ("approve_reissue", "hand_over_reissue")

ADVISED = ("choose_rcp", "register_for_rcp")


@dataclass(frozen=True)
class Trouble:
    """Why the form comes back: a status, a sentence, and what goes with it."""

    status: int
    title: str
    text: str = ""
    differences: Sequence[tuple[str, str, str]] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


def task_in_case(db: Session, case_id: int, task_id: int, user: User, now: datetime) -> Task:
    """A task asked through the address of another case is no task at all."""
    task = require_task(db, user, task_id, now, action="task.change", written=False)
    if task.case_id != case_id:
        raise NotFound("Cette étape n’existe pas dans ce dossier.")
    return task


def opened(db: Session, case_id: int, task_id: int, user: User, now: datetime) -> OpenedTask:
    page = task_page(db, task_id=task_id, user=user, now=now)
    if page.task.case_id != case_id:
        raise NotFound("Cette étape n’existe pas dans ce dossier.")
    return page


def writer(page: OpenedTask, user: User, now: datetime) -> TaskDraft | None:
    """Somebody else's draft saved a moment ago: they are probably still typing."""
    draft = page.draft
    if draft is None or draft.user_id == user.id or now - draft.saved_at >= notes.WARM:
        return None
    return draft


def as_left(db: Session, page: OpenedTask, *, user: User, now: datetime) -> Asked:
    """The form with what was kept of it as a draft."""
    draft = page.draft.values if page.draft else None
    return Asked(db, page.task, user=user, now=now, draft=draft)


def show_form(
    db: Session,
    page: OpenedTask,
    asked: Asked,
    *,
    user: User,
    now: datetime,
    trouble: Trouble | None = None,
    added: str = "",
    passed_over: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """`passed_over`: what was typed under « Sans objet », when that was refused."""
    sections = forms.sections(asked.form)
    permissions = page.heading.permissions
    shown = {
        "page": page,
        "task": page.task,
        "heading": page.heading,
        "form": asked.form,
        "spec": asked.spec,
        "sections": sections,
        "problems": problems(sections, trouble),
        "trouble": trouble,
        "added": added,
        "passed_over": passed_over or {},
        "counted": counted(sections),
        "writer": writer(page, user, now) if page.may_complete else None,
        "is_mine": page.assignee is not None and page.assignee.id == user.id,
        "may_assign": page.may_complete or Permission.ASSIGN_TASK in permissions,
        "ways": skipping.ways_of(asked.library, page.task.form) if page.may_complete else (),
        "document": document_of(db, page.task),
        "advice": advice_of(db, page.task),
        **around(db, page, user, now),
    }
    status = trouble.status if trouble else 200
    return make_response(render_template("tasks/show.html", **shown), status)


def show_answers(
    db: Session,
    page: OpenedTask,
    *,
    user: User,
    now: datetime,
    trouble: Trouble | None = None,
    typed: Asked | None = None,
) -> ResponseReturnValue:
    """What was answered, by whom and when; after a colleague was quicker, what one had typed."""
    task = page.task
    asked = Asked(db, task, user=user, now=now)
    next_task = next_step_for(db, case_id=task.case_id, user=user, now=now)
    shown = {
        "page": page,
        "task": task,
        "heading": page.heading,
        "spec": asked.spec,
        "answers": read_back(db, asked.library, asked.spec, task.answers or {}),
        "typed": read_back(db, typed.library, typed.spec, forms.raw(typed.form)) if typed else [],
        "trouble": trouble,
        "next_task": next_task,
        "document": document_of(db, task),
        **around(db, page, user, now),
    }
    status = trouble.status if trouble else 200
    return make_response(render_template("tasks/done.html", **shown), status)


def around(db: Session, page: OpenedTask, user: User, now: datetime) -> dict[str, Any]:
    """The column on the right: where the step stands, documents, what colleagues said."""
    task = page.task
    instance = db.get_one(Instance, task.instance_id)
    drawn = release(db, instance.revision_id)
    before = [
        one for one in engine.history(db, task.case_id) if one.instance_id == task.instance_id
    ]
    return {
        "phase": drawn.titles.get(task.definition, task.definition),
        "done_before": next((one for one in before if one.id != task.id), None),
        "next_steps": ahead(db, drawn, task),
        "records": [
            one for one in records.records_of(db, task.case_id) if one.status != "replaced"
        ],
        "comments": notes.comments(db, task.case_id, task_id=task.id),
        "stands_still": stands_still(db, case=page.heading.case, instance_id=task.instance_id),
        "redatings": deadlines.redatings(db, [task.id]).get(task.id, []),
        "user": user,
        "people": hands.candidates(db, task_id=task.id, user=user, now=now)
        if task.is_open
        else [],
    }


def document_of(db: Session, task: Task) -> Record | None:
    if task.form in REISSUED:
        return reissued_in(db, task.instance_id)
    kind = DOCUMENTS.get(task.form)
    if kind is None:
        return None
    return records.of_instance(db, instance_id=corrected(db, task.instance_id), kind=kind)


def advice_of(db: Session, task: Task) -> list[str]:
    """Beside the choice of an RCP: which one the rules ask for, from what is known now."""
    return rcp_advice(db, instance_id=task.instance_id) if task.form in ADVISED else []


def counted(sections: Sequence[forms.Section]) -> tuple[int, int]:
    """« 18 sur 24 »: what is answered among what is asked now."""
    asked = [one for section in sections if section.visible for one in section if one.visible]
    return sum(one.is_answered for one in asked), len(asked)


def asked_now(sections: Sequence[forms.Section]) -> dict[str, Any]:
    """After a draft is kept: what is asked by now, what is computed, what would be refused."""
    every = [one for section in sections for one in section]
    below = [column for one in every for row in one.rows for column in row]
    return {
        "sections": {section.id: section.visible for section in sections},
        "fields": {one.name: one.visible for one in every},
        "computed": {one.name: one.value for one in every if one.kind == "computed"},
        "wrong": {one.id: one.error for one in [*every, *below] if one.error},
    }


def problems(
    sections: Sequence[forms.Section], trouble: Trouble | None
) -> list[tuple[str, str, str, str]]:
    """(id of the field, its label, the section, what is wrong), for the summary on top."""
    found = []
    said = trouble.fields if trouble else {}
    for section in sections:
        for one in section:
            if one.error or one.name in said:
                found.append((one.id, one.label, section.title, one.error or said[one.name]))
            for row in one.rows:
                found += [
                    (column.id, f"{one.label}, {column.label}", section.title, column.error)
                    for column in row
                    if column.error
                ]
    return found


@dataclass(frozen=True)
class ReadBack:
    """One answer as a reader sees it; a group brings its columns and rows."""

    label: str
    text: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def read_back(
    db: Session, library: forms.Library, spec: forms.FormSpec, answers: Mapping[str, Any]
) -> list[tuple[str, list[ReadBack]]]:
    """What was answered, section by section, in words."""
    names = naming(db)
    found = []
    for section in spec.sections:
        lines = [
            _line(library, one, answers[one.name], names)
            for one in section.fields
            if one.name in library.dictionary and answers.get(one.name) not in (None, "", [])
        ]
        if lines:
            found.append((section.title, lines))
    return found


def _line(library: forms.Library, one: forms.FieldSpec, value: Any, names: Any) -> ReadBack:
    datum = library.dictionary[one.name]
    label = one.label or datum.label
    if not datum.is_group or not isinstance(value, list):
        return ReadBack(label, forms.display(library, one.name, value, names=names))
    rows = [forms.display_row(library, one.name, row, names=names) for row in value]
    used = [column for column in datum.fields if any(row[column.name] for row in rows)]
    return ReadBack(
        label,
        "",
        [column.label for column in used],
        [[row[column.name] for column in used] for row in rows],
    )
