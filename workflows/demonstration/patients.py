"""A count and the time come in; that many fictional patients, each with a story, go out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from workflows.demonstration.course import Course
from workflows.french import PARIS
from workflows.scenarios import story as stories
from workflows.scenarios.story import Story

HERE = Path(__file__).parent
COMING = 6  # breast cases on the agenda of the next meeting of senology, besides chance
RCP_DAY = 8  # from the pathology report to the meeting, at the earliest
# Days since the pathology report, and how many patients in a hundred are there; below zero it is
# still awaited. A step costs some 20 ms: together they decide how long a first start takes.
SPANS = (((-2, 0), 25), ((1, 9), 46), ((10, 22), 17), ((23, 75), 8), ((76, 330), 4))


@dataclass(frozen=True)
class Drawn:
    """One patient: the story, the unit that follows it, until when it was told."""

    story: Story
    unit: str
    until: datetime


def draw(random: Random, *, now: datetime, count: int, next_breast_rcp: date) -> Iterator[Drawn]:
    """The showcased ones first; the same region on a same day, whoever loads it."""
    names = yaml.safe_load((HERE / "names.yaml").read_text("utf-8"))
    sites = yaml.safe_load((HERE / "courses.yaml").read_text("utf-8"))
    organs = random.choices([*sites], [one["weight"] for one in sites.values()], k=count)
    coming = min(COMING, count // 4)
    for index in range(count):
        organ = "breast" if index < coming else organs[index]
        today = now.astimezone(PARIS).date()
        if index < coming:
            report = next_breast_rcp - timedelta(days=RCP_DAY + random.randint(0, 5))
            report = min(report, today - timedelta(days=6))
        else:
            report = today - timedelta(days=_days_ago(random))
        shown = names["showcased"][index] if index < len(names["showcased"]) else None
        featured = dict(enumerate(names["featured"], coming)).get(index)
        if featured is not None:
            yield _featured(random, names, sites, dict(featured), now, index)
        else:
            yield _one(random, names, sites[organ], organ, report, now, index, shown)


def _featured(
    random: Random,
    names: Mapping[str, Any],
    sites: Mapping[str, Any],
    given: dict[str, Any],
    now: datetime,
    index: int,
) -> Drawn:
    """A person by name whose course, place and day are given: somebody's role is shown by it."""
    organ, course, unit = (given.pop(name) for name in ("organ", "course", "unit"))
    report = now.astimezone(PARIS).date() - timedelta(days=given.pop("days_ago"))
    return _one(
        random, names, sites[organ], organ, report, now, index, given, unit=unit, course=course
    )


def _one(
    random: Random,
    names: Mapping[str, Any],
    site: Mapping[str, Any],
    organ: str,
    report: date,
    now: datetime,
    index: int,
    showcased: Mapping[str, Any] | None,
    *,
    unit: str = "kerlann.breast",
    course: str = "",
) -> Drawn:
    patient = dict(showcased or _person(random, names, site, report))
    age = report.year - patient["birth_date"].year
    courses = site["courses"]
    weights = [one["weight"] for one in courses.values()]
    name = course or random.choices([*courses], weights)[0]
    unit = unit if showcased else _unit(random, site)
    patient["identified"] = showcased is not None or random.random() < 0.88
    told = Course(site, random, age=age, identified=patient["identified"])
    raw = {
        "title": f"{organ}, {name}",
        "day_0": report,
        "organ": organ,
        "patient": patient,
        "steps": told.play(courses[name]["phases"]),
    }
    story = stories.understand(f"patient {index + 1} ({organ}, {name})", raw)
    return Drawn(story, unit, _told_until(random, now, showcased))


def _person(
    random: Random, names: Mapping[str, Any], site: Mapping[str, Any], report: date
) -> dict[str, Any]:
    sex = site["sex"] if site["sex"] != "any" else random.choice("FM")
    least, most = site["ages"]
    born = report - timedelta(days=round(365.25 * random.triangular(least, most)))
    found: dict[str, Any] = {
        "birth_name": random.choice(names["last"]),
        "first_names": random.choice(names["women" if sex == "F" else "men"]),
        "birth_date": born,
        "sex": sex,
        "phone": f"02 99 {random.randint(10, 99)} {random.randint(10, 99)} {random.randint(10, 99)}",
        "trusted_person": f"{random.choice(names['trusted'])} du patient",
    }
    if sex == "F" and random.random() < 0.6:
        found["used_name"] = random.choice(names["last"])
    if random.random() < 0.15:
        found["alerts"] = [random.choice(names["alerts"])]
    return found


def _unit(random: Random, site: Mapping[str, Any]) -> str:
    units = site["units"]
    return str(random.choices([*units], [*units.values()])[0])


def _days_ago(random: Random) -> int:
    """More who have just come than old ones: what is under way is what a ward looks at."""
    least, most = random.choices([span for span, _ in SPANS], [part for _, part in SPANS])[0]
    return random.randint(least, most)


def _told_until(random: Random, now: datetime, showcased: Mapping[str, Any] | None) -> datetime:
    """One case in four waits for somebody who is late."""
    if showcased is None and random.random() < 0.25:
        return now - timedelta(days=random.randint(2, 9))
    return now
