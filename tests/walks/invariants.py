"""A case after each move comes in; the invariants of domain §13 are asked of its rows.

They are asked here a second time, in plain SQL and on purpose without the rooms' own guards:
what a guard forgets, this sees.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import audit, queries
from engine.models import CaseState, Datum, Instance, Task, Timer
from workflows.cases.models import Episode
from workflows.consent.queries import is_opposed
from workflows.rcp.models import Attendance, RcpMember, RcpSession, Registration
from workflows.rcp.models import RegistrationState as State
from workflows.records.models import Record, RecordStatus

# A document offered and not wanted was not handed over: its date is that of the refusal.
UNDER_ANOTHER_NAME = {
    "pps_handover_date": "handover_refusal_date",
    "ppac_handover_date": "handover_refusal_date",
}
# The check just made gets its next day, the control just made what the calendar asks for after it.
MOVED_ON = {"watch_plan", "calendar_ahead"}
ALIVE_AFTER_DEATH = {"record_death", "inform_after_death"}


class Broken(AssertionError):
    """An invariant of the domain that the rows contradict."""


def _hold(rule: bool, sentence: str) -> None:
    if not rule:
        raise Broken(sentence)


class Witness:
    """Remembers what was seen, so that what must never change is seen to change."""

    def __init__(self, case_id: int) -> None:
        self.case_id = case_id
        self._registrations: set[int] = set()
        self._approved: dict[int, bytes] = {}
        self._records: set[int] = set()
        self._answers: dict[int, dict[str, Any]] = {}
        self._stops: list[datetime] = []
        self._sent_back: set[int] = set()  # documents to correct after the death

    def note(self, task: Task, answers: Mapping[str, Any]) -> None:
        """What somebody has just answered."""
        self._answers[task.id] = dict(answers)
        if task.form == "record_death":
            self._sent_back.clear()
        elif answers.get("correction_requested") is True:
            self._sent_back.add(task.instance_id)
        if task.form == "adapt_treatment" and answers.get("adaptation") == "stop":
            assert task.completed_at is not None
            self._stops.append(task.completed_at)

    def look(self, db: Session, *, now: datetime) -> None:
        data = queries.case_data(db, self.case_id)
        self._inscriptions(db, data)
        self._sheets_and_plans(db)
        self._skipped(db)
        self._death(db, data)
        self._something_to_do(db)

    def look_back(self, db: Session) -> None:
        """At the end of the walk: no answer was lost, the chain is whole, stops led to an RCP."""
        for task in db.scalars(sa.select(Task).where(Task.id.in_(self._answers))):
            lost = {
                name: value
                for name, value in self._answers[task.id].items()
                if name not in MOVED_ON and value not in _kept_as(name, task.answers or {})
            }
            _hold(not lost, f"{task.element} lost the answers {lost}")
        breaks = list(audit.verify(db, case_id=self.case_id))
        _hold(not breaks, f"the audit chain is broken: {breaks}")
        self._stops_led_to_rcp(db)

    def _inscriptions(self, db: Session, data: Mapping[str, Any]) -> None:
        """1: informed and not opposed. 2: a guideline behind « enregistré ». 4: the quorum."""
        for row in db.scalars(sa.select(Registration).filter_by(case_id=self.case_id)):
            if row.id not in self._registrations:
                self._registrations.add(row.id)
                _hold(bool(data.get("information_date")), "inscribed without information")
                _hold(not is_opposed(data), "inscribed in spite of an opposition")
            if row.state == State.REGISTERED:
                known = queries.instance_data(db, row.instance_id)
                named = [known.get(f"guideline_{part}") for part in ("name", "version", "date")]
                _hold(all(named), f"registered without its guideline: {named}")
            if row.called_at is not None and row.quorum is not None:
                reached = _has_quorum(db, row)
                _hold(
                    reached == (row.quorum["status"] == "reached"),
                    f"quorum {row.quorum['status']} written, {reached} counted",
                )
                if row.state == State.DISCUSSED:
                    _hold(reached, "discussed without its quorum")

    def _sheets_and_plans(self, db: Session) -> None:
        """3: who approved, and never changed since. 5: handed over with a date and a person. 6."""
        rows = db.scalars(
            sa.select(Record).filter_by(case_id=self.case_id).order_by(Record.id)
        ).all()
        _hold(self._records <= {row.id for row in rows}, "a document has vanished")
        self._records = {row.id for row in rows}
        for row in rows:
            _hold(
                (row.handed_over_date is None) == (row.handed_over_by is None),
                f"{row.number}: handed over half",
            )
            if row.version > 1:
                before = db.get(Record, row.replaces_id) if row.replaces_id else None
                _hold(
                    before is not None
                    and (before.set_id, before.version + 1) == (row.set_id, row.version),
                    f"{row.number} v{row.version} does not follow its chain",
                )
            if row.approved_by is None:  # a draft, replaced or not, may still change
                _hold(row.status != RecordStatus.APPROVED, f"{row.number}: approved by nobody")
                _hold(row.handed_over_date is None, f"{row.number}: given before its approval")
                continue
            if row.kind == "rcp_sheet":
                _hold(_is_coordinator(db, row), f"{row.approved_by} approved {row.number}")
            kept = orjson.dumps(row.context, option=orjson.OPT_SORT_KEYS)
            _hold(self._approved.setdefault(row.id, kept) == kept, f"{row.number} was rewritten")

    def _skipped(self, db: Session) -> None:
        """10: what was passed over says who, when and why."""
        for task in db.scalars(
            sa.select(Task).filter_by(case_id=self.case_id, outcome="not_applicable")
        ):
            _hold(
                bool(task.reason and task.completed_by and task.completed_at),
                f"{task.element} was skipped without a word",
            )

    def _death(self, db: Session, data: Mapping[str, Any]) -> None:
        """9: nothing is awaited any more, but what tells people, what waits for approval, and the
        writing of what was sent back for correction."""
        if not data.get("death_date"):
            return
        left = {
            task.form
            for task in queries.open_tasks(db, self.case_id)
            if task.form not in ALIVE_AFTER_DEATH
            and not task.form.startswith("approve_")
            and task.instance_id not in self._sent_back
        }
        _hold(not left, f"after the death, still to do: {left}")
        kinds = set(
            db.scalars(
                sa.select(Timer.kind).where(Timer.case_id == self.case_id, Timer.task_id.is_(None))
            )
        )
        _hold(not kinds, f"after the death, timers still run: {kinds}")

    def _something_to_do(self, db: Session) -> None:
        """A case that is open has a step, a moment, or a meeting ahead."""
        case = queries.case(db, self.case_id)
        if case.state != CaseState.OPEN:
            return
        ahead = (
            bool(queries.open_tasks(db, self.case_id))
            or db.scalar(sa.select(Timer.id).filter_by(case_id=self.case_id).limit(1)) is not None
            or db.scalar(
                sa.select(Registration.id)
                .where(
                    Registration.case_id == self.case_id,
                    Registration.state.in_((State.SUBMITTED, State.ACCEPTED, State.ON_AGENDA)),
                )
                .limit(1)
            )
            is not None
        )
        _hold(ahead, "an open case with nothing to do")

    def _stops_led_to_rcp(self, db: Session) -> None:
        """8: a treatment that stops leads to an RCP: asked for after it, or one that hears of it.
        Not of the dead, nor of whoever is opposed to it."""
        case, data = queries.case(db, self.case_id), queries.case_data(db, self.case_id)
        if case.state != CaseState.CLOSED or data.get("death_date") or is_opposed(data):
            return
        for stopped_at in self._stops:
            asked = db.scalar(
                sa.select(Instance.id)
                .outerjoin(Registration, Registration.instance_id == Instance.id)
                .where(
                    Instance.case_id == self.case_id,
                    Instance.definition == "rcp",
                    sa.or_(
                        Instance.started_at >= stopped_at, Registration.called_at >= stopped_at
                    ),
                )
                .limit(1)
            )
            _hold(asked is not None, f"the stop of {stopped_at} never came before an RCP")


def satisfied(db: Session, case_id: int) -> set[str]:
    """What §13 asks for that this case has by now; a step « sans objet » adds nothing to it."""
    data = queries.case_data(db, case_id)
    found = {name for name in ("information_date", "announcement_date") if data.get(name)}
    if data.get("sharing_opposition") in (False, "no"):
        found.add("not opposed")
    for row in db.scalars(sa.select(Registration).filter_by(case_id=case_id)):
        if row.state in (State.DISCUSSED, State.REGISTERED):
            found.add(f"heard {row.id}")
    for record in db.scalars(sa.select(Record).filter_by(case_id=case_id)):
        found |= {f"approved {record.id}"} if record.approved_by else set()
        found |= {f"given {record.id}"} if record.handed_over_date else set()
    outcomes = db.scalars(
        sa.select(Datum.value).filter_by(case_id=case_id, name="prerequisites_outcome")
    )
    found |= {f"prerequisites {value}" for value in outcomes if value}
    patient = db.get_one(Episode, case_id).patient
    return found | {f"identity {patient.ins_status}, doubtful {patient.is_doubtful}"}


def _kept_as(name: str, answers: Mapping[str, Any]) -> list[Any]:
    return [answers.get(known) for known in (name, UNDER_ANOTHER_NAME.get(name)) if known]


def _has_quorum(db: Session, row: Registration) -> bool:
    """Counted anew: who was in the room when the case was called, one seat each."""
    present = db.scalars(
        sa.select(Attendance).where(
            Attendance.session_id == row.session_id,
            Attendance.arrived_at <= row.called_at,
            sa.or_(Attendance.left_at.is_(None), Attendance.left_at > row.called_at),
            Attendance.in_quorum,
        )
    ).all()
    entry = db.get_one(RcpSession, row.session_id).rcp
    found = {stay.specialty for stay in present if stay.specialty}
    born = db.get_one(Episode, row.case_id).patient.birth_date
    if born > row.called_at.date() - timedelta(days=365.25 * 25) and "SM40" not in found:
        return False  # 15–24 years: the paediatric expertise too
    return (
        all(found & set(group["specialties"]) for group in entry.quorum_groups)
        and len(found) >= entry.min_specialties
        and len(present) >= entry.min_persons
    )


def _is_coordinator(db: Session, record: Record) -> bool:
    registration = db.scalars(
        sa.select(Registration)
        .where(Registration.instance_id == record.instance_id)
        .order_by(Registration.id.desc())
    ).first()
    if registration is None or record.approved_by is None:
        return False
    rcp_id = db.get_one(RcpSession, registration.session_id).rcp_id
    user_id = int(record.approved_by.removeprefix("user:"))
    functions = db.scalars(
        sa.select(RcpMember.function).where(
            RcpMember.rcp_id == rcp_id, RcpMember.user_id == user_id
        )
    ).all()
    return bool({"coordinator", "deputy"} & set(functions))
