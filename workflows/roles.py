"""Roles: the name of a lane in, who may take it and what it permits out."""

from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """Where a role is held; never everywhere at once for a role that cares for patients."""

    UNIT = "unit"
    RCP = "rcp"
    RECEIVER = "receiver"  # the physicians of the unit a case is proposed to
    REGION = "region"


class Permission(StrEnum):
    OPEN_CASE = "open_case"
    READ_CASE = "read_case"
    ASSIGN_TASK = "assign_task"
    DESIGNATE_TEAM = "designate_team"
    DECLARE_EVENT = "declare_event"
    RUN_RCP = "run_rcp"
    APPROVE_RCP_SHEET = "approve_rcp_sheet"
    EDIT_DIRECTORY = "edit_directory"
    EDIT_PATHWAYS = "edit_pathways"
    READ_INDICATORS = "read_indicators"
    MANAGE_IDENTITIES = "manage_identities"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    OPERATE = "operate"  # incidents of the machine: no clinical content


@dataclass(frozen=True, slots=True)
class Role:
    """One role; `number` is written in offers and never reused."""

    code: str
    number: int
    label: str
    scope: Scope = Scope.UNIT
    is_lane: bool = True
    is_physician: bool = False
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """What account libraries call a role's code."""
        return self.code


P = Permission
_CARE = frozenset({P.READ_CASE, P.ASSIGN_TASK})
_COORDINATION = _CARE | {P.OPEN_CASE, P.DESIGNATE_TEAM}
_PHYSICIAN = _COORDINATION | {P.DECLARE_EVENT}

SECRETARY = Role("secretary", 1, "Secrétariat", permissions=_CARE | {P.OPEN_CASE})
IDEC = Role("idec", 2, "IDEC", permissions=_COORDINATION)
REFERRING_PHYSICIAN = Role(
    "referring_physician", 3, "Médecin référent", is_physician=True, permissions=_PHYSICIAN
)
REQUESTING_PHYSICIAN = Role(
    "requesting_physician", 4, "Médecin demandeur", is_physician=True, permissions=_PHYSICIAN
)
SURGEON = Role("surgeon", 5, "Chirurgien", is_physician=True, permissions=_PHYSICIAN)
RADIATION_ONCOLOGIST = Role(
    "radiation_oncologist", 6, "Radiothérapeute", is_physician=True, permissions=_PHYSICIAN
)
RADIOGRAPHER = Role("radiographer", 7, "Manipulateur", permissions=_CARE)
ONCOLOGIST = Role("oncologist", 8, "Oncologue", is_physician=True, permissions=_PHYSICIAN)
DAY_HOSPITAL_NURSE = Role(
    "day_hospital_nurse", 9, "Infirmier d’hôpital de jour", permissions=_CARE
)
RCP_SECRETARY = Role(
    "rcp_secretary",
    10,
    "Secrétariat de RCP",
    scope=Scope.RCP,
    permissions=frozenset({P.READ_CASE, P.ASSIGN_TASK, P.RUN_RCP}),
)
RCP_COORDINATOR = Role(
    "rcp_coordinator",
    11,
    "Coordonnateur de RCP",
    scope=Scope.RCP,
    is_physician=True,
    permissions=frozenset(
        {P.READ_CASE, P.ASSIGN_TASK, P.RUN_RCP, P.APPROVE_RCP_SHEET, P.EDIT_DIRECTORY}
    ),
)
RCP_PARTICIPANT = Role(
    "rcp_participant",
    12,
    "Participants",
    scope=Scope.RCP,
    permissions=frozenset({P.READ_CASE}),
)
GENERAL_PRACTITIONER = Role(
    "general_practitioner",
    13,
    "Médecin traitant",
    is_physician=True,
    permissions=frozenset({P.READ_CASE}),
)
RECEIVING_TEAM = Role(
    "receiving_team", 31, "Équipe destinataire", scope=Scope.RECEIVER, is_physician=True
)
SYSTEM = Role("system", 14, "Système", scope=Scope.REGION)
IDENTITY = Role(
    "identity_vigilance",
    30,
    "Identitovigilance",
    permissions=frozenset({P.READ_CASE, P.MANAGE_IDENTITIES}),
)
QUALITY_MANAGER = Role(
    "quality_manager",
    15,
    "Qualiticien",
    scope=Scope.REGION,
    is_lane=False,
    permissions=frozenset({P.EDIT_PATHWAYS, P.READ_INDICATORS, P.OPERATE, P.EDIT_DIRECTORY}),
)
ADMINISTRATOR = Role(
    "administrator",
    16,
    "Administrateur",
    scope=Scope.REGION,
    is_lane=False,
    permissions=frozenset({P.MANAGE_ACCOUNTS, P.OPERATE, P.EDIT_DIRECTORY}),
)
AUDITOR = Role(
    "auditor",
    17,
    "Auditeur",
    scope=Scope.REGION,
    is_lane=False,
    permissions=frozenset({P.READ_AUDIT}),
)
PHARMACIST = Role("pharmacist", 18, "Pharmacien", permissions=frozenset({P.READ_CASE}))
SOCIAL_WORKER = Role("social_worker", 19, "Assistant social", permissions=_CARE)
SUPPORT_CARE = Role("support_care", 20, "Soins de support", permissions=frozenset({P.READ_CASE}))
GERIATRICIAN = Role(
    "geriatrician", 32, "Oncogériatre", is_physician=True, permissions=frozenset({P.READ_CASE})
)
INVESTIGATOR = Role(
    "investigator", 21, "Investigateur", is_physician=True, permissions=frozenset({P.READ_CASE})
)

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        SECRETARY,
        IDEC,
        REFERRING_PHYSICIAN,
        REQUESTING_PHYSICIAN,
        SURGEON,
        RADIATION_ONCOLOGIST,
        RADIOGRAPHER,
        ONCOLOGIST,
        DAY_HOSPITAL_NURSE,
        RCP_SECRETARY,
        RCP_COORDINATOR,
        RCP_PARTICIPANT,
        GENERAL_PRACTITIONER,
        PHARMACIST,
        IDENTITY,
        RECEIVING_TEAM,
        SOCIAL_WORKER,
        SUPPORT_CARE,
        GERIATRICIAN,
        INVESTIGATOR,
        SYSTEM,
        QUALITY_MANAGER,
        ADMINISTRATOR,
        AUDITOR,
    )
}
LANES: dict[str, Role] = {role.label: role for role in ROLES.values() if role.is_lane}


def role_of_lane(lane: str) -> Role:
    """The role a lane stands for; publishing has refused unknown lanes, so a miss is a bug."""
    return LANES[lane]


def label(code: str) -> str:
    """The French name of a role's code."""
    return ROLES[code].label
