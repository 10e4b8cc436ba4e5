"""A suspicion may turn out to be another cancer: its own case, beside this one (domain §11, F11)."""

from sqlalchemy.orm import Session

from engine import runtime
from engine.errors import Invalid
from workflows.cases.steps import CompletedForm, effect, guard, require_answers

FOUND = "second_cancer_found"

require_answers(
    "open_second_case", {"second_case_opened": "Dites si le dossier du second cancer est ouvert."}
)


@guard("explore_suspicion", undoable=True)
def tell_apart(db: Session, step: CompletedForm) -> None:
    """One suspicion, one conclusion: a relapse goes on here, a second cancer elsewhere."""
    if step.answers.get("relapse_confirmed") is True and step.answers.get("second_cancer") is True:
        raise Invalid(
            "Une rechute se suit dans ce dossier, un second cancer dans un nouveau\u202f: "
            "choisissez l’un des deux, et déclarez l’autre à part.",
            {"second_cancer": "Contredit la rechute confirmée."},
        )


@effect("explore_suspicion")
def ask_for_its_case(db: Session, step: CompletedForm) -> None:
    if step.answers.get("second_cancer") is True:
        runtime.send_message(
            db,
            name=FOUND,
            case_id=step.case.id,
            key=f"{FOUND}:{step.task.id}",
            actor=step.actor,
            now=step.now,
        )
