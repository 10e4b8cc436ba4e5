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


class Busy(Refusal):
    """The database could not be had in time; nothing was written, trying again is safe."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "Le serveur est très sollicité\u202f: rien n’a été enregistré, réessayez dans un instant."
        )
