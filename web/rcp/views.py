"""A person asks; the RCPs they attend, the directory, or one session from its agenda to its end."""

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from web.door import now, reading, signed_in, writing
from web.rcp import (  # noqa: F401 (their routes)
    directory,
    meeting,
    papers,
    planning,
    preparation,
    presence,
    replies,
)
from web.rcp.room import Asked, blueprint, reader
from web.rcp.words import (
    REPLIES,
    SESSION_STATES,
    STATES,
    reason_label,
)
from workflows.rcp import board, expected, keeping, leftover, queries
from workflows.rcp import roll as sheet
from workflows.rcp.meeting import opens_on
from workflows.rcp.models import SessionState
from workflows.rcp.registrations import awaits_agreement
from workflows.rcp.roll import FUNCTIONS
from workflows.rcp.specialties import SPECIALTIES, specialty_label
from workflows.rcp.states import NON_DISCUSSION_REASONS


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "registration_states": STATES,
        "session_states": SESSION_STATES,
        "specialty": specialty_label,
        "reason_label": reason_label,
        "replies": REPLIES,
        "awaits_agreement": awaits_agreement,
        "pdf_of": _pdf_of,
    }


def _pdf_of(record_id: int) -> str:
    if "records.pdf" not in current_app.view_functions:
        return ""
    return url_for("records.pdf", record_id=record_id)


@blueprint.get("")
def index() -> ResponseReturnValue:
    with reading() as db:
        user, moment = signed_in(db), now()
        return render_template(
            "rcp/index.html",
            ahead=board.sessions_ahead(db, user, moment),
            past=board.sessions_past(db, user, moment),
            member_of=_my_functions(board.directory(db, user, moment)),
        )


_PAGES: dict[str, str] = {SessionState.ENDED: "after", SessionState.CANCELLED: "cancelled"}


@blueprint.get("/seances/<int:session_id>")
def session(session_id: int) -> ResponseReturnValue:
    with writing() as db:
        asked = reader(db, session_id)
        state = asked.meeting.state
        page = _PAGES.get(state, "before")
        return render_template(f"rcp/{page}.html", **_session_page(asked))


def _session_page(asked: Asked) -> dict[str, object]:
    db, meeting_ = asked.db, asked.meeting
    seats = sheet.roll(db, meeting_.id)
    lines = board.agenda(db, asked.user, meeting_.id)
    may_put_off = leftover.may_put_off(db, asked.user, lines)
    return {
        "meeting": meeting_,
        "may_run": asked.may_run,
        "is_member": asked.is_member,
        "may_approve": queries.may_approve(db, rcp_id=meeting_.rcp_id, user_id=asked.user.id),
        "lines": lines,
        "seats": seats,
        "mine": next((seat for seat in seats if seat.user_id == asked.user.id), None),
        "may_put_off": may_put_off,
        "left_over": len(leftover.left_over(db, meeting_.id)) if may_put_off else 0,
        "following": leftover.following(db, meeting_, asked.now),
        "postponable": {code: NON_DISCUSSION_REASONS[code] for code in leftover.POSTPONABLE},
        "foreseen": expected.expectation(db, meeting_),
        "members": board.members(db, meeting_.rcp_id),
        "specialties": sorted(SPECIALTIES.items(), key=lambda item: item[1]),
        "now": asked.now,
        "opens": opens_on(meeting_, asked.now),
        "not_held": keeping.was_not_held(meeting_, asked.now),
    }


def _my_functions(entries: list[board.DirectoryEntry]) -> list[tuple[str, list[str]]]:
    return [
        (entry.rcp.name, [FUNCTIONS[one] for one in FUNCTIONS if one in entry.functions])
        for entry in entries
        if entry.functions
    ]
