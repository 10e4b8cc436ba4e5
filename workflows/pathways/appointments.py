"""Appointments later than hoped: the physician of the case is told, with why (domain §11, P11)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine import queries as engine_queries
from forms.dates import say
from workflows.access.audiences import unit_audience
from workflows.cases.audience import people_in
from workflows.cases.care_team import care_team
from workflows.cases.episodes import episode_of
from workflows.cases.steps import CompletedForm, effect
from workflows.library import library_of_task
from workflows.notices.operations import notify
from workflows.pathways.plan import last_proposals
from workflows.pathways.reading import rows

TOLD = frozenset({"referring_physician", "requesting_physician", "oncologist"})


@effect("plan_appointments")
def tell_of_a_delay(db: Session, step: CompletedForm) -> None:
    """The secretariat sees that no room is left in time, or the plan says so against the « au plus
    tard » of the RCP; the physician decides what to do of it."""
    written = str(step.answers.get("delay_comment") or "").strip()
    why = "\u202f; ".join([*([written] if written else []), *_beyond_the_target(db, step)])
    if not why:
        return
    notify(
        db,
        user_ids=_physicians(db, step.case.id),
        key=f"appointment_delay:{step.task.id}",
        kind="appointment_delay",
        text=f"Rendez-vous plus tardifs que prévu\u202f: {why}"[:300],
        case_id=step.case.id,
        now=step.now,
    )


def later_than_proposed(
    treatments: Sequence[Mapping[str, Any]], proposals: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    """Kind, planned start, latest start of the RCP; a month is compared with a month."""
    latest = {row.get("kind"): str(row["latest"]) for row in proposals if row.get("latest")}
    for row in treatments:
        start, limit = str(row.get("planned_start") or ""), latest.get(row.get("kind"), "")
        shared = min(len(start), len(limit))
        if shared and row.get("status") == "planned" and start[:shared] > limit[:shared]:
            yield str(row["kind"]), start, limit


def _beyond_the_target(db: Session, step: CompletedForm) -> list[str]:
    kinds = library_of_task(db, step.task).value_sets["treatment_kind"]
    treatments = rows(engine_queries.case_data(db, step.case.id), "treatments")
    return [
        f"{kinds.label(kind)}, début prévu {say(start)}, au plus tard {say(limit)} selon la RCP"
        for kind, start, limit in later_than_proposed(treatments, last_proposals(db, step.case.id))
    ]


def _physicians(db: Session, case_id: int) -> set[int]:
    """Those designated; before anybody is, the referring physicians of the unit."""
    designated = {one.user_id for one in care_team(db, case_id) if one.role in TOLD}
    episode = episode_of(db, case_id)
    if designated or episode is None:
        return designated
    unit = unit_audience(episode.unit_id, "referring_physician")
    return {person.id for person in people_in(db, [unit])}
