"""A due date is found, explained and moved the way the people who keep it would do it."""

from datetime import UTC, datetime

import pytest

from engine.calendar import Calendar
from workflows.deadlines.queries import moment_of
from workflows.deadlines.rules import Rule, dates
from workflows.deadlines.wording import explain

CALENDAR = Calendar()
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 9 h in Paris


def due(rule: Rule, anchor_at: datetime = MONDAY, opened_at: datetime = MONDAY) -> datetime:
    return dates(rule, anchor_at=anchor_at, opened_at=opened_at, calendar=CALENDAR).due_at


def test_a_delay_in_days_ends_when_the_day_does() -> None:
    assert due(Rule("opened", 8, "days")) == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def test_a_delay_in_working_days_skips_the_week_end() -> None:
    friday = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)

    assert due(Rule("opened", 2, "working_days"), friday) == datetime(2026, 3, 10, 17, tzinfo=UTC)


def test_a_delay_in_hours_is_exact() -> None:
    assert due(Rule("opened", 48, "hours")) == datetime(2026, 3, 4, 8, 0, tzinfo=UTC)


def test_a_delay_counts_back_from_its_anchor() -> None:
    session = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)

    assert due(Rule("rcp_session", -2, "working_days"), session) == datetime(
        2026, 3, 10, 17, tzinfo=UTC
    )


def test_the_same_day_opened_in_the_evening_is_the_next_working_day() -> None:
    friday_evening = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)

    found = due(Rule("opened", 0, "days"), friday_evening, friday_evening)

    assert found == datetime(2026, 3, 9, 17, 0, tzinfo=UTC)


def test_the_reminder_comes_at_its_share_of_the_delay() -> None:
    rule = Rule("opened", 10, "hours", reminder="80%")

    found = dates(rule, anchor_at=MONDAY, opened_at=MONDAY, calendar=CALENDAR)

    assert found.remind_at == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert found.escalate_at is None


def test_the_reminder_comes_so_many_working_days_before() -> None:
    rule = Rule("opened", 10, "days", reminder="-2 working_days", escalation="idec")

    found = dates(rule, anchor_at=MONDAY, opened_at=MONDAY, calendar=CALENDAR)

    assert found.remind_at == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    assert found.escalate_at == found.due_at == datetime(2026, 3, 12, 17, 0, tzinfo=UTC)


def test_a_task_born_late_is_not_reminded_and_leaves_a_day_before_anybody_is_called() -> None:
    long_ago = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    rule = Rule("pathology_report", 8, "days", reminder="80%", escalation="idec")

    found = dates(rule, anchor_at=long_ago, opened_at=MONDAY, calendar=CALENDAR)

    assert found.due_at < MONDAY
    assert found.remind_at is None
    assert found.escalate_at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "waits", "sentence"),
    [
        (
            Rule("pathology_report", 8, "days"),
            False,
            "8 jours après le compte rendu anatomopathologique du 2 mars 2026",
        ),
        (
            Rule("rcp_session", -2, "working_days", row_label="Dossier complet"),
            False,
            "2 jours ouvrés avant la séance de RCP du 2 mars 2026 (règle «\u202fDossier complet\u202f»)",
        ),
        (
            Rule("opened", 1, "days"),
            False,
            "1 jour après l’ouverture de l’étape le 2 mars 2026",
        ),
        (
            Rule("rcp_approved", 5, "working_days"),
            True,
            "5 jours ouvrés après l’ouverture de l’étape le 2 mars 2026, en attendant la date de "
            "la validation de la fiche de RCP",
        ),
        (
            Rule("opened", 0, "days"),
            False,
            "Le jour de l’ouverture de l’étape, le 2 mars 2026",
        ),
    ],
)
def test_a_due_date_is_explained_in_one_sentence(rule: Rule, waits: bool, sentence: str) -> None:
    assert explain(rule, MONDAY, waits=waits) == sentence


def test_an_unknown_unit_is_a_bug_of_the_release_and_says_so() -> None:
    with pytest.raises(ValueError, match="moons"):
        Rule.read({"anchor": "opened", "amount": 1, "unit": "moons"}, row_id="r1")


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-03-02", (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), False)),
        ("2026-03", (datetime(2026, 2, 28, 23, 0, tzinfo=UTC), False)),
        ("2026-03-02T14:00:00+01:00", (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), True)),
        ("", None),
        (None, None),
    ],
)
def test_a_typed_date_is_a_day_in_france(typed: object, moment: object) -> None:
    assert moment_of(typed) == moment
