"""A story and an empty database come in; it is played from its first day to its last.

Virtual time goes from one due moment to the next, so that every reminder, timer and job happens
between two steps as it would on the ward, and nothing waits.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, timers
from engine.db import reading, transaction
from engine.publishing import revision_in_service
from engine.releases import release
from workflows.rcp.planning import local_moment
from workflows.scenarios.performance import MORNING, Happening, Performance
from workflows.scenarios.stage import Troupe
from workflows.scenarios.story import BadStory, Step, Story

RENDERING = ("render_record",)  # seconds each: only when documents are wanted


def play(database: sa.Engine, story: Story, *, documents: bool = False) -> Iterator[Happening]:
    """Perform every step; a revision must be in service. What is refused raises BadStory."""
    start = local_moment(story.day_0 + timedelta(days=story.steps[0].day), MORNING)
    with transaction(database) as db:
        require_known_steps(db, story)
        performance = Performance(story, Troupe(db, story, now=start - timedelta(days=1)))
    skipped = () if documents else RENDERING
    while (step := performance.next_step) is not None:
        with reading(database) as db:
            moment = performance.next_moment(db) or start
        pass_time(database, until=moment, skipped=skipped)
        with transaction(database) as db:
            happening = performance.perform(db, now=moment)
        pass_time(database, until=moment, skipped=skipped)
        with reading(database) as db:
            performance.check(db, step)
        yield happening


def require_known_steps(db: Session, story: Story) -> None:
    """A step that no diagram has is told before the first day, with the nearest name."""
    serving = revision_in_service(db)
    known = release(db, serving.id).steps if serving is not None else set()
    for step in story.steps:
        for name in _named(step):
            if name not in known:
                near = get_close_matches(name, sorted(known), 3, 0.5)
                raise BadStory(
                    story.name,
                    step.label,
                    f"aucun diagramme n’a d’étape « {name} ».",
                    f"Vouliez-vous dire {' ou '.join(near)}\u202f?"
                    if near
                    else "Les noms d’étapes se lisent dans le studio, sur chaque diagramme.",
                )


def _named(step: Step) -> Iterator[str]:
    """What it does or passes over, and what it says should be open then."""
    if step.verb in ("do", "skip"):
        yield str(step.what)
    for word in ("open", "waiting", "due", "reminders"):
        yield from map(str, step.expect.get(word) or ())


def pass_time(
    database: sa.Engine, *, until: datetime, skipped: Collection[str] = (), work: bool = True
) -> None:
    """Every timer and job due by then, each at its own moment and in its own transaction."""
    while True:
        with reading(database) as db:
            timer_at = timers.next_due(db)
            job_at = jobs.next_due(db, skipped=skipped) if work else None
        if timer_at is not None and timer_at <= until:
            timers.fire_due_timers(database, now=timer_at)
            continue
        is_due = job_at is not None and job_at <= until
        if not is_due or not jobs.run_due_jobs(database, now=until, skipped=skipped):
            return
