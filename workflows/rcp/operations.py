"""What may happen to RCPs: one door to the verbs of planning, registration and the meeting."""

from workflows.rcp.agenda import convene, invite, move_on_agenda
from workflows.rcp.meeting import (
    AgendaReport,
    call_case,
    close_agenda,
    end_session,
    open_session,
    record_arrival,
    record_departure,
)
from workflows.rcp.moving import move_session
from workflows.rcp.planning import add_member, add_rcp, add_session, plan_sessions
from workflows.rcp.registrations import (
    accept,
    add_opinion,
    cancel,
    conclude,
    postpone,
    refuse,
    register,
    set_aside,
)

__all__ = [
    "AgendaReport",
    "accept",
    "add_member",
    "add_opinion",
    "add_rcp",
    "add_session",
    "call_case",
    "cancel",
    "close_agenda",
    "conclude",
    "convene",
    "end_session",
    "invite",
    "move_on_agenda",
    "move_session",
    "open_session",
    "plan_sessions",
    "postpone",
    "record_arrival",
    "record_departure",
    "refuse",
    "register",
    "set_aside",
]
