"""« Patients »: filters come in; the cases this person may read, by name, go out."""

from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict

from engine.errors import Invalid
from engine.models import CaseState
from web.door import is_htmx, now, reading, signed_in
from web.patients import opening  # noqa: F401 (its routes)
from web.patients.room import blueprint
from workflows.access import Reach, reach_of
from workflows.cases.caseload import Filters, caseload
from workflows.roles import Permission
from workflows.staff import queries as staff

STATES = {"open": "Suivis en cours", "closed": "Dossiers clos", "all": "Tous les dossiers"}
LONGEST_TEXT = 80


@blueprint.route("/patients", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """A name is posted, never in the address."""
    filters = _asked(request.values)
    with reading() as db:
        user = signed_in(db)
        reach = reach_of(db, user)
        page = caseload(
            db, user, now=now(), filters=filters, after=request.values.get("after"), reach=reach
        )
        units = staff.units(db, ids=reach.unit_ids)
        html = render_template(
            "patients/_list.html" if is_htmx() else "patients/index.html",
            page=page,
            filters=filters,
            states=STATES,
            units=[
                (str(unit.id), f"{unit.name}, {unit.establishment.short_name}") for unit in units
            ],
            may_open=_may_open(reach),
            address=_address,
            is_first_page="after" not in request.values,
        )
    response = make_response(html)
    if is_htmx() and request.method == "POST":
        response.headers["HX-Push-Url"] = _address(filters)
    return response


def _asked(args: CombinedMultiDict[str, str]) -> Filters:
    state = args.get("state", "open")
    if state not in STATES:
        raise Invalid("Cette vue n’existe pas\u202f: revenez à la liste des patients.")
    unit = args.get("unit", "")
    return Filters(
        text=request.form.get("text", "").strip()[:LONGEST_TEXT],
        organ=args.get("organ", ""),
        unit_id=int(unit) if unit.isdecimal() else None,
        state={"open": CaseState.OPEN, "closed": CaseState.CLOSED}.get(state, ""),
    )


def _address(filters: Filters, **changes: Any) -> str:
    known = {
        "organ": filters.organ,
        "unit": filters.unit_id,
        "state": None if filters.state == CaseState.OPEN else filters.state or "all",
    }
    return url_for("patients.index", **{k: v for k, v in (known | changes).items() if v})


def _may_open(reach: Reach) -> bool:
    return reach.may(Permission.OPEN_CASE) and bool(reach.units)
