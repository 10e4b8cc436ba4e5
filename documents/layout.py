"""A template's name and a context come in; HTML and its style sheet go out, every value escaped.

Templates belong to a revision and can be edited by people, so they run in a sandbox; a name that
a context does not have is an error, never a blank in a patient's document.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.french import FILTERS

TEMPLATES = Path(__file__).parent / "templates"
STYLE = "print.css"


class Unrenderable(ValueError):
    """The template cannot be laid out: it is wrong, or asks for what no document may have."""


def html_of(template: str, context: Mapping[str, Any], source: Mapping[str, bytes] | None) -> str:
    files = _files(source)
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(files),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    try:
        html = environment.get_template(f"{template}.html").render(context)
    except (
        TemplateError,
        OverflowError,
    ) as error:  # the second: a loop longer than the sandbox allows
        raise Unrenderable(f"{template}: {type(error).__name__}: {error}") from error
    # The font has no narrow space and what stands in for it is too thin to be seen.
    return html.replace("\u202f", "\u00a0").replace("&#8239;", "\u00a0")


def style_of(source: Mapping[str, bytes] | None) -> str:
    return _files(source)[STYLE]


def _files(source: Mapping[str, bytes] | None) -> dict[str, str]:
    """All from the revision, or all from the house: the two are never mixed."""
    if source is None or STYLE not in source:
        source = {path.name: path.read_bytes() for path in TEMPLATES.iterdir() if path.is_file()}
    return {name: content.decode("utf-8") for name, content in source.items()}
