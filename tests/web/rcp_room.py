"""A real RCP with real cases before it: announced, registered, accepted by the shipped pathway."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import queries
from engine.db import transaction
from engine.models import Task
from tests.factories import make_patient
from tests.workflows.pathway import Region
from workflows.cases import operations
from workflows.patients.models import Patient
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import Registration
from workflows.staff.models import User

SHEET: dict[str, Any] = {
    "who_status": "LA9622-7",
    "clinical_summary": "Autopalpation en octobre, mammographie ACR 5, biopsie échoguidée.",
}


@dataclass
class Room:
    """One session of the RCP « Sénologie », and the cases brought to it, by patient's name."""

    region: Region
    session_id: int

    def bring(
        self, name: str, question: str = "Quel traitement ?", *, accept: bool = True, **given: Any
    ) -> Registration:
        region = self.region
        born = given.pop("born", date(1967, 3, 14))
        sheet = SHEET | given.pop("sheet", {})
        attached = {
            name: given.pop(name) for name in ("file_complete", "missing_pieces") if name in given
        } or {"file_complete": "yes"}
        with transaction(region.database) as db:
            patient = make_patient(db, name, born=born)
            episode = operations.open_case(
                db,
                patient_id=patient.id,
                unit_id=region.people["unit"],
                organ="breast",
                user=region.person(db, "secretary"),
                now=region.now,
            )
            region.case_id = episode.case_id
        region.announce()
        region.do("choose_rcp", rcp_session_id=self.session_id)
        region.do("register_for_rcp", question=question, **{"case_status": "discussed"} | given)
        region.do("complete_rcp_sheet", **sheet)
        region.do("attach_documents", **attached)
        if accept:
            region.do("accept_registration", registration_accepted=True)
        return region.registrations()[-1]

    def registration(self, registration_id: int) -> Registration:
        with transaction(self.region.database) as db:
            return rcp_queries.registration(db, registration_id)

    def sit(self, *absent: str) -> None:
        """Two in the afternoon: the session opens and the members sign in, but those named."""
        region = self.region
        with transaction(region.database) as db:
            region.now = rcp_queries.session(db, self.session_id).starts_at
            given: dict[str, Any] = {"actor": "user:1", "now": region.now}
            rcp.open_session(rcp.within(db), session_id=self.session_id, **given)
            for who, specialty in (
                ("coordinator", "SM36"),
                ("surgeon_member", "SM20"),
                ("radiotherapist_member", "SM45"),
            ):
                if who not in absent:
                    rcp.record_arrival(
                        db,
                        session_id=self.session_id,
                        user_id=region.people[who],
                        specialty=specialty,
                        **given,
                    )

    def person(self, who: str) -> User:
        with transaction(self.region.database) as db:
            return self.region.person(db, who)

    def patient(self, registration: Registration) -> Patient:
        with transaction(self.region.database) as db:
            from workflows.cases.models import Episode

            return db.get_one(Episode, registration.case_id).patient

    def open_tasks(self, registration: Registration) -> dict[str, Task]:
        with transaction(self.region.database) as db:
            return {task.form: task for task in queries.open_tasks(db, registration.case_id)}

    def data(self, registration: Registration) -> dict[str, Any]:
        with transaction(self.region.database) as db:
            return queries.instance_data(db, registration.instance_id)
