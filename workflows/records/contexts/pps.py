"""A case with its plan comes in; what is given to the patient goes out, in plain words (domain §4)."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from workflows.french import plural
from workflows.records import queries
from workflows.records.contexts import parts, wording
from workflows.records.contexts.source import Row, Source
from workflows.records.models import RecordKind

SURGERY = "387713003"
# How a patient counts them.
_COUNTED = {"C15313": "séance", "C15195": "séance"}
_ROUTES = {
    "intravenous": "en perfusion",
    "oral": "par la bouche",
    "subcutaneous": "en piqûre sous la peau",
    "intramuscular": "en piqûre dans le muscle",
    "intradermal": "en piqûre dans la peau",
    "other": "",
}
_NOTICE = (
    "Ce programme peut changer. Nous vous en remettrons alors une nouvelle version.",
    "Vos données servent à votre suivi, aux registres des cancers et à l’Institut national du "
    "cancer\u202f: vous pouvez les consulter, les faire corriger ou vous y opposer en nous "
    "écrivant.",
)


def build(source: Source) -> dict[str, Any]:
    signs = [*source.choices("alert_signs"), *source.lines("other_alert_signs")]
    return {
        "alert": parts.alert(source, signs),
        "stages": _stages(source),
        "proposal": _proposal(source),
        "calendar": calendar(source),
        "appointments": _appointments(source),
        "appointments_remark": source.say("appointments_comment"),
        "contacts": parts.contacts(source),
        "support": [*parts.support(source), *_besides(source)],
        "questions": source.lines("patient_questions"),
        "references": _references(source),
        "notices": [" ".join((*_NOTICE, _copies(source))).strip()],
        "handover": parts.handover(source.patient),
    }


def calendar(source: Source) -> list[dict[str, Any]]:
    """Treatments as they come; several of one kind are numbered."""
    rows = source.rows("treatments")
    kinds = Counter(row.get("kind") for row in rows)
    seen: Counter[Any] = Counter()
    shown = []
    for row in rows:
        kind = row.get("kind")
        seen[kind] += 1
        name = source.cell("treatments", row, "kind")
        shown.append(_treatment(source, row, f"{name} {seen[kind]}" if kinds[kind] > 1 else name))
    return shown


def _treatment(source: Source, row: Row, name: str) -> dict[str, Any]:
    def cell(of: str) -> str:
        return source.cell("treatments", row, of)

    start, end = row.get("planned_start") or "", row.get("planned_end") or ""
    kind = row.get("kind")
    when = wording.period(start, start if kind == SURGERY and not end else end)
    if row.get("status") == "done" and kind != SURGERY and start and not end:
        when = f"Commencé {wording.since(start)}"
    count = row.get("cycles") or row.get("fractions")
    counted = plural(int(count), _COUNTED.get(str(kind), "cure")) if count else ""
    mode = _ROUTES.get(str(row.get("mode")), wording.lowered(cell("mode")))
    how = wording.joined((cell("rhythm"), mode, "à domicile" * (row.get("at_home") == "yes")))
    return {
        "name": name,
        "detail": wording.joined((cell("precision"), counted)),
        "how": wording.joined(
            (cell("patient_text") or wording.sentence(wording.raised(how)), *_effects(cell)),
            by=" ",
        ),
        "when": [when] if when else [],
        "remark": _remark(source, row, dated=bool(when)),
    }


def _effects(cell: Callable[[str], str]) -> list[str]:
    """What may be felt, what is done against it, and what else the physician adds."""
    felt, against = (
        wording.lowered(cell("side_effects")),
        wording.lowered(cell("side_effect_actions")),
    )
    return [
        wording.sentence(text)
        for text in (
            felt and f"Effets possibles\u202f: {felt}",
            against and f"Pour les limiter\u202f: {against}",
            cell("comment"),
        )
        if text
    ]


def _remark(source: Source, row: Row, *, dated: bool) -> str:
    """Where it is, and what is not certain yet; a treatment under way says so."""
    status, certainty = row.get("status"), row.get("date_certainty")
    to_come = (row.get("planned_start") or "") > source.today.isoformat()
    waits = status in (None, "", "planned") or (status == "in_progress" and to_come)
    state = "" if waits else source.cell("treatments", row, "status")
    unsure = ""
    if waits and certainty != "confirmed":
        unsure = "Dates à confirmer" if dated else "Dates à préciser"
    return wording.joined((source.cell("treatments", row, "place"), state, unsure), by=". ")


def _stages(source: Source) -> list[dict[str, str]]:
    """What is behind, where one stands, what comes: each with its date in words."""
    behind = [
        ("Annonce", "Faite le", source.milestones.get("diagnosis_announced")),
        ("Opération", "Faite le", source.milestones.get("surgery")),
        ("Réunion des médecins", "Le", source.milestones.get("rcp_session")),
    ]
    done = [
        (
            wording.day_of(at),
            {"name": name, "text": f"{verb} {_day(wording.day_of(at))}", "state": "done"},
        )
        for name, verb, at in behind
        if at and wording.day_of(at) <= source.today
    ]
    stages = [stage for _, stage in sorted(done, key=lambda one: one[0])]
    return [*stages, *_ahead(source)]


def _ahead(source: Source) -> list[dict[str, str]]:
    rows = [
        row
        for row in source.rows("treatments")
        if row.get("status") not in ("done", "stopped", "not_done")
    ]
    if not rows:
        return []
    under_way = any(row.get("status") == "in_progress" for row in rows)
    starts = sorted(row["planned_start"] for row in rows if row.get("planned_start"))
    ends = sorted(row["planned_end"] for row in rows if row.get("planned_end"))
    begins = _begins(source, starts[0]) if starts else "Dates à préciser"
    return [
        {"name": "Traitement", "text": "En cours" if under_way else begins, "state": "current"},
        {
            "name": "Suivi",
            "text": f"Après {wording.said(ends[-1][:7])}" if ends else "Après les traitements",
            "state": "next",
        },
    ]


def _begins(source: Source, start: str) -> str:
    """« À partir du 8 décembre »: the year of a near day goes without saying."""
    near = len(start) >= 10 and abs((wording.day_of(start) - source.today).days) < 300
    said = wording.period(start, "")
    return said.removesuffix(f" {start[:4]}") if near else said


def _proposal(source: Source) -> list[str]:
    said = source.lines("plan_explanation") or source.lines("proposal_summary")
    if not source.raw("proposal_date"):
        return said
    physician = source.person("proposal_by")
    talked = wording.joined(
        ("Vous en avez parlé", physician and f"avec {wording.with_article(physician)}"), by=" "
    )
    agreed = (
        " et vous avez donné votre accord" if source.raw("patient_decision") == "accepts" else ""
    )
    last = f"{talked} le {wording.said(source.raw('proposal_date'))}{agreed}."
    return [*said[:-1], wording.joined((*said[-1:], last), by=" ")]


def _appointments(source: Source) -> list[dict[str, str]]:
    rows = [
        row
        for row in source.rows("appointments")
        if not row.get("at") or wording.day_of(row["at"]) >= source.today
    ]
    return [
        {
            "when": wording.meeting(row["at"]) if row.get("at") else "À fixer",
            "what": wording.joined(
                (source.cell("appointments", row, "title"), _prepared(source, row))
            ),
            "place": source.cell("appointments", row, "place"),
        }
        for row in sorted(rows, key=lambda row: row.get("at") or "9999")
    ]


def _prepared(source: Source, row: Row) -> str:
    text = wording.lowered(source.cell("appointments", row, "preparation"))
    return f"**{text}**" if text else ""


def _besides(source: Source) -> list[dict[str, str]]:
    """Measures beside the treatments, follow-up, remote monitoring, lodging: one line each."""
    lodging, tool = source.say("lodging"), source.say("telemonitoring_tool")
    monitored = source.raw("telemonitoring") == "accepted"
    return [
        *[
            {"name": source.cell("associated_measures", row, "kind"), "text": _line(source, "associated_measures", row)}
            for row in source.rows("associated_measures")
        ],
        *[
            {"name": source.cell("follow_up_plan", row, "kind"), "text": _line(source, "follow_up_plan", row)}
            for row in source.rows("follow_up_plan")
        ],
        *([{"name": "Télésurveillance", "text": wording.sentence(tool and f"Avec {tool}")}] if monitored else []),
        *([{"name": "Hébergement", "text": wording.sentence(lodging)}] if lodging else []),
    ]  # fmt: skip


def _line(source: Source, group: str, row: Row) -> str:
    when = row.get("date") or ""
    first = "à partir de" if group == "follow_up_plan" else "en" if len(when) < 10 else "le"
    said = (
        source.cell(group, row, "precision"),
        wording.lowered(source.cell(group, row, "rhythm")) if "rhythm" in row else "",
        f"{first} {wording.said(when)}"
        if when and first != "à partir de"
        else wording.lowered(wording.period(when, "")),
    )
    return wording.sentence(wording.joined(said))


def _references(source: Source) -> list[dict[str, str]]:
    """What the national model asks to recall: the RCP, the announcement, the PPS before."""
    dates = source.milestones
    before = queries.latest_approved(source.db, f"{RecordKind.PPS}:{source.case_id}")
    directives = wording.joined(
        (source.say("advance_directives"), source.say("advance_directives_place"))
    )
    stopped = source.raw("treatments_stopped") == "yes"
    return [
        *parts.fact("Date de la RCP", _said(dates.get("rcp_session"))),
        *parts.fact("Consultation d’annonce", _said(dates.get("diagnosis_announced"))),
        *parts.fact(
            "Programme précédent",
            f"version {before.version} du {wording.said(before.produced_at.isoformat())}" if before else "",
        ),
        *parts.fact("Allergies", source.say("allergies") or source.say("allergy_status")),
        *parts.fact("Essai clinique", source.say("trial_name") if source.raw("trial_inclusion") == "included" else ""),
        *parts.fact("Langue, besoins particuliers", wording.joined((source.say("preferred_language"), source.say("accessibility_needs")))),
        *parts.fact("Directives anticipées", wording.lowered(directives)),
        *parts.fact("Arrêt des traitements actifs", _said(source.raw("treatments_stopped_date")) if stopped else ""),
        *parts.patient(source)["related"],
    ]  # fmt: skip


def _copies(source: Source) -> str:
    """A patient may refuse that the general practitioner gets a copy."""
    if source.raw("gp_sharing") == "accepted":
        return "Une copie est prévue pour votre médecin traitant, avec votre accord."
    return ""


def _said(text: str | None) -> str:
    return wording.said(text) if text else ""


def _day(day: date) -> str:
    """« 6 octobre »: the year stands in the calendar."""
    return wording.said(day.isoformat()).removesuffix(f" {day.year}")
