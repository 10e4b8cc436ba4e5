"""What a team did before it handed a case over: a list, and one case to read."""

from flask import render_template
from flask.typing import ResponseReturnValue

from web.cases.room import PLACE, blueprint
from web.door import now, reading, signed_in, writing
from workflows.cases import former
from workflows.records.models import KIND_LABELS
from workflows.staff import queries as staff


@blueprint.get("/dossiers/transmis")
def handed_over() -> ResponseReturnValue:
    with reading() as db:
        lines = former.handed_over(db, signed_in(db))
        return render_template("cases/handed_over.html", lines=lines)


@blueprint.get(f"{PLACE}/avant-transfert")
def before_transfer(case_id: int) -> ResponseReturnValue:
    with writing() as db:
        told = former.what_was_done(db, case_id=case_id, user=signed_in(db), now=now())
        names = staff.actor_names(db, [one.completed_by for one in told.steps])
        return render_template(
            "cases/before_transfer.html", told=told, names=names, labels=KIND_LABELS
        )
