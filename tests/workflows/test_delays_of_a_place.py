"""A delay belongs to a revision and to a place: changed in a table, it changes what comes after."""

import dataclasses
from datetime import UTC, date, datetime, time

import pytest

from engine import publishing
from engine.calendar import Calendar
from engine.errors import Conflict, Invalid
from tests.workflows.ward import DEADLINES, PATHWAY, PROGRESSION, VOCABULARY, Ward
from workflows.deadlines import calendars, queries
from workflows.deadlines.operations import set_milestone
from workflows.deadlines.wording import say_redating
from workflows.revisions import delays
from workflows.revisions.delays import Delay

GOOD_FRIDAY = date(2026, 4, 3)
HOURS = {"alsace_moselle": "yes", "opens_at": "08:00", "closes_at": "17:30", "closed": ""}


def publish(ward: Ward, table: bytes) -> None:
    """A new revision that differs by its table of deadlines."""
    vocabulary = dataclasses.replace(VOCABULARY, deadline_facts=("establishment",))
    artifact = dataclasses.replace(DEADLINES, content=table)
    publishing.publish(
        ward.db,
        artifacts=[PATHWAY, PROGRESSION, artifact],
        vocabulary=vocabulary,
        actor="system",
        now=ward.now,
    )


def longer(table: bytes, step: str, days: float) -> bytes:
    row = delays.row_of(table, step)
    assert row is not None
    return delays.write(table, row.id, dataclasses.replace(row.delay, amount=days))


def test_a_changed_delay_dates_new_tasks_of_new_revisions_only(ward: Ward) -> None:
    """Issue 4: a running case keeps the delays of its revision, for its later tasks too."""
    ward.open_case()
    before = ward.episode
    nurse = ward.task("nurse").due_at

    publish(ward, longer(longer(DEADLINES.content, "ask", 20), "meet", -5))
    set_milestone(
        ward.db, case_id=ward.case_id, name="session", at="2026-04-20",
        actor="user:1", now=ward.now,
    )  # fmt: skip
    ward.do("operate", ward.surgeon)
    assert ward.task("nurse").due_at == nurse
    ward.do("nurse", ward.nurse)
    assert ward.task("meet").due_at == datetime(2026, 4, 17, 16, 0, tzinfo=UTC)

    ward.open_case("Annaïg Riou")
    assert ward.episode is not before
    assert ward.task("nurse").due_at == datetime(2026, 3, 22, 17, 0, tzinfo=UTC)


def test_an_establishments_own_row_dates_its_tasks(ward: Ward) -> None:
    place = ward.unit.establishment
    table = DEADLINES.content
    publish(ward, delays.add(table, "ask", Delay(amount=20, label="site isolé"), place.code))

    ward.open_case()
    here = ward.task("nurse")
    ward.unit = ward.others["elsewhere"]
    ward.open_case("Annaïg Riou", user=ward.stranger)
    elsewhere = ward.task("nurse")

    assert here.due_at == datetime(2026, 3, 22, 17, 0, tzinfo=UTC)
    assert "site isolé" in here.due_explanation
    assert elsewhere.due_at == datetime(2026, 3, 4, 17, 0, tzinfo=UTC)


def test_working_days_skip_the_holidays_of_the_place(ward: Ward) -> None:
    calendars.set_calendar(
        ward.db,
        establishment_id=ward.unit.establishment_id,
        calendar=calendars.typed(HOURS),
        actor="user:1",
        now=ward.now,
    )
    ward.open_case()
    ward.do("operate", ward.surgeon)
    set_milestone(
        ward.db, case_id=ward.case_id, name="session", at="2026-04-07",
        actor="user:1", now=ward.now,
    )  # fmt: skip
    ward.do("nurse", ward.nurse)

    # Tuesday, one working day before: not Easter Monday, not Good Friday there, and until 17 h 30.
    assert ward.task("meet").due_at == datetime(2026, 4, 2, 15, 30, tzinfo=UTC)


def test_another_place_keeps_the_calendar_of_the_region(ward: Ward) -> None:
    elsewhere = ward.others["elsewhere"].establishment_id
    for site, closes in ((ward.unit.establishment_id, "17:30"), (0, "19:00")):
        calendars.set_calendar(
            ward.db,
            establishment_id=site,
            calendar=calendars.typed({**HOURS, "alsace_moselle": "", "closes_at": closes}),
            actor="user:1",
            now=ward.now,
        )

    assert calendars.calendar_of(ward.db, elsewhere).closes_at == time(19)
    assert calendars.calendar_of(ward.db, ward.unit.establishment_id).closes_at == time(17, 30)
    assert calendars.calendar_of(ward.db, elsewhere).is_working_day(GOOD_FRIDAY)


def test_a_calendar_is_read_as_it_is_typed() -> None:
    typed = calendars.typed({**HOURS, "closed": "15/05/2026\n\n 24/12/2026 "})

    assert typed == Calendar(
        alsace_moselle=True,
        closed=frozenset({date(2026, 5, 15), date(2026, 12, 24)}),
        opens_at=time(8),
        closes_at=time(17, 30),
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"opens_at": "huit heures"}, "L’heure s’écrit 08:00."),
        ({"closes_at": "07:00"}, "suit l’heure d’ouverture"),
        ({"closed": "15/05"}, "n’est pas une date"),
        ({"closed": "\n".join(["15/05/2026"] * 61)}, "60 jours de fermeture au plus"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_in_words(values: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        calendars.typed({**HOURS, **values})

    assert said in refused.value.message


def test_every_move_of_a_due_date_is_kept_with_its_reason(ward: Ward) -> None:
    ward.open_case()

    for day in ("2026-03-05", "2026-03-09"):
        ward.now = ward.now.replace(day=ward.now.day + 1)
        set_milestone(
            ward.db, case_id=ward.case_id, name="biopsy", at=day,
            actor=ward.nurse.actor, now=ward.now,
        )  # fmt: skip

    moved = queries.redatings(ward.db, [ward.task("operate").id, ward.task("nurse").id])
    assert list(moved) == [ward.task("operate").id]
    told = [say_redating(one) for one in moved[ward.task("operate").id]]
    assert told == [
        "Échéance déplacée du 13 mars 2026 au 17 mars 2026\u202f: date du jalon «\u202fbiopsy\u202f»",
        "Échéance déplacée du 10 mars 2026 au 13 mars 2026\u202f: date du jalon «\u202fbiopsy\u202f»",
    ]


def test_a_table_without_a_row_for_the_case_stops_in_words_and_writes_nothing(ward: Ward) -> None:
    """A release from before the checks: publishing refuses such a table today."""
    from engine.releases import release

    ward.open_case()
    table = release(ward.db, 1).decisions["deadlines"]
    narrow = dataclasses.replace(table, rules=table.rules[:2])
    release(ward.db, 1).decisions["deadlines"] = narrow
    try:
        ward.do("operate", ward.surgeon)
        with pytest.raises(Conflict) as refused, ward.db.begin_nested():
            ward.do("nurse", ward.nurse)
    finally:
        release(ward.db, 1).decisions["deadlines"] = table

    said = refused.value.message.replace("\u202f", " ")
    assert "Table « deadlines » : aucune ligne ne convient pour « deadline » = meet" in said
    assert "Rien n’a été enregistré." in said
    assert "nurse" in ward.open()
