"""A document's life: produced, approved, handed over, replaced; nothing of it is ever overwritten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from documents import pdf
from engine import blobs, jobs, publishing, queries, runtime
from engine.db import transaction
from engine.errors import Conflict, Forbidden, Invalid, Refusal
from engine.models import Job, JobState
from tests.documents.reading import pages
from tests.factories import MORNING, make_user
from tests.workflows.pathway import Region
from tests.workflows.ward import DEADLINES, PATHWAY, PROGRESSION, VOCABULARY, Ward, build
from workflows.cases import care_team
from workflows.notices.queries import notices
from workflows.patients.models import Patient
from workflows.rcp import operations as rcp
from workflows.rcp.models import MemberFunction, Registration
from workflows.records import operations as records
from workflows.records import queries as documents
from workflows.records import rendering
from workflows.records.models import Record, RecordKind, RecordStatus
from workflows.revisions import release
from workflows.staff import operations as staff


@dataclass
class Desk:
    """One case on one database; each command is a transaction of its own."""

    database: sa.Engine
    ward: Ward
    case_id: int
    instance_id: int
    now: datetime = MORNING

    def produce(self, kind: RecordKind = RecordKind.PPS, **more: str) -> int:
        self.now += timedelta(days=1)
        with transaction(self.database) as db:
            return records.produce_from_case(
                db, case_id=self.case_id, instance_id=self.instance_id, kind=kind,
                actor=self.ward.nurse.actor, now=self.now, **more,
            ).id  # fmt: skip

    def produce_in(self, db: Session) -> int:
        return records.produce_from_case(
            db, case_id=self.case_id, instance_id=self.instance_id, kind=RecordKind.PPS,
            actor=self.ward.nurse.actor, now=self.now,
        ).id  # fmt: skip

    def approve(self, record_id: int, actor: str = "") -> None:
        with transaction(self.database) as db:
            records.approve(
                db, record_id=record_id, actor=actor or self.ward.referring.actor, now=self.now
            )

    def approved(self) -> int:
        record_id = self.produce()
        self.approve(record_id)
        return record_id

    def hand_over(self, record_id: int, day: date | None, by: str | None, **more: date) -> None:
        with transaction(self.database) as db:
            records.hand_over(
                db, record_id=record_id, handed_over_date=day, handed_over_by=by,
                actor="user:1", now=self.now, **more,
            )  # fmt: skip

    def print(self) -> None:
        jobs.run_due_jobs(self.database, now=self.now)

    def record(self, record_id: int) -> Record:
        with transaction(self.database) as db:
            return documents.record(db, record_id)

    def pdf(self, record_id: int) -> bytes | None:
        with transaction(self.database) as db:
            return documents.pdf_of(db, record_id)

    def statuses(self) -> list[str]:
        with transaction(self.database) as db:
            return [row.status for row in documents.versions(db, f"pps:{self.case_id}")]


@pytest.fixture
def desk(any_database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return _open(any_database, monkeypatch)


@pytest.fixture
def small_desk(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return _open(database, monkeypatch)


def _open(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Desk:
    with transaction(database) as db:
        ward = build(db, monkeypatch)
        ward.open_case()
        (instance,) = queries.instances(db, ward.case_id)
        case_id, instance_id = ward.case_id, instance.id
    return Desk(database, ward, case_id, instance_id)


def test_versions_form_a_chain_and_the_replaced_name_what_replaces_them(desk: Desk) -> None:
    first, second, third = desk.approved(), desk.approved(), desk.approved()

    assert desk.statuses() == ["replaced", "replaced", "approved"]
    assert [desk.record(one).version for one in (first, second, third)] == [1, 2, 3]
    with transaction(desk.database) as db:
        assert [documents.replaced_by(db, one) for one in (first, second, third)] == [
            documents.record(db, second),
            documents.record(db, third),
            None,
        ]
        current = documents.current(db, case_id=desk.case_id, kind="pps")
        assert current is not None
        assert current.id == third


def test_an_approved_version_stays_in_force_while_the_next_is_a_draft(desk: Desk) -> None:
    first = desk.approved()
    returned = desk.produce()
    third = desk.produce()

    assert desk.statuses() == ["approved", "replaced", "draft"]
    desk.approve(third)

    with transaction(desk.database) as db:
        after_first = documents.replaced_by(db, first)
        after_returned = documents.replaced_by(db, returned)
    assert after_first is not None
    assert after_returned is not None
    assert (after_first.id, after_returned.id) == (third, third)


def test_approving_locks(desk: Desk) -> None:
    record_id = desk.approved()

    with pytest.raises(Conflict, match="déjà été validé"):
        desk.approve(record_id)


def test_a_replaced_draft_is_not_approved(small_desk: Desk) -> None:
    old = small_desk.produce()
    small_desk.produce()

    with pytest.raises(Conflict, match="La version 2 de ce document"):
        small_desk.approve(old)


def test_of_two_approvals_at_once_the_second_is_refused(desk: Desk) -> None:
    record_id = desk.produce()
    together = Barrier(2)
    actors = (desk.ward.nurse.actor, desk.ward.referring.actor)

    def approve(actor: str) -> str:
        together.wait()
        try:
            desk.approve(record_id, actor)
        except Refusal as refusal:
            return type(refusal).__name__
        return actor

    with ThreadPoolExecutor(2) as people:
        outcomes = list(people.map(approve, actors))

    assert outcomes.count("Conflict") == 1
    assert desk.record(record_id).approved_by in outcomes


@pytest.mark.parametrize(
    ("day", "by"), [(None, "Dr Kervella"), (date(2026, 3, 3), None), (date(2026, 3, 3), "")]
)
def test_handing_over_needs_a_date_and_a_person(
    small_desk: Desk, day: date | None, by: str | None
) -> None:
    record_id = small_desk.approved()

    with pytest.raises(Invalid, match="date de remise et le nom"):
        small_desk.hand_over(record_id, day, by)

    assert small_desk.record(record_id).handed_over_date is None


def test_a_pps_is_not_handed_over_before_the_rcp_nor_tomorrow(small_desk: Desk) -> None:
    record_id = small_desk.approved()

    with pytest.raises(Invalid, match="précède la RCP"):
        small_desk.hand_over(
            record_id, date(2026, 3, 1), "Dr Kervella", not_before=date(2026, 3, 2)
        )
    with pytest.raises(Invalid, match="futur"):
        small_desk.hand_over(record_id, date(2026, 3, 4), "Dr Kervella")


def test_a_draft_is_not_handed_over_and_a_version_only_once(small_desk: Desk) -> None:
    record_id = small_desk.produce()
    day = date(2026, 3, 3)
    with pytest.raises(Conflict, match="Validez d’abord"):
        small_desk.hand_over(record_id, day, "Dr Kervella")

    small_desk.approve(record_id)
    small_desk.hand_over(record_id, day, "Dr Kervella")

    with pytest.raises(Conflict, match="déjà été remis, le 3 mars 2026"):
        small_desk.hand_over(record_id, day, "Maëlle Le Goff")
    assert small_desk.record(record_id).handed_over_by == "Dr Kervella"


def test_a_version_is_not_handed_over_before_it_was_written(small_desk: Desk) -> None:
    record_id = small_desk.approved()
    written = small_desk.now.date()

    with pytest.raises(Invalid, match="n’a pas pu être remise avant"):
        small_desk.hand_over(record_id, written - timedelta(days=1), "Dr Kervella")
    small_desk.hand_over(record_id, written, "Dr Kervella")

    assert small_desk.record(record_id).handed_over_date == written


def test_what_a_document_says_of_itself_tells_when_and_by_whom_it_was_given(
    small_desk: Desk,
) -> None:
    """Domain §4: « date de remise et personne », in the structured PPS that follows the hand-over."""
    record_id = small_desk.approved()

    def told() -> object:
        with transaction(small_desk.database) as db:
            return rendering.document(db, documents.record(db, record_id))["handed_over"]

    assert told() is None
    small_desk.hand_over(record_id, date(2026, 3, 3), "Dr Kervella")
    assert told() == {"date": "2026-03-03", "by": "Dr Kervella"}


def test_a_document_not_wanted_is_traced_and_not_handed_over(small_desk: Desk) -> None:
    record_id = small_desk.approved()
    with transaction(small_desk.database) as db:
        records.refuse_handover(
            db, record_id=record_id, offered_date=date(2026, 3, 3), offered_by="Dr Kervella",
            reason="Préfère en parler d’abord", actor="user:1", now=small_desk.now,
        )  # fmt: skip

    refused = small_desk.record(record_id)
    assert (refused.refused_date, refused.refused_with) == (date(2026, 3, 3), "Dr Kervella")
    assert refused.handed_over_date is None

    small_desk.hand_over(
        record_id, date(2026, 3, 3), "Anne Riou"
    )  # a patient may change their mind
    assert small_desk.record(record_id).handed_over_by == "Anne Riou"


def test_laying_out_happens_after_the_commit_and_once(desk: Desk) -> None:
    record_id = desk.produce()
    assert desk.pdf(record_id) is None

    desk.print()
    content = desk.pdf(record_id)
    with transaction(desk.database) as db:  # the job comes again, as after a crash
        job = db.scalars(sa.select(Job).filter_by(kind="render_record")).one()
        job.state = JobState.WAITING
    desk.print()

    assert content is not None
    assert content.startswith(b"%PDF")
    with transaction(desk.database) as db:
        assert len(documents.renditions(db, record_id)) == 1
        assert documents.record(db, record_id).pdf_hash == blobs.keep(db, content)


def test_a_job_that_failed_is_tried_again(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = small_desk.produce()

    with monkeypatch.context() as patch:
        patch.setattr(pdf, "render", _out_of_paper)
        small_desk.print()
    assert small_desk.pdf(record_id) is None
    small_desk.now += timedelta(minutes=1)
    small_desk.print()

    assert small_desk.pdf(record_id) is not None
    with transaction(small_desk.database) as db:
        assert len(documents.renditions(db, record_id)) == 1


def _out_of_paper(*_: object, **__: object) -> bytes:
    raise OSError("out of paper")


def test_each_state_keeps_its_own_paper(small_desk: Desk) -> None:
    first = small_desk.produce()
    small_desk.print()
    draft = small_desk.pdf(first)
    small_desk.approve(first)
    assert small_desk.pdf(first) is None  # the draft must not pass for the approved version
    small_desk.print()
    approved = small_desk.pdf(first)
    small_desk.approved()
    small_desk.print()
    replaced = small_desk.pdf(first)

    assert draft is not None
    assert approved is not None
    assert replaced is not None
    assert "Brouillon" in pages(draft)[0]
    assert "Brouillon" not in pages(approved)[0]
    assert "Version remplacée par la version 2 du 4 mars 2026" in pages(replaced)[0]
    with transaction(small_desk.database) as db:
        kept = [blobs.fetch(db, one.pdf_hash) for one in documents.renditions(db, first)]
    assert kept == [draft, approved, replaced]


def test_what_an_approved_version_says_does_not_follow_the_case(small_desk: Desk) -> None:
    first = small_desk.approved()
    with transaction(small_desk.database) as db:
        db.execute(sa.update(Patient).values(first_names="Jeanne"))
    second = small_desk.produce()
    small_desk.print()

    before, after = small_desk.pdf(first), small_desk.pdf(second)
    assert before is not None
    assert after is not None
    assert "Jeanne" not in pages(before)[0]
    assert "Mme Jeanne LE BIHAN" in pages(after)[0]


def test_the_templates_of_the_revision_lay_it_out(small_desk: Desk) -> None:
    templates = [one for one in release.gather() if one.kind == "template"]
    changed = [
        publishing.Artifact(
            one.kind,
            one.name,
            one.content.replace(b"Votre programme", b"Votre trajet, votre programme"),
        )
        for one in templates
    ]
    with transaction(small_desk.database) as db:
        later = publishing.publish(
            db, artifacts=[PATHWAY, PROGRESSION, DEADLINES, *changed],
            vocabulary=VOCABULARY, actor="system", now=small_desk.now,
        )  # fmt: skip
        old = small_desk.produce_in(db)
        instance = queries.instances(db, small_desk.case_id)[0]
        instance.revision_id = later.id
        new = small_desk.produce_in(db)
    small_desk.print()

    first, second = small_desk.pdf(old), small_desk.pdf(new)
    assert first is not None
    assert second is not None
    assert "Votre trajet" not in pages(first)[0]
    assert "Votre trajet, votre programme personnalisé de soins" in pages(second)[0]


def test_only_an_approved_version_is_distributed_and_the_team_is_told_once(
    small_desk: Desk,
) -> None:
    desk, ward = small_desk, small_desk.ward
    with transaction(desk.database) as db:
        gp = make_user(db, "Anne Quéméner", unit=ward.unit, roles=("general_practitioner",))
        members = {"idec": ward.nurse.id, "general_practitioner": gp.id}
        care_team.designate(
            db, case_id=desk.case_id, members=members, actor="user:1", now=desk.now
        )
    record_id = desk.produce()
    with transaction(desk.database) as db, pytest.raises(Conflict, match="validé"):
        records.distribute(db, record_id=record_id, actor="system", now=desk.now)
    desk.approve(record_id)

    with transaction(desk.database) as db:
        records.distribute(db, record_id=record_id, actor="system", now=desk.now)
        records.distribute(db, record_id=record_id, actor="system", now=desk.now)
        (told,) = notices(db, ward.nurse)
        (also,) = notices(db, gp)

    assert (
        told.notice.text
        == "Document validé\u202f: «\u202fProgramme personnalisé de soins\u202f», version 1."
    )
    assert also.notice.case_id == desk.case_id
    assert desk.record(record_id).distributed_at == desk.now


def test_a_site_may_say_ppat(small_desk: Desk) -> None:
    with transaction(small_desk.database) as db:
        staff.set_setting(
            db, name="after_care_document", value="PPAT", actor="system", now=MORNING
        )

    record_id = small_desk.produce(RecordKind.PPAC)
    small_desk.print()

    content = small_desk.pdf(record_id)
    assert content is not None
    assert "Votre programme personnalisé d’après-traitement" in pages(content)[0]
    assert "PPAT version 1" in pages(content)[0]


# ── The sheet of an RCP ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def sheet(small_desk: Desk) -> tuple[Desk, int, dict[str, str]]:
    """A sheet, and those who have a seat in its RCP."""
    desk = small_desk
    with transaction(desk.database) as db:
        rcp_id = desk.ward.others["rcp"].id
        seats = {}
        for name, function, specialty in (
            ("Gwen Tanguy", MemberFunction.COORDINATOR, "SM36"),
            ("Paul Morvan", MemberFunction.DEPUTY, "SM20"),
            ("Rose Cadiou", MemberFunction.PARTICIPANT, "SM45"),
            ("Lena Pennec", MemberFunction.SECRETARY, None),
        ):
            user = make_user(db, name)
            rcp.add_member(
                db, rcp_id=rcp_id, user_id=user.id, function=function, specialty=specialty,
                actor="system", now=MORNING,
            )  # fmt: skip
            seats[function.value] = user.actor
        session = rcp.add_session(
            db, rcp_id=rcp_id, starts_at=MORNING + timedelta(hours=6), actor="system", now=MORNING
        )
        db.add(
            Registration(session_id=session.id, case_id=desk.case_id, instance_id=desk.instance_id)
        )
    return desk, desk.produce(RecordKind.RCP_SHEET), seats


@pytest.mark.parametrize("function", ["coordinator", "deputy"])
def test_the_coordinator_or_a_deputy_approves_the_sheet(
    sheet: tuple[Desk, int, dict[str, str]], function: str
) -> None:
    desk, record_id, seats = sheet

    desk.approve(record_id, seats[function])
    desk.print()

    content = desk.pdf(record_id)
    assert content is not None
    assert "Validée électroniquement par" in pages(content)[0]
    assert ("suppléant" in pages(content)[0]) == (function == "deputy")


@pytest.mark.parametrize("function", ["participant", "secretary", "nobody", "system"])
def test_nobody_else_approves_the_sheet(
    sheet: tuple[Desk, int, dict[str, str]], function: str
) -> None:
    desk, record_id, seats = sheet
    actor = {"nobody": desk.ward.referring.actor, "system": "system"}.get(function)

    with pytest.raises(Forbidden, match="coordonnateur"):
        desk.approve(record_id, actor or seats[function])

    assert desk.record(record_id).status == RecordStatus.DRAFT


# ── What the documents of a real story say ───────────────────────────────────────────────────

SURGERY_ROW = {
    "kind": "387713003",
    "precision": "Tumorectomie gauche",
    "status": "planned",
    "planned_start": "2026-03-27",
    "place": "Clinique des Dunes",
}
CHEMOTHERAPY_ROW = {
    "kind": "C15632",
    "precision": "TC",
    "status": "planned",
    "planned_start": "2026-05",
    "planned_end": "2026-07",
    "cycles": 4,
    "rhythm": "Toutes les trois semaines",
    "mode": "intravenous",
    "date_certainty": "confirmed",
}


def _words(region: Region, kind: str) -> str:
    region.print()
    with transaction(region.database) as db:
        newest = next(row for row in documents.records_of(db, region.case_id) if row.kind == kind)
        content = documents.pdf_of(db, newest.id)
    assert content is not None
    return " ".join(pages(content))


def test_a_sheet_says_what_the_meeting_heard_and_proposed(region: Region) -> None:
    region.open_case()
    region.announce()
    session_id = region.plan_session(8)
    region.do("choose_rcp", rcp_session_id=session_id)
    region.do(
        "register_for_rcp",
        question="Chirurgie première ?",
        rcp_motives=["ORG-114"],
        case_status="discussed",
    )
    region.do(
        "complete_rcp_sheet",
        who_status="LA9622-7",
        clinical_t="T1c",
        clinical_n="N0",
        clinical_m="M0",
        tnm_edition="8",
        more_classifications=[{"name": "isup", "version": "2019", "value": "2"}],
        trusted_person="M. Lannic, époux",
        biomarkers=[{"marker": "HER2", "result": "0"}],
        exams=[{"date": "2026-02-18", "exam": "Mammographie", "result": "ACR 5"}],
    )
    region.do("attach_documents", file_complete="yes")
    region.do("accept_registration", registration_accepted=True)
    region.on(8)
    region.meet(session_id)
    region.decide(
        "387713003", "C15313",
        next_steps=[{"action": "Annonce", "responsible": "Dr Tanguy", "before": "2026-03-17"}],
    )  # fmt: skip

    words = _words(region, "rcp_sheet")

    for said in (
        "RCP Sénologie du mardi 10 mars 2026",
        "TEST-LANNIC",
        "Question posée : Chirurgie première ?",
        "OMS 0",
        "cT1c cN0 M0 (TNM, 8e édition)",
        "ISUP, Gleason (prostate) 2019 : 2",
        "Personne de confiance M. Lannic, époux",
        "n° 1, séance n° 1",
        "HER2 0",
        "18/02/2026 Mammographie ACR 5",
        "Avis de la RCP : traitement proposé Intervention chirurgicale Radiothérapie",
        "Intention : Curative",
        "Gwen Tanguy Oncologie médicale (responsable) Site",
        "Quorum du dossier atteint : chirurgie, oncologie médicale, radiothérapie.",
        "Annonce Dr Tanguy 17/03/2026",
        "médecin coordonnateur de la RCP",
    ):
        assert said in words, said
    assert "Lena Pennec" not in words  # the secretary did not sign in
    assert "387713003" not in words


def test_a_pps_speaks_to_the_patient(region: Region) -> None:
    region.open_case()
    region.announce()
    region.hold_rcp(8, "387713003", "C15632")
    region.do(
        "propose_treatment", proposal_date=region.day(), patient_decision="accepts",
        proposal_by=region.people["referring_physician"],
    )  # fmt: skip
    region.do(
        "complete_pps_treatment",
        treatments=[SURGERY_ROW, CHEMOTHERAPY_ROW],
        plan_explanation="Nous vous proposons une opération.",
    )
    region.do(
        "complete_pps_support",
        alert_signs=["fever", "breathless"],
        phone_day="02 99 00 10 41",
        phone_night="02 99 00 10 00",
        support_actions=[
            {"kind": "ORG-036", "professional": "Mme Le Bris", "start": "2026-03-20"}
        ],
        appointments=[{"at": "2026-03-26T09:00", "title": "Entrée", "preparation": "À jeun"}],
        patient_questions="Puis-je conduire ?",
    )
    region.do("approve_pps")

    words = _words(region, "pps")

    for said in (
        "vous avez 38 °C de fièvre ou plus, ou des frissons ;",
        "vous êtes essoufflée au repos.",
        "02 99 00 10 41",
        "Réunion des médecins Le 10 mars",
        "Nous vous proposons une opération. Vous en avez parlé avec",
        "et vous avez donné votre accord.",
        "Le 27 mars 2026",
        "Clinique des Dunes. Dates à confirmer",
        "TC, 4 cures",
        "Toutes les trois semaines, en perfusion.",
        "De mai à juillet 2026",
        "Jeudi 26 mars, 9 h 00 Entrée, à jeun",
        "Infirmière, votre premier contact",
        "Alimentation : Mme Le Bris, à partir du 20 mars 2026.",
        "Puis-je conduire ?",
        "Date de la RCP : 10 mars 2026",
        "PPS version 1 du 10/03/2026",
    ):
        assert said in words, said
    assert "Elle remplace" not in words


def test_a_ppac_says_what_was_done_and_who_watches(region: Region) -> None:
    region.open_case()
    answers = {
        "ppac_message": "Vos traitements sont terminés.",
        "late_alert_signs": ["lump", "cough"],
        "received_treatments": [
            {"kind": "C15313", "precision": "Sein gauche", "start": "2026-06", "end": "2026-07", "dose": "40 Gy"}
        ],
        "surveillance_plan": [
            {"exam": "Mammographie", "first_due": "2027-01-12", "interval_months": 12, "until": "2031-01", "actor": "gp"}
        ],
        "prevention": ["sun"],
        "sequelae": "Bras gonflé",
        "work_return": "planned",
        "work_return_date": "2026-10",
        "treatment_end_date": "2026-07-20",
    }  # fmt: skip
    with transaction(region.database) as db:
        (root, *_) = queries.instances(db, region.case_id)
        given = {"case_id": region.case_id, "actor": "user:1", "now": region.now}
        runtime.put_data(db, values=answers, **given)
        records.produce_from_case(db, kind="ppac", instance_id=root.id, **given)

    words = _words(region, "ppac")

    for said in (
        "Vos traitements sont terminés.",
        "vous sentez une boule ou une grosseur nouvelle ;",
        "vous êtes essoufflée de façon durable.",
        "Radiothérapie Sein gauche, 40 Gy. De juin à juillet 2026",
        "Le 12 janvier 2027, puis tous les 12 mois",
        "Médecin traitant",
        "Protection du soleil",
        "Ce qui persiste : bras gonflé.",
        "Travail : reprise prévue à partir d’octobre 2026.",
        "Fin des traitements : 20/07/2026",
    ):
        assert said in words, said
