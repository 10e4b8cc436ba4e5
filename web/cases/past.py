"""« Le dossier au … »: a day and an hour come in; the case as it stood then goes out, read only."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.models import Task
from web.cases.room import PLACE, blueprint
from web.door import now, signed_in, writing
from web.tasks.room import ReadBack, read_back
from workflows.cases import past
from workflows.french import PARIS
from workflows.library import library_of_task

Answers = list[tuple[str, list[ReadBack]]]


@blueprint.get(f"{PLACE}/passe")
def as_it_was(case_id: int) -> ResponseReturnValue:
    """Without a day, now: the form to choose one."""
    today = now()
    moment, said = _asked(today)
    with writing() as db:
        found = past.then(
            db,
            case_id=case_id,
            user=signed_in(db),
            moment=moment,
            now=today,
            instance_id=request.args.get("deroulement", type=int),
        )
        page = render_template(
            "cases/past.html",
            heading=found.heading,
            case=found.heading.case,
            patient=found.heading.patient,
            then=found,
            moment=moment.astimezone(PARIS),
            said=said,
            latest_day=today.astimezone(PARIS).date().isoformat(),
            steps=_steps(db, found.told.done if found.told else ()),
        )
        return page, 422 if said else 200


def _asked(today: datetime) -> tuple[datetime, str]:
    """The moment asked for on the clock of Paris; what is wrong with it, when it is none."""
    day, hour = request.args.get("jour", ""), request.args.get("heure", "") or "23:59"
    if not day:
        return today, ""
    try:
        local = datetime.strptime(f"{day} {hour}", "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
        moment = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return (
            today,
            "Cette date ou cette heure ne se lit pas\u202f: choisissez-les dans le calendrier.",
        )
    return min(moment.replace(second=59), today), ""


def _steps(db: Session, done: Sequence[Task]) -> list[tuple[Task, Answers]]:
    """The latest first, each with what was answered."""
    found = []
    for task in reversed(done):
        library = library_of_task(db, task)
        spec = library.forms.get(task.form)
        answers = read_back(db, library, spec, task.answers or {}) if spec else []
        found.append((task, answers))
    return found
