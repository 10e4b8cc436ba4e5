"""The codes we wrote are those of the national value sets, read from the files of the ANS."""

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

VALUE_SETS = Path(__file__).parents[2] / "forms" / "value_sets"
HERE = Path(__file__).parents
# Beside the checkout, or wherever CISIS_DATA says.
DATA = os.environ.get("CISIS_DATA") or next(
    (str(found) for up in HERE[2:5] if (found := up / "shared/interop/cisis").is_dir()), ""
)

# Our set → the national file, and the codes that are ours alone.
NATIONAL: dict[str, tuple[str, set[str]]] = {
    "associated_measure": ("mesure-associee", {"C20427", "GEN-092.04.12"}),
    "cancer_phase": ("phase-cancer", set()),
    "case_status": ("statut-cas-presente", set()),
    "follow_up_kind": ("type-de-suivi", set()),
    "laterality": ("lateralite", set()),
    "morphology": ("morphologie", set()),
    "pps_update_reason": ("motif-mise-a-jour", set()),
    "pregnancy_status": ("statut-grossesse", set()),
    "progression_kind": ("progression-cancer", set()),
    # Hormone therapy has one code in the PPS (kept here) and another, C547, in the FRCP.
    "proposal_kind": ("type-traitement-frcp", {"C15445"}),
    # A case set aside in the meeting has no quorum to speak of: exported as not known.
    "quorum_status": ("statut-quorum", {"set_aside"}),
    "support_advised": ("traitement-soins-frcp", set()),
    "tobacco_status": ("statut-tabagique", set()),
    "topography": ("tumeur", {"GEN-243"}),
    "treatment_kind": ("type-traitement-pps", set()),
    "who_status": ("indice-performance-ecog", set()),
}
# A list of ours is the whole national list, so that any document received can be read back.
COMPLETE = {
    "cancer_phase",
    "case_status",
    "follow_up_kind",
    "laterality",
    "pps_update_reason",
    "progression_kind",
    "quorum_status",
    "support_advised",
    "treatment_kind",
}

needs_files = pytest.mark.skipif(
    not DATA, reason="no shared/interop/cisis beside the checkout, and no CISIS_DATA"
)


@needs_files
@pytest.mark.parametrize("name", NATIONAL)
def test_a_code_is_in_the_national_list(name: str) -> None:
    file, ours = NATIONAL[name]

    assert _ours(name) - _national(file) == ours


@needs_files
@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_no_national_answer_is_missing(name: str) -> None:
    file, _ = NATIONAL[name]

    assert _national(file) <= _ours(name)


@needs_files
def test_support_and_social_actions_cover_both_national_lists() -> None:
    national = _national("soin-onco-de-support") | _national("type-accompagnement-sociopro")

    assert national <= _ours("support_kind")


def _ours(name: str) -> set[str]:
    content = yaml.safe_load((VALUE_SETS / f"{name}.yaml").read_text("utf-8"))
    return {value.get("national", value["code"]) for value in content["values"]}


def _national(file: str) -> set[str]:
    path = Path(DATA) / "jeuxDeValeurs" / f"jdv-{file}-cisis.xml"
    found = ElementTree.parse(path).iter()  # noqa: S314 (files of the ANS, on our own disk)
    return {one.attrib["code"] for one in found if one.tag.endswith("Concept")}
