"""What may be done on a case whatever the pathway is at: who may, and what it waits for.

Each starts a diagram of its own; the condition is on the diagram (`permitted_when`), the words here.
"""

from dataclasses import dataclass

from workflows.roles import Permission


@dataclass(frozen=True)
class Event:
    """Something a person may declare on the case's page."""

    message: str
    label: str
    permission: Permission
    once: bool = False  # one at a time: a death is not declared twice
    shares: bool = False  # shows the case to an RCP
    reopens: bool = False  # also said of a closed case: a relapse goes on in the same one (§11)
    awaited: bool = False  # only while a diagram waits for it: it starts nothing
    told_by: str = ""  # the answer that tells apart two diagrams that wait for it
    icon: str = "flag"
    needs: str = ""  # what `permitted_when` of its diagram asks, in words


_STARTED = "Un traitement doit être en cours."
_PLANNED = "Un PPS doit avoir été commencé."
# Permitted activities: done when somebody finds it useful, whatever the pathway is at.
ACTIVITIES: dict[str, Event] = {
    activity.message: activity
    for activity in (
        Event(
            "follow_up_call_requested",
            "Appeler le patient",
            Permission.DESIGNATE_TEAM,
            icon="phone",
        ),
        Event(
            "referral_requested",
            "Orienter vers un soin de support",
            Permission.DESIGNATE_TEAM,
            icon="heart-handshake",
        ),
        Event(
            "nursing_time_requested",
            "Proposer un temps soignant",
            Permission.DESIGNATE_TEAM,
            icon="message",
            needs="Le diagnostic doit avoir été annoncé.",
        ),
        Event(
            "frailty_requested",
            "Évaluer la fragilité (score G8)",
            Permission.DESIGNATE_TEAM,
            once=True,
            icon="clipboard-list",
            needs="Le score G8 s’adresse aux patients de 75 ans et plus.",
        ),
        Event("letter_requested", "Écrire un courrier", Permission.ASSIGN_TASK, icon="mail"),
        Event(
            "cycle_move_requested",
            "Déplacer un cycle",
            Permission.DESIGNATE_TEAM,
            icon="calendar-time",
            needs=_STARTED,
        ),
        Event(
            "reassessment_requested",
            "Faire un bilan de réévaluation",
            Permission.DECLARE_EVENT,
            icon="clipboard-list",
            needs="Un traitement doit être prévu dans le PPS.",
        ),
        Event(
            "synthesis_visit_requested",
            "Demander une consultation de synthèse",
            Permission.DESIGNATE_TEAM,
            once=True,
            icon="stethoscope",
            needs=_PLANNED,
        ),
        Event(
            "trial_requested",
            "Proposer un essai clinique",
            Permission.DECLARE_EVENT,
            icon="microscope",
            needs="Une RCP doit avoir dit l’intention du traitement.",
        ),
        Event(
            "daily_life_requested",
            "Accompagner le retour à la vie courante",
            Permission.ASSIGN_TASK,
            icon="home",
            needs=_PLANNED,
        ),
        Event(
            "ppac_update_requested",
            "Réviser le PPAC",
            Permission.DESIGNATE_TEAM,
            once=True,
            icon="calendar-time",
            needs="Le programme de l’après-cancer doit avoir été remis.",
        ),
        Event(
            "suspicion_reported",
            "Explorer une suspicion de rechute",
            Permission.DESIGNATE_TEAM,
            once=True,
            reopens=True,
            icon="stethoscope",
            needs=_PLANNED,
        ),
        Event(
            "telemonitoring_alert",
            "Saisir une alerte de télésurveillance",
            Permission.DESIGNATE_TEAM,
            icon="bell-ringing",
            needs=_STARTED,
        ),
        Event(
            "unplanned_stay_declared",
            "Saisir une hospitalisation",
            Permission.DESIGNATE_TEAM,
            icon="building-hospital",
        ),
    )
}
