"""An incident of the engine comes in; its French words and who is in charge of it go out."""

from engine.incidents import Incident
from engine.models import Blame
from workflows.roles import ADMINISTRATOR, QUALITY_MANAGER, Role

JOBS = {"render_record": "Mise en page d’un document"}
TIMERS = {"event": "Attente", "reminder": "Rappel", "escalation": "Escalade"}


def title(incident: Incident) -> str:
    """What did not happen; a kind nobody named shows its own name, not nothing."""
    if incident.kind == "job":
        return JOBS.get(incident.what, f"Travail «\u202f{incident.what}\u202f»")
    if incident.kind == "timer":
        return TIMERS.get(incident.what, f"Minuterie «\u202f{incident.what}\u202f»")
    return f"Message «\u202f{incident.what}\u202f»"


def in_charge(incident: Incident) -> Role:
    """What the model refuses is the quality manager's; what broke is the administrator's."""
    return QUALITY_MANAGER if incident.blame == Blame.DIAGRAM else ADMINISTRATOR
