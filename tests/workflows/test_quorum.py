"""The quorum of a case is computed from who is there, never ticked."""

from hypothesis import given
from hypothesis import strategies as st

from workflows.rcp.quorum import Voice, composition_of, evaluate

SURGERY = {"label": "Chirurgie", "specialties": ["SM05", "SM14", "SM20"]}
ONCOLOGY = {"label": "Oncologie", "specialties": ["SM36"]}
RADIOTHERAPY = {"label": "Radiothérapie", "specialties": ["SM45"]}
STANDARD = composition_of([SURGERY, ONCOLOGY, RADIOTHERAPY], min_specialties=3, min_persons=3)


def test_a_surgeon_an_oncologist_and_a_radiation_oncologist_make_a_quorum() -> None:
    voices = [Voice("a", "SM14"), Voice("b", "SM36"), Voice("c", "SM45")]

    quorum = evaluate(STANDARD, voices)

    assert quorum.reached
    assert [group.person for group in quorum.groups] == ["a", "b", "c"]


def test_a_missing_specialty_is_named() -> None:
    quorum = evaluate(STANDARD, [Voice("a", "SM14"), Voice("b", "SM36"), Voice("c", "SM36")])

    assert quorum.status == "not_reached"
    assert quorum.missing == ("Radiothérapie",)


def test_one_person_counts_for_one_specialty() -> None:
    both = [Voice("a", "SM36"), Voice("a", "SM45"), Voice("b", "SM14"), Voice("c", "SM44")]

    assert evaluate(STANDARD, both).missing == ("Radiothérapie",)


def test_places_are_shared_out_so_that_all_are_filled() -> None:
    # A naive first-come filling would give the only oncologist the open place.
    composition = composition_of(
        [{"specialties": ["SM36", "SM45"]}, {"specialties": ["SM36"]}],
        min_specialties=2,
        min_persons=2,
    )

    assert evaluate(composition, [Voice("a", "SM36"), Voice("b", "SM45")]).reached


def test_enough_places_but_too_few_persons_is_no_quorum() -> None:
    composition = composition_of([ONCOLOGY], min_specialties=1, min_persons=3)

    quorum = evaluate(composition, [Voice("a", "SM36"), Voice("b", "SM36")])

    assert quorum.missing == ("3 personnes",)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["SM14", "SM36", "SM45"]))))
def test_one_more_person_never_undoes_a_quorum(pairs: list[tuple[str, str]]) -> None:
    voices = [Voice(*pair) for pair in pairs]

    if evaluate(STANDARD, voices).reached:
        assert evaluate(STANDARD, [*voices, Voice("newcomer", "SM44")]).reached
