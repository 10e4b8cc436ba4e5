"""What is decided for a treatment (T16) reaches the line concerned: a date, a dose, a stop.

Asked inside a line, it concerns that line. Asked beside, after a toxicity or to move a cycle, it
concerns the one under way, or those the person names when there are several.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from engine.errors import Conflict, Invalid
from engine.handlers import ServiceStep, handles
from engine.models import Instance
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.deadlines.steps import date_of_diagram
from workflows.french import listed, say_date
from workflows.pathways import cycles, lines
from workflows.pathways.modalities import is_same
from workflows.pathways.reading import day, known, rows, today
from workflows.pathways.treatment import instance_of, modalities_of, stop_leads_to_rcp

UPDATE = "pps_update_requested"
CALENDAR_CHANGED, READJUSTED = "GEN-176", "MED-560"  # why the PPS is updated (national codes)


@guard("adapt_treatment")
@guard("move_cycle")
def require_new_date(db: Session, step: CompletedForm) -> None:
    """A postponed cycle has a new date, today or later."""
    if step.task.form == "adapt_treatment" and step.answers.get("adaptation") != "postpone":
        return
    wanted = day(step.answers.get("next_cycle_date"))
    if wanted is None or wanted < today(step.now):
        raise Invalid(
            "Un report donne la nouvelle date du cycle, aujourd’hui ou plus tard.",
            {"next_cycle_date": "Nouvelle date attendue."},
        )


@guard("adapt_treatment")
@guard("move_cycle")
def require_named_lines(db: Session, step: CompletedForm) -> None:
    """With several treatments under way, a decision names those it is about."""
    values = known(db, step)
    found = _concerned(db, step.case.id, step.task.instance_id, values)
    field = "adapted_kind" if values.get("adapted_kind") else "adapted_lines"
    if len(found) > 1 and not _are_named(values):
        under_way = listed(sorted(lines.names_of(db, found)))
        raise Invalid(
            f"Plusieurs traitements sont en cours ({under_way})\u202f: dites lesquels sont "
            "concernés.",
            {field: "Traitement attendu."},
        )
    if not found and step.answers.get("adaptation") == "stop":
        raise Invalid(
            "Aucun traitement suivi ici n’est à arrêter\u202f: choisissez une autre décision, ou "
            "«\u202fEnvisager l’arrêt des traitements spécifiques\u202f» depuis le dossier.",
            {"adaptation": "Aucun traitement à arrêter."},
        )
    if found or not _are_named(values):
        return
    if not _adaptable(db, step.case.id):
        raise Conflict(
            "Aucun traitement en cours ne s’adapte plus\u202f: passez cette étape avec "
            "«\u202fSans objet\u202f»."
        )
    raise Invalid(
        "Ce traitement n’est plus en cours dans ce dossier.",
        {field: "Choisissez un traitement en cours."},
    )


@effect("adapt_treatment")
def remember_stop(db: Session, step: CompletedForm) -> None:
    """Invariant 8: a line that stops leads to an RCP, whichever diagram says so."""
    if step.answers.get("adaptation") != "stop":
        return
    values = known(db, step)
    for line in _concerned(db, step.case.id, instance_of(db, step).id, values):
        if stop_leads_to_rcp(db, step, line):
            step.answers["line_stopped"] = True


@effect("adapt_treatment")
def change_own_line(db: Session, step: CompletedForm) -> None:
    """Decided inside the line, before its cycle: the following ones move, the PPS is updated."""
    decided, line = step.answers.get("adaptation"), instance_of(db, step)
    if decided == "resume" or line.definition not in lines.ADAPTABLE:
        return
    wanted = day(step.answers.get("next_cycle_date")) if decided == "postpone" else None
    said = ""
    if wanted and line.definition == "systemic":
        moved, said = cycles.moved(known(db, step), wanted)
        step.answers.update(moved)
        reason = str(step.answers.get("adaptation_reason") or "")
        date_of_diagram(db, step, line.id, "next_cycle", wanted, reason)
        _say_in_plan(db, step, line, moved)
    reason = str(step.answers.get("adaptation_reason") or "")
    ask_for_update(db, step, UPDATE, bool(wanted), " ".join(filter(None, [said, reason])))


@effect("move_cycle")
def move_only(db: Session, step: CompletedForm) -> None:
    step.answers["adaptation"] = "postpone"


@handles("reschedule_cycle")
def reschedule_cycle(step: ServiceStep) -> None:
    """The line learns what was decided; the PPS will say what changes, and why."""
    decided = step.get("adaptation")
    moved = day(step.get("next_cycle_date")) if decided == "postpone" else None
    changes = []
    values = engine_queries.instance_data(step.db, step.instance.id)
    for line in _concerned(step.db, step.case.id, step.instance.id, values):
        if decided == "stop":
            _stop(step, line)
        elif moved:
            changes.append(move_line(step, line, moved))
    message = step.properties.get("after_moving")
    if message and decided != "resume":
        reason = str(step.get("adaptation_reason") or "")
        ask_for_update(
            step.db, step, message, bool(moved), " ".join(filter(None, [*changes, reason]))
        )


def _concerned(
    db: Session, case_id: int, instance_id: int, values: Mapping[str, Any]
) -> list[Instance]:
    under_way = _adaptable(db, case_id)
    if own := lines.among(under_way, [instance_id]):
        return own
    if named := lines.ids(values, "adapted_lines"):
        return lines.among(under_way, named)
    if kind := values.get("adapted_kind"):
        return [one for one in under_way if _kind(db, one) == kind]
    begun = [
        one
        for one in under_way
        if engine_queries.instance_data(db, one.id).get(lines.ADAPTABLE[one.definition])
    ]
    return begun or [one for one in under_way if one.definition == "systemic"]


def _adaptable(db: Session, case_id: int) -> list[Instance]:
    return [one for one in modalities_of(db, case_id) if one.definition in lines.ADAPTABLE]


def _are_named(values: Mapping[str, Any]) -> bool:
    return bool(values.get("adapted_lines") or values.get("adapted_kind"))


def _kind(db: Session, line: Instance) -> str | None:
    kind: str | None = engine_queries.instance_data(db, line.id).get("treatment_kind")
    return kind


def _stop(step: ServiceStep, line: Instance) -> None:
    if line.definition == "radiotherapy":
        _put(step, line, {"radiotherapy_stopped": True})  # the week under way is the last one
    elif line.id != step.instance.id:
        _send(step, line, "line_stopped")


def move_line(step: ServiceStep, line: Instance, moved: date) -> str:
    """A line that waits begins to wait anew; one in the middle of a step only learns the date."""
    if line.definition == "radiotherapy":
        reason = str(step.get("adaptation_reason") or "")
        _put(step, line, {"interruption_reason": reason[:300]})
        return f"La radiothérapie est interrompue, reprise le {say_date(moved)}."
    if line.definition == "oral":
        values: dict[str, Any] = {"next_follow_up_date": moved.isoformat()}
        milestone, said = (
            "next_follow_up",
            f"Le traitement est suspendu jusqu’au {say_date(moved)}.",
        )
    else:
        values, said = cycles.moved(engine_queries.instance_data(step.db, line.id), moved)
        milestone = "next_cycle"
    reason = str(step.get("adaptation_reason") or "")
    date_of_diagram(step.db, step, line.id, milestone, moved, reason)
    if engine_queries.is_awaited(step.db, "cycle_rescheduled", instance_id=line.id):
        _send(step, line, "cycle_rescheduled", values)
    else:
        _put(step, line, values)
    _say_in_plan(step.db, step, line, values)
    return said


def _say_in_plan(
    db: Session, step: ServiceStep | CompletedForm, line: Instance, values: dict[str, Any]
) -> None:
    """The row of the PPS ends with the last of the cycles, moved with them."""
    end = cycles.end_of(rows(values, "planned_cycles"))
    if end is None:
        return
    data = engine_queries.instance_data(db, line.id)
    treatments = rows(data, "treatments")
    for row in treatments:
        if row.get("status") == "in_progress" and is_same(row, data):
            row["planned_end"] = end
    runtime.put_data(
        db,
        case_id=step.case.id,
        values={"treatments": treatments},
        actor=step.actor,
        now=step.now,
    )


def ask_for_update(
    db: Session, step: ServiceStep | CompletedForm, message: str, moved: bool, detail: str
) -> None:
    """One update of the PPS for all that changes meanwhile: the one not yet written is completed."""
    told = {
        "pps_update_reason": CALENDAR_CHANGED if moved else READJUSTED,
        "pps_update_detail": detail[:500],
    }
    tasks = engine_queries.open_tasks(db, step.case.id)
    writing = next((one.instance_id for one in tasks if one.form == "revise_pps"), None)
    if writing is None:
        runtime.send_message(
            db, name=message, case_id=step.case.id, payload=told, actor=step.actor, now=step.now
        )
        return
    before = engine_queries.instance_data(db, writing).get("pps_update_detail") or ""
    runtime.put_data(
        db,
        case_id=step.case.id,
        instance_id=writing,
        values={"pps_update_detail": f"{before} {detail}".strip()[:500]},
        actor=step.actor,
        now=step.now,
    )


def _put(step: ServiceStep, line: Instance, values: dict[str, Any]) -> None:
    runtime.put_data(
        step.db,
        case_id=step.case.id,
        instance_id=line.id,
        values=values,
        actor=step.actor,
        now=step.now,
    )


def _send(
    step: ServiceStep, line: Instance, name: str, payload: dict[str, Any] | None = None
) -> None:
    runtime.send_message(
        step.db,
        name=name,
        case_id=step.case.id,
        instance_id=line.id,
        payload=payload,
        actor=step.actor,
        now=step.now,
    )
