"""An identity is corrected, or two are compared: traits chosen one by one, seen beforehand, then merged."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Conflict, Invalid
from web.door import now, reading, signed_in, writing
from web.identities.room import LABELS, PLACE, blueprint
from web.typed import birth_date
from workflows.access import require
from workflows.patients import comparing, correcting, doubles, merging, queries, unmerging
from workflows.patients.doubts import sentence
from workflows.patients.likeness import SIGNS
from workflows.patients.models import Decision, Patient
from workflows.roles import Permission

TYPED = (
    "birth_name", "first_names", "used_name", "used_first_name", "birth_place",
    "birth_place_code", "phone", "email", "address",
)  # fmt: skip


@blueprint.route(f"{PLACE}/correction", methods=["GET", "POST"])
def correct(patient_id: int) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    message = ""
    if request.method == "POST":
        try:
            with writing() as db:
                again = correcting.correct_identity(
                    db,
                    patient_id=patient_id,
                    reason=request.form.get("reason", ""),
                    user=signed_in(db),
                    now=now(),
                    sex=request.form.get("sex", ""),
                    birth_date=birth_date(),
                    is_fictional="is_fictional" in request.form,
                    is_homonym="is_homonym" in request.form,
                    **{name: request.form.get(name, "") for name in TYPED},
                )
        except Invalid as refusal:
            problems, message = dict(refusal.fields), refusal.message
        else:
            flash(f"Identité corrigée.{_again(len(again.made))}", "done")
            return redirect(url_for("identities.show", patient_id=patient_id))
    with reading() as db:
        user = signed_in(db)
        patient = queries.patient(db, patient_id)
        correcting.require_right_to_correct(db, user, patient)
        page = render_template(
            "identities/correct.html",
            patient=patient,
            form=request.form or _values(patient),
            problems=problems,
            message=message,
        )
    return page, 422 if message else 200


@blueprint.route("/identites/<int:one_id>/comparer/<int:other_id>", methods=["GET", "POST"])
def compare(one_id: int, other_id: int) -> ResponseReturnValue:
    """Side by side; a first post shows what would happen, `confirmed` does it."""
    preview, problems, message, status = None, {}, "", 200
    if request.method == "POST":
        try:
            with writing() as db:
                given = {
                    **_asked(one_id, other_id),
                    "user": signed_in(db),
                    "now": now(),
                }
                if "confirmed" in request.form:
                    merged = merging.merge(db, **given)
                else:
                    preview = merging.rehearse(db, **given)
        except (Invalid, Conflict) as refusal:
            problems = dict(getattr(refusal, "fields", {}))
            message, status = refusal.message, refusal.status
        else:
            if preview is None:
                flash(f"Identités fusionnées.{_again(len(merged.reissued.made))}", "done")
                return redirect(url_for("identities.show", patient_id=merged.merge.survivor_id))
    with writing() as db:
        user = signed_in(db)
        comparison = comparing.compare(db, one_id=one_id, other_id=other_id, user=user, now=now())
        page = render_template(
            "identities/compare.html",
            comparison=comparison,
            preview=preview,
            problems=problems,
            message=message,
            form=request.form,
            labels=LABELS,
            signs=SIGNS,
        )
    return page, status


@blueprint.post("/identites/<int:one_id>/distinctes/<int:other_id>")
def distinct(one_id: int, other_id: int) -> ResponseReturnValue:
    """Two persons who look alike: said once, and not asked again."""
    with writing() as db:
        user = signed_in(db)
        require(db, user, Permission.MANAGE_IDENTITIES)
        for one in comparing.pair(db, one_id, other_id):
            one.is_homonym = True
        doubles.decide(
            db,
            ids=(one_id, other_id),
            decision=Decision.DISTINCT,
            reason=sentence(request.form.get("reason", "")),
            actor=user.actor,
            now=now(),
        )
    flash("Deux personnes distinctes\u202f: elles ne seront plus proposées comme doublon.", "done")
    return redirect(url_for("identities.index", vue="doubles"))


@blueprint.post("/identites/fusions/<int:merge_id>/defaire")
def undo(merge_id: int) -> ResponseReturnValue:
    with writing() as db:
        row = unmerging.undo(
            db,
            merge_id=merge_id,
            reason=request.form.get("reason", ""),
            user=signed_in(db),
            now=now(),
        )
    flash("Fusion défaite\u202f: chacune a retrouvé ses traits et ses dossiers.", "done")
    return redirect(url_for("identities.show", patient_id=row.absorbed_id))


def _asked(one_id: int, other_id: int) -> dict[str, Any]:
    """Sides are named by number on the page: which survives is a choice like the others."""
    survivor = request.form.get("survivor", type=int)
    if survivor not in (one_id, other_id):
        raise Invalid("Choisissez l’identité qui demeure.", {"survivor": "Choix attendu."})
    absorbed = other_id if survivor == one_id else one_id
    side = {str(survivor): merging.SURVIVOR, str(absorbed): merging.ABSORBED}
    return {
        "survivor_id": survivor,
        "absorbed_id": absorbed,
        "choices": {
            name: side[chosen]
            for name in comparing.CHOICES
            if (chosen := request.form.get(f"trait-{name}", "")) in side
        },
        "reason": request.form.get("reason", ""),
    }


def _again(count: int) -> str:
    if not count:
        return " Aucun document n’était à refaire."
    what = "Un document est réémis" if count == 1 else f"{count} documents sont réémis"
    return f" {what}, en attente de validation."


def _values(patient: Patient) -> dict[str, str]:
    values = {name: getattr(patient, name) or "" for name in (*TYPED, "sex")}
    values["birth_date"] = f"{patient.birth_date:%d/%m/%Y}"
    for name in ("is_fictional", "is_homonym"):
        if getattr(patient, name):
            values[name] = "on"
    return values
