"""« Comptes »: people, the roles they hold in which unit, the places themselves; nothing clinical."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from web.auth.passwords import hashed, require_strong
from web.door import now, reading, signed_in, writing
from workflows.access import require
from workflows.demonstration import loading
from workflows.roles import ROLES, SYSTEM, Permission, Role, Scope
from workflows.staff import operations, queries
from workflows.staff.models import User

blueprint = Blueprint("accounts", __name__, template_folder="templates")
PERSON = ("title", "first_name", "last_name", "occupation", "phone")
PAGE = 100


@blueprint.route("/comptes", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    text = request.form.get("text", "").strip()
    with reading() as db:
        _administrator(db)
        found = queries.accounts(db, text=text, limit=PAGE + 1)
        return render_template(
            "accounts/index.html",
            people=found[:PAGE],
            has_more=len(found) > PAGE,
            text=text,
            sites=queries.establishments(db),
            is_demonstration=loading.may_be_erased(db),
        )


@blueprint.route("/comptes/nouveau", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The password is told to the person by other means; they sign in with their address."""
    problems: dict[str, str] = {}
    message, status = "", 200
    if request.method == "POST":
        try:
            with writing() as db:
                user = _created(db, _administrator(db))
        except (Invalid, Conflict) as refusal:
            problems, message = dict(getattr(refusal, "fields", {})), refusal.message
            status = refusal.status
        else:
            flash("Compte créé\u202f: donnez-lui maintenant ses rôles.", "done")
            return redirect(url_for("accounts.show", user_id=user.id))
    with reading() as db:
        _administrator(db)
        page = render_template(
            "accounts/new.html", form=request.form, problems=problems, message=message
        )
    return page, status


@blueprint.get("/comptes/<int:user_id>")
def show(user_id: int) -> ResponseReturnValue:
    with reading() as db:
        me = _administrator(db)
        user = queries.user(db, user_id)
        return render_template(
            "accounts/show.html",
            user=user,
            is_me=user.id == me.id,
            units=queries.units(db),
            in_units=_roles(Scope.UNIT),
            offices=_roles(Scope.REGION),
            labels={code: role.label for code, role in ROLES.items()},
        )


@blueprint.post("/comptes/<int:user_id>/roles")
def give(user_id: int) -> ResponseReturnValue:
    role, unit_id = request.form.get("role", ""), request.form.get("unit_id", type=int)
    if not role:
        raise Invalid("Choisissez un rôle.", {"role": "Choix attendu."})
    with writing() as db:
        me = _administrator(db)
        operations.add_membership(
            db, user_id=user_id, role=role, unit_id=unit_id, actor=me.actor, now=now()
        )
    return _back(user_id, "Rôle donné.")


@blueprint.post("/comptes/<int:user_id>/roles/retirer")
def take(user_id: int) -> ResponseReturnValue:
    with writing() as db:
        me = _administrator(db)
        operations.remove_membership(
            db,
            user_id=user_id,
            role=request.form.get("role", ""),
            unit_id=request.form.get("unit_id", type=int),
            actor=me.actor,
            now=now(),
        )
    return _back(user_id, "Rôle retiré.")


@blueprint.post("/comptes/<int:user_id>/<any(fermer, rouvrir):verb>")
def set_active(user_id: int, verb: str) -> ResponseReturnValue:
    with writing() as db:
        me = _administrator(db)
        if user_id == me.id and verb == "fermer":
            raise Conflict(
                "On ne ferme pas son propre compte\u202f: demandez à un autre administrateur."
            )
        operations.set_active(
            db, user_id=user_id, active=verb == "rouvrir", actor=me.actor, now=now()
        )
    return _back(user_id, "Compte fermé." if verb == "fermer" else "Compte rouvert.")


@blueprint.post("/comptes/<int:user_id>/mot-de-passe")
def set_password(user_id: int) -> ResponseReturnValue:
    """Whoever was signed in with the old one is signed out."""
    password = request.form.get("password", "")
    require_strong(password)
    with writing() as db:
        me = _administrator(db)
        operations.set_password(
            db, user_id=user_id, password=hashed(password), actor=me.actor, now=now()
        )
    return _back(user_id, "Mot de passe remplacé\u202f: la personne se reconnecte avec celui-ci.")


@blueprint.post("/comptes/etablissements")
def add_place() -> ResponseReturnValue:
    name = request.form.get("name", "").strip()
    if not name:
        raise Invalid("Donnez le nom de l’établissement.", {"name": "Nom attendu."})
    with writing() as db:
        me = _administrator(db)
        operations.add_establishment(
            db,
            name=name,
            short_name=request.form.get("short_name", "").strip(),
            city=request.form.get("city", "").strip(),
            actor=me.actor,
            now=now(),
        )
    flash("Établissement ajouté\u202f: ajoutez maintenant ses unités.", "done")
    return redirect(url_for("accounts.index") + "#lieux")


@blueprint.post("/comptes/unites")
def add_unit() -> ResponseReturnValue:
    name, site = request.form.get("name", "").strip(), request.form.get("site_id", type=int)
    if not name or site is None:
        raise Invalid("Donnez l’établissement et le nom de l’unité.", {"name": "Nom attendu."})
    with writing() as db:
        me = _administrator(db)
        operations.add_unit(
            db,
            establishment_id=site,
            name=name,
            phone=request.form.get("phone", "").strip(),
            actor=me.actor,
            now=now(),
        )
    flash("Unité ajoutée.", "done")
    return redirect(url_for("accounts.index") + "#lieux")


def _created(db: Session, me: User) -> User:
    if loading.may_be_erased(db):
        raise Conflict(
            "Cette base est celle de la démonstration\u202f: un compte réel n’y a pas sa place."
        )
    given = {name: request.form.get(name, "").strip() for name in PERSON}
    missing = {name: "Obligatoire." for name in ("first_name", "last_name") if not given[name]}
    if missing:
        raise Invalid("Donnez le prénom et le nom.", missing)
    password = request.form.get("password", "")
    require_strong(password)
    return operations.create_user(
        db,
        email=request.form.get("email", ""),
        rpps=request.form.get("rpps", "").strip() or None,
        password=hashed(password),
        actor=me.actor,
        now=now(),
        **given,
    )


def _administrator(db: Session) -> User:
    me = signed_in(db)
    require(db, me, Permission.MANAGE_ACCOUNTS)
    return me


def _roles(scope: Scope) -> list[Role]:
    found = [role for role in ROLES.values() if role.scope is scope and role is not SYSTEM]
    return sorted(found, key=lambda role: role.label)


def _back(user_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence, "done")
    return redirect(url_for("accounts.show", user_id=user_id))
