"""The language of stories: its words, its days, and the sentence it answers a mistake with."""

from datetime import date
from typing import Any

import pytest

from workflows.scenarios.story import BadStory, read, say_day
from workflows.scenarios.words import Words

D0 = date(2026, 1, 12)
STORY = """
title: Un essai
day_0: 2026-01-12
organ: breast
patient: {birth_name: Essai, first_names: Anne, birth_date: 1970-01-01, sex: F}
steps:
  - {day: -2, open: secretary}
"""


def _words(**known: Any) -> Words:
    return Words(D0, lambda text: known[text])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("D0", "2026-01-12"),
        ("D", "2026-01-12"),
        ("D+8", "2026-01-20"),
        ("D-12", "2025-12-31"),
        ("month D+30", "2026-02"),
        ("Dr Kervella", "Dr Kervella"),
        ("D+8 jours", "D+8 jours"),
    ],
)
def test_a_day_is_read_as_its_date_and_other_text_stays(text: str, answer: str) -> None:
    assert _words().read(text) == answer


def test_days_are_read_inside_groups() -> None:
    answers = {"sessions": [{"date": "D+1", "done": True}], "count": 2}

    assert _words().read(answers) == {
        "sessions": [{"date": "2026-01-13", "done": True}],
        "count": 2,
    }


def test_a_person_is_looked_up() -> None:
    assert _words(idec=7).read("@idec") == 7


def test_what_follows_a_meeting_that_came_later_comes_later_too() -> None:
    words = _words()

    words.move(8, date(2026, 1, 22))

    assert words.read("D+5") == "2026-01-17"
    assert words.read("D+8") == "2026-01-22"
    assert words.read("D+12") == "2026-01-26"


def test_a_day_is_said_as_on_the_ward() -> None:
    assert [say_day(day) for day in (-12, 0, 8)] == ["J−12", "J0", "J+8"]


def test_a_story_keeps_the_day_of_the_step_before() -> None:
    story = read("essai", STORY + "  - {do: check_identity}\n  - {day: 3, do: inform_patient}\n")

    assert [step.day for step in story.steps] == [-2, -2, 3]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{day: -5, do: check_identity}", "étape 2\u202f: le jour -5 précède le jour -2"),
        ("{day: 1, dance: now}", "le mot « dance » n’est pas connu"),
        ("{day: 1, do: a, declare: death_declared}", "deux verbes, do et declare"),
        ("{day: 1, declare: sneeze}", "l’événement « sneeze » n’existe pas"),
        ("{day: 1, undo: birth}", "« birth » ne s’annule pas"),
        ("{day: 1, do: a, as: captain}", "le rôle « captain » n’existe pas"),
        ("{day: 1, expect: {moon: full}}", "le mot « moon » n’est pas connu"),
        ("{day: soon, do: a}", "le jour n’est pas un nombre"),
        ("{day: 1, time: noon, do: a}", "« noon » n’est pas une heure"),
        ("{day: 1, rcp_session: senologie}", "la séance n’est pas décrite"),
        ("just text", "ce n’est pas une étape"),
    ],
)
def test_a_mistake_is_told_with_its_file_its_step_and_a_remedy(step: str, said: str) -> None:
    with pytest.raises(BadStory) as refusal:
        read("essai", f"{STORY}  - {step}\n")

    assert refusal.value.message.startswith("essai, étape 2")
    assert said in refusal.value.message
    assert refusal.value.message.endswith((".", "»."))


@pytest.mark.parametrize("missing", ["title", "day_0", "organ", "patient"])
def test_a_story_without_its_beginning_is_refused(missing: str) -> None:
    text = "\n".join(line for line in STORY.splitlines() if not line.startswith(missing))

    with pytest.raises(BadStory, match="manque"):
        read("essai", text)


def test_malformed_yaml_names_its_line() -> None:
    with pytest.raises(BadStory, match=r"essai, ligne \d+"):
        read("essai", STORY + "  - {day: 1\n")
