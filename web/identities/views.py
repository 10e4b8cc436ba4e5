"""« Identités »: what is in doubt, who may be known twice, and one identity with all it went through."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Invalid
from web.door import now, reading, signed_in, writing
from web.identities import changing  # noqa: F401 (its routes)
from web.identities.room import LABELS, PLACE, blueprint
from workflows.patients import doubts, queries, retrieving, trust, worklist
from workflows.patients.history import KIND_LABELS
from workflows.patients.ins import AUTHORITIES, STATUS_LABELS, disagreements
from workflows.patients.likeness import SIGNS
from workflows.patients.models import Decision, Patient
from workflows.staff import queries as staff


@blueprint.route("/identites", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """A name is posted, never in the address."""
    text = request.form.get("text", "").strip()
    view = request.args.get("vue", "doubtful")
    if view not in worklist.VIEWS:
        raise Invalid("Cette vue n’existe pas\u202f: revenez à la page des identités.")
    with writing() if text else reading() as db:
        user = signed_in(db)
        work = worklist.work(db, user=user, view=view)
        found = worklist.search(db, text=text, user=user, now=now()) if text else []
        names = staff.actor_names(
            db,
            [*(one.declared_by for one in work.doubtful), *(one.actor for one in work.merges)],
        )
        return render_template(
            "identities/index.html",
            work=work,
            views=worklist.VIEWS,
            text=text,
            found=found,
            names=names,
            signs=SIGNS,
        )


@blueprint.get(PLACE)
def show(patient_id: int) -> ResponseReturnValue:
    """A merged identity leads to the one that goes on."""
    with writing() as db:
        user = signed_in(db)
        page = worklist.dossier(db, patient_id=patient_id, user=user, now=now())
        if page.patient.merged_into_id is not None:
            survivor = queries.surviving(db, patient_id)
            flash("Cette identité a été fusionnée\u202f: voici celle qui demeure.", "done")
            return redirect(url_for("identities.show", patient_id=survivor.id))
        return _page(db, page)


@blueprint.post(f"{PLACE}/doute")
def doubt(patient_id: int) -> ResponseReturnValue:
    with writing() as db:
        doubts.declare(
            db,
            patient_id=patient_id,
            reason=request.form.get("reason", ""),
            user=signed_in(db),
            now=now(),
        )
    return _said(
        patient_id, "Doute signalé\u202f: rien n’est partagé sous ce nom jusqu’à la décision."
    )


@blueprint.post(f"{PLACE}/decision")
def settle(patient_id: int) -> ResponseReturnValue:
    """Right person, or two persons; correcting and merging have pages of their own."""
    given = request.form.get("decision", "")
    if given not in (Decision.CONFIRMED, Decision.DISTINCT):
        raise Invalid("Choisissez la décision.", {"decision": "Choix attendu."})
    with writing() as db:
        doubts.settle(
            db,
            patient_id=patient_id,
            decision=Decision(given),
            reason=request.form.get("reason", ""),
            user=signed_in(db),
            now=now(),
        )
    return _said(patient_id, "Doute tranché\u202f: le partage reprend.")


@blueprint.post(f"{PLACE}/insi")
def ask_insi(patient_id: int) -> ResponseReturnValue:
    """What the service says otherwise is shown first, and kept once a person has said yes."""
    with writing() as db:
        user = signed_in(db)
        found = retrieving.retrieve(
            db,
            patient_id=patient_id,
            user=user,
            now=now(),
            accepted="accepted" in request.form,
        )
        if found.differences:
            page = worklist.dossier(db, patient_id=patient_id, user=user, now=now())
            return _page(db, page, found)
    if not found.is_kept:
        flash(
            "INSi ne trouve pas une personne, ou en trouve plusieurs\u202f: vérifiez les traits sur "
            "la pièce d’identité. Rien n’a changé.",
            "today",
        )
        return redirect(url_for("identities.show", patient_id=patient_id))
    return _said(patient_id, "INS récupérée.")


@blueprint.post(f"{PLACE}/piece")
def see_document(patient_id: int) -> ResponseReturnValue:
    with writing() as db:
        retrieving.document_seen(
            db,
            patient_id=patient_id,
            document=request.form.get("document", ""),
            user=signed_in(db),
            now=now(),
        )
    return _said(patient_id, "Pièce d’identité contrôlée.")


def _page(db: Session, page: worklist.Dossier, found: retrieving.Found | None = None) -> str:
    service = retrieving.service(db)
    actors = [*(one.actor for one in page.changes), *(one.actor for one, _why in page.merges)]
    if page.doubt:
        actors.append(page.doubt.declared_by)
    return render_template(
        "identities/show.html",
        page=page,
        patient=page.patient,
        authority=AUTHORITIES.get(page.patient.ins_oid or "", ""),
        odd=_odd(page.patient),
        dmp=trust.obstacle_to_national_record(page.patient),
        statuses=STATUS_LABELS,
        documents=retrieving.DOCUMENTS,
        names=staff.actor_names(db, actors),
        kinds=KIND_LABELS,
        labels=LABELS,
        service=service,
        found=found,
    )


def _odd(patient: Patient) -> list[str]:
    number = patient.shown_ins
    if not number:
        return []
    return disagreements(number, sex=patient.sex, birth_date=patient.birth_date)


def _said(patient_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(url_for("identities.show", patient_id=patient_id))
