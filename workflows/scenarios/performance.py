"""One story and a stage come in; its steps are performed one by one, by the people's own verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import queries, runtime
from engine.errors import Forbidden, Invalid, Refusal
from engine.models import Task
from workflows.cases import events, operations, skipping
from workflows.cases.audience import people_offered
from workflows.cases.models import TaskOffer
from workflows.french import PARIS
from workflows.pathways import awaited, lines
from workflows.pathways.death_undone import undo_death
from workflows.rcp import operations as rcp_operations
from workflows.rcp import queries as rcp_queries
from workflows.rcp.models import Registration
from workflows.rcp.planning import local_moment
from workflows.roles import LANES, ROLES, Scope
from workflows.scenarios import expectations
from workflows.scenarios.answering import read_answers
from workflows.scenarios.files import FileVerbs
from workflows.scenarios.stage import SEATS, Stage, person_of_rcp
from workflows.scenarios.story import HOME, BadStory, Step, Story
from workflows.scenarios.words import Words
from workflows.staff.models import User

MORNING = time(9, 0)
BETWEEN = timedelta(minutes=5)  # from one step of a day to the next


class Unmet(BadStory):
    """The story went on, but what it expects is not so."""


class NotOpen(BadStory):
    """The step is not there yet, or not any more; nothing was written."""


@dataclass(frozen=True)
class Happening:
    """What was just performed, for whoever tells the story."""

    step: Step
    at: datetime
    who: str
    what: str
    checks: int = 0


class Performance(FileVerbs):
    """A case being played. Each step is one call of `perform`, in the caller's transaction."""

    def __init__(
        self,
        story: Story,
        stage: Stage,
        *,
        on_a_day_of_work: Callable[[date], date] = lambda day: day,
        read: Callable[..., Mapping[str, Any]] = read_answers,
    ) -> None:
        self.story = story
        self.stage = stage
        self.case_id = 0
        self.files = {}
        self._read = read
        self._position = 0
        self._last: datetime | None = None
        self._db: Session | None = None
        self._sitting: dict[str, int] = {}  # RCP → the session this case was called in
        self.words = Words(story.day_0, self._look_up, on_a_day_of_work)

    @property
    def next_step(self) -> Step | None:
        steps = self.story.steps
        return steps[self._position] if self._position < len(steps) else None

    def next_moment(self, db: Session) -> datetime | None:
        """When the next step takes place; a meeting, when its session starts."""
        step = self.next_step
        if step is None:
            return None
        if step.verb == "rcp_session" and "hold" in step.what:
            self._move_to_session(db, step)
        day = self.words.date_of(step.day)
        if step.at is not None:
            return local_moment(day, step.at)
        if self._last is not None and self._last.astimezone(PARIS).date() >= day:
            return self._last + BETWEEN
        return local_moment(day, MORNING)

    def perform(self, db: Session, *, now: datetime) -> Happening:
        """Do the next step; a refusal of the house becomes a sentence about the file."""
        step = self.next_step
        if step is None:
            raise Invalid("Cette histoire est finie.")
        self._db, self._last = db, now
        self._turn_to(db, step)
        try:
            who, what = getattr(self, f"_{step.verb}")(db, step, now)
        except BadStory:
            raise
        except Refusal as refusal:
            raise self._bad(
                step, refusal.message, "Corrigez l’étape ou le diagramme."
            ) from refusal
        self._position += 1
        return Happening(step, now, who, what or step.note, len(step.expect))

    def wait_a_day(self) -> None:
        """The step comes a day later, and with it all that follows."""
        step = self.next_step
        if step is not None:
            self.words.move(step.day, self.words.date_of(step.day) + timedelta(days=1))

    def check(self, db: Session, step: Step) -> None:
        """Once timers and jobs have run: is everything as the step expects?"""
        self._db = db
        self._turn_to(db, step)
        wanted = dict(step.expect)
        if found := expectations.unmet(db, self.case_id, wanted, self.words):
            raise Unmet(self.story.name, step.label, " ".join(found), "")

    def _do(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        task = self._task(db, step)
        user = self._actor(db, step, task)
        answers = self._answers(db, step, task, user, now)
        try:
            operations.complete_task(db, task_id=task.id, answers=answers, user=user, now=now)
        except Forbidden:
            if "as" in step.more or not (others := people_offered(db, task.id)):
                raise
            user = others[0]  # it went to a colleague elsewhere
            operations.complete_task(db, task_id=task.id, answers=answers, user=user, now=now)
        return user.display_name, task.name

    def _skip(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        task = self._task(db, step)
        user = self._actor(db, step, task)
        reason, way = str(step.more.get("because", "")), step.more.get("way")
        skipping.not_applicable(db, task_id=task.id, reason=reason, way=way, user=user, now=now)
        return user.display_name, f"{task.name}\u202f: sans objet, {reason}"

    def _declare(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        user = self.stage.person(db, str(step.more.get("as", "referring_physician")))
        event = str(step.what)
        payload = self.words.read(step.more.get("with") or {})
        events.declare_event(
            db, case_id=self.case_id, event=event, user=user, now=now, payload=payload
        )
        return user.display_name, events.EVENTS[event].label

    def _undo(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        """A death recorded by mistake is taken back."""
        user = self.stage.person(db, str(step.more.get("as", "referring_physician")))
        reason = str(step.more.get("because", ""))
        lost = undo_death(db, case_id=self.case_id, reason=reason, user=user, now=now)
        return user.display_name, " ".join(["Décès annulé.", *lost])

    def _receive(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        """What a machine sends: a laboratory's report."""
        payload = self.words.read(step.more.get("with") or {})
        if step.what == awaited.RECEIVED:
            awaited.receive_document(
                db,
                case_id=self.case_id,
                name=str(payload.pop("awaited_name", "")),
                answers=payload,
                actor="system",
                now=now,
            )
            return "", f"Résultat reçu\u202f: {step.more['with'].get('awaited_name')}"
        runtime.send_message(
            db, name=str(step.what), case_id=self.case_id, actor="system", now=now, payload=payload
        )
        return "", f"Message reçu\u202f: {step.what}"

    def _rcp_session(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        if "end" in step.what:
            self._end_session(db, step, now)
            return "", "Fin de la séance"
        registration = self._registration(db, step)
        self._sitting[step.what["hold"]] = registration.session_id
        absent = step.what.get("absent", ())
        self.stage.hold(db, registration.session_id, absent=absent, now=now)
        secretary = person_of_rcp(db, registration.session.rcp_id, "rcp_secretary")
        found = rcp_operations.call_case(
            db, registration_id=registration.id, actor=secretary.actor, now=now
        )
        label = rcp_queries.session_label(db, registration.session)
        missing = f", absents\u202f: {', '.join(found.missing)}" if found.missing else ""
        return (
            secretary.display_name,
            f"{label}\u202f: dossier appelé, quorum {_SAY[found.status]}{missing}",
        )

    def _wait(self, db: Session, step: Step, now: datetime) -> tuple[str, str]:
        return "", step.note

    def _task(self, db: Session, step: Step) -> Task:
        element, definition = str(step.what), step.more.get("in")
        found = queries.open_tasks(db, self.case_id)
        for task in sorted(found, key=lambda one: one.id):
            if task.element == element and definition in (None, task.definition):
                return task
        names = ", ".join(sorted({task.element for task in found})) or "aucune"
        raise NotOpen(
            self.story.name,
            step.label,
            f"l’étape « {element} » n’est pas ouverte à cette date.",
            f"Choisissez parmi les étapes ouvertes\u202f: {names}.",
        )

    def _actor(self, db: Session, step: Step, task: Task) -> User:
        """The person named by the step, else the one the lane of the task points to."""
        role = step.more.get("as") or LANES[task.lane].code
        if ROLES[role].scope is Scope.RECEIVER:
            return people_offered(db, task.id)[0]
        if ROLES[role].scope is Scope.RCP:
            rcp_id = db.scalar(
                sa.select(TaskOffer.rcp_id).where(
                    TaskOffer.task_id == task.id, TaskOffer.rcp_id.is_not(None)
                )
            )
            if rcp_id is not None:
                return person_of_rcp(db, rcp_id, role)
        return self.stage.person(db, role)

    def _answers(
        self, db: Session, step: Step, task: Task, user: User, now: datetime
    ) -> Mapping[str, Any]:
        given = self.words.read(step.more.get("answers") or {})
        try:
            return self._read(db, task, given, now=now)
        except Invalid as problem:
            fields = "".join(f" {name}\u202f: {text}" for name, text in problem.fields.items())
            raise self._bad(
                step,
                f"réponses refusées.{fields or ' ' + problem.message}",
                "Corrigez « answers ».",
            ) from problem

    def _end_session(self, db: Session, step: Step, now: datetime) -> None:
        session_id = self._sitting.pop(step.what["end"], None)
        if session_id is None:
            raise self._bad(step, "aucune séance de cette RCP n’est ouverte.", "Tenez-la d’abord.")
        self.stage.end(db, session_id, now=now)

    def _registration(self, db: Session, step: Step) -> Registration:
        code = step.what["hold"]
        rcp_id = self.stage.rcp(db, str(code)).id
        for row in reversed(rcp_queries.registrations_of_case(db, self.case_id)):
            if row.session.rcp_id == rcp_id:
                return row
        raise self._bad(
            step, f"le dossier n’est pas inscrit à la RCP « {code} ».", "Inscrivez-le d’abord."
        )

    def _move_to_session(self, db: Session, step: Step) -> None:
        """The meeting's own date and hour win over the story's."""
        starts_at = self._registration(db, step).session.starts_at
        self.words.move(step.day, starts_at.astimezone(PARIS).date())
        if self._last is None or self._last < starts_at:
            self._last = starts_at - BETWEEN

    def _look_up(self, text: str) -> Any:
        """« @idec », « @idec.name », « @rcp senology », « @session senology D+8 »."""
        db = self._db
        if db is None:  # only performing reads words
            raise RuntimeError("a story's words are read while it is performed")
        kind, *rest = text.split(" ")
        if kind == "rcp" and len(rest) == 1:
            return self.stage.rcp(db, rest[0]).id
        if kind == "session" and len(rest) == 2 and (day := self.words.day(rest[1])):
            return self.stage.session(db, rest[0], day).id
        if kind == "line" and rest:
            return lines.of_kind(db, self.case_id, rest[0])
        if kind == "unit" and len(rest) == 1:
            return self.stage.unit_of(rest[0])
        if kind.partition(".")[0] in (HOME, *self.story.places):
            return self._at(db, *kind.split(".", 1))
        role, _, part = kind.partition(".")
        if (role in ROLES or role in SEATS) and not rest:
            person = self.stage.person(db, role)
            return person.display_name if part == "name" else person.id
        raise Invalid(
            f"« @{text} » ne désigne rien. Écrivez @idec, @idec.name, @chu.idec, @unit CHU, "
            "@rcp CODE, @session CODE D+8 ou @line TYPE."
        )

    def _at(self, db: Session, place: str, who: str) -> Any:
        """Somebody of another place than the one that follows the case."""
        here, self.stage.unit_id = self.stage.unit_id, self.stage.unit_of(place)
        try:
            return self._look_up(who)
        finally:
            self.stage.unit_id = here

    def _bad(self, step: Step, problem: str, remedy: str) -> BadStory:
        return BadStory(self.story.name, step.label, problem, remedy)


_SAY = {"reached": "atteint", "not_reached": "non atteint", "unknown": "inconnu"}
