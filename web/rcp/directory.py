"""Whoever keeps the directory comes in; an entry is read, added, changed, its members named."""

import re
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, Refusal
from web.door import now, reading, signed_in, writing
from web.filters import ORGANS
from web.rcp import entry as form
from web.rcp.entry import Typed
from web.rcp.room import blueprint
from web.rcp.words import DAYS, KINDS, rhythm
from workflows.access import reach_of
from workflows.french import PARIS, plural
from workflows.rcp import board, queries, rights
from workflows.rcp import operations as rcp
from workflows.rcp.models import MemberFunction, Rcp
from workflows.rcp.quorum import composition_of
from workflows.rcp.roll import FUNCTIONS
from workflows.rcp.specialties import SPECIALTIES
from workflows.staff import queries as staff
from workflows.staff.models import User
from workflows.staff.operations import set_setting

BY_NAME = sorted(SPECIALTIES.items(), key=lambda item: item[1])
MOST_GROUPS = 12
NETWORK = "regional_network_id"
IDENTIFIER = re.compile(r"[\w./:-]{1,40}", re.ASCII)


@blueprint.get("/annuaire")
def directory() -> ResponseReturnValue:
    with reading() as db:
        user = signed_in(db)
        return render_template(
            "rcp/directory.html",
            entries=board.directory(db, user, now()),
            kinds=KINDS,
            rhythm=rhythm,
            functions=FUNCTIONS,
            leaders=_leaders,
            may_add=rights.may_edit(reach_of(db, user), None),
            network=staff.setting(db, NETWORK, default=""),
            composition=composition,
        )


@blueprint.post("/annuaire/reseau")
def network() -> ResponseReturnValue:
    """The regional network's own identifier, on every FRCP (domain §3.4)."""
    said = request.form.get("network", "").strip()
    with writing() as db:
        user = signed_in(db)
        rights.require_keeper(db, user)
        if said and not IDENTIFIER.fullmatch(said):
            raise Invalid(
                "Un identifiant national a au plus 40 lettres, chiffres, points, tirets ou barres."
            )
        set_setting(db, name=NETWORK, value=said, actor=user.actor, now=now())
    flash("Identifiant du réseau enregistré\u202f: il figure sur les prochaines FRCP.")
    return redirect(url_for("rcp.directory"), 303)


@blueprint.get("/annuaire/<int:rcp_id>")
def entry(rcp_id: int) -> ResponseReturnValue:
    """Who meets, when, with which quorum; and its next sessions."""
    with reading() as db:
        return _entry_page(db, signed_in(db), rcp_id)


@blueprint.route("/annuaire/nouvelle", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    if request.method == "GET" or _only_rows():
        with reading() as db:
            rights.require_keeper(db, signed_in(db))
            return _form_page(db, None, Typed(_rows(form.EMPTY)))
    try:
        with writing() as db:
            user = signed_in(db)
            rights.require_keeper(db, user)
            fields = form.read(request.form, today=now().astimezone(PARIS).date())
            coordinator = _person(db, request.form.get("coordinator_id"))
            made = rcp.found_rcp(
                db,
                coordinator_id=coordinator.id if coordinator else None,
                specialty=_specialty(coordinator),
                code=form.code_of(fields["name"]),
                actor=user.actor,
                now=now(),
                **fields,
            )
    except (Invalid, Conflict) as refusal:
        return _again(None, refusal)
    flash(f"RCP ajoutée à l’annuaire\u202f: {made.name}.")
    return redirect(url_for("rcp.entry", rcp_id=made.id), 303)


@blueprint.route("/annuaire/<int:rcp_id>/modifier", methods=["GET", "POST"])
def change(rcp_id: int) -> ResponseReturnValue:
    if request.method == "GET" or _only_rows():
        with reading() as db:
            known = rights.require_edit(db, signed_in(db), rcp_id)
            return _form_page(db, known, Typed(_rows(form.shown(known))))
    try:
        with writing() as db:
            user = signed_in(db)
            known = rights.require_edit(db, user, rcp_id)
            fields = form.read(request.form, today=known.first_date)
            left = rcp.change_rcp(db, rcp_id=rcp_id, actor=user.actor, now=now(), **fields)
    except (Invalid, Conflict) as refusal:
        return _again(rcp_id, refusal)
    flash("Annuaire enregistré.")
    if left:
        several = "séances attendues (dossiers, invités ou réponses) gardent leur date"
        kept = plural(
            len(left), "séance attendue (dossiers, invités ou réponses) garde sa date", several
        )
        flash(f"{kept}\u202f: déplacez-la si besoin." if len(left) == 1 else f"{kept}.", "late")
    return redirect(url_for("rcp.entry", rcp_id=rcp_id), 303)


@blueprint.post("/annuaire/<int:rcp_id>/membres")
def add_member(rcp_id: int) -> ResponseReturnValue:
    with writing() as db:
        user = signed_in(db)
        rights.require_edit(db, user, rcp_id)
        person = _person(db, request.form.get("user"))
        function = request.form.get("function", "")
        if person is None or function not in FUNCTIONS:
            raise Invalid("Choisissez une personne et sa fonction dans la RCP.")
        rcp.add_member(
            db,
            rcp_id=rcp_id,
            user_id=person.id,
            function=MemberFunction(function),
            specialty=request.form.get("specialty") or None,
            actor=user.actor,
            now=now(),
        )
        name = person.display_name
    flash(f"{name}\u202f: {FUNCTIONS[function].lower()}.")
    return redirect(url_for("rcp.entry", rcp_id=rcp_id, _anchor="membres"), 303)


@blueprint.post("/annuaire/<int:rcp_id>/membres/<int:member_id>/retirer")
def remove_member(rcp_id: int, member_id: int) -> ResponseReturnValue:
    with writing() as db:
        user = signed_in(db)
        rights.require_edit(db, user, rcp_id)
        rcp.remove_member(db, rcp_id=rcp_id, member_id=member_id, actor=user.actor, now=now())
    flash("Membre retiré. Ce qu’il a signé reste à son nom.")
    return redirect(url_for("rcp.entry", rcp_id=rcp_id, _anchor="membres"), 303)


@blueprint.post("/annuaire/<int:rcp_id>/<any(retirer, remettre):verb>")
def set_active(rcp_id: int, verb: str) -> ResponseReturnValue:
    """Out of the directory: no case is brought to it any more; what it decided stays."""
    with writing() as db:
        user = signed_in(db)
        rights.require_edit(db, user, rcp_id)
        left = rcp.change_rcp(
            db, rcp_id=rcp_id, active=verb == "remettre", actor=user.actor, now=now()
        )
    flash("RCP retirée de l’annuaire." if verb == "retirer" else "RCP remise à l’annuaire.")
    if left:
        flash(
            f"{plural(len(left), 'séance attendue reste', 'séances attendues restent')} à tenir, ou à "
            "annuler une fois leurs dossiers inscrits ailleurs.",
            "late",
        )
    return redirect(url_for("rcp.entry", rcp_id=rcp_id), 303)


def composition(entry: Rcp) -> Any:
    return composition_of(
        entry.quorum_groups,
        min_specialties=entry.min_specialties,
        min_persons=entry.min_persons,
    )


def _entry_page(db: Session, user: User, rcp_id: int) -> str:
    known, reach = queries.rcp(db, rcp_id), reach_of(db, user)
    may_edit = rights.may_edit(reach, rcp_id)
    sought = request.args.get("qui", "").strip()
    return render_template(
        "rcp/entry.html",
        rcp=known,
        kinds=KINDS,
        rhythm=rhythm,
        holidays=form.HOLIDAYS,
        quorum=composition(known),
        members=sorted(
            board.members(db, rcp_id),
            key=lambda one: (list(FUNCTIONS).index(one[0].function), one[1].name_key),
        ),
        functions=FUNCTIONS,
        specialties=BY_NAME,
        sessions=queries.sessions(db, rcp_ids=[rcp_id], since=now(), limit=12),
        may_edit=may_edit,
        may_plan=may_edit or rights.may_run(reach, rcp_id),
        is_member=rights.is_member(reach, rcp_id),
        sought=sought,
        found=staff.find_people(db, sought) if sought and may_edit else [],
    )


def _form_page(db: Session, known: Rcp | None, shown: Typed) -> str:
    sought = request.form.get("coordinator_name", "").strip()
    return render_template(
        "rcp/entry_form.html",
        rcp=known,
        typed=shown,
        kinds=KINDS,
        organs=ORGANS,
        days=DAYS,
        rhythms=form.RHYTHMS,
        weeks=form.WEEKS,
        holidays=form.HOLIDAYS,
        specialties=BY_NAME,
        sought=sought,
        found=staff.find_people(db, sought) if sought else [],
    )


def _again(rcp_id: int | None, refusal: Refusal) -> ResponseReturnValue:
    """Nothing was written: the form with what was typed, and why in a sentence."""
    problems = getattr(refusal, "fields", {})
    with reading() as db:
        known = None if rcp_id is None else queries.rcp(db, rcp_id)
        shown = Typed(form.typed(request.form), problems, refusal.message)
        return _form_page(db, known, shown), refusal.status


def _only_rows() -> bool:
    """A row more or less, or a name looked up: the form comes back, nothing is kept."""
    return bool({"_add", "_remove", "_find"} & set(request.form))


def _rows(fresh: Mapping[str, Any]) -> Mapping[str, Any]:
    if not request.form:
        return fresh
    values = form.typed(request.form)
    groups = list(values["groups"])
    if "_add" in request.form and len(groups) < MOST_GROUPS:
        groups.append({})
    removed = request.form.get("_remove", type=int)
    if removed is not None and removed < len(groups):
        groups.pop(removed)
    return values | {"groups": groups}


def _person(db: Session, text: str | None) -> User | None:
    found = db.get(User, int(text)) if text and text.isdigit() else None
    return found if found and found.active else None


def _specialty(person: User | None) -> str | None:
    """The one of the account, else the one said on the form."""
    own = person.specialty if person else None
    return own if own in SPECIALTIES else request.form.get("coordinator_specialty") or None


def _leaders(line: board.DirectoryEntry, function: str) -> list[User]:
    return [person for member, person in line.members if member.function == function]
