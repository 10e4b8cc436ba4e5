"""What is awaited is followed one by one: each exam or paper has its own diagram and its own answer.

Domain §11 A01, A05, R04, R17: chased ten days after its date; a result closes only the one it answers.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict
from engine.handlers import ServiceStep, handles, hook
from engine.models import Case, Instance, Message, Task
from workflows.cases.steps import CompletedForm, effect, require_answers
from workflows.deadlines.operations import set_milestone
from workflows.library import library_of
from workflows.notices.operations import notify
from workflows.pathways.reading import known, rows, today
from workflows.patients.names import normalised
from workflows.rcp import queries as rcp_queries

DIAGRAM = "awaited_document"
FORM = "attach_awaited_document"
RECEIVED = "document_received"
MILESTONE = "awaited_document"
REQUESTED = "requested"  # by an RCP: the key of what it asked for
AWAITED = frozenset({"missing", "requested"})  # states of a piece of the RCP file

require_answers(FORM, {"awaited_outcome": "Dites où en est ce qui est attendu."})
require_answers("describe_awaited_document", {"awaited_name": "Nommez ce qui est attendu."})


@effect("check_identity")
def ask_the_referrer(db: Session, step: CompletedForm) -> None:
    """A01: an incomplete referral is completed by whoever sent it; the case goes on meanwhile."""
    if missing := step.answers.get("referral_missing"):
        answers = {"awaited_name": missing, "awaited_from": known(db, step).get("referred_by")}
        _await(db, step, f"referral:{step.task.id}", answers)


@handles("follow_workup")
def follow_workup(step: ServiceStep) -> None:
    """Each exam the physician asked for waits for its own result (A05)."""
    for position, row in enumerate(rows({"exams": step.get("workup_exams")}, "exams")):
        await_document(
            step.db,
            case_id=step.case.id,
            key=f"workup:{step.instance.id}:{position}",
            answers=_awaited(row, "exam", "place", "date"),
            actor=step.actor,
            now=step.now,
        )


@effect("attach_documents")
def await_pieces(db: Session, step: CompletedForm) -> None:
    """A piece that is missing is asked for again from who owes it (R04)."""
    labels = library_of(db, step.case.revision_id).value_sets["piece_kind"]
    for position, row in enumerate(rows(step.answers, "pieces")):
        if row.get("state") in AWAITED:
            answers = {
                "awaited_name": labels.label(row.get("kind")),
                "awaited_from": row.get("author"),
                "awaited_piece": row.get("kind"),
            }
            _await(db, step, f"piece:{step.task.id}:{position}", answers)


@effect("request_examinations")
@effect("record_rcp_decision")
def await_requested(db: Session, step: CompletedForm) -> None:
    """What the meeting asked for before it decides, or as its conclusion (R17)."""
    for position, row in enumerate(rows(step.answers, "requested_exams")):
        answers = _awaited(row, "exam", "addressed_to", "latest")
        followed = _awaiting(db, step.case.id, str(row.get("exam")))
        if not any((one.key or "").startswith(f"{REQUESTED}:") for one in followed):
            _await(db, step, f"{REQUESTED}:{step.task.id}:{position}", answers)


@effect("describe_awaited_document")
@effect(FORM)
def count_from_today(db: Session, step: CompletedForm) -> None:
    """Chased without a new date, it is given ten more days from now."""
    values = known(db, step)
    dated = step.answers.get("awaited_new_date") or step.answers.get("awaited_expected_date")
    if not dated and values.get("awaited_outcome") in (None, "chased", "absent"):
        _count_from(db, step.case.id, step.task.instance_id, today(step.now), step.actor, step.now)


@handles("file_document")
def file_document(step: ServiceStep) -> None:
    """The result joins the exams of the case, and the RCP file when that was missing it."""
    if kind := step.get("awaited_piece"):
        step.set("pieces", [_attached(row, kind, step) for row in _pieces(step)])
    found = {
        "date": step.get("awaited_result_date"),
        "exam": step.get("awaited_name"),
        "result": (step.get("awaited_result") or "")[:500],
    }
    kept = rows({"exams": step.get("exams")}, "exams")
    step.set("exams", [*kept, {name: value for name, value in found.items() if value}])
    _tell_who_asked(step)


@hook("task_opened")
def name_what_is_awaited(db: Session, case: Case, task: Task, now: Any) -> None:
    """Three exams wait in one inbox: each line says which."""
    if task.form == FORM:
        name = engine_queries.instance_data(db, task.instance_id).get("awaited_name")
        task.name = f"{task.name}\u202f: {name}"[:160] if name else task.name


@hook("instance_ended")
def await_nothing_more(db: Session, case: Case, instance: Instance, now: Any) -> None:
    """A06: a benign result closes the case, its work-up is not chased any more."""
    if (instance.definition, instance.outcome) != ("announcement", "benign"):
        return
    for one in engine_queries.instances(db, case.id, running=True):
        if one.definition == DIAGRAM:
            runtime.cancel_instance(
                db, instance_id=one.id, reason="Résultat bénin.", actor="system", now=now
            )


def await_document(
    db: Session, *, case_id: int, key: str, answers: dict[str, Any], actor: str, now: Any
) -> None:
    """Follow one exam or paper until its result; the same key follows it once."""
    instance = runtime.start_instance(
        db, case_id=case_id, definition=DIAGRAM, data=answers, key=key, actor=actor, now=now
    )
    since = answers.get("awaited_expected_date") or today(now)
    _count_from(db, case_id, instance.id, since, actor, now)


def receive_document(
    db: Session, *, case_id: int, name: str, answers: dict[str, Any], actor: str, now: Any
) -> Message:
    """A result that arrives closes the one follow-up that names it; the others go on waiting."""
    waiting = _awaiting(db, case_id, name)
    if not waiting:
        raise Conflict(
            f"Aucun résultat «\u202f{name}\u202f» n’est attendu dans ce dossier\u202f: "
            "rattachez-le à la main, ou vérifiez son nom."
        )
    return runtime.send_message(
        db,
        name=RECEIVED,
        case_id=case_id,
        instance_id=min(one.id for one in waiting),
        payload=answers,
        actor=actor,
        now=now,
    )


def _awaiting(db: Session, case_id: int, name: str) -> list[Instance]:
    """The follow-ups of this case that name it."""
    return [
        instance
        for instance in engine_queries.instances(db, case_id, running=True)
        if instance.definition == DIAGRAM
        and normalised(str(_name_of(db, instance.id))) == normalised(name)
    ]


def _tell_who_asked(step: ServiceStep) -> None:
    """R17: the result is there, the case may go back before its RCP; its physician is told."""
    kind, _, rest = (step.instance.key or "").partition(":")
    if kind != REQUESTED:
        return
    asked = step.db.get_one(Task, int(rest.partition(":")[0]))
    registration = rcp_queries.registration_of(step.db, asked.instance_id)
    by = registration.requested_by if registration else ""
    if by.startswith("user:"):
        notify(
            step.db,
            user_ids=[int(by.removeprefix("user:"))],
            key=f"received:{step.instance.id}",
            kind="result",
            text=f"Demandé par la RCP, reçu\u202f: {step.get('awaited_name')}. "
            "Le dossier peut y repasser.",
            case_id=step.case.id,
            now=step.now,
        )


def _await(db: Session, step: CompletedForm, key: str, answers: dict[str, Any]) -> None:
    await_document(
        db, case_id=step.case.id, key=key, answers=answers, actor=step.actor, now=step.now
    )


def _awaited(row: dict[str, Any], name: str, place: str, date: str) -> dict[str, Any]:
    return {
        "awaited_name": row.get(name),
        "awaited_from": row.get(place),
        "awaited_expected_date": row.get(date),
    }


def _count_from(
    db: Session, case_id: int, instance_id: int, at: Any, actor: str, now: Any
) -> None:
    set_milestone(
        db,
        case_id=case_id,
        instance_id=instance_id,
        name=MILESTONE,
        at=at,
        actor=actor,
        now=now,
        reason="Examen ou document attendu",
    )


def _pieces(step: ServiceStep) -> list[dict[str, Any]]:
    return rows({"pieces": step.get("pieces")}, "pieces")


def _attached(row: dict[str, Any], kind: Any, step: ServiceStep) -> dict[str, Any]:
    """The piece that was missing, now there; the others as they were."""
    if row.get("kind") != kind or row.get("state") not in AWAITED:
        return row
    found = {
        "state": "attached",
        "date": step.get("awaited_result_date"),
        "conclusion": step.get("awaited_result"),
    }
    return row | {name: value for name, value in found.items() if value}


def _name_of(db: Session, instance_id: int) -> Any:
    return engine_queries.instance_data(db, instance_id).get("awaited_name") or ""
