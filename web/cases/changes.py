"""What a person does to a case from its pages: declare, designate, comment, suspend, close, take back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid, NotFound
from web.cases.room import PLACE, around, blueprint
from web.door import now, signed_in, writing
from workflows.access import require_permission
from workflows.cases import care_team, duplicates, events, lifecycle, notes, undo
from workflows.cases.queries import heading, next_step_for
from workflows.pathways import death_undone
from workflows.roles import ROLES, Permission, Scope
from workflows.staff import queries as staff

# What happens once the event is declared, said before it is confirmed.
CONSEQUENCES = {
    "rcp_requested": (
        "Une RCP est demandée à côté du parcours en cours. Le médecin demandeur choisit la RCP "
        "et sa séance."
    ),
    "pps_update_requested": (
        "Une nouvelle version du PPS est préparée, validée, puis remise au patient. La version "
        "remise reste au dossier."
    ),
    "ppac_update_requested": (
        "L’IDEC prépare une nouvelle version du programme de l’après-cancer, l’oncologue la "
        "valide, puis elle est remise au patient. La surveillance continue."
    ),
    "toxicity_declared": (
        "L’IDEC cote la toxicité. À partir du grade 3, l’oncologue décide le jour même\u202f: "
        "report, dose, arrêt."
    ),
    "follow_up_call_requested": (
        "L’IDEC appelle le patient dans les 24 heures. Sans réponse deux fois de suite, il est à "
        "rechercher."
    ),
    "referral_requested": (
        "L’IDEC prend le rendez-vous sous quinze jours, puis le professionnel rend compte."
    ),
    "nursing_time_requested": "Un nouveau temps d’accompagnement est proposé au patient.",
    "frailty_requested": (
        "L’IDEC calcule un nouveau score G8. S’il est bas, un avis oncogériatrique est demandé."
    ),
    "letter_requested": "Le médecin référent écrit le courrier, le secrétariat l’envoie.",
    "cycle_move_requested": (
        "Vous donnez la nouvelle date et la raison : les cycles suivants sont décalés d’autant et "
        "le PPS est à mettre à jour."
    ),
    "reassessment_requested": "L’oncologue saisit la réponse au traitement et dit si une RCP suit.",
    "synthesis_visit_requested": (
        "Le médecin traitant fait le point avec le patient et transmet sa synthèse à l’équipe."
    ),
    "trial_requested": "L’investigateur propose l’essai au patient et trace sa réponse.",
    "daily_life_requested": (
        "L’assistant social accompagne le retour à l’emploi, les séquelles ou un sevrage."
    ),
    "suspicion_reported": (
        "L’oncologue explore le signe sous quinze jours. Une rechute confirmée ouvre une nouvelle "
        "annonce et une nouvelle RCP\u202f; sinon la surveillance continue."
    ),
    "telemonitoring_alert": (
        "L’IDEC rappelle le patient dans les quatre heures ouvrées. Hors horaires, le patient doit "
        "avoir reçu la consigne d’appeler le 15."
    ),
    "unplanned_stay_declared": "L’IDEC saisit l’entrée, puis la sortie et le retour.",
    "progression_declared": (
        "Le médecin référent date et décrit la progression. Le traitement en cours est "
        "interrompu et une nouvelle RCP est demandée."
    ),
    "emergency_declared": (
        "Vous dites pourquoi la RCP n’a pas été attendue. Le traitement est suivi dès maintenant, et "
        "une RCP discute le dossier dans les jours qui suivent."
    ),
    "refusal_declared": (
        "Seuls les traitements refusés s’arrêtent, les soins de support continuent. La RCP est "
        "informée ou son alternative retenue, et le patient est revu\u202f: il peut changer d’avis."
    ),
    "refusal_retracted": (
        "Vous revoyez le patient\u202f: le traitement prévu reprend, ou la RCP est sollicitée."
    ),
    "window_declared": (
        "Les traitements choisis s’arrêtent et leurs échéances attendent. Le PPS dit la pause et sa "
        "fin, la reprise vous est rappelée."
    ),
    "window_ended": "Vous décidez la reprise, sa prolongation ou d’envisager l’arrêt.",
    "treatment_stop_declared": (
        "La RCP est saisie d’abord\u202f: rien ne s’arrête avant son avis. Si elle décide l’arrêt, il "
        "est annoncé au patient et les soins palliatifs sont organisés."
    ),
    "document_follow_up_requested": (
        "Dites ce qui est attendu et de qui\u202f: une relance est proposée dix jours après la date "
        "prévue, jusqu’au résultat."
    ),
    "lost_declared": (
        "L’IDEC tente trois fois de joindre le patient, prévient le médecin traitant, puis un "
        "courrier est envoyé. Le médecin référent décide de la suite."
    ),
    "patient_returned": (
        "Le suivi reprend dès que le retour est noté\u202f: chaque échéance est décalée de la durée "
        "de la suspension."
    ),
    "transfer_declared": (
        "Vous choisissez l’équipe destinataire, qui accepte ou refuse le dossier. Rien ne change "
        "dans le suivi tant qu’elle n’a pas accepté."
    ),
    "transfer_cancelled": (
        "La proposition est retirée\u202f: l’équipe sollicitée ne lit plus le dossier, qui reste à la "
        "vôtre."
    ),
    "opposition_declared": (
        "Les inscriptions en RCP sont annulées et le partage s’arrête selon la portée choisie. Les "
        "soins continuent, le journal des accès est conservé."
    ),
    "opposition_withdrawn": (
        "Le dossier peut de nouveau être partagé et inscrit en RCP, selon ce que le patient accepte."
    ),
    "identity_doubted": (
        "Rien n’est partagé sous ce nom jusqu’à la décision de l’identitovigilance\u202f: ni RCP, "
        "ni document validé ou remis. Les soins et la saisie continuent."
    ),
    "death_declared": (
        "Après la saisie de la date, les étapes de soins, les rappels et tout message au patient "
        "ou à ses proches sont arrêtés. Le dossier reste lisible."
    ),
}

# Events that are told in a sentence → the datum that keeps it.
ASKED = {"identity_doubted": "identity_doubt_reason"}

# Asked only where several of them go on at a time.
WHICH = {"window_ended": "Quelle pause\u202f?", "refusal_retracted": "Quel refus\u202f?"}


@blueprint.route(f"{PLACE}/evenements/<event>", methods=["GET", "POST"])
def declare(case_id: int, event: str) -> ResponseReturnValue:
    """Asked again on a page of its own, with the patient and the consequence; then declared."""
    with writing() as db:
        user = signed_in(db)
        if request.method == "POST":
            events.declare_event(
                db, case_id=case_id, event=event, user=user, now=now(), payload=_said_why(event),
                about=request.form.get("about", type=int),
            )  # fmt: skip
            flash(f"C’est noté\u202f: {events.EVENTS[event].label.lower()}.", "done")
            following = next_step_for(db, case_id=case_id, user=user, now=now())
            wanted = following if following and following.opened_at >= now() else None
            return redirect(
                url_for("tasks.show", case_id=case_id, task_id=wanted.id)
                if wanted
                else url_for("cases.show", case_id=case_id)
            )
        head = heading(db, case_id=case_id, user=user, now=now())
        shown = around(db, user, head)
        chosen = next((one for one in shown["events"] if one.message == event), None)
        if chosen is None:
            raise NotFound("Cet événement ne peut pas être déclaré dans ce dossier maintenant.")
        return render_template(
            "cases/declare.html",
            chosen=chosen,
            consequence=CONSEQUENCES.get(event, ""),
            asks=event in ASKED,
            which=WHICH.get(event, "Lequel\u202f?"),
            waiting=events.awaiting(db, case_id=case_id, event=chosen) if chosen.awaited else [],
            **shown,
        )


@blueprint.route(f"{PLACE}/annuler-deces", methods=["GET", "POST"])
def undo_death(case_id: int) -> ResponseReturnValue:
    """A death recorded by mistake: why, then what could not come back is said."""
    with writing() as db:
        user = signed_in(db)
        if request.method == "POST":
            lost = death_undone.undo_death(
                db, case_id=case_id, reason=request.form.get("reason", ""), user=user, now=now()
            )
            flash("Le décès est annulé, le parcours reprend.", "done")
            for sentence in lost:
                flash(sentence, "late")
            return redirect(url_for("cases.show", case_id=case_id))
        head = heading(db, case_id=case_id, user=user, now=now())
        shown = around(db, user, head)
        if not shown["may_undo_death"]:
            raise NotFound("Aucun décès n’est enregistré dans ce dossier.")
        return render_template("cases/undo_death.html", **shown)


def _said_why(event: str) -> dict[str, str]:
    """What an event asks to be told, in the datum its diagram reads."""
    if event not in ASKED:
        return {}
    reason = request.form.get("reason", "").strip()
    if not 3 <= len(reason) <= 300:
        raise Invalid("Dites pourquoi en quelques mots\u202f: le motif reste au dossier.")
    return {ASKED[event]: reason}


@blueprint.get(f"{PLACE}/equipe")
def team(case_id: int) -> ResponseReturnValue:
    with writing() as db:
        user = signed_in(db)
        head = heading(db, case_id=case_id, user=user, now=now())
        held = {member.role: member for member in head.team}
        rows = [
            (role, held.get(role.code), staff.colleagues(db, role=role.code))
            for role in ROLES.values()
            if role.is_lane and role.scope is Scope.UNIT
        ]
        return render_template("cases/team.html", rows=rows, **around(db, user, head))


@blueprint.post(f"{PLACE}/equipe")
def designate(case_id: int) -> ResponseReturnValue:
    members: dict[str, int | None] = {
        name: int(value) if value.isdigit() else None
        for name, value in request.form.items()
        if name in ROLES
    }
    with writing() as db:
        care_team.change_care_team(
            db, case_id=case_id, members=members, user=signed_in(db), now=now()
        )
    flash("Équipe de soins enregistrée. Les tâches ouvertes sont proposées à nouveau.", "done")
    return redirect(url_for("cases.team", case_id=case_id))


@blueprint.post(f"{PLACE}/commentaires")
def comment(case_id: int) -> ResponseReturnValue:
    with writing() as db:
        text = request.form.get("text", "")
        notes.add_comment(db, case_id=case_id, text=text, user=signed_in(db), now=now())
    return redirect(url_for("cases.timeline", case_id=case_id) + "#commentaires")


@blueprint.post(f"{PLACE}/annuler")
def take_back(case_id: int) -> ResponseReturnValue:
    """« Annuler »: the last step of this person comes back, for some seconds."""
    with writing() as db:
        name = undo.take_back(db, case_id=case_id, user=signed_in(db), now=now())
    flash(f"Étape rouverte\u202f: {name}.", "done")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post(f"{PLACE}/doublon")
def close_as_duplicate(case_id: int) -> ResponseReturnValue:
    """The one too many of two cases of one tumour; the page of the one that goes on follows."""
    kept_id = request.form.get("kept", type=int) or 0
    with writing() as db:
        duplicates.close_as_duplicate(
            db, case_id=case_id, kept_id=kept_id, user=signed_in(db), now=now()
        )
    flash("Dossier clos comme doublon. Celui-ci continue.", "done")
    return redirect(url_for("cases.show", case_id=kept_id))


@blueprint.post(f"{PLACE}/<any(suspendre, reprendre, clore):verb>")
def change_life(case_id: int, verb: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    with writing() as db:
        user = signed_in(db)
        require_permission(db, user, Permission.DECLARE_EVENT, case_id)
        if verb == "reprendre":
            lifecycle.resume(db, case_id=case_id, user=user, now=now())
        elif not reason:
            raise Invalid("Dites pourquoi\u202f: le motif reste au dossier.")
        elif verb == "suspendre":
            lifecycle.suspend(db, case_id=case_id, reason=reason, user=user, now=now())
        else:
            lifecycle.close(db, case_id=case_id, reason=reason, user=user, now=now())
    said = {"suspendre": "suspendu", "reprendre": "repris", "clore": "clos"}[verb]
    flash(f"Dossier {said}.", "done")
    return redirect(url_for("cases.show", case_id=case_id))
