"""« Mes tâches »: a view, filters and a place in the list come in; lines and a preview go out."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from web.door import is_htmx, now, reading, signed_in, writing
from web.inbox import hands, holding, listing, saving  # noqa: F401 (their routes)
from web.inbox.room import blueprint, pane_of
from workflows.access import Reach, reach_of
from workflows.cases import finished, inbox, saved_views, tallies
from workflows.cases.inbox import Filters
from workflows.staff.models import User


@blueprint.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("inbox.index"))


@blueprint.route("/taches", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """A name to look for is posted: it would otherwise stay in an address, and in logs."""
    filters = listing.asked(request.values)
    listing.remember(filters)
    task_id = request.args.get("task", type=int)
    with writing() if task_id else reading() as db:
        user = signed_in(db)
        reach = reach_of(db, user)
        shown = _list(db, user, reach, filters)
        shown |= _rail(db, user, reach, filters)
        found = tallies.choices(db, user, reach=reach)
        shown |= {"choices": listing.choices_of(found), "counts": listing.counts_of(found)}
        shown["pane"] = pane_of(db, user, task_id) if task_id else None
        template = "inbox/_screen.html" if is_htmx() else "inbox/index.html"
        response = make_response(render_template(template, task_id=task_id, **shown))
    if is_htmx() and request.method == "POST":
        response.headers["HX-Push-Url"] = listing.address(filters)
    return response


@blueprint.post("/taches/suite")
def more() -> ResponseReturnValue:
    """The lines after those on screen."""
    filters = listing.asked(request.values)
    with reading() as db:
        user = signed_in(db)
        return render_template(
            "inbox/_rows.html", task_id=None, **_list(db, user, reach_of(db, user), filters)
        )


@blueprint.post("/taches/releve")
def refresh() -> ResponseReturnValue:
    """Every minute: fresh counts, and what waits behind « 3 nouvelles tâches »."""
    filters = listing.asked(request.values)
    after_id = request.values.get("after_id", 0, type=int)
    with reading() as db:
        user = signed_in(db)
        fresh = tallies.newer(db, user, now=now(), filters=filters, after_id=after_id)
        counted = _rail(db, user, reach_of(db, user), filters)
        return render_template(
            "inbox/_refresh.html",
            fresh=fresh,
            filters=filters,
            **counted,
        )


@blueprint.get("/taches/terminees")
def done() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    with reading() as db:
        user = signed_in(db)
        reach = reach_of(db, user)
        page = finished.finished(db, user, now=now(), before=before, reach=reach)
        template = "inbox/_done.html" if is_htmx() else "inbox/done.html"
        counted = _rail(db, user, reach, Filters())
        return render_template(template, page=page, **(counted | {"view": "done"}))


@blueprint.get("/taches/<int:task_id>/apercu")
def show_preview(task_id: int) -> ResponseReturnValue:
    """The pane beside the list; opening it is a reading of the case, and written down."""
    if not is_htmx():
        return redirect(url_for("inbox.index", task=task_id))
    with writing() as db:
        pane = pane_of(db, signed_in(db), task_id)
        return render_template("inbox/_preview.html", pane=pane)


def _list(db: Session, user: User, reach: Reach, filters: Filters) -> dict[str, Any]:
    moment = now()
    after = request.values.get("after")
    page = inbox.inbox(db, user, now=moment, filters=filters, after=after, reach=reach)
    totals = tallies.urgency(db, user, now=moment, filters=filters, reach=reach)
    if filters.sort == "due":
        last = request.values.get("group", "")
        groups = listing.grouped(page.lines, totals, moment, continues=last)
    else:
        groups = listing.ungrouped(page.lines)
    return {
        "groups": groups,
        "next": page.next,
        "totals": totals,
        "filters": filters,
        "narrowed": listing.is_narrowed(filters),
        "title": listing.title(user, filters),
        "saved": listing.saved_as(user, filters),
        "may_save": listing.may_save(user, filters),
        "address": listing.address,
        "query": listing.query,
        "moment": moment,
        "is_first_page": after is None,
    }


def _rail(db: Session, user: User, reach: Reach, filters: Filters) -> dict[str, Any]:
    saved = listing.saved(user)
    counts = inbox.counts(
        db, user, now=now(), reach=reach, saved={key: one.filters for key, one in saved.items()}
    )
    here = saved_views.without_name(filters)
    return {
        "rail": listing.rail(counts),
        "saved_rail": [
            (one.name, one.filters, counts[key], one.filters == here) for key, one in saved.items()
        ],
        "address": listing.address,
        "view": filters.view,
        "done_count": finished.count_finished(db, user, now=now()),
        "moment": now(),
    }
