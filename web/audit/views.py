"""An auditor asks for a case; its journal, filtered by person, kind and date, goes out."""

import csv
import io
from datetime import date

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid
from web.door import now, signed_in, writing
from workflows.access import log
from workflows.access.actions import KINDS
from workflows.french import PARIS
from workflows.roles import Permission

blueprint = Blueprint("audit", __name__, template_folder="templates", url_prefix="/acces")
ICONS = {
    "read": "eye",
    "change": "pencil",
    "approval": "signature",
    "sending": "send",
    "refusal": "ban",
}
MOST_EXPORTED = 20_000


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Look for a patient; refusals of the whole region are the first thing to examine."""
    text = request.args.get("text", "")
    with writing() as db:
        user = signed_in(db)
        return render_template(
            "audit/index.html",
            text=text,
            refusals=log.recent_refusals(db, user=user),
            cases=log.cases_to_audit(db, text=text, user=user, now=now()),
        )


@blueprint.get("/dossiers/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    filters = _filters()
    first = max(request.args.get("debut", 0, type=int), 0)
    with writing() as db:
        page = log.case_log(
            db, case_id=case_id, user=signed_in(db), now=now(), filters=filters, first=first
        )
        return render_template(
            "audit/case.html",
            page=page,
            filters=filters,
            kinds=KINDS,
            icons=ICONS,
            step=log.PAGE,
            journal=log.integrity(
                db, case_id, trusted=current_app.config["SETTINGS"].trusted_keys()
            ),
            address=lambda **changes: _address(case_id, filters, changes),
        )


@blueprint.get("/dossiers/<int:case_id>/journal.csv")
def export(case_id: int) -> ResponseReturnValue:
    """The same lines for a spreadsheet; the patient may ask for a copy."""
    with writing() as db:
        page = log.case_log(
            db,
            case_id=case_id,
            user=signed_in(db),
            now=now(),
            filters=_filters(),
            limit=MOST_EXPORTED,
        )
        text = io.StringIO()
        sheet = csv.writer(text, delimiter=";")
        sheet.writerow(["Date et heure", "Personne", "Rôle", "Action", "Objet"])
        for line in page.lines:
            sheet.writerow(
                [
                    f"{line.at.astimezone(PARIS):%d/%m/%Y %H:%M:%S}",
                    line.person.display_name if line.person else "Hent",
                    line.role,
                    KINDS[line.kind],
                    line.object,
                ]
            )
    return Response(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="journal-{case_id}.csv"'},
    )


@blueprint.app_context_processor
def _door() -> dict[str, object]:
    """The address of a case's journal, for pages that offer it to those who may read it."""
    return {
        "journal_of": lambda case_id: url_for("audit.case", case_id=case_id),
        "READ_AUDIT": Permission.READ_AUDIT,
    }


def _filters() -> log.LogFilters:
    return log.LogFilters(
        text=request.args.get("personne", "").strip(),
        kind=request.args.get("action", ""),
        since=_day("du"),
        until=_day("au"),
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("Cette date n’existe pas. Choisissez-la dans le calendrier.") from error


def _address(case_id: int, filters: log.LogFilters, changes: dict[str, object]) -> str:
    """The same page with something changed; a new filter starts from the first line."""
    asked: dict[str, object] = {
        "personne": filters.text or None,
        "action": filters.kind or None,
        "du": filters.since.isoformat() if filters.since else None,
        "au": filters.until.isoformat() if filters.until else None,
    }
    endpoint = str(changes.pop("endpoint", "audit.case"))
    return url_for(endpoint, case_id=case_id, **asked | changes)  # type: ignore[arg-type]
