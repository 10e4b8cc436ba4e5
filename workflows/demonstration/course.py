"""What befalls one patient comes in, phase by phase; the steps of a story go out."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from workflows.demonstration import answers as say
from workflows.demonstration import care
from workflows.pathways.plan import NEEDS, TO_REFER

Raw = dict[str, Any]
Phase = Mapping[str, Any]
TREATMENTS = ("surgery", "systemic", "radiotherapy", "oral")
ELDERLY = 75


class Course:
    """The steps so far, and the day on which the next phase may begin."""

    def __init__(
        self, site: Mapping[str, Any], random: Random, *, age: int, identified: bool
    ) -> None:
        self._site = site
        self._random = random
        self._age = age
        self._identified = identified
        self._steps: list[tuple[int, int, Raw]] = []
        self._day = 0
        self._illness = random.choice(site["diagnoses"])

    def play(self, phases: Sequence[Mapping[str, Phase]]) -> list[Raw]:
        """In the order of time; what happens on one day stays in the order it was written."""
        self._announcement()
        for index, phase in enumerate(phases):
            name, given = next(iter(phase.items()))
            if name == "pps":
                self._pps(given, _treatments_after(phases[index + 1 :]))
            else:
                getattr(self, f"_{name}")(given)
            if name in TREATMENTS and not _treatments_after(phases[index + 1 :]):
                self._close_treatment(phases[index + 1 : index + 2])
        ordered = sorted(self._steps, key=lambda one: one[:2])
        return [raw | {"day": at} for at, _order, raw in ordered]

    def _announcement(self) -> None:
        opened = -self._between(3, 12)
        informed = min(opened + self._between(0, 3), 0)
        announced = self._between(2, 5)
        nursing = announced + self._between(1, 4)
        self._add(opened, {"open": "secretary"})
        self._do(
            opened,
            "check_identity",
            say.identity(opened, self._random, identified=self._identified),
        )
        self._do(informed, "inform_patient", say.information(informed))
        self._do(
            0, "attach_pathology_report", say.pathology(self._illness, self._site, self._random)
        )
        self._do(announced, "announce_diagnosis", say.announcement(announced, self._random))
        self._do(announced, "designate_team", say.TEAM)
        self._do(nursing, "nursing_time", say.nursing_time(nursing))
        self._assess_needs(nursing)
        if self._age >= ELDERLY:
            self._frailty(announced + self._between(1, 4))
        self._day = announced + self._between(1, 2)

    def _frailty(self, at: int) -> None:
        is_frail = self._random.random() < 0.5
        self._do(at, "g8_score", say.g8(at, self._age, is_frail=is_frail))
        if is_frail:
            self._do(at + 7, "geriatric_assessment", say.geriatric(at + 7))

    def _rcp(self, given: Phase) -> None:
        code, chosen = self._site["rcp"], self._day
        held = chosen + self._between(3, 4)
        self._do(chosen, "choose_rcp", say.chosen(code, held, given["reason"]))
        self._do(chosen, "register_for_rcp", say.registration(given))
        self._do(
            chosen + 1,
            "complete_rcp_sheet",
            say.sheet(chosen + 1, self._illness, self._site, self._random),
        )
        self._do(chosen + 1, "attach_documents", say.pieces(given["reason"]))
        self._do(chosen + 2, "accept_registration", {"registration_accepted": True})
        self._add(held, {"rcp_session": {"hold": code}})
        guideline = say.guideline(self._site["guideline"])
        if given.get("registered"):
            self._do(held, "register_conforming_case", guideline)
        else:
            self._do(held, "discuss_case", {"opinion_given": "yes", "trial_search": "none_found"})
        self._do(held, "record_rcp_decision", say.decision(given) | guideline)
        self._do(held + self._between(1, 2), "approve_rcp_sheet", say.APPROVED)
        self._day = held + self._between(3, 6)
        if given.get("trial") and self._random.random() < 0.5:  # the others still think it over
            self._do(self._day + 1, "propose_trial", care.trial(given, self._day + 1))

    def _pps(self, given: Phase, treatments: Sequence[tuple[str, Phase]]) -> None:
        proposed, done = self._day, self._day + self._between(0, 2)
        start = done + self._between(9, 14)
        rows = [
            say.treatment(name, one, start, order) for order, (name, one) in enumerate(treatments)
        ]
        self._do(proposed, "propose_treatment", say.proposal(proposed))
        self._do(proposed, "trace_proposal", {"proposal_applied": "applied"})
        self._do(
            proposed,
            "complete_pps_treatment",
            {"plan_explanation": given["text"], "treatments": rows},
        )
        self._do(proposed, "complete_pps_support", say.support(self._random))
        self._do(done, "approve_pps", say.APPROVED)
        self._do(done, "hand_over_pps", say.handed_over("pps", done))
        self._do(done + 1, "plan_appointments", say.APPOINTMENTS)
        if treatments:
            self._do(done + 3, "check_prerequisites", say.PREREQUISITES)
            if self._random.random() < 0.3:
                self._daily_life(done + 2)
        self._day = done + 4
        self._start = start

    def _daily_life(self, at: int) -> None:
        """The social worker is asked; one family in two is still waiting for an answer."""
        self._add(at, {"declare": "daily_life_requested", "as": "idec"})
        if self._random.random() < 0.5:
            self._do(at + 12, "accompany_return", care.daily_life())

    def _transfer(self, given: Phase) -> None:
        """Proposed, and not yet accepted: it waits for the physicians of the other unit."""
        self._add(self._day, {"declare": "transfer_declared", "as": "referring_physician"})
        self._do(self._day, "propose_transfer", care.transfer(given))

    def _surgery(self, given: Phase) -> None:
        operated = max(self._start, self._day + 3)
        left = operated + (0 if given["stay"] == "ambulatory" else self._between(3, 7))
        analysed = operated + self._between(9, 13)
        self._do(self._day, "plan_surgery", care.planned_surgery(given, operated))
        self._do(operated, "record_surgery", care.surgery(given, operated))
        self._do(left, "discharge_letter", care.discharge(left))
        self._do(analysed, "attach_surgical_pathology", care.surgical_pathology(given, analysed))
        self._day = analysed + 1

    def _systemic(self, given: Phase) -> None:
        first, interval = max(self._start, self._day + 3), given["interval"]
        self._do(self._day, "prescribe_systemic", care.prescription(given, first))
        at = first
        for cycle in range(1, given.get("stop_after", given["cycles"]) + 1):
            self._do(at - 1, "pre_cycle_check", care.checked(at - 1))
            self._do(at, "administer_cycle", care.cycle(at))
            if cycle == 1:
                self._do(at + 2, "call_patient", care.call(at + 2))
            if given.get("reassess") and cycle % given["reassess"] == 0:
                self._do(at + 5, "reassess_response", care.response(at + 5))
            at += interval
        self._day = at - interval + 7
        self._start = self._day + 21

    def _oral(self, given: Phase) -> None:
        first = max(self._start, self._day + 3)
        self._do(self._day, "prescribe_oral", care.oral(given, first))
        self._do(first + 9, "hold_interview", care.interview(first + 9))
        for at in (first + 7, first + 37, first + 67):
            self._do(at, "follow_oral", care.oral_follow_up(at))
        self._day = first + 67

    def _radiotherapy(self, given: Phase) -> None:
        first, fractions = max(self._start, self._day + 5), given["fractions"]
        self._do(
            max(self._day, first - 14), "prepare_radiotherapy", care.radiotherapy(given, first)
        )
        weeks = -(-fractions // 5)
        for week in range(1, weeks + 1):
            done = care.sessions(first, min(5 * week, fractions))
            self._do(
                first + 7 * week - 3,
                "follow_radiotherapy_week",
                {"sessions": done, "weekly_visit": "yes"},
            )
        last = first + 7 * weeks - 3
        self._do(last, "record_radiotherapy_end", care.radiotherapy_end(given, last))
        self._day = last + 2

    def _close_treatment(self, following: Sequence[Mapping[str, Phase]]) -> None:
        """Nothing follows, or a progression comes: the phase goes on until something stops it."""
        name = next(iter(following[0]), "") if following else ""
        if name in ("rcp", "after"):
            self._do(
                self._day, "close_treatment", care.closing(self._day, is_last=name == "after")
            )
            self._day += 1

    def _after(self, given: Phase) -> None:
        seen = self._day + self._between(7, 20)
        self._do(seen, "end_of_treatment_visit", care.end_visit(seen))
        self._do(seen + 4, "prepare_ppac", care.ppac(given, seen))
        self._do(
            seen + 10,
            "agree_with_gp",
            {"gp_agreement": "agreed", "gp_agreement_date": say.day(seen + 10)},
        )
        self._do(seen + 12, "approve_ppac", say.APPROVED)
        self._do(seen + 15, "hand_over_ppac", say.handed_over("ppac", seen + 15))
        self._do(seen + 15, "prescribe_global_pathway", care.global_pathway(seen + 15))
        self._day = seen + 15
        self._surveillance(given)

    def _surveillance(self, given: Phase) -> None:
        """A control at each interval, as far as the story may be told."""
        at = self._day + 30 * given["months"]
        for _turn in range(4):
            self._do(at, "record_control", care.control(given, at))
            at += 30 * given["months"]

    def _progression(self, given: Phase) -> None:
        at = self._day + self._between(5, 20)
        self._add(at, {"declare": "progression_declared", "as": "referring_physician"})
        self._do(at, "record_progression", care.progression(given, at))
        self._do(at + 2, "announce_progression", care.progression_announced(at + 2))
        self._do(at + 3, "nursing_time", say.nursing_time(at + 3))
        self._assess_needs(at + 3)
        self._day = at + 3

    def _assess_needs(self, at: int) -> None:
        """Each need that leads to somebody has its appointment, then its report."""
        needs = say.needs(at, self._random)
        self._do(at, "assess_support_needs", needs)
        for need, kind in NEEDS.items():
            if needs.get(need) == TO_REFER:
                self._do(at + 2, "arrange_referral", care.referral(kind, at + 9))
                if self._random.random() < 0.7:  # the others are owed their report
                    self._do(at + 9, "report_referral", care.reported(at + 9))

    def _death(self, given: Phase) -> None:
        at = self._day + self._between(10, 40)
        self._add(at, {"declare": "death_declared", "as": "secretary"})
        self._do(
            at,
            "record_death",
            {"death_date": say.day(at), "death_place": "hospital", "death_cause": "cancer"},
        )
        self._do(at + 1, "inform_after_death", say.INFORMED_AFTER_DEATH)

    def _between(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def _do(self, at: int, element: str, answers: Mapping[str, Any]) -> None:
        self._add(at, {"do": element, "answers": dict(answers)})

    def _add(self, at: int, raw: Raw) -> None:
        self._steps.append((at, len(self._steps), raw))


def _treatments_after(phases: Sequence[Mapping[str, Phase]]) -> list[tuple[str, Phase]]:
    """Those the PPS plans: up to the next phase that is no treatment."""
    found = []
    for phase in phases:
        name, given = next(iter(phase.items()))
        if name not in TREATMENTS:
            break
        found.append((name, given))
    return found
