"""What the file promises: readable aloud, lasting, the same each time, reaching for nothing."""

from io import BytesIO

import pikepdf
import pytest

from documents.layout import TEMPLATES, Unrenderable
from documents.pdf import render
from tests.documents import samples
from tests.documents.reading import pages, tags

ALL = [("pps", samples.pps), ("ppac", samples.ppac), ("rcp_sheet", samples.sheet)]


def house() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in TEMPLATES.iterdir()}


@pytest.mark.parametrize(("template", "sample"), ALL)
def test_a_document_can_be_read_aloud_and_lasts(template, sample) -> None:  # type: ignore[no-untyped-def]
    content = render(template, sample())

    found = tags(content)
    assert found["/H1"] == 1
    assert found["/H2"] >= 5
    assert found["/Table"] == found["/THead"] >= 2
    assert found["/TH"] > found["/TR"]  # a head of row on each, and the heads of columns
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.Root.Lang == "fr"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/ID" in pdf.trailer
        metadata = pdf.open_metadata(set_pikepdf_as_editor=False)
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata.pdfa_status == "3A"
        assert [item.title for item in pdf.open_outline().root[0].children]
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert all(str(font.BaseFont)[7] == "+" for font in fonts)  # embedded, cut to what is used


@pytest.mark.parametrize(("template", "sample"), ALL)
def test_the_title_of_the_file_names_no_patient(template, sample) -> None:  # type: ignore[no-untyped-def]
    with pikepdf.open(BytesIO(render(template, sample()))) as pdf:
        said = str(pdf.docinfo) + pdf.Root.Metadata.read_bytes().decode()

    assert sample()["document"]["number"] in said
    assert "GUÉGAN" not in said
    assert "Marie" not in said


@pytest.mark.parametrize(("template", "sample"), ALL)
def test_the_same_context_gives_the_same_bytes(template, sample) -> None:  # type: ignore[no-untyped-def]
    assert render(template, sample()) == render(template, sample())


def test_the_dates_of_the_file_are_those_of_the_document() -> None:
    with pikepdf.open(BytesIO(render("pps", samples.pps()))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20251127101800")
        assert str(pdf.docinfo["/ModDate"]).startswith("D:20251127110200")


def test_the_templates_of_a_revision_are_used_instead_of_those_of_the_house() -> None:
    frozen = house()
    frozen["pps.html"] = frozen["pps.html"].replace(
        b"Votre calendrier", "Vos dates, en résumé".encode()
    )

    text = " ".join(pages(render("pps", samples.pps(), template_source=frozen)))

    assert "Vos dates, en résumé" in text
    assert "Votre calendrier" not in text


@pytest.mark.parametrize(
    "wish",
    [
        b"<img src='http://example.org/pixel.png'>",
        b"<img src='file:///etc/hostname'>",
        b"<link rel=stylesheet href='https://example.org/x.css'>",
        b'<p style="background: url(hent:fonts/../pdf.py)">x</p>',
    ],
)
def test_a_template_that_reaches_for_anything_is_refused(wish: bytes) -> None:
    frozen = house()
    frozen["pps.html"] = frozen["pps.html"].replace(b"<h1>", wish + b"<h1>")

    with pytest.raises(Unrenderable, match="may not fetch"):
        render("pps", samples.pps(), template_source=frozen)


@pytest.mark.parametrize(
    "wish",
    [
        b"{{ patient.__class__.__mro__ }}",
        b"{{ ''.__class__ }}",
        b"{{ patient.misspelt }}",
        b"{{ patient.clear() }}",
        b"{% for n in range(10 ** 9) %}{% endfor %}",
    ],
)
def test_a_template_can_neither_escape_nor_leave_a_blank(wish: bytes) -> None:
    frozen = house()
    frozen["pps.html"] = frozen["pps.html"].replace(b"<h1>", wish + b"<h1>")

    with pytest.raises(Unrenderable):
        render("pps", samples.pps(), template_source=frozen)
