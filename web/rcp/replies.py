"""Somebody convened answers, or the secretary who has them on the phone; the expected quorum follows."""

from flask import flash, request
from flask.typing import ResponseReturnValue

from web.door import writing
from web.rcp.room import blueprint, reader, to_session
from workflows.rcp import convocations
from workflows.rcp import operations as rcp


@blueprint.post("/seances/<int:session_id>/reponse")
def reply(session_id: int) -> ResponseReturnValue:
    """Without a person named, one answers for oneself."""
    form = request.form
    guest = form.get("invitation", type=int)
    with writing() as db:
        asked = reader(db, session_id)
        user_id = form.get("user", type=int) or (None if guest else asked.user.id)
        convocations.require_reply_of(own=asked.user.id, user_id=user_id, may_run=asked.may_run)
        rcp.reply(
            db,
            session_id=session_id,
            user_id=user_id,
            invitation_id=guest,
            answer=form.get("answer", ""),
            substitute=form.get("substitute", ""),
            specialty=form.get("specialty") or None,
            email=form.get("email", ""),
            actor=asked.user.actor,
            now=asked.now,
        )
    flash("Réponse enregistrée.")
    return to_session(session_id, "presents")
