"""The files of a story: most have one; a woman known twice has two, in two hospitals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases import lifecycle, operations
from workflows.cases.models import Episode
from workflows.patients import correcting, merging, unmerging
from workflows.patients import operations as patients
from workflows.patients.models import Patient
from workflows.roles import IDENTITY
from workflows.scenarios.identity import test_ins
from workflows.scenarios.stage import Stage
from workflows.scenarios.story import FILES, Step, Story
from workflows.staff.models import User


class FileVerbs:
    """What a performance does to a file as a whole, and to whose it is."""

    story: Story
    stage: Stage
    case_id: int
    files: dict[str, int]  # of the story → its case
    _merge_id = 0

    def _turn_to(self, db: Session, step: Step) -> None:
        """A step is about the file it names; those who follow that case now are around it."""
        self.case_id = self.files.get(step.file, self.case_id)
        if self.case_id:
            unit_of_case = sa.select(Episode.unit_id).where(Episode.case_id == self.case_id)
            self.stage.unit_id = db.execute(unit_of_case).scalar_one()

    def _open(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        return self._open_file(db, step, str(step.what), self.story.patient, now)

    def _open_elsewhere(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        """The same person comes to another place of the story, that does not know who it is."""
        self.stage.unit_id = self.stage.unit_of(str(step.more.get("at", "")))
        traits = {**self.story.patient, **step.what}
        return self._open_file(db, step, str(step.more.get("as", "secretary")), traits, now)

    def _open_file(
        self, db: Session, step: Step, role: str, traits: Mapping[str, Any], now: datetime
    ) -> tuple[str, str]:
        user = self.stage.person(db, role)
        patient = self._patient(db, user, traits, now)
        episode = operations.open_case(
            db,
            patient_id=patient.id,
            unit_id=self.stage.unit_id,
            organ=self.story.organ,
            pathway=self.story.pathway,
            user=user,
            now=now,
        )
        self.case_id = self.files[step.file] = episode.case_id
        return user.display_name, f"Ouvrir le dossier de {patient.display_name}"

    def _close(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        user = self.stage.person(db, str(step.more.get("as", "referring_physician")))
        reason = str(step.what)
        lifecycle.close(db, case_id=self.case_id, reason=reason, user=user, now=now)
        return user.display_name, f"Clore le dossier\u202f: {reason}"

    def _merge_identities(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        """`traits` says from which file each trait that differs is taken."""
        user = self.stage.person(db, IDENTITY.code)
        keep = str(step.what)
        (lost,) = set(FILES) - {keep}
        traits = step.more.get("traits") or {}
        outcome = merging.merge(
            db,
            survivor_id=self._patient_of(db, keep),
            absorbed_id=self._patient_of(db, lost),
            choices={
                name: merging.SURVIVOR if file == keep else merging.ABSORBED
                for name, file in traits.items()
            },
            reason=str(step.more.get("because", "")),
            user=user,
            now=now,
        )
        self._merge_id = outcome.merge.id
        return user.display_name, "Fusionner les deux identités"

    def _undo_merge(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        user = self.stage.person(db, IDENTITY.code)
        reason = str(step.more.get("because", ""))
        unmerging.undo(db, merge_id=self._merge_id, reason=reason, user=user, now=now)
        return user.display_name, "Défaire la fusion"

    def _correct_identity(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        user = self.stage.person(db, IDENTITY.code)
        correcting.correct_identity(
            db,
            patient_id=self._patient_of(db, step.file),
            reason=str(step.more.get("because", "")),
            user=user,
            now=now,
            **step.what,
        )
        return user.display_name, "Corriger l’identité"

    def _patient_of(self, db: Session, file: str) -> int:
        return db.get_one(Episode, self.files[file]).patient_id

    def _patient(
        self, db: Session, user: User, given: Mapping[str, Any], now: datetime
    ) -> Patient:
        traits = dict(given)
        identified = traits.pop("identified", True)
        patient = patients.register_patient(db, user=user, now=now, confirmed=True, **traits)
        if identified:  # the national service answered; checking a document comes later
            number = test_ins(db, patient)
            patients.identify(db, patient_id=patient.id, ins=number, actor=user.actor, now=now)
        return patient
