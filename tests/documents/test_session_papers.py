"""The two papers of an RCP session: readable aloud, one head a page, nobody named who should not be."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest

from documents.pdf import Template, render
from tests.documents import samples
from tests.documents.reading import pages, tags

BOTH: list[tuple[Template, Any, str]] = [
    ("rcp_agenda", samples.agenda, "Ordre du jour"),
    ("rcp_attendance", samples.attendance, "Feuille d’émargement"),
]


@pytest.mark.parametrize(("template", "sample", "title"), BOTH)
def test_it_is_a4_tagged_and_lasts(template: Template, sample: Any, title: str) -> None:
    content = render(template, sample())

    found = tags(content)
    assert found["/H1"] == 1
    assert found["/Table"] == found["/THead"]
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.Root.Lang == "fr"
        assert pdf.Root.MarkInfo.Marked
        metadata = pdf.open_metadata(set_pikepdf_as_editor=False)
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata.pdfa_status == "3A"
        assert [round(float(side) / 72 * 25.4) for side in pdf.pages[0].MediaBox][2:] == [210, 297]
        assert title in str(pdf.docinfo["/Title"])
        assert "GUÉGAN" not in str(pdf.docinfo)
    assert render(template, sample()) == content


def test_thirty_cases_keep_their_heads_and_say_what_is_missing() -> None:
    found = pages(render("rcp_agenda", samples.agenda()))

    assert 2 <= len(found) <= 4
    assert all("Question posée" in page for page in found)
    assert "KERVELLA-GUÉGAN" in found[0]
    assert "Manque : anatomopathologie et score G8" in " ".join(found)
    assert all("à détruire après la séance" in page for page in found)


def test_a_provisional_agenda_says_so_and_an_empty_one_too() -> None:
    assert "Provisoire" in pages(render("rcp_agenda", samples.agenda(mark="Provisoire")))[0]
    assert "Aucun dossier" in pages(render("rcp_agenda", samples.agenda(cases=[])))[0]


def test_the_attendance_sheet_numbers_cases_and_names_nobody_ill() -> None:
    (page,) = pages(render("rcp_attendance", samples.attendance()))

    assert "14 h 02 – 15 h 00" in page
    assert "15 h 20" in page
    assert "N° 2" in page
    assert "manque Chirurgie" in page
    assert "À distance" in page
