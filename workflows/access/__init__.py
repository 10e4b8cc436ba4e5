"""The one place that says who may see and do what: a person and a case in, leave or a refusal out."""

from workflows.access.audiences import (
    person_audience,
    rcp_audience,
    role_in,
    unit_audience,
)
from workflows.access.cases import (
    CaseRefused,
    can_read_case,
    permissions_in,
    record_refusal,
    require,
    require_case,
    require_permission,
    visible_cases,
)
from workflows.access.grants import grant, name_keys, revoke
from workflows.access.reach import Reach, reach_of
from workflows.access.tasks import (
    may_complete,
    require_doable_task,
    require_right_to_complete,
    require_task,
)

__all__ = [
    "CaseRefused",
    "Reach",
    "can_read_case",
    "grant",
    "may_complete",
    "name_keys",
    "permissions_in",
    "person_audience",
    "rcp_audience",
    "reach_of",
    "record_refusal",
    "require",
    "require_case",
    "require_doable_task",
    "require_permission",
    "require_right_to_complete",
    "require_task",
    "revoke",
    "role_in",
    "unit_audience",
    "visible_cases",
]
