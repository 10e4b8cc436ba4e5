"""What a release knows comes in; the lists a person chooses from, in French, go out."""

from typing import Any

from engine import handlers
from engine.calendar import UNITS
from engine.decisions import read_decisions
from web.studio.room import Place
from workflows.deadlines.rules import OPENED
from workflows.deadlines.wording import MILESTONES, unit_label
from workflows.revisions import delays
from workflows.roles import LANES

KINDS = {
    "userTask": ("user-check", "Tâche"),
    "serviceTask": ("settings", "Étape automatique"),
    "scriptTask": ("settings", "Calcul"),
    "businessRuleTask": ("layout-rows", "Table de décision"),
    "callActivity": ("folder-plus", "Phase"),
    "subProcess": ("folder-plus", "Sous-étapes"),
    "startEvent": ("circle", "Début"),
    "endEvent": ("circle", "Fin"),
    "boundaryEvent": ("bell-ringing", "Événement d’une étape"),
    "intermediateCatchEvent": ("clock", "Attente"),
    "intermediateThrowEvent": ("send", "Message envoyé"),
    "exclusiveGateway": ("git-compare", "Choix"),
    "parallelGateway": ("git-compare", "En parallèle"),
    "inclusiveGateway": ("git-compare", "Un ou plusieurs chemins"),
    "eventBasedGateway": ("git-compare", "Premier événement"),
}
TYPES = {
    "text": "Texte", "long_text": "Texte long", "integer": "Nombre entier", "decimal": "Nombre",
    "date": "Date", "partial_date": "Date ou mois", "datetime": "Date et heure",
    "boolean": "Oui ou non", "choice": "Un choix", "choices": "Plusieurs choix",
    "lines": "Traitements en cours",
    "person": "Personne", "rcp": "RCP", "rcp_session": "Séance de RCP", "group": "Lignes",
    "computed": "Calculé",
}  # fmt: skip


def choices() -> dict[str, Any]:
    """Units, anchors, reminders, people to warn: what a delay is made of."""
    units = [(unit, unit_label(unit)[1]) for unit in UNITS]
    return {
        "units": units,
        "anchors": [(OPENED, "l’ouverture de l’étape"), *MILESTONES.items()],
        "reminders": [
            ("", "sans rappel"),
            (delays.SHARE, "% du délai"),
            *((unit, f"{label} avant") for unit, label in units),
        ],
        "escalations": [("", "personne"), *delays.ESCALATED.items()],
    }


def titles_of_forms(place: Place) -> dict[str, str]:
    return {name: form.title for name, form in place.library.forms.items()}


def forms_of(place: Place) -> list[dict[str, Any]]:
    """Each form with its size: « 24 questions, 9 obligatoires »."""
    return sorted(
        (
            {
                "name": name,
                "title": form.title,
                "questions": sum(1 for _ in form.fields()),
                "required": sum(1 for _, field in form.fields() if field.required),
                "href": place.href("form", name=name),
            }
            for name, form in place.library.forms.items()
        ),
        key=lambda one: str(one["title"]),
    )


def tables(place: Place) -> list[tuple[str, str, int]]:
    """File, title and number of rows of the tables that are not the delays."""
    found = []
    for artifact in place.artifacts:
        if artifact.kind != "table" or artifact.name == delays.NAME:
            continue
        decisions, _ = read_decisions(artifact.content)
        title = next((one.name for one in decisions.values()), artifact.name)
        found.append((artifact.name, title, sum(len(one.rules) for one in decisions.values())))
    return found


def panel(place: Place) -> dict[str, Any]:
    """All that the panel beside a diagram offers."""
    decisions: dict[str, str] = {}
    for artifact in place.artifacts:
        if artifact.kind == "table" and artifact.name != delays.NAME:
            read, _ = read_decisions(artifact.content)
            decisions |= {key: one.name for key, one in read.items()}
    return {
        **choices(),
        "roles": list(LANES),
        "forms": forms_of(place),
        "delays": {row.step: _delay(row) for row in place.delays if row.step},
        "diagrams": sorted((one.sheet.id, one.title) for one in place.drawings),
        "decisions": sorted(decisions.items()),
        "handlers": sorted(handlers.handler_names()),
        "kinds": {kind: label for kind, (_, label) in KINDS.items()},
    }


def _delay(row: delays.Row) -> dict[str, Any]:
    amount, unit = row.delay.reminder_parts
    return {
        "amount": f"{row.delay.amount:g}".replace(".", ","),
        "unit": row.delay.unit,
        "anchor": row.delay.anchor,
        "reminder": amount,
        "reminder_unit": unit,
        "escalation": row.delay.escalation,
        "label": row.delay.label,
        "is_plain": row.is_plain,
    }
