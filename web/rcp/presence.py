"""Somebody comes in or leaves, or sends a written opinion; the attendance sheet says it."""

from collections.abc import Sequence
from datetime import datetime, time

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid
from web.door import writing
from web.rcp.room import Asked, blueprint, runner, to_session
from workflows.french import PARIS, listed
from workflows.rcp import operations as rcp
from workflows.rcp import queries, roll
from workflows.rcp.hours import Recount
from workflows.rcp.models import Attendance, Mode, SessionState


@blueprint.post("/seances/<int:session_id>/arrivee")
def arrive(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        user_id = request.form.get("user", type=int)
        rcp.record_arrival(
            db,
            session_id=session_id,
            user_id=user_id,
            guest_name=None if user_id else request.form.get("name"),
            specialty=_specialty(asked, user_id),
            mode=Mode.VIDEO if request.form.get("mode") == Mode.VIDEO else Mode.ONSITE,
            in_quorum=request.form.get("out_of_quorum") is None,
            arrived_at=_at(asked),
            actor=asked.user.actor,
            now=asked.now,
        )
    return _back(session_id)


@blueprint.post("/seances/<int:session_id>/depart")
def leave(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        stay = _stay(asked)
        actor, moment = asked.user.actor, asked.now
        if "_mistake" in request.form:
            rcp.withdraw_arrival(db, attendance_id=stay, actor=actor, now=moment)
        else:
            told = rcp.record_departure(
                db, attendance_id=stay, left_at=_at(asked), actor=actor, now=moment
            )
            _warn(told)
    return _back(session_id)


@blueprint.post("/seances/<int:session_id>/heures")
def correct_hours(session_id: int) -> ResponseReturnValue:
    """An hour that was mistyped, in the meeting or after it, by who runs it."""
    with writing() as db:
        asked = runner(db, session_id)
        stay = db.get_one(Attendance, _stay(asked))
        arrived_at = _corrected(asked, "arrived", stay.arrived_at)
        if arrived_at is None:
            raise Invalid("Donnez l’heure de l’arrivée, comme 14:35.")
        told = rcp.correct_hours(
            db,
            attendance_id=stay.id,
            arrived_at=arrived_at,
            left_at=_corrected(asked, "left", stay.left_at),
            actor=asked.user.actor,
            now=asked.now,
        )
        is_over = asked.meeting.state == SessionState.ENDED
        flash("Heures corrigées.")
        _warn(told)
    return to_session(session_id, "presents") if is_over else _back(session_id)


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/avis-ecrit")
def add_opinion(session_id: int, registration_id: int) -> ResponseReturnValue:
    with writing() as db:
        _add_opinion(runner(db, session_id), registration_id)
    return _back(session_id)


@blueprint.post("/seances/<int:session_id>/avis-ecrit")
def add_opinion_received(session_id: int) -> ResponseReturnValue:
    """Before the meeting: who cannot come has written what they think of one case (R09)."""
    with writing() as db:
        registration_id = request.form.get("registration", type=int) or 0
        author = _add_opinion(runner(db, session_id), registration_id)
    flash(f"Avis écrit de {author} ajouté\u202f: la réunion le lira avec le dossier.")
    return to_session(session_id, f"rang-{registration_id}")


def _add_opinion(asked: Asked, registration_id: int) -> str:
    rows = queries.agenda(asked.db, asked.meeting.id)
    if all(row.id != registration_id for row in rows):
        raise Invalid("Choisissez le dossier de cette séance sur lequel porte l’avis.")
    return rcp.add_opinion(
        asked.db,
        registration_id=registration_id,
        author=request.form.get("author", ""),
        specialty=request.form.get("specialty", ""),
        text=request.form.get("text", ""),
        actor=asked.user.actor,
        now=asked.now,
    ).author


def _stay(asked: Asked) -> int:
    stay = request.form.get("attendance", type=int) or 0
    if all(one.id != stay for one in queries.attendances(asked.db, asked.meeting.id)):
        raise Invalid("Cette présence n’est pas sur la feuille de cette séance.")
    return stay


def _specialty(asked: Asked, user_id: int | None) -> str | None:
    """A member counts for the specialty of the directory; a guest for the one that is said."""
    for seat in roll.roll(asked.db, asked.meeting.id):
        if user_id is not None and seat.user_id == user_id:
            return seat.specialty
    return request.form.get("specialty") or None


def _warn(told: Sequence[Recount]) -> None:
    for one in told:
        flash(_recounted(one), "late")


def _recounted(one: Recount) -> str:
    """« Dossier n° 2 : quorum non atteint avec les heures corrigées, il manque radiothérapie. … »"""
    subject = f"Dossier n° {one.registration.position or one.registration.id}"
    if one.after.reached:
        return f"{subject}\u202f: quorum atteint avec les heures corrigées."
    lacking = listed([label.lower() for label in one.after.missing])
    then = (
        " La fiche le dira au coordonnateur." if one.registration.state in queries.DECIDED else ""
    )
    return f"{subject}\u202f: quorum non atteint avec les heures corrigées, il manque {lacking}.{then}"


def _corrected(asked: Asked, name: str, kept: datetime | None) -> datetime | None:
    """What the field says; the minute that stood there keeps its seconds."""
    found = _at(asked, name)
    if found and kept and found == kept.replace(second=0, microsecond=0):
        return kept
    return found


def _at(asked: Asked, name: str = "at") -> datetime | None:
    """« 14:35 », on the day people sat down; nothing: now, or nothing yet."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        hour = time.fromisoformat(text)
    except ValueError as error:
        raise Invalid("L’heure s’écrit comme 14:35.") from error
    day = (asked.meeting.opened_at or asked.meeting.starts_at).astimezone(PARIS).date()
    moment = datetime.combine(day, hour, tzinfo=PARIS)
    if moment > asked.now:
        raise Invalid("Cette heure est dans le futur.")
    return moment


def _back(session_id: int) -> ResponseReturnValue:
    """To the case that was on screen, its attendance in view."""
    return redirect(
        url_for(
            "rcp.meeting",
            session_id=session_id,
            registration_id=request.form.get("registration", type=int),
            panneau="presence",
        ),
        303,
    )
