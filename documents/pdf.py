"""A template and its frozen context come in; an accessible PDF goes out, the same bytes each time.

The file is PDF/A-3a (it lasts) and PDF/UA-1 (it can be read aloud). Nothing is fetched from
anywhere: fonts lie beside this module, and a template that asks for anything else is refused.
"""

from collections.abc import Mapping
from typing import Any, Literal

from documents.layout import html_of, style_of

Template = Literal["rcp_sheet", "pps", "ppac", "rcp_agenda", "rcp_attendance"]


def render(
    template: Template,
    context: Mapping[str, Any],
    *,
    template_source: Mapping[str, bytes] | None = None,
) -> bytes:
    """`template_source`: the files a revision froze, by name; without it, those of the house."""
    html = html_of(template, context, template_source)
    style = style_of(template_source)
    # WeasyPrint takes two seconds to load: commands that lay nothing out do not wait for it.
    from documents import press

    return press.print_out(html, style)


def warm_up() -> None:
    """For a server: nobody's first document waits for the press to be loaded."""
    from documents import press  # noqa: F401 (loading it is all there is to do)
