"""What may happen to RCPs: one door to the verbs of planning, registration and the meeting."""

from workflows.rcp.agenda import disinvite, invite, move_on_agenda
from workflows.rcp.attendance import record_arrival, record_departure, withdraw_arrival
from workflows.rcp.convocations import convene, reply
from workflows.rcp.correction import request_correction
from workflows.rcp.directory import add_member, add_rcp, change_rcp, found_rcp, remove_member
from workflows.rcp.doors import AgendaReport, apart, within
from workflows.rcp.hours import correct_hours
from workflows.rcp.leftover import put_off_all
from workflows.rcp.meeting import (
    call_case,
    close_agenda,
    end_session,
    open_session,
)
from workflows.rcp.moving import cancel_session, move_session
from workflows.rcp.planning import add_session, plan_sessions
from workflows.rcp.postponing import cancel, postpone, require_open_for_registration, set_aside
from workflows.rcp.registrations import (
    accept,
    add_opinion,
    agree,
    conclude,
    refuse,
    register,
)
from workflows.rcp.reopening import reopen_agenda

__all__ = [
    "AgendaReport",
    "accept",
    "add_member",
    "add_opinion",
    "add_rcp",
    "add_session",
    "agree",
    "apart",
    "call_case",
    "cancel",
    "cancel_session",
    "change_rcp",
    "close_agenda",
    "conclude",
    "convene",
    "correct_hours",
    "disinvite",
    "end_session",
    "found_rcp",
    "invite",
    "move_on_agenda",
    "move_session",
    "open_session",
    "plan_sessions",
    "postpone",
    "put_off_all",
    "record_arrival",
    "record_departure",
    "refuse",
    "register",
    "remove_member",
    "reopen_agenda",
    "reply",
    "request_correction",
    "require_open_for_registration",
    "set_aside",
    "withdraw_arrival",
    "within",
]
