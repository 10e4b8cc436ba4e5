"""The answers about a tumour come in; how it is named, staged, examined and treated goes out."""

from typing import Any

from workflows.records.contexts import wording
from workflows.records.contexts.parts import fact
from workflows.records.contexts.source import Row, Source


def disease(source: Source) -> list[dict[str, str]]:
    classification = wording.joined(
        (source.say("classification_name"), source.say("classification_version"), source.say("classification_value")),
        by=" ",
    )  # fmt: skip
    return [
        *fact(
            "Localisation (CIM-10)",
            wording.joined((_coded(source, "topography"), source.say("topography_detail"), wording.lowered(source.say("laterality")))),
        ),
        *fact("Histologie (CIM-O-3)", wording.joined((_coded(source, "morphology"), source.say("histology")))),
        *fact("Grade", source.say("tumour_grade")),
        *fact("Date du diagnostic", source.say("diagnosis_date")),
        *fact("Stade clinique", _clinical(source)),
        *fact("Stade pathologique", _pathological(source)),
        *fact("Classification", classification),
        *[line for row in source.rows("more_classifications") for line in fact("Classification", _classified(source, row))],
        *fact("Métastases", source.say("metastatic_sites")),
        *[
            line
            for row in source.rows("other_tumours")
            for line in fact(
                "Autre tumeur",
                wording.joined(source.cell("other_tumours", row, name) for name in row),
            )
        ],
    ]  # fmt: skip


def biomarkers(source: Source) -> str:
    """« RE 95 %, HER2 0 »: by the abbreviation that stands in the label, when there is one."""
    return wording.joined(
        wording.joined((_abbreviation(marker), source.cell("biomarkers", row, "result")), by=" ")
        for row in source.rows("biomarkers")
        if (marker := source.cell("biomarkers", row, "marker"))
    )


def _abbreviation(label: str) -> str:
    return label.rpartition("(")[2].rstrip(")")


def examinations(source: Source) -> list[dict[str, str]]:
    """Exams, reports and molecular genetics in one table, by date."""
    reports = (
        ("pathology_report_date", "Anatomopathologie", "pathology_conclusion"),
        ("operative_report_date", "Compte rendu opératoire", "operative_conclusion"),
        (
            "surgical_pathology_date",
            "Anatomopathologie de la pièce",
            "surgical_pathology_conclusion",
        ),
    )
    return [
        *[
            _line(row.get("date"), source.cell("exams", row, "exam"), source.cell("exams", row, "result"))
            for row in source.rows("exams")
        ],
        *[
            _line(source.raw(day), name, source.say(conclusion))
            for day, name, conclusion in reports
            if source.raw(day) or source.raw(conclusion)
        ],
        *[
            _line(row.get("date"), "Génétique moléculaire", source.cell("molecular_reports", row, "conclusion"))
            for row in source.rows("molecular_reports")
        ],
    ]  # fmt: skip


def treatment(source: Source, row: Row) -> dict[str, str]:
    end = row.get("end")
    said = [source.cell("past_treatments", row, name) for name in ("precision", "status")]
    return _line(
        row.get("start"),
        source.cell("past_treatments", row, "kind"),
        wording.joined((*said, f"jusqu’au {wording.printed(end)}" if end else "")),
    )


def _coded(source: Source, name: str) -> str:
    """« Sein, quadrant supéro-externe (C50.4) »"""
    label, code = source.say(name), str(source.raw(name))
    return label if not label or code in label else f"{label} ({code})"


def _tnm(source: Source, when: str, prefix: str) -> str:
    t, n, m = (source.say(f"{when}_{letter}") for letter in "tnm")
    return wording.joined(
        (
            t and f"{prefix}{t}",
            n and f"{prefix}{n}",
            m and (m if prefix == "c" else f"{prefix}{m}"),
        ),
        by=" ",
    )


def _clinical(source: Source) -> str:
    """« cT2 cN1 M0, stade IIB (TNM, 8e édition) »"""
    tnm = _tnm(source, "clinical", source.say("ctnm_prefix") or "c")
    stage = source.say("stage")
    said = wording.joined((tnm, stage and f"stade {wording.lowered(stage)}"))
    known = source.raw("tnm_edition") not in ("", None, "unknown")
    return f"{said} (TNM, {source.say('tnm_edition')})" if said and known else said


def _classified(source: Source, row: Row) -> str:
    """« ISUP 2019 : 2 »"""
    names = [
        source.cell("more_classifications", row, name) for name in ("name", "precision", "version")
    ]
    value = source.cell("more_classifications", row, "value")
    return wording.joined((wording.joined(names, by=" "), value), by="\u202f: ")


def _pathological(source: Source) -> str:
    nodes = wording.joined((source.say("nodes_positive"), source.say("nodes_examined")), by="/")
    return wording.joined(
        (
            _tnm(source, "pathological", source.say("ptnm_prefix") or "p"),
            f"ganglions {nodes}" if nodes else "",
            wording.joined(("marges", wording.lowered(source.say("margins"))), by=" ")
            if source.raw("margins")
            else "",
        )
    )


def _line(day: Any, name: str, result: str) -> dict[str, str]:
    return {"date": str(day or ""), "name": name, "result": result}
