"""A secretary's gestures before a meeting come in; the agenda is ordered, fixed, announced, opened."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid
from web.door import database, writing
from web.rcp.room import blueprint, runner, to_session
from workflows.french import plural
from workflows.rcp import operations as rcp
from workflows.rcp import queries


@blueprint.post("/seances/<int:session_id>/ordre")
def move(session_id: int) -> ResponseReturnValue:
    """One place up or down; the button that was pressed keeps the focus."""
    registration_id = _number("registration")
    places = 1 if request.form.get("places") == "1" else -1
    with writing() as db:
        asked = runner(db, session_id)
        _of_session(db, registration_id, session_id)
        rcp.move_on_agenda(
            db,
            registration_id=registration_id,
            places=places,
            actor=asked.user.actor,
            now=asked.now,
        )
    return to_session(session_id, f"rang-{registration_id}")


@blueprint.post("/seances/<int:session_id>/cloture")
def close(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
    report = rcp.close_agenda(
        rcp.apart(database()), session_id=session_id, actor=asked.user.actor, now=asked.now
    )
    _tell(report, "porté à l’ordre du jour", "portés à l’ordre du jour")
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/reouverture")
def reopen(session_id: int) -> ResponseReturnValue:
    """« Rouvrir les inscriptions »: an agenda fixed by mistake, before people sit down."""
    with writing() as db:
        asked = runner(db, session_id)
        rcp.reopen_agenda(
            db,
            session_id=session_id,
            reason=request.form.get("reason", ""),
            actor=asked.user.actor,
            now=asked.now,
        )
    flash("Inscriptions rouvertes.")
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/convocation")
def convene(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        told = rcp.convene(db, session_id=session_id, actor=asked.user.actor, now=asked.now)
    flash(
        f"{plural(told, 'personne convoquée', 'personnes convoquées')}."
        if told
        else "Tout le monde a déjà été convoqué."
    )
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/invites")
def invite(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        rcp.invite(
            db,
            session_id=session_id,
            name=request.form.get("name", ""),
            specialty=request.form.get("specialty") or None,
            email=request.form.get("email", ""),
            actor=asked.user.actor,
            now=asked.now,
        )
        if any(one.sent_at for one in queries.convocations(db, session_id)):
            rcp.convene(db, session_id=session_id, actor=asked.user.actor, now=asked.now)
    flash("Invité ajouté à la feuille de présence.")
    return to_session(session_id, "presents")


@blueprint.post("/seances/<int:session_id>/invites/<int:invitation_id>/retirer")
def disinvite(session_id: int, invitation_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        name = rcp.disinvite(
            db,
            session_id=session_id,
            invitation_id=invitation_id,
            actor=asked.user.actor,
            now=asked.now,
        )
    flash(f"{name} n’est plus sur la liste des invités.")
    return to_session(session_id, "presents")


@blueprint.post("/seances/<int:session_id>/ouverture")
def open_(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
    report = rcp.open_session(
        rcp.apart(database()),
        session_id=session_id,
        early=request.form.get("early") == "1",
        actor=asked.user.actor,
        now=asked.now,
    )
    _tell(report, "porté à l’ordre du jour", "portés à l’ordre du jour")
    return redirect(url_for("rcp.meeting", session_id=session_id), 303)


@blueprint.post("/seances/<int:session_id>/fin")
def end(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
    report = rcp.end_session(
        rcp.apart(database()), session_id=session_id, actor=asked.user.actor, now=asked.now
    )
    _tell(report, "non étudié, faute de temps", "non étudiés, faute de temps")
    return to_session(session_id)


@blueprint.post("/seances/<int:session_id>/reports")
def put_off_all(session_id: int) -> ResponseReturnValue:
    """What a held session left goes to the next one: each case its own step and its own rights."""
    with writing() as db:
        asked = runner(db, session_id)
    report = rcp.put_off_all(
        rcp.apart(database()),
        session_id=session_id,
        reason=request.form.get("reason") or None,
        user=asked.user,
        now=asked.now,
    )
    _tell(report, "reporté à la prochaine séance", "reportés à la prochaine séance")
    return to_session(session_id, "away")


def _tell(report: rcp.AgendaReport, one: str, several: str) -> None:
    """What moved, what waits, what failed: each in a sentence."""
    if report.moved:
        moved = len(report.moved)
        flash(f"{plural(moved, f'dossier {one}', f'dossiers {several}')}.")
    if report.unaccepted:
        waiting = plural(len(report.unaccepted), "inscription reste", "inscriptions restent")
        flash(f"{waiting} à accepter.", "late")
    for registration, why in report.failures:
        place = f" (n° {registration.position})" if registration.position else ""
        flash(f"Un dossier n’a pas suivi{place}\u202f: {why}", "late")


def _number(name: str) -> int:
    try:
        return int(request.form[name])
    except (KeyError, ValueError) as error:
        raise Invalid("La demande est incomplète\u202f: rechargez la page.") from error


def _of_session(db: object, registration_id: int, session_id: int) -> None:
    registration = queries.registration(db, registration_id)  # type: ignore[arg-type]
    if registration.session_id != session_id:
        raise Invalid("Ce dossier n’est pas inscrit à cette séance.")
