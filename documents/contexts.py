"""The shape of what each document is given: French text, frozen before it is laid out.

Two rules. A date that stands alone is ISO text (« 2026-03-02 », or « 2026-03 » when the day is
not known) and moments are ISO with their zone; the template chooses how to say them. Everything
else is finished French: labels are resolved, units written, sentences whole. What is not known
is "" or an empty list, never left out; **two stars** mark what must stand out in a sentence.
"""

from typing import Literal, TypedDict

Status = Literal["draft", "approved", "replaced"]


class Fact(TypedDict):
    """A label and its value, as in a grid; a value nobody gave is left out by whoever builds."""

    label: str
    value: str


class Person(TypedDict):
    name: str  # « Dr Yann Kervella »
    role: str  # « oncologue », « infirmière, votre premier contact »
    phone: str
    rpps: str


class Patient(TypedDict):
    birth_name: str  # in capitals
    first_names: str
    first_name: str  # in daily use
    used_name: str
    birth_date: str
    age: str  # « 66 ans », on the day the document was made
    sex: str  # F, M, or I when it is not determined
    birth_place_code: str  # INSEE code
    ins: str  # 15 characters, "" when there is none
    ins_status: str  # « Qualifiée »
    is_ins_qualified: bool
    related: list[Fact]  # trusted person, legal representative, emergency contact


class Establishment(TypedDict):
    name: str
    unit: str
    address: str
    phone: str
    network: str  # the regional network, "" where there is none


class Version(TypedDict):
    version: int
    date: str


class HandedOver(TypedDict):
    """A date and a person: what a structured PPS says once it was given (domain §4)."""

    date: str
    by: str


class DocumentInfo(TypedDict):
    """Which version this is and what became of it; the only part that is not frozen."""

    kind: str  # « Programme personnalisé de soins »
    short_kind: str  # « PPS »
    number: str
    version: int
    status: Status
    produced_at: str
    produced_by: Person
    approved_at: str
    approved_by: Person | None
    replaces: Version | None
    replaced_by: Version | None
    handed_over: HandedOver | None  # never on the paper that is handed over
    update_reason: str
    update_detail: str  # what changes for the patient, in words (PPS, PPAC)


class Rcp(TypedDict):
    name: str
    date: str
    place: str  # « CH de Kerlann et visioconférence »
    remarks: str  # « Réunion de recours : non. Référentiel régional : sein, version 2025-2 »


class Examination(TypedDict):
    date: str
    name: str
    result: str


class Proposal(TypedDict):
    name: str
    detail: str


class Opinion(TypedDict):
    title: str  # « traitement proposé »
    intentions: list["Intention"]
    remarks: list[Fact]  # justification, trial, genetics, alternatives


class Intention(TypedDict):
    """First choice or alternative; its label is "" when there is only one."""

    label: str
    proposals: list[Proposal]


class Participant(TypedDict):
    name: str
    specialty: str
    presence: str  # « Site », « Visio », « Avis écrit »


class Action(TypedDict):
    name: str
    owner: str
    before: str


class RcpSheetContext(TypedDict):
    document: DocumentInfo
    patient: Patient
    establishment: Establishment
    rcp: Rcp
    request: list[Fact]
    question: str
    general: list[Fact]  # the patient's state
    history: list[Fact]  # longer: a sentence each
    disease: list[Fact]
    biomarkers: str  # « RE 95 %, RP 60 %, HER2 0 »
    examinations: list[Examination]
    treatments: list[Examination]  # past and current, same three columns
    opinion: Opinion
    participants: list[Participant]
    guests: list[Participant]  # present, not counted in the quorum
    quorum: str
    actions: list[Action]
    distribution: str


class Phone(TypedDict):
    label: str
    number: str


class Alert(TypedDict):
    """« Appelez-nous sans attendre si »"""

    signs: list[str]
    phones: list[Phone]


class SessionHead(TypedDict):
    """Which meeting a paper is about."""

    name: str
    starts_at: str
    when: str  # « jeudi 4 décembre 2025 à 14 h »
    place: str
    host_name: str
    host_address: str


class AgendaCase(TypedDict):
    number: str
    birth_name: str  # in capitals
    first_names: str
    traits: str  # « F, 58 ans, née le 14/03/1967 · INS qualifiée »
    question: str
    remark: str  # « Urgent, admis après la clôture », « 15 minutes »
    requester: str
    status: str  # « Discuté », « Enregistré »
    missing: str


class AgendaContext(TypedDict):
    """The agenda of a session, for the table; it names patients and is never sent."""

    title: str
    mark: str  # « Provisoire » while the agenda is not fixed
    produced_at: str
    rcp: SessionHead
    references: list[Fact]  # national identifiers
    counted: str  # « 18, dont 2 à enregistrer »
    cases: list[AgendaCase]
    quorum: str


class Signing(TypedDict):
    """One line of the attendance sheet."""

    name: str
    rpps: str
    specialty: str
    function: str
    stays: list[str]  # « 14 h 02 – 15 h 10 »
    mode: str
    signature: str  # what stands for it: « à distance »


class CalledCase(TypedDict):
    """A case by its number alone: the sheet names no patient."""

    number: str
    hour: str
    status: str
    quorum: str


class AttendanceContext(TypedDict):
    title: str
    mark: str
    produced_at: str
    rcp: SessionHead
    references: list[Fact]
    members: list[Signing]
    guests: list[Signing]
    cases: list[CalledCase]


class Stage(TypedDict):
    name: str
    text: str
    state: Literal["done", "current", "next"]


class PlannedTreatment(TypedDict):
    name: str
    detail: str  # « EC, 4 cures »
    how: str
    when: list[str]
    remark: str  # « Dates à confirmer en mai »


class Appointment(TypedDict):
    when: str
    what: str
    place: str


class Advice(TypedDict):
    name: str
    text: str


class Handover(TypedDict):
    """To be filled by hand on paper, unless the date is known already."""

    to: str  # « Mme GUÉGAN »
    by: str


class PpsContext(TypedDict):
    document: DocumentInfo
    patient: Patient
    establishment: Establishment
    alert: Alert
    stages: list[Stage]
    proposal: list[str]
    calendar: list[PlannedTreatment]
    appointments: list[Appointment]
    appointments_remark: str
    contacts: list[Person]
    support: list[Advice]
    questions: list[str]
    references: list[Fact]  # date of the RCP, of the announcement, the PPS before
    notices: list[str]
    handover: Handover


class Visit(TypedDict):
    """One line of the surveillance calendar."""

    name: str
    when: str
    who: str
    result: str


class PpacContext(TypedDict):
    document: DocumentInfo
    patient: Patient
    establishment: Establishment
    message: list[str]  # what the physician tells the patient, a paragraph each
    label: str  # « Votre programme personnalisé de l’après-cancer »: a site may say PPAT
    alert: Alert
    disease: list[Fact]
    treatments: list[PlannedTreatment]  # received
    after_effects: list[Advice]
    surveillance: list[Visit]
    surveillance_remark: str
    prevention: list[Advice]
    support: list[Advice]
    social: list[Advice]
    contacts: list[Person]
    references: list[Fact]
    notices: list[str]
    handover: Handover
