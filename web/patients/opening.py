"""« Ouvrir un dossier »: look the identity up first, create the person if need be, then the case."""

from collections.abc import Mapping, Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from web.door import now, reading, signed_in, writing
from web.filters import ORGANS
from web.patients.room import blueprint
from web.typed import birth_date
from workflows.access import Reach, reach_of, require
from workflows.access.reach import permissions_of
from workflows.cases import operations as cases
from workflows.cases.queries import cases_of_patient
from workflows.patients import doubts, looking_up
from workflows.patients import operations as patients
from workflows.patients.models import Patient
from workflows.patients.operations import PossibleDuplicate
from workflows.patients.queries import surviving
from workflows.roles import Permission
from workflows.staff import queries as staff
from workflows.staff.models import Unit

UNSURE = "Doublon possible, constaté à la création de l’identité"
# Why a case is opened → its main diagram.
OPENED_FOR = {"pathway": "cancer", "opinion": "opinion"}
TYPED = ("birth_name", "first_names", "used_name", "used_first_name", "birth_place", "phone")


@blueprint.route("/dossiers/nouveau", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """First of all, is this person known? Names are posted, and each look is audited."""
    text = request.form.get("text", "").strip()
    with writing() if text else reading() as db:
        user = signed_in(db)
        require(db, user, Permission.OPEN_CASE)
        found = looking_up.look_up(db, text=text, user=user, now=now()) if text else []
        return render_template("patients/look_up.html", text=text, found=found)


@blueprint.route("/dossiers/nouveau/identite", methods=["GET", "POST"])
def identity() -> ResponseReturnValue:
    """Somebody new; refused while somebody very like is known, until a person confirms."""
    if request.method == "GET":
        with reading() as db:
            require(db, signed_in(db), Permission.OPEN_CASE)
            return _identity_page({})
    try:
        with writing() as db:
            patient = patients.register_patient(
                db,
                user=signed_in(db),
                now=now(),
                confirmed=bool({"confirmed", "doubt"} & request.form.keys()),
                sex=request.form.get("sex", ""),
                birth_date=birth_date(),
                **{name: request.form.get(name, "") for name in TYPED},
            )
            if "doubt" in request.form:
                doubts.declare(
                    db, patient_id=patient.id, reason=UNSURE, user=signed_in(db), now=now()
                )
    except PossibleDuplicate as refusal:
        return _likenesses_page(refusal.candidate_ids), refusal.status
    except Invalid as refusal:
        return _identity_page(refusal.fields, message=refusal.message), refusal.status
    return redirect(url_for("patients.open_case", patient_id=patient.id))


@blueprint.get("/dossiers/nouveau/patient/<int:patient_id>")
def open_case(patient_id: int) -> ResponseReturnValue:
    """A merged identity leads to the one that goes on."""
    with reading() as db:
        require(db, signed_in(db), Permission.OPEN_CASE)
        survivor = surviving(db, patient_id)
    if survivor.id != patient_id:
        return redirect(url_for("patients.open_case", patient_id=survivor.id))
    return _case_page(patient_id)


@blueprint.post("/dossiers/nouveau/patient/<int:patient_id>")
def start_case(patient_id: int) -> ResponseReturnValue:
    unit_id, organ = request.form.get("unit_id", type=int), request.form.get("organ", "")
    problems = {}
    if unit_id is None:
        problems["unit_id"] = "Choisissez l’unité qui suit ce patient."
    if organ not in ORGANS:
        problems["organ"] = "Choisissez l’organe."
    if unit_id is None or problems:
        return _case_page(patient_id, problems=problems), 422
    try:
        with writing() as db:
            episode = cases.open_case(
                db,
                patient_id=patient_id,
                unit_id=unit_id,
                organ=organ,
                pathway=OPENED_FOR.get(request.form.get("opened_for", ""), "cancer"),
                user=signed_in(db),
                now=now(),
                confirmed="confirmed" in request.form,
            )
    except PossibleDuplicate as refusal:
        return _case_page(patient_id, alike=refusal.candidate_ids), refusal.status
    except Conflict as refusal:
        return _case_page(patient_id, message=refusal.message), refusal.status
    return redirect(f"/dossiers/{episode.case_id}")


def _likenesses_page(ids: Sequence[int]) -> str:
    """Those one may be typing again; showing an identity is a reading like any other."""
    with writing() as db:
        user = signed_in(db)
        alike = [looking_up.identity(db, patient_id=id, user=user, now=now()) for id in ids]
        return _identity_page({}, alike=alike)


def _identity_page(
    problems: Mapping[str, str], message: str = "", alike: Sequence[Patient] = ()
) -> str:
    return render_template(
        "patients/identity.html",
        form=request.form,
        problems=problems,
        message=message,
        alike=alike,
    )


def _case_page(
    patient_id: int,
    *,
    problems: Mapping[str, str] | None = None,
    message: str = "",
    alike: Sequence[int] = (),
) -> str:
    with writing() as db:
        user = signed_in(db)
        patient = looking_up.identity(db, patient_id=patient_id, user=user, now=now())
        return render_template(
            "patients/open_case.html",
            patient=patient,
            units=_units(db, reach_of(db, user)),
            organs=ORGANS,
            known=cases_of_patient(db, patient_id=patient_id, user=user),
            form=request.form,
            problems=problems or {},
            message=message,
            alike=[looking_up.identity(db, patient_id=one, user=user, now=now()) for one in alike],
        )


def _units(db: Session, reach: Reach) -> list[Unit]:
    """Where this person may open one: the right is held in a unit."""
    ids = {unit for unit, role in reach.units if Permission.OPEN_CASE in permissions_of({role})}
    return list(staff.units(db, ids=ids))
