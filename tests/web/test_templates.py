"""What every template keeps to: its icons travel, no style or script is written in it."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted(WEB.glob("**/templates/**/*.html"))
LISTED = {
    line.strip()
    for line in (WEB / "frontend" / "icons.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
}


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    missing = {
        f"{path.name}: {name}"
        for path in TEMPLATES
        for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text("utf-8"))
        if name not in LISTED
    }

    assert missing == set()


def test_no_template_holds_a_style_or_a_script() -> None:
    inline = re.compile(
        r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+="
    )

    guilty = {path.name for path in TEMPLATES if inline.search(path.read_text("utf-8"))}

    assert guilty == set()


def test_punctuation_is_french() -> None:
    """A narrow no-break space before « : ; ! ? » and inside the quotation marks."""
    wrong = re.compile(r"« |« | »|(?<=[a-zéèê]) [;!?](?=[\s<])")

    guilty = {
        f"{path.name}: {found.group()!r}"
        for path in TEMPLATES
        if {"inbox", "patients", "identities", "notices"} & set(path.parts)
        for found in [
            wrong.search(re.sub(r"\{[#%{].*?[#%}]\}", "", path.read_text("utf-8"), flags=re.S))
        ]
        if found
    }

    assert guilty == set()
