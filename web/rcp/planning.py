"""A secretary's year comes in: sessions planned, one more added, one moved or cancelled."""

from datetime import date, datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Conflict, Invalid, Refusal
from web import typed
from web.door import database, now, signed_in, writing
from web.rcp.room import Asked, blueprint, reader, runner, to_session
from workflows.french import PARIS, plural
from workflows.rcp import operations as rcp
from workflows.rcp import queries, rights
from workflows.rcp.rhythm import local_moment


@blueprint.post("/annuaire/<int:rcp_id>/seances")
def plan(rcp_id: int) -> ResponseReturnValue:
    """The rhythm's sessions up to a date; asked again, only those still missing."""
    with writing() as db:
        user = signed_in(db)
        rights.require_plan(db, user, rcp_id)
        until = _day("until", "Jusqu’à quelle date\u202f? Écrivez-la comme 30/06/2026.")
        today = now().date()
        if until < today:
            raise Invalid("Cette date est passée. Choisissez une date à venir.")
        if (until - today).days > 550:
            raise Invalid("Les séances se planifient dix-huit mois à l’avance au plus.")
        made = rcp.plan_sessions(
            db, rcp_id=rcp_id, from_date=today, until=until, actor=user.actor, now=now()
        )
    flash(
        f"{plural(len(made), 'séance planifiée', 'séances planifiées')}."
        if made
        else "Toutes les séances de cette période sont déjà planifiées."
    )
    return _to_entry(rcp_id)


@blueprint.post("/annuaire/<int:rcp_id>/seances/autre")
def add_session(rcp_id: int) -> ResponseReturnValue:
    """One outside the rhythm: an RCP ad hoc, one more before a holiday."""
    with writing() as db:
        user = signed_in(db)
        rights.require_plan(db, user, rcp_id)
        at = _moment()
        if at <= now():
            raise Invalid("Cette date est passée. Choisissez une date à venir.")
        made = rcp.add_session(db, rcp_id=rcp_id, starts_at=at, actor=user.actor, now=now())
        label = queries.say_moment(made.starts_at)
    flash(f"Séance ajoutée\u202f: {label}.")
    return _to_entry(rcp_id)


@blueprint.route("/seances/<int:session_id>/modifier", methods=["GET", "POST"])
def change_session(session_id: int) -> ResponseReturnValue:
    """Another day, hour, room or link; the deadlines of its cases follow."""
    if request.method == "GET":
        with writing() as db:
            return _session_page(runner(db, session_id))
    try:
        with writing() as db:
            asked = runner(db, session_id)
            link = request.form.get("video_link", "").strip()
            if link and not link.startswith("https://"):
                raise Invalid("Le lien de visioconférence commence par https://")
            moved = rcp.move_session(
                db,
                session_id=session_id,
                starts_at=_moment(),
                place=request.form.get("place", "")[:120],
                video_link=link[:200],
                actor=asked.user.actor,
                now=asked.now,
            )
    except (Invalid, Conflict) as refusal:
        return _refused(session_id, refusal)
    flash("Séance enregistrée." + (f" {_followed(len(moved))}" if moved else ""))
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/annuler")
def cancel_session(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
    try:
        report = rcp.cancel_session(
            rcp.apart(database()),
            session_id=session_id,
            reason=request.form.get("reason", ""),
            actor=asked.user.actor,
            now=asked.now,
        )
    except (Invalid, Conflict) as refusal:
        return _refused(session_id, refusal)
    moved = plural(len(report.moved), "dossier reporté", "dossiers reportés")
    flash(f"Séance annulée. {moved} à la suivante." if report.moved else "Séance annulée.")
    for _registration, why in report.failures:
        flash(f"Un dossier n’a pas suivi\u202f: {why}", "late")
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/accord")
def agree(session_id: int, registration_id: int) -> ResponseReturnValue:
    """« Admettre après la clôture »: the coordinator's own gesture, with why."""
    with writing() as db:
        asked = reader(db, session_id)
        if queries.registration(db, registration_id).session_id != session_id:
            raise Invalid("Ce dossier n’est pas inscrit à cette séance.")
        rcp.agree(
            db,
            registration_id=registration_id,
            reason=request.form.get("agreement", ""),
            user_id=asked.user.id,
            actor=asked.user.actor,
            now=asked.now,
        )
    flash("Dossier admis après la clôture. L’inscription peut être acceptée.")
    return to_session(session_id, f"rang-{registration_id}")


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/correction")
def correct(session_id: int, registration_id: int) -> ResponseReturnValue:
    """« Corriger » an approved sheet: a new version, which the coordinator approves again."""
    with writing() as db:
        asked = reader(db, session_id)
        registration = queries.registration(db, registration_id)
        if registration.session_id != session_id:
            raise Invalid("Ce dossier n’est pas inscrit à cette séance.")
        task = rcp.request_correction(
            db, registration_id=registration_id, user=asked.user, now=asked.now
        )
        case_id = registration.case_id
    if task is None:
        return to_session(session_id)
    return redirect(url_for("tasks.show", case_id=case_id, task_id=task.id), 303)


def _session_page(asked: Asked, message: str = "") -> str:
    waiting = sum(
        row.state in queries.WAITING for row in queries.agenda(asked.db, asked.meeting.id)
    )
    return render_template(
        "rcp/session_form.html",
        meeting=asked.meeting,
        waiting=waiting,
        following=queries.next_session(
            asked.db,
            rcp_id=asked.meeting.rcp_id,
            after=max(asked.now, asked.meeting.starts_at),
        ),
        local=asked.meeting.starts_at.astimezone(PARIS),
        typed=request.form,
        message=message,
    )


def _refused(session_id: int, refusal: Refusal) -> ResponseReturnValue:
    with writing() as db:
        return _session_page(runner(db, session_id), refusal.message), refusal.status


def _followed(number: int) -> str:
    return (
        "Les échéances de son dossier suivent."
        if number == 1
        else f"Les échéances de ses {number} dossiers suivent."
    )


def _day(name: str, sentence: str) -> date:
    found = typed.day(request.form.get(name, ""))
    if found is None:
        raise Invalid(sentence, {name: sentence})
    return found


def _moment() -> datetime:
    day = _day("date", "La date de la séance s’écrit comme 12/03/2026.")
    try:
        return local_moment(day, time.fromisoformat(request.form.get("at", "").strip()))
    except ValueError as error:
        raise Invalid("L’heure s’écrit comme 14:30.") from error


def _to_entry(rcp_id: int) -> ResponseReturnValue:
    return redirect(url_for("rcp.entry", rcp_id=rcp_id, _anchor="seances"), 303)
