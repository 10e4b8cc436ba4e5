"""What a reader sees on paper: pages, feet, states, long plans, hostile words."""

import pytest

from documents.pdf import render
from tests.documents import samples
from tests.documents.reading import pages

DRAFT = {"status": "draft", "approved_by": None, "approved_at": ""}


def test_the_pps_tells_a_patient_what_to_do_on_two_pages() -> None:
    first, second = pages(render("pps", samples.pps()))

    assert first.index("Appelez-nous sans attendre si") < first.index("Votre calendrier")
    assert "02 61 91 00 42" in first
    assert "née le 2 septembre 1959" in first
    assert "Établi le jeudi 27 novembre 2025 par Maëlle Le Goff" in first
    assert "Vos prochains rendez-vous" in second
    assert "Remis à Mme GUÉGAN" in second


def test_the_rcp_sheet_fits_on_one_page_with_its_opinion() -> None:
    (only,) = pages(render("rcp_sheet", samples.sheet()))

    assert "Avis de la RCP : traitement proposé" in only
    assert "2 59 09 29 999 001 00 Qualifiée" in only
    assert "berges saines (≥ 4 mm)" in only
    assert "Validée électroniquement par le Dr Yann Kervella" in only


def test_alternatives_are_told_apart_from_the_first_choice() -> None:
    opinion = {
        "title": "traitement proposé",
        "remarks": [],
        "intentions": [
            {
                "label": "En première intention",
                "proposals": [{"name": "Chirurgie", "detail": "laryngectomie"}],
            },
            {
                "label": "En alternative",
                "proposals": [{"name": "Radiochimiothérapie", "detail": "70 Gy"}],
            },
        ],
    }

    (only,) = pages(render("rcp_sheet", samples.sheet(opinion=opinion)))

    assert (
        only.index("première intention")
        < only.index("laryngectomie")
        < only.index("En alternative")
    )


def test_the_ppac_carries_the_label_of_the_site() -> None:
    text = " ".join(
        pages(
            render("ppac", samples.ppac(label="Votre programme personnalisé d’après-traitement"))
        )
    )

    assert "Votre programme personnalisé d’après-traitement" in text
    assert "Tous les 6 mois pendant 5 ans" in text


@pytest.mark.parametrize(
    ("template", "sample", "foot"),
    [
        (
            "pps",
            samples.pps,
            "GUÉGAN Marie-Thérèse, née le 02/09/1959 — PPS version 1 du 27/11/2025",
        ),
        (
            "ppac",
            samples.ppac,
            "GUÉGAN Marie-Thérèse, née le 02/09/1959 — PPAC version 1 du 10/09/2026",
        ),
        (
            "rcp_sheet",
            samples.sheet,
            "GUÉGAN Marie-Thérèse · F · 02/09/1959 · FRCP n° 2025-SEN-01187, version 1",
        ),
    ],
)
def test_each_page_belongs_to_somebody(template, sample, foot) -> None:  # type: ignore[no-untyped-def]
    found = pages(render(template, sample()))

    for number, text in enumerate(found, start=1):
        assert foot in text
        assert f"Page {number} sur {len(found)}" in text


def test_a_draft_says_so_across_each_page_and_names_no_approval() -> None:
    for template, sample in (("pps", samples.pps), ("rcp_sheet", samples.sheet)):
        for text in pages(render(template, sample(document=DRAFT))):  # type: ignore[arg-type, operator]
            assert "Brouillon, non validé" in text
            assert text.count("Brouillon") == 2  # on top, and across
            assert "Validée électroniquement" not in text


def test_an_approved_version_bears_no_mark() -> None:
    text = " ".join(pages(render("pps", samples.pps())))

    assert "Brouillon" not in text
    assert "Remplacé" not in text


def test_a_replaced_version_names_the_one_that_replaces_it_on_each_page() -> None:
    replaced = {
        "status": "replaced",
        "version": 2,
        "replaces": {"version": 1, "date": "2025-11-01"},
        "replaced_by": {"version": 3, "date": "2026-03-01"},
        "update_reason": "réajustement du programme",
    }

    found = pages(render("pps", samples.pps(document=replaced)))

    for text in found:
        assert "Version remplacée par la version 3 du 1er mars 2026" in text
    assert (
        "Elle remplace la version 1 du 1er novembre 2025 : réajustement du programme" in found[0]
    )


def test_a_plan_of_thirty_treatments_repeats_its_head_and_cuts_no_row() -> None:
    rows = [
        samples.treatment(
            f"Traitement numéro {n}",
            f"Protocole {n}",
            f"Début de la ligne {n}. Prévoyez la matinée entière et de quoi lire, la perfusion est longue. Fin de la ligne {n}.",
            [f"Semaine {n}"],
        )
        for n in range(1, 31)
    ]

    found = pages(render("pps", samples.pps(calendar=rows)))

    assert len(found) > 3
    for n in range(1, 31):
        holding = [text for text in found if f"Début de la ligne {n}." in text]
        assert len(holding) == 1
        assert f"Fin de la ligne {n}." in holding[0]
        assert "Comment cela se passe" in holding[0]
    assert not any(text.split(" GUÉGAN Marie")[0].endswith("Votre calendrier") for text in found)


def test_long_names_are_never_cut() -> None:
    name = "KERGOAT-DE-LA-VILLEMARQUÉ-LE-BOURHIS-TRÉBEURDEN"
    first_names = "Marie-Joséphine Anne-Gwenaëlle Bernadette"
    patient = {
        "birth_name": name,
        "first_names": first_names,
        "used_name": "LE GALL-KERVÉLEGAN DE PENMARC’H",
    }

    for template, sample in (
        ("pps", samples.pps),
        ("rcp_sheet", samples.sheet),
        ("ppac", samples.ppac),
    ):
        found = pages(render(template, sample(patient=patient)))  # type: ignore[arg-type, operator]
        for text in found:
            assert name in text.replace("- ", "-")
            assert first_names in text.replace("- ", "-")


def test_a_word_without_spaces_stays_within_the_page() -> None:
    drug = "Anticorps" + "monoclonal" * 14
    rows = [samples.treatment("Immunothérapie", drug, drug, [drug])]

    text = "".join(pages(render("pps", samples.pps(calendar=rows)))).replace(" ", "")

    assert text.count("monoclonal") == 3 * 14


def test_what_people_type_is_never_taken_for_markup() -> None:
    hostile = "<script>alert(1)</script><img src='http://example.org/x.png'> {{ 7 * 7 }} **fort**"

    text = " ".join(pages(render("pps", samples.pps(proposal=[hostile]))))

    assert "<script>alert(1)</script>" in text
    assert "{{ 7 * 7 }}" in text
    assert "fort" in text
    assert "**" not in text


def test_symbols_the_font_lacks_are_still_printed() -> None:
    typed = "β-hCG ≤ 5 µg/l → α-fœtoprotéine, Łukasz Ŵyn, « ok » 10 %"

    text = " ".join(pages(render("pps", samples.pps(proposal=[typed]))))

    for word in ("β-hCG ≤ 5 µg/l → α-fœtoprotéine", "Łukasz Ŵyn", "10 %"):
        assert word in text.replace("μ", "µ")
