"""Refusals a user can meet, drawn as a tree; anything else that is raised is a bug."""

from collections.abc import Sequence

from engine.artifacts import Finding


class Refusal(Exception):
    """The command was understood and is not carried out; nothing was written.

    `message` is one French sentence for the person in front of the screen.
    """

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Forbidden(Refusal):
    """This person may not; asking a colleague is the remedy."""

    status = 403


class NotFound(Refusal):
    status = 404


class Conflict(Refusal):
    """Somebody or something else moved first."""

    status = 409


class AlreadyCompleted(Conflict):
    """The task was finished or withdrawn in the meantime; `task_id` tells which."""

    def __init__(self, message: str, task_id: int) -> None:
        super().__init__(message)
        self.task_id = task_id


class StaleForm(Conflict):
    """What the person saw has changed since; what was typed is kept by the caller."""


class Invalid(Refusal):
    """What was given cannot be right; `fields` names the culprits when there are any."""

    status = 422

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class NotPublishable(Invalid):
    """The release has errors; `findings` holds every remark, errors first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        plural = "s" if len(errors) > 1 else ""
        super().__init__(f"{len(errors)} erreur{plural} à corriger avant de publier.")
        self.findings = list(findings)


class Unavailable(Refusal):
    """The database did not do its part; what was asked can be asked again without harm."""

    status = 503
    remedy = (
        "La base de données ne répond plus\u202f: vérifiez dans un instant si c’est enregistré, "
        "sinon recommencez. Si cela dure, prévenez l’administrateur."
    )

    def __init__(self) -> None:
        super().__init__(self.remedy)


class Busy(Unavailable):
    """It could not be had in time; nothing was written."""

    remedy = (
        "Le serveur est très sollicité\u202f: rien n’a été enregistré, réessayez dans un instant."
    )


class Full(Unavailable):
    """There is no room left to write; nothing was written."""

    remedy = (
        "Le disque du serveur est plein\u202f: rien n’a été enregistré. Prévenez "
        "l’administrateur\u202f; la consultation reste possible."
    )
