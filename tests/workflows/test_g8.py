"""The G8 score: eight items, one of them known before anybody asks (domain §9)."""

from datetime import date

import pytest

from engine.errors import Invalid
from forms.computed import COMPUTATIONS, G8_ITEMS
from tests.workflows.pathway import Region
from workflows.pathways.frailty import age_item

BEST = {"g8_appetite": "2", "g8_weight_loss": "3", "g8_mobility": "2", "g8_neuropsychology": "2",
        "g8_bmi": "3", "g8_medications": "1", "g8_health": "2", "g8_age": "2"}  # fmt: skip
total = COMPUTATIONS["g8_total"]


def test_the_best_is_seventeen_the_worst_is_nought() -> None:
    assert set(BEST) == set(G8_ITEMS)
    assert total(BEST) == 17
    assert total(dict.fromkeys(G8_ITEMS, "0")) == 0


def test_half_a_point_counts() -> None:
    assert total({**BEST, "g8_health": "0.5"}) == 15.5


def test_an_item_without_an_answer_gives_no_score() -> None:
    assert total({**BEST, "g8_bmi": None}) is None


@pytest.mark.parametrize(
    ("years", "points"), [(75, "2"), (79, "2"), (80, "1"), (85, "1"), (86, "0"), (99, "0")]
)
def test_the_points_of_an_age(years: int, points: str) -> None:
    assert age_item(years) == points


def test_the_age_of_the_score_is_that_of_the_identity(region: Region) -> None:
    region.open_case(born=date(1944, 3, 1))  # 82 years
    region.announce()
    assert region.case_data()["g8_age"] == "1"

    with pytest.raises(Invalid, match="82 ans"):
        region.do("g8_score", g8_status="done", **BEST)
    answers = {**BEST, "g8_age": "1", "g8_appetite": "0", "g8_mobility": "0"}
    region.do("g8_score", g8_status="done", g8_total=total(answers), **answers)

    assert "geriatric_assessment" in region.open()  # twelve, so an opinion is asked for
