"""« Reprendre les traitements en pause »: with two pauses the page asks which, with one it does not."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from engine.db import transaction
from tests.workflows.pathway import Region
from workflows.staff.models import User

CHEMOTHERAPY, RADIOTHERAPY = "C15632", "C15313"


def test_the_page_asks_which_of_two_pauses_ends(
    region: Region, as_: Callable[[User], FlaskClient]
) -> None:
    with transaction(region.database) as db:
        client = as_(region.person(db, "referring_physician"))
    _two_treatments(region)
    place = f"{_case(region)}/evenements/window_ended"
    _pause(region, "systemic")
    assert _offered(client.get(place).text) == {}  # one pause: nothing to choose
    _pause(region, "radiotherapy")
    offered = _offered(client.get(place).text)

    assert [re.sub(",.*", "", name) for name in offered] == ["Chimiothérapie", "Radiothérapie"]
    unsaid = client.post(place)
    assert (unsaid.status_code, "Plusieurs sont en cours" in unsaid.text) == (422, True)
    assert "decide_restart" not in region.open()

    chosen_name, chosen = list(offered.items())[1]
    assert client.post(place, data={"about": chosen}).status_code == 302
    assert region.task("decide_restart").instance_id == int(chosen)
    paused = region.answers(region.instances("therapeutic_window")[1])["paused_names"]
    assert paused in chosen_name

    with transaction(region.database) as db:
        client = as_(region.person(db, "oncologist"))
    form = client.get(f"{_case(region)}/taches/{region.task('decide_restart').id}").text
    assert re.search(rf"En pause</p>\s*<p[^>]*><b>{paused}</b></p>", form), "says which it is"


def _case(region: Region) -> str:
    return f"/dossiers/{region.case_id}"


def _offered(page: str) -> dict[str, str]:
    found = re.findall(r'name="about" value="(\d+)" required><span>([^<]*)', page)
    return {name: one for one, name in found}


def _two_treatments(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, CHEMOTHERAPY, RADIOTHERAPY)
    region.on(10)
    region.hand_over([{"kind": one, "status": "planned"} for one in (CHEMOTHERAPY, RADIOTHERAPY)])


def _pause(region: Region, diagram: str) -> None:
    region.declare("window_declared")
    region.do(
        "open_window",
        window_reason="Fatigue.",
        window_lines=region.lines(diagram),
        window_restart_date=region.day(40),
    )
