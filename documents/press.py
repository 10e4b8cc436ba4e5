"""HTML and its style sheet come in; an accessible PDF goes out, laid out with our fonts alone.

Nothing is fetched from anywhere: a template that asks for anything but our fonts is refused.
"""

import threading
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from documents.conformance import finish
from documents.layout import Unrenderable

FONTS = Path(__file__).parent / "fonts"
_ADDRESS = "hent:fonts/"
_WEIGHTS = (400, 600, 700)
# As @fontsource cuts them; what neither holds (≥, µ, Greek) comes from the system's DejaVu Sans.
_RANGES = {
    "latin-ext": "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F, U+1EF2-1EFF, U+20A0-20AB, U+20AD-20C0",
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2212",
}

# WeasyPrint gains nothing from threads, and its fonts are loaded once for the process.
_one_at_a_time = threading.Lock()
_fonts: FontConfiguration | None = None


def print_out(html: str, style: str) -> bytes:
    """The finished file: the same HTML and style give the same bytes."""
    with _one_at_a_time:
        return finish(_lay_out(html, style))


def _lay_out(html: str, style: str) -> bytes:
    fetcher = _Fetcher()
    fonts = _font_configuration(fetcher)
    sheet = weasyprint.CSS(string=style, font_config=fonts, url_fetcher=fetcher)
    page = weasyprint.HTML(string=html, base_url="hent:", url_fetcher=fetcher)
    identifier = sha256(f"{style}\n{html}".encode()).hexdigest()[:32].encode()
    try:
        content: bytes = page.write_pdf(
            stylesheets=[sheet],
            font_config=fonts,
            pdf_variant="pdf/a-3a",
            pdf_identifier=identifier,
        )
    except FatalURLFetchingError as refused:
        raise Unrenderable(str(refused)) from refused
    return content


class _Fetcher(URLFetcher):
    """Hands out our fonts and nothing else: a document never reaches for the network or the disk."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        name = url.removeprefix(_ADDRESS)
        if url.startswith(_ADDRESS) and name in _font_names():
            return URLFetcherResponse(
                url, (FONTS / name).read_bytes(), {"Content-Type": "font/woff2"}
            )
        return _refuse(url)


def _refuse(url: str) -> NoReturn:
    raise FatalURLFetchingError(f"a template may not fetch {url!r}")


def _font_names() -> set[str]:
    return {f"atkinson-{cut}-{weight}.woff2" for cut in _RANGES for weight in _WEIGHTS}


def _font_configuration(fetcher: URLFetcher) -> FontConfiguration:
    global _fonts
    if _fonts is None:
        _fonts = FontConfiguration()
        weasyprint.CSS(string=_faces(), font_config=_fonts, url_fetcher=fetcher)
    return _fonts


def _faces() -> str:
    return "\n".join(
        f"@font-face {{ font-family: 'Atkinson Hyperlegible Next'; font-weight: {weight};"
        f" src: url({_ADDRESS}atkinson-{cut}-{weight}.woff2) format('woff2');"
        f" unicode-range: {characters} }}"
        for weight in _WEIGHTS
        for cut, characters in _RANGES.items()
    )
