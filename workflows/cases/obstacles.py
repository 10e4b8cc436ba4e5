"""A case as it stands comes in; why an event cannot be declared in it now goes out, in a sentence.

A page asks this of some thirty events at once: what decides is read once for all of them.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import expressions, queries
from engine.expressions import ExpressionError
from engine.models import CaseState, Instance, InstanceState, Subscription
from workflows.cases.activities import Event
from workflows.cases.models import Episode
from workflows.consent.queries import obstacle_to_sharing
from workflows.patients.models import Patient
from workflows.patients.trust import obstacle_to_sharing as identity_obstacle

NOT_AWAITED = "Cet événement n’est plus attendu dans ce dossier\u202f: rechargez la page."


class Standing:
    """How one case stands at this moment; not to be kept beyond the transaction."""

    def __init__(self, db: Session, case_id: int) -> None:
        self._db = db
        self._case_id = case_id
        self._state = queries.case(db, case_id).state
        self._data = queries.case_data(db, case_id)
        self._release = queries.release_of(db, case_id)

    def obstacle(self, event: Event) -> str | None:
        """Why it cannot be declared now, in a sentence."""
        if self.has_died:
            return (
                "Un décès est enregistré pour ce patient\u202f: plus rien ne se déclare dans ce "
                "dossier. Si c’est une erreur, annulez le décès."
            )
        if self._state == CaseState.CLOSED and not event.reopens:
            return "Ce dossier n’est pas ouvert\u202f: cet événement ne peut pas y être déclaré."
        if event.awaited:
            return None if event.message in self._awaited else NOT_AWAITED
        start = self._release.starts.get(event.message)
        if start is None:
            return "Aucun diagramme de cette révision ne traite cet événement."
        definition = start[0]
        if self._state == CaseState.SUSPENDED and definition not in self._release.awake:
            return "Ce dossier est suspendu\u202f: reprenez-le d’abord."
        if event.once and definition in self._beside:
            return "Cet événement est déjà en cours de traitement dans ce dossier."
        if not _is_permitted(self._release.permitted.get(definition, ""), self._data):
            return event.needs or "L’avancement de ce dossier ne permet pas encore cet événement."
        return self._obstacle_to_sharing if event.shares else None

    @property
    def has_died(self) -> bool:
        return self._patient.death_date is not None

    @cached_property
    def _awaited(self) -> frozenset[str]:
        """The messages that some diagram of the case waits for."""
        return frozenset(
            self._db.scalars(sa.select(Subscription.message).filter_by(case_id=self._case_id))
        )

    @cached_property
    def _beside(self) -> frozenset[str]:
        """The diagrams that run on the case, those that another one called left aside."""
        return frozenset(
            self._db.scalars(
                sa.select(Instance.definition).filter_by(
                    case_id=self._case_id, parent_id=None, state=InstanceState.RUNNING
                )
            )
        )

    @cached_property
    def _patient(self) -> Patient:
        return self._db.get_one(Episode, self._case_id).patient

    @cached_property
    def _obstacle_to_sharing(self) -> str | None:
        return identity_obstacle(self._patient) or obstacle_to_sharing(self._data)


def _is_permitted(condition: str, data: Mapping[str, Any]) -> bool:
    if not condition:
        return True
    try:
        return expressions.compile_expression(condition).evaluate(dict(data)) is True
    except ExpressionError:
        return False  # what cannot be computed permits nothing
