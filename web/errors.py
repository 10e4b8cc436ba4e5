"""A refusal or a failure comes in; a French page, or a fragment for htmx, with its status goes out."""

import secrets

import structlog
from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import Refusal, Unavailable
from web.door import SignInNeeded, is_htmx, now, writing
from web.security import leave
from workflows.access import CaseRefused, record_refusal

log = structlog.get_logger("hent.web")

# status: title, sentence when nobody wrote a better one
WORDS: dict[int, tuple[str, str]] = {
    400: ("Demande incomplète", "Revenez à la page précédente et recommencez."),
    401: ("Session terminée", "Reconnectez-vous pour continuer."),
    403: ("Accès refusé", "Vos rôles ne permettent pas d’ouvrir cette page."),
    404: ("Page introuvable", "Cette page n’existe pas, ou n’existe plus."),
    405: ("Action impossible ici", "Revenez à la page précédente et recommencez."),
    409: ("Ce dossier a changé", "Relisez-le avant de poursuivre."),
    413: ("Envoi trop lourd", "Réduisez la taille du fichier avant de l’envoyer (20 Mo au plus)."),
    415: ("Format non accepté", "Ce type de fichier ne peut pas être lu."),
    422: ("Demande refusée", "Vérifiez ce qui a été saisi."),
    429: ("Trop d’essais", "Attendez quelques minutes avant de recommencer."),
    500: ("Erreur inattendue", "L’incident est enregistré. Rien de ce qui était en cours n’a été validé."),
    503: ("Serveur très sollicité", "Rien n’a été enregistré. Réessayez dans un instant."),
}  # fmt: skip


def handle(app: Flask) -> None:
    app.register_error_handler(SignInNeeded, _sign_in)
    app.register_error_handler(CaseRefused, _case_refused)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def answer(status: int, message: str = "", reference: str = "") -> ResponseReturnValue:
    """A whole page, or the banner that htmx lays over the page that asked."""
    title, sentence = WORDS.get(status, WORDS[400])
    g.is_failing = status >= 500
    template = "error_fragment.html" if is_htmx() else "error.html"
    response = make_response(
        render_template(
            template, status=status, title=title, message=message or sentence, reference=reference
        ),
        status,
    )
    if is_htmx():  # what was typed stays where it is
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Push-Url"] = "false"
    return response


def _sign_in(refusal: SignInNeeded) -> ResponseReturnValue:
    leave()
    if is_htmx() or request.method != "GET":
        return answer(refusal.status, refusal.message)
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))


def _case_refused(refusal: CaseRefused) -> ResponseReturnValue:
    """Its transaction is undone by now: the attempt is written in one of its own."""
    with writing() as db:
        record_refusal(db, refusal, now=now())
    return answer(refusal.status, refusal.message)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    response = answer(refusal.status, refusal.message)
    if isinstance(refusal, Unavailable):
        response.headers["Retry-After"] = "5"  # type: ignore[union-attr]
    return response


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        "Cette page était ouverte depuis trop longtemps, ou dans une autre session. "
        "Rechargez-la, puis recommencez\u202f: rien n’a été enregistré.",
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    return answer(error.code)


def _bug(error: Exception) -> ResponseReturnValue:
    """Neither the message nor the values of the error are kept: they may name a patient."""
    reference = secrets.token_hex(4)
    frames, step = [], error.__traceback__
    while step is not None:
        frames.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    log.error(
        "request failed",
        reference=reference,
        endpoint=request.endpoint,
        method=request.method,
        kind=type(error).__name__,
        where=frames[-8:],
    )
    return answer(500, reference=reference)
