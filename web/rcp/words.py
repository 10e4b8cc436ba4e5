"""Codes of RCPs come in; the French words and the tone a page shows them in go out."""

from workflows.french import listed
from workflows.rcp.models import Rcp, RegistrationState, Reply, SessionState
from workflows.rcp.states import REASONS

# state: tone, words, icon
STATES: dict[str, tuple[str, str, str]] = {
    RegistrationState.DRAFT: ("draft", "Brouillon", "pencil"),
    RegistrationState.SUBMITTED: ("today", "À accepter", "inbox"),
    RegistrationState.ACCEPTED: ("soon", "Acceptée", "check"),
    RegistrationState.REFUSED: ("late", "Refusée", "ban"),
    RegistrationState.ON_AGENDA: ("soon", "À l’ordre du jour", "list-details"),
    RegistrationState.DISCUSSED: ("done", "Discutée", "circle-check"),
    RegistrationState.REGISTERED: ("done", "Enregistrée", "circle-check"),
    RegistrationState.NOT_DISCUSSED: ("blocked", "Non discutée", "hand-stop"),
    RegistrationState.POSTPONED: ("blocked", "Reportée", "calendar-due"),
    RegistrationState.CANCELLED: ("draft", "Annulée", "ban"),
}
SESSION_STATES: dict[str, tuple[str, str, str]] = {
    SessionState.PLANNED: ("soon", "Inscriptions ouvertes", "calendar"),
    SessionState.CLOSED: ("today", "Ordre du jour arrêté", "list-details"),
    SessionState.OPEN: ("done", "En séance", "player-play"),
    SessionState.ENDED: ("draft", "Terminée", "check"),
    SessionState.CANCELLED: ("blocked", "Annulée", "ban"),
}
# reply: tone, words, icon
REPLIES: dict[str, tuple[str, str, str]] = {
    Reply.ONSITE: ("done", "Vient", "user-check"),
    Reply.VIDEO: ("done", "En visio", "video"),
    Reply.ABSENT: ("blocked", "Absent", "user-minus"),
    Reply.REPLACED: ("soon", "Remplacé", "users"),
}
KINDS: dict[str, str] = {
    "standard": "RCP d’organe",
    "expert": "RCP de recours",
    "rare": "RCP cancers rares",
    "paediatric": "RCP pédiatrique",
    "molecular": "RCP moléculaire",
    "transversal": "RCP transversale",
}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_WEEKS = {1: "1er", 2: "2e", 3: "3e", 4: "4e", 5: "5e", -1: "dernier"}


def reason_label(code: str | None) -> str:
    return REASONS.get(code or "", "")


def rhythm(rcp: Rcp) -> str:
    """« Chaque semaine, le jeudi à 14 h », « Le 1er et le 3e mardi du mois à 9 h 30 »"""
    minutes = f" {rcp.starts.minute:02d}" if rcp.starts.minute else ""
    day, at = DAYS[rcp.first_date.weekday()], f"{rcp.starts.hour} h{minutes}"
    if rcp.month_weeks:
        order = sorted(rcp.month_weeks, key=lambda week: week % 10)  # the last comes last
        weeks = listed([f"le {_WEEKS[week]}" for week in order])
        return f"{weeks[0].upper()}{weeks[1:]} {day} du mois à {at}"
    every = {1: "Chaque semaine", 2: "Toutes les deux semaines"}.get(
        rcp.every_weeks, f"Toutes les {rcp.every_weeks} semaines"
    )
    return f"{every}, le {day} à {at}"
