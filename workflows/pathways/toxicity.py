"""A toxicity is graded (T15, CTCAE): what was graded before stays readable at the next one."""

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from engine import runtime
from workflows.cases.steps import CompletedForm, effect, guard
from workflows.pathways import lines
from workflows.pathways.reading import refuse_future, rows, today
from workflows.pathways.treatment import modalities_of


@guard("rate_toxicity")
def refuse_future_toxicity(db: Session, step: CompletedForm) -> None:
    refuse_future(step, "toxicity_date", "Une toxicité se cote une fois constatée.")


@effect("rate_toxicity")
def remember(db: Session, step: CompletedForm) -> None:
    line = {
        "date": step.answers.get("toxicity_date") or today(step.now).isoformat(),
        "toxicity": step.answers.get("toxicity"),
        "grade": step.answers.get("toxicity_grade"),
        "cause": step.answers.get("toxicity_cause"),
        "treatment": ", ".join(_blamed(db, step)),
    }
    before = rows(engine_queries.case_data(db, step.case.id), "toxicity_history")
    runtime.put_data(
        db,
        case_id=step.case.id,
        values={
            "toxicity_history": [*before, {key: given for key, given in line.items() if given}]
        },
        actor=step.actor,
        now=step.now,
    )


@effect("rate_toxicity")
def blame_lines(db: Session, step: CompletedForm) -> None:
    """What is adapted after it is what is blamed for it, unless the oncologist says otherwise."""
    if step.answers.get("toxicity_lines"):
        step.answers["adapted_lines"] = step.answers["toxicity_lines"]


def _blamed(db: Session, step: CompletedForm) -> list[str]:
    wanted = lines.ids(step.answers, "toxicity_lines")
    return lines.names_of(db, lines.among(modalities_of(db, step.case.id), wanted))
