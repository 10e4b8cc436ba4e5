"""A case at the end of its treatments comes in; the programme of the years after goes out (domain §5)."""

from typing import Any

from workflows.french import plural
from workflows.records.contexts import parts, wording
from workflows.records.contexts.source import Row, Source
from workflows.records.models import RecordKind
from workflows.records.naming import title_of

_NOTICE = (
    "Ce programme peut être revu avec vous, votre médecin traitant et l’équipe hospitalière. Vos "
    "données servent à votre suivi, aux registres des cancers et à l’Institut national du cancer"
    "\u202f: vous pouvez les consulter, les faire corriger ou vous y opposer en nous écrivant."
)


def build(source: Source) -> dict[str, Any]:
    signs = [*source.choices("late_alert_signs"), *source.lines("other_late_alert_signs")]
    return {
        "label": f"Votre {wording.lowered(title_of(source.db, RecordKind.PPAC, case_id=source.case_id))}",
        "message": source.lines("ppac_message"),
        "alert": parts.alert(source, signs),
        "disease": _disease(source),
        "treatments": [_received(source, row) for row in source.rows("received_treatments")],
        "after_effects": _after_effects(source),
        "surveillance": [_visit(source, row) for row in source.rows("surveillance_plan")],
        "surveillance_remark": _remark(source),
        "prevention": _prevention(source),
        "support": _support(source),
        "social": _social(source),
        "contacts": [*_referent(source), *parts.contacts(source)],
        "references": parts.fact("Fin des traitements", source.say("treatment_end_date")),
        "notices": [_NOTICE],
        "handover": parts.handover(source.patient),
    }


def _disease(source: Source) -> list[dict[str, str]]:
    place = wording.joined((source.say("topography"), wording.lowered(source.say("laterality"))))
    tnm = [
        source.say(f"pathological_{letter}") or source.say(f"clinical_{letter}")
        for letter in "tnm"
    ]
    stage = source.say("stage")
    return [
        *parts.fact("Maladie", place),
        *parts.fact("Type", wording.joined((source.say("morphology"), source.say("histology")))),
        *parts.fact("Stade", wording.joined((wording.joined(tnm, by=" "), stage and f"stade {stage}"))),
        *parts.fact("Date du diagnostic", source.say("diagnosis_date")),
        *parts.fact("État à la fin des traitements", source.say("remission_status")),
        *parts.fact("Traitements qui continuent", source.say("residual_treatments")),
    ]  # fmt: skip


def _received(source: Source, row: Row) -> dict[str, Any]:
    when = wording.period(row.get("start") or "", row.get("end") or row.get("start") or "")
    return {
        "name": source.cell("received_treatments", row, "kind"),
        "detail": "",
        "how": wording.sentence(
            wording.joined(
                source.cell("received_treatments", row, name) for name in ("precision", "dose")
            )
        ),
        "when": [when] if when else [],
        "remark": "",
    }


def _visit(source: Source, row: Row) -> dict[str, str]:
    due, until, months = (
        row.get("first_due") or "",
        row.get("until") or "",
        row.get("interval_months"),
    )
    again = f"puis tous les {plural(int(months), 'mois', 'mois')}" if months else ""
    first = f"Le {wording.said(due)}" if len(due) >= 10 else wording.said(due)
    end = wording.lowered(wording.period("", until)) if until else ""
    when = wording.joined((first, again))
    return {
        "name": _with_condition(source, row),
        "when": wording.joined((wording.raised(when), end)),
        "who": source.cell("surveillance_plan", row, "actor"),
        "result": source.cell("surveillance_plan", row, "result")
        or "Fait" * (row.get("done") == "yes"),
    }


def _referent(source: Source) -> list[dict[str, str]]:
    name = source.say("follow_up_referent")
    known = {"name": name, "role": "Votre référent à l’hôpital", "phone": "", "rpps": ""}
    return [known] if name else []


def _with_condition(source: Source, row: Row) -> str:
    """« Scanner du thorax (stades II et III) »"""
    exam, condition = (
        source.cell("surveillance_plan", row, name) for name in ("exam", "condition")
    )
    return f"{exam} ({wording.lowered(condition)})" if condition else exam


def _remark(source: Source) -> str:
    """Which version of the usual calendar the lines come from, as a health product would."""
    versions = {row.get("version") or "" for row in source.rows("surveillance_plan")} - {""}
    return f"Calendrier type, version {', '.join(sorted(versions))}." if versions else ""


def _after_effects(source: Source) -> list[dict[str, str]]:
    return [
        {"name": name, "text": wording.sentence(wording.lowered(line))}
        for name, of in (("Ce qui persiste", "sequelae"), ("Ce qui peut survenir", "late_effects"))
        for line in source.lines(of)
    ]


def _prevention(source: Source) -> list[dict[str, str]]:
    comment = wording.sentence(source.say("prevention_comment"))
    said = [{"name": name, "text": ""} for name in source.choices("prevention")]
    return [*said, *([{"name": "À savoir", "text": comment}] if comment else [])]


def _support(source: Source) -> list[dict[str, str]]:
    """Needs named at the end, the actions that go on, and the prescribed global pathway."""
    planned = parts.support(source)
    covered = {one["name"] for one in planned}
    needs = [
        {"name": name, "text": ""} for name in source.choices("late_needs") if name not in covered
    ]
    pathway = source.choices("global_pathway_items")
    prescribed = (
        [
            {
                "name": "Parcours de soins global",
                "text": wording.sentence(wording.lowered(", ".join(pathway))),
            }
        ]
        if pathway
        else []
    )
    return [*planned, *needs, *prescribed]


def _social(source: Source) -> list[dict[str, str]]:
    back = wording.joined((source.say("work_return"), _when(source)), by=" ")
    known = source.raw("work_return") not in ("", "unknown", "not_concerned")
    return [
        *([{"name": "Travail", "text": wording.sentence(wording.lowered(back))}] if known else []),
        *[{"name": name, "text": ""} for name in source.choices("work_change")],
        *[{"name": name, "text": ""} for name in source.choices("rights_information")],
    ]


def _when(source: Source) -> str:
    day = source.raw("work_return_date")
    return wording.lowered(wording.period(day, "")) if day else ""
