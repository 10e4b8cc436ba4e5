"""A small region plays the pathway that ships with Hent: real diagrams, real people, real sessions.

Each command is a transaction of its own, at `now`, which the story moves.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, queries, runtime, timers
from engine.db import transaction
from engine.models import Instance, Task, Timer
from tests.factories import make_patient
from workflows.cases import events, lifecycle, operations, skipping
from workflows.rcp import operations as rcp
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import MemberFunction, Registration
from workflows.records.models import Record
from workflows.roles import LANES
from workflows.staff.models import User

DAY_ZERO = datetime(2026, 3, 2, 8, tzinfo=UTC)  # a Monday
PEOPLE = {  # in the RCP: function, specialty
    "coordinator": ("Gwen Tanguy", MemberFunction.COORDINATOR, "SM36"),
    "surgeon_member": ("Paul Morvan", MemberFunction.PARTICIPANT, "SM20"),
    "radiotherapist_member": ("Rose Cadiou", MemberFunction.PARTICIPANT, "SM45"),
    "rcp_secretary": ("Lena Pennec", MemberFunction.SECRETARY, None),
}


def planned(kind: str, **more: Any) -> dict[str, Any]:
    """A line of the PPS."""
    return {"kind": kind, "status": "planned", **more}


@dataclass
class Region:
    database: sa.Engine
    now: datetime = DAY_ZERO
    case_id: int = 0
    rcp_id: int = 0
    people: dict[str, int] = field(default_factory=dict)

    def on(self, day: int, hour: int = 8) -> "Region":
        """Time passes to that day after the first; what is due meanwhile happens."""
        target = DAY_ZERO + timedelta(days=day, hours=hour - 8)
        while self.now < target:
            with transaction(self.database) as db:
                due = db.scalar(
                    sa.select(sa.func.min(Timer.due_at)).where(Timer.due_at > self.now)
                )
            self.now = min(due or target, target)
            timers.fire_due_timers(self.database, now=self.now)
        return self

    def print(self) -> None:
        """The documents wait for the worker; here it comes."""
        jobs.run_due_jobs(self.database, now=self.now)

    def day(self, offset: int = 0) -> str:
        return (self.now.date() + timedelta(days=offset)).isoformat()

    def person(self, db: Session, who: str) -> User:
        return db.get_one(User, self.people[who])

    def open_case(self, born: date = date(1974, 1, 10)) -> None:
        with transaction(self.database) as db:
            secretary = self.person(db, "secretary")
            unit_id = self.people["unit"]
            patient = make_patient(db, "Nolwenn Test-Lannic", born=born)
            episode = operations.open_case(
                db, patient_id=patient.id, unit_id=unit_id, organ="breast",
                user=secretary, now=self.now,
            )  # fmt: skip
            self.case_id = episode.case_id

    def do(self, element: str, by: str | None = None, **answers: Any) -> None:
        """The person of its lane, or the one named, does the step of that id (the oldest open)."""
        with transaction(self.database) as db:
            task = self._task(db, element)
            operations.complete_task(
                db,
                task_id=task.id,
                answers=answers,
                user=self.person(db, by or self._role(task)),
                now=self.now,
            )

    def skip(self, element: str) -> None:
        with transaction(self.database) as db:
            task = self._task(db, element)
            skipping.not_applicable(
                db, task_id=task.id, reason="Sans objet ici", user=self.person(db, self._role(task)),
                now=self.now,
            )  # fmt: skip

    def send(self, message: str, **payload: Any) -> None:
        """What another system tells the case."""
        with transaction(self.database) as db:
            runtime.send_message(
                db, name=message, case_id=self.case_id, payload=payload,
                actor="system", now=self.now,
            )  # fmt: skip

    def declare(
        self,
        event: str,
        by: str = "referring_physician",
        about: int | None = None,
        **payload: Any,
    ) -> None:
        with transaction(self.database) as db:
            events.declare_event(
                db, case_id=self.case_id, event=event, user=self.person(db, by),
                now=self.now, payload=payload, about=about,
            )  # fmt: skip

    def open(self) -> list[str]:
        with transaction(self.database) as db:
            return sorted(task.element for task in queries.open_tasks(db, self.case_id))

    def task(self, element: str) -> Task:
        with transaction(self.database) as db:
            return self._task(db, element)

    def due(self, element: str) -> date:
        due_at = self.task(element).due_at
        assert due_at is not None
        return due_at.date()

    def timers(self) -> list[str]:
        with transaction(self.database) as db:
            rows = db.scalars(sa.select(Timer).filter_by(case_id=self.case_id))
            return [f"{timer.kind}:{timer.element}" for timer in rows]

    def case_data(self) -> dict[str, Any]:
        with transaction(self.database) as db:
            return queries.case_data(db, self.case_id)

    def treatments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.case_data()["treatments"]
        return found

    def case_state(self) -> str:
        with transaction(self.database) as db:
            return queries.case(db, self.case_id).state

    def running(self) -> list[str]:
        with transaction(self.database) as db:
            rows = queries.instances(db, self.case_id, running=True)
            return sorted(instance.definition for instance in rows)

    def instances(self, definition: str) -> list[Instance]:
        with transaction(self.database) as db:
            rows = queries.instances(db, self.case_id)
            return [row for row in rows if row.definition == definition]

    def lines(self, *definitions: str) -> list[str]:
        """The treatments under way that these diagrams follow, as a form posts them."""
        with transaction(self.database) as db:
            running = queries.instances(db, self.case_id, running=True)
            return [str(one.id) for one in running if one.definition in definitions]

    def answers(self, instance: Instance) -> dict[str, Any]:
        with transaction(self.database) as db:
            return queries.instance_data(db, instance.id)

    def case_holds(self, **values: Any) -> None:
        """What an earlier step would have answered."""
        with transaction(self.database) as db:
            runtime.put_data(db, case_id=self.case_id, values=values, actor="system", now=self.now)

    def records(self, kind: str) -> list[Record]:
        with transaction(self.database) as db:
            chosen = sa.select(Record).filter_by(case_id=self.case_id, kind=kind)
            return list(db.scalars(chosen.order_by(Record.id)))

    def registrations(self) -> list[Registration]:
        with transaction(self.database) as db:
            return list(rcp_queries.registrations_of_case(db, self.case_id))

    def plan_session(self, day: int) -> int:
        with transaction(self.database) as db:
            return rcp.add_session(
                db, rcp_id=self.rcp_id, starts_at=DAY_ZERO + timedelta(days=day, hours=6),
                actor="system", now=self.now,
            ).id  # fmt: skip

    def meet(self, session_id: int, *, without: str = "") -> None:
        """People sit down at two in the afternoon and the case is called."""
        with transaction(self.database) as db:
            self.now = rcp_queries.session(db, session_id).starts_at
            given: dict[str, Any] = {"actor": "user:1", "now": self.now}
            rcp.open_session(rcp.within(db), session_id=session_id, **given)
            for who, (_name, _function, specialty) in PEOPLE.items():
                if specialty and who != without:
                    rcp.record_arrival(
                        db, session_id=session_id, user_id=self.people[who],
                        specialty=specialty, **given,
                    )  # fmt: skip
            (registration,) = (
                row
                for row in rcp_queries.agenda(db, session_id)
                if row.case_id == self.case_id and row.state == "on_agenda"
            )
            rcp.call_case(db, registration_id=registration.id, **given)

    # Whole phases, for the walks that begin further on.

    def confirm(self, **report: Any) -> None:
        """From the opening to the pathologist's answer."""
        self.do("check_identity", identity_check="verified")
        self.do("inform_patient", information_date=self.day(), sharing_opposition=False)
        self.do(
            "attach_pathology_report",
            pathology_report_date=self.day(),
            pathology_result="malignant",
            topography="C50.4",
            morphology="8500/3",
            **report,
        )

    def announce(self, **report: Any) -> None:
        self.confirm(**report)
        self.do("announce_diagnosis", announcement_date=self.day())
        self.do("designate_team", team_idec=self.people["idec"])

    def register(self, session_id: int, **answers: Any) -> None:
        self.do("choose_rcp", rcp_session_id=session_id)
        self.do("register_for_rcp", question="Quel traitement ?", **answers)
        self.do("complete_rcp_sheet")
        self.do("attach_documents")
        self.do("accept_registration", registration_accepted=True)

    def decide(self, *kinds: str, proposal: str = "treatment", **answers: Any) -> None:
        self.do("discuss_case", by="coordinator", opinion_given="yes")
        self.do(
            "record_rcp_decision",
            proposals=[{"kind": kind} for kind in kinds],
            rcp_proposal=proposal,
            treatment_intent="curative",
            **answers,
        )
        self.do("approve_rcp_sheet")

    def hold_rcp(self, day: int, *kinds: str, **answers: Any) -> None:
        session_id = self.plan_session(day)
        self.register(session_id)
        self.on(day)
        self.meet(session_id)
        self.decide(*kinds, **answers)

    def agree(self, treatments: list[dict[str, Any]]) -> None:
        """The patient accepts, and leaves with the PPS."""
        self.do("propose_treatment", proposal_date=self.day(), patient_decision="accepts")
        self.do("complete_pps_treatment", treatments=treatments)
        self.do("complete_pps_support")
        self.give_pps()

    def give_pps(self) -> None:
        self.do("approve_pps")
        self.do(
            "hand_over_pps",
            pps_handover_date=self.day(),
            handed_over_by=self.people["referring_physician"],
        )

    def hand_over(self, treatments: list[dict[str, Any]]) -> None:
        self.agree(treatments)
        self.do("plan_appointments")
        self.do("check_prerequisites", prerequisites_outcome="met")

    def treat(self, *kinds: str) -> None:
        """Under way: each of these kinds, its diagram waiting for its first step."""
        self.hold_rcp(8, *kinds)
        self.on(10)
        self.hand_over([planned(kind) for kind in kinds])

    def prescribe(self, *, cycles: int = 4, in_days: int = 7, **answers: Any) -> None:
        self.do(
            "prescribe_systemic",
            first_cycle_date=self.day(in_days),
            cycles_planned=cycles,
            cycle_interval_days=21,
            **answers,
        )

    def close(self, reason: str = "Suivi ailleurs") -> None:
        with transaction(self.database) as db:
            doctor = self.person(db, "referring_physician")
            lifecycle.close(db, case_id=self.case_id, reason=reason, user=doctor, now=self.now)

    def _task(self, db: Session, element: str) -> Task:
        found = [one for one in queries.open_tasks(db, self.case_id) if one.element == element]
        assert found, f"{element} is not open; open: {self.open_in(db)}"
        return min(found, key=lambda one: one.id)

    def open_in(self, db: Session) -> list[str]:
        return sorted(task.element for task in queries.open_tasks(db, self.case_id))

    @staticmethod
    def _role(task: Task) -> str:
        code = LANES[task.lane].code
        seats = {"rcp_coordinator": "coordinator", "rcp_participant": "coordinator"}
        return seats.get(code, code)
