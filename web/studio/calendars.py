"""The calendar of each establishment is read and changed: holidays, closed days, opening hours."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Invalid, NotFound
from web.door import now, reading, writing
from web.studio.room import author, blueprint
from workflows.deadlines import calendars
from workflows.staff.queries import establishments

REGION = 0


@blueprint.get("/calendriers")
def site_calendars() -> ResponseReturnValue:
    with reading() as db:
        author(db)
        return _page(db)


@blueprint.post("/calendriers")
def save_calendar() -> ResponseReturnValue:
    """Of one establishment, or of the region for those that have none of their own."""
    site = request.form.get("site", default=REGION, type=int)
    try:
        with writing() as db:
            user = author(db)
            if site not in _names(db):
                raise NotFound("Cet établissement n’existe pas.")
            calendars.set_calendar(
                db, establishment_id=site, calendar=calendars.typed(request.form),
                actor=user.actor, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        with reading() as db:
            return _page(db, wrong=site, refusal=refusal), refusal.status
    flash("Le calendrier est enregistré. Il compte pour les étapes qui s’ouvrent désormais.")
    return redirect(url_for("studio.site_calendars") + f"#site-{site}", 303)


def _page(db: Session, *, wrong: int | None = None, refusal: Invalid | None = None) -> str:
    names = _names(db)
    return render_template(
        "studio/calendars.html",
        names=names,
        calendars={site: calendars.calendar_of(db, site) for site in names},
        wrong=wrong,
        refusal=refusal,
        typed=request.form,
    )


def _names(db: Session) -> dict[int, str]:
    """The region first."""
    return {REGION: "Région"} | {one.id: one.name for one in establishments(db)}
