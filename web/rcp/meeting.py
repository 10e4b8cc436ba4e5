"""A session that sits comes in; the shared screen, one case at a time, and its gestures go out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Conflict, Invalid, NotFound, Refusal
from web.door import writing
from web.rcp.facts import Speaker, facts_of
from web.rcp.opinion import Opinion, blank, read, with_rows
from web.rcp.room import Asked, blueprint, reader, runner, to_session
from workflows.french import say_hour
from workflows.rcp import board, decision, queries, roll, screen
from workflows.rcp.board import AgendaLine
from workflows.rcp.models import RegistrationState as State
from workflows.rcp.models import SessionState
from workflows.rcp.specialties import SPECIALTIES
from workflows.rcp.states import NON_DISCUSSION_REASONS

AGENDA = (
    State.ON_AGENDA,
    State.DISCUSSED,
    State.REGISTERED,
    State.NOT_DISCUSSED,
    State.POSTPONED,
)


@dataclass(frozen=True)
class Place:
    """The case on screen among the others: one before, one after, how many are through."""

    current: AgendaLine
    before: AgendaLine | None
    after: AgendaLine | None
    number: int


@blueprint.get("/seances/<int:session_id>/reunion")
@blueprint.get("/seances/<int:session_id>/reunion/<int:registration_id>")
def meeting(session_id: int, registration_id: int | None = None) -> ResponseReturnValue:
    with writing() as db:
        asked = reader(db, session_id)
        if asked.meeting.state != SessionState.OPEN:
            return to_session(session_id)
        return _page(asked, registration_id)


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/avis")
def decide(session_id: int, registration_id: int) -> ResponseReturnValue:
    """« Valider et passer au suivant »: one gesture, all or nothing."""
    if {"_add", "_remove"} & set(request.form):
        return _other_rows(session_id, registration_id)
    try:
        following = _decide(session_id, registration_id)
    except (Invalid, Conflict) as refusal:
        return _typed_again(session_id, registration_id, refusal), refusal.status
    flash("Avis validé. La fiche de RCP est à relire par le coordonnateur.")
    return _show(session_id, following)


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/brouillon")
def save_draft(session_id: int, registration_id: int) -> ResponseReturnValue:
    """What is typed so far; the answer is the hour it was saved at."""
    with writing() as db:
        asked = runner(db, session_id)
        _of_session(asked, registration_id)
        decision.save_draft(
            db,
            registration_id=registration_id,
            values=request.form.to_dict(flat=False) | {"csrf_token": []},
            user=asked.user,
            now=asked.now,
        )
        return {"saved": f"Enregistré à {say_hour(asked.now)}"}


@blueprint.post("/seances/<int:session_id>/dossiers/<int:registration_id>/non-discute")
def set_aside(session_id: int, registration_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = runner(db, session_id)
        _of_session(asked, registration_id)
        decision.set_aside(
            db,
            registration_id=registration_id,
            reason=request.form.get("reason", ""),
            user=asked.user,
            now=asked.now,
        )
        following = _next_to_hear(_agenda(asked), registration_id)
    flash("Dossier mis de côté. Le secrétariat choisit la suite.")
    return _show(session_id, following)


@blueprint.get("/seances/<int:session_id>/aller")
def go_to(session_id: int) -> ResponseReturnValue:
    """« Aller au dossier n° »"""
    with writing() as db:
        lines = _agenda(reader(db, session_id))
    number = request.args.get("numero", type=int) or 0
    if not 1 <= number <= len(lines):
        flash(
            f"Il n’y a pas de dossier n° {number or '?'}\u202f: la liste va de 1 à {len(lines)}.",
            "late",
        )
        return _show(session_id, request.args.get("registration", type=int))
    return _show(session_id, lines[number - 1].registration.id)


def _decide(session_id: int, registration_id: int) -> int | None:
    with writing() as db:
        asked = runner(db, session_id)
        _of_session(asked, registration_id)
        shown = screen.show(db, registration_id=registration_id, user=asked.user, now=asked.now)
        opinion = read(shown, request.form, asked.now, _experts(asked))
        if opinion.errors:
            raise Invalid(opinion.message)
        decision.decide(
            db,
            registration_id=registration_id,
            case_status=opinion.case_status,
            answers=opinion.answers,
            user=asked.user,
            now=asked.now,
        )
        return _next_to_hear(_agenda(asked), registration_id)


def _other_rows(session_id: int, registration_id: int) -> str:
    """A row more or less, for a browser without scripts."""
    with writing() as db:
        asked = runner(db, session_id)
        shown = screen.show(db, registration_id=registration_id, user=asked.user, now=asked.now)
        return _page(asked, registration_id, opinion=with_rows(shown, request.form))


def _typed_again(session_id: int, registration_id: int, refusal: Refusal) -> str:
    """Nothing was written: the same case with what was typed, and why in a sentence."""
    with writing() as db:
        asked = runner(db, session_id)
        shown = screen.show(db, registration_id=registration_id, user=asked.user, now=asked.now)
        opinion = read(shown, request.form, asked.now, _experts(asked))
        return _page(asked, registration_id, opinion=replace(opinion, message=refusal.message))


def _page(asked: Asked, registration_id: int | None, *, opinion: Opinion | None = None) -> str:
    lines = _agenda(asked)
    place = _place(lines, registration_id)
    shown = None
    if place is not None:
        shown = screen.show(
            asked.db,
            registration_id=place.current.registration.id,
            user=asked.user,
            now=asked.now,
        )
        opinion = opinion or blank(shown)
    seats = roll.roll(asked.db, asked.meeting.id)
    return render_template(
        "rcp/meeting.html",
        meeting=asked.meeting,
        now=asked.now,
        may_run=asked.may_run,
        lines=lines,
        reasons_of={
            line.registration.id: Speaker(shown.library, line.facts)("rcp_reason") if shown else ""
            for line in lines
        },
        place=place,
        shown=shown,
        facts=facts_of(shown) if shown else None,
        opinion=opinion,
        say=Speaker(shown.library, shown.data) if shown else None,
        experts=_experts(asked),
        seats=seats,
        present=roll.present(seats),
        panel="presence" if request.args.get("panneau") == "presence" else "avis",
        typed=[
            number
            for number, line in enumerate(lines, 1)
            if line.registration.draft and line.registration.state == State.ON_AGENDA
        ],
        through=sum(line.registration.state != State.ON_AGENDA for line in lines),
        reasons=NON_DISCUSSION_REASONS,
        specialties=sorted(SPECIALTIES.items(), key=lambda item: item[1]),
    )


def _experts(asked: Asked) -> list[tuple[int, str]]:
    """Where a case may be referred: the other RCPs, those of recourse first."""
    others = [one for one in queries.directory(asked.db) if one.id != asked.meeting.rcp_id]
    return [(one.id, one.name) for one in sorted(others, key=lambda one: not one.is_expert)]


def _agenda(asked: Asked) -> list[AgendaLine]:
    """What the meeting hears: what was never accepted stays out."""
    lines = board.agenda(asked.db, asked.user, asked.meeting.id)
    return [line for line in lines if line.registration.state in AGENDA]


def _place(lines: Sequence[AgendaLine], registration_id: int | None) -> Place | None:
    if not lines:
        return None
    ids = [line.registration.id for line in lines]
    if registration_id is None:
        waiting = [i for i, one in enumerate(lines) if one.registration.state == State.ON_AGENDA]
        index = waiting[0] if waiting else 0
    elif registration_id in ids:
        index = ids.index(registration_id)
    else:
        raise NotFound("Ce dossier n’est pas à l’ordre du jour de cette séance.")
    return Place(
        current=lines[index],
        before=lines[index - 1] if index else None,
        after=lines[index + 1] if index + 1 < len(lines) else None,
        number=index + 1,
    )


def _next_to_hear(lines: Sequence[AgendaLine], registration_id: int) -> int | None:
    """The one below that still waits, else the first that waits, else none: all are through."""
    ids = [line.registration.id for line in lines]
    here = ids.index(registration_id) if registration_id in ids else -1
    waiting = [
        line.registration.id
        for line in [*lines[here + 1 :], *lines[: here + 1]]
        if line.registration.state == State.ON_AGENDA
    ]
    return next((one for one in waiting if one != registration_id), registration_id)


def _show(session_id: int, registration_id: int | None) -> ResponseReturnValue:
    return redirect(
        url_for("rcp.meeting", session_id=session_id, registration_id=registration_id), 303
    )


def _of_session(asked: Asked, registration_id: int) -> None:
    registration = queries.registration(asked.db, registration_id)
    if registration.session_id != asked.meeting.id:
        raise Invalid("Ce dossier n’est pas inscrit à cette séance.")
