"""A case is proposed to another team, which accepts or refuses; only then do rights move (X06)."""

from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.handlers import ServiceStep, handles
from workflows.cases import handover
from workflows.cases.models import Episode
from workflows.cases.steps import CompletedForm, guard, require_answers
from workflows.notices.operations import notify
from workflows.pathways.reading import known, number
from workflows.staff import queries as staff_queries

PROPOSAL, ANSWER = "propose_transfer", "accept_transfer"

require_answers(PROPOSAL, {"receiving_unit_id": "Choisissez l’équipe destinataire."})
require_answers(ANSWER, {"transfer_accepted": "Dites si votre équipe accepte le dossier."})
require_answers(
    "review_transfer_refusal",
    {"transfer_elsewhere": "Dites si le dossier est proposé à une autre équipe."},
)


@guard(PROPOSAL)
def require_another_team(db: Session, step: CompletedForm) -> None:
    """Outside of the team that cares, nothing is shared without the patient's agreement (§8)."""
    unit_id = number(step.answers.get("receiving_unit_id"))
    unit = staff_queries.unit(db, unit_id or 0)
    if unit.id == db.get_one(Episode, step.case.id).unit_id:
        raise Invalid(
            "Ce dossier est déjà suivi par cette équipe\u202f: choisissez-en une autre.",
            {"receiving_unit_id": "C’est l’équipe actuelle."},
        )
    if not staff_queries.physicians(db, unit_id=unit.id):
        raise Invalid(
            f"Personne ne peut accepter un dossier dans l’unité «\u202f{unit.name}\u202f»\u202f: "
            "aucun médecin n’y a de compte.",
            {"receiving_unit_id": "Aucun médecin dans cette unité."},
        )
    if step.answers.get("transfer_patient_agrees") != "yes":
        raise Invalid(
            "Le dossier ne se transmet à une autre équipe qu’avec l’accord du patient\u202f: "
            "recueillez-le d’abord.",
            {"transfer_patient_agrees": "Accord du patient attendu."},
        )


@guard(ANSWER)
def require_whole_answer(db: Session, step: CompletedForm) -> None:
    """Accepted, somebody is responsible from now on; refused, the other team is told why."""
    wanted, sentence = (
        ("receiving_physician", "Nommez le médecin référent de votre équipe.")
        if step.answers.get("transfer_accepted") is True
        else ("transfer_refusal_reason", "Dites pourquoi votre équipe refuse le dossier.")
    )
    if not step.answers.get(wanted):
        raise Invalid(sentence, {wanted: "Obligatoire."})
    unit_id = number(known(db, step).get("receiving_unit_id")) or 0
    team = {person.id for person in staff_queries.people(db, unit_id=unit_id)}
    for name in ("receiving_physician", "receiving_idec"):
        chosen = number(step.answers.get(name))
        if chosen and chosen not in team:
            raise Invalid(
                "Cette personne n’est pas de l’équipe destinataire\u202f: choisissez-en une autre.",
                {name: "Hors de l’équipe destinataire."},
            )


@handles("hand_over_case")
def hand_over_case(step: ServiceStep) -> None:
    unit_id = number(step.get("receiving_unit_id")) or 0
    chosen = {
        "referring_physician": number(step.get("receiving_physician")),
        "idec": number(step.get("receiving_idec")),
    }
    leaving = handover.people_leaving(step.db, step.case.id)
    handover.hand_over(
        step.db,
        case_id=step.case.id,
        unit_id=unit_id,
        members={role: user_id for role, user_id in chosen.items() if user_id},
        actor=step.actor,
        now=step.now,
    )
    unit = staff_queries.unit(step.db, unit_id)
    notify(
        step.db,
        user_ids=leaving,
        key=f"handed_over:{step.instance.id}",
        kind="transfer",
        text=f"Dossier transféré à l’équipe «\u202f{unit.name}\u202f». Vous gardez la lecture de "
        "ce que vous y avez fait.",
        now=step.now,
    )


@handles("take_transfer_back")
def take_transfer_back(step: ServiceStep) -> None:
    """The team that was asked and has not taken the case does not go on reading it."""
    handover.withdraw_rights(step.db, case_id=step.case.id, actor=step.actor, now=step.now)
