"""A case comes in; its pathway, live on its diagram and in words, and what may be done goes out."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.models import Instance
from web.cases import changes, former, past  # noqa: F401 (their routes)
from web.cases.facts import kept_rows, latest, passages
from web.cases.room import PLACE, around, blueprint
from web.door import canvas_page, now, reading, signed_in, writing
from workflows.access import require_case
from workflows.cases import notes, overview
from workflows.cases.queries import done_steps, heading, open_steps
from workflows.deadlines import queries as deadlines
from workflows.deadlines.wording import milestone_label


@blueprint.get(PLACE)
@canvas_page
def show(case_id: int) -> ResponseReturnValue:
    """The pathway: the diagram asked for, else the one where the next step waits."""
    moment = now()
    with writing() as db:
        user = signed_in(db)
        head = heading(db, case_id=case_id, user=user, now=moment)
        steps = open_steps(db, case_id=case_id, user=user, now=moment)
        drawn = overview.drawn_of(db, case_id)
        chosen = overview.choose(drawn, steps, request.args.get("deroulement", type=int))
        told = (
            overview.standing(db, drawn=chosen, user=user, now=moment, steps=steps)
            if chosen
            else None
        )
        return render_template(
            "cases/show.html",
            **around(db, user, head),
            steps=steps,
            redatings=deadlines.redatings(db, [step.task.id for step in steps]),
            drawn=drawn,
            chosen=chosen,
            told=told,
            places=_places(told) if told else {},
            mini_map=overview.picture(db, told, labels=False) if told else "",
            as_list=request.args.get("vue") == "liste",
            latest=latest(db, case_id, limit=6),
            waits=overview.waits(db, case_id),
        )


@blueprint.get(f"{PLACE}/chronologie")
def timeline(case_id: int) -> ResponseReturnValue:
    """Everything done, the dated facts, the passages before RCPs, the words between colleagues."""
    moment = now()
    with writing() as db:
        user = signed_in(db)
        head = heading(db, case_id=case_id, user=user, now=moment)
        return render_template(
            "cases/timeline.html",
            **around(db, user, head),
            done=done_steps(db, case_id=case_id, user=user, now=moment),
            milestones=[
                (milestone_label(one.name), one) for one in deadlines.milestones_of(db, case_id)
            ],
            passages=passages(db, case_id),
            calls=kept_rows(db, head, "call_log"),
            toxicities=kept_rows(db, head, "toxicity_history"),
            comments=notes.comments(db, case_id),
        )


@blueprint.get(f"{PLACE}/diagrammes/<int:instance_id>.bpmn")
def diagram(case_id: int, instance_id: int) -> ResponseReturnValue:
    """The drawing of the revision this very diagram runs on; read by the page that was audited."""
    with reading() as db:
        require_case(db, signed_in(db), case_id, now(), written=False)
        instance = db.get(Instance, instance_id)
        if instance is None or instance.case_id != case_id:
            return "", 404
        return Response(overview.bpmn(db, instance_id), mimetype="application/xml")


def _places(told: overview.Standing) -> dict[str, dict[str, str]]:
    """What the diagram shows on each element that is not simply to come."""
    return {
        key: {
            "state": place.state,
            "holder": place.holder,
            "href": f"/dossiers/{place.task.case_id}/taches/{place.task.id}" if place.task else "",
        }
        for key, place in told.places.items()
        if place.state != "todo"
    }
