"""The delays of a revision or of a draft, a row for each step, on one page."""

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from web.studio import words
from web.studio.room import Place, head
from workflows.revisions import differences
from workflows.staff.queries import establishments


def show_delays(db: Session, place: Place, **more: Any) -> str:
    rows = place.delays
    titles = differences.titles_of(list(place.artifacts))
    lanes = {step.deadline: step.lane for one in place.drawings for step in one.sheet.tasks}
    sites = {one.code: one.name for one in establishments(db)}
    return render_template(
        "studio/delays.html", rows=rows, titles=titles, lanes=lanes, sites=sites,
        own={(row.step, row.establishment) for row in rows}, **words.choices(),
        **{**head(db, place), **more},
    )  # fmt: skip
