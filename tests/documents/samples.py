"""Invented people and their documents, whole enough to be printed."""

import copy
from typing import Any, cast

from documents.contexts import (
    AgendaContext,
    AttendanceContext,
    PpacContext,
    PpsContext,
    RcpSheetContext,
)

PATIENT: dict[str, Any] = {
    "birth_name": "GUÉGAN",
    "first_names": "Marie-Thérèse",
    "first_name": "Marie-Thérèse",
    "used_name": "",
    "birth_date": "1959-09-02",
    "age": "66 ans",
    "sex": "F",
    "birth_place_code": "29999",
    "ins": "259092999900100",
    "ins_status": "Qualifiée",
    "is_ins_qualified": True,
    "related": [],
}
ESTABLISHMENT: dict[str, Any] = {
    "name": "Centre hospitalier de Kerlann",
    "unit": "Unité de sénologie",
    "address": "12 quai des Abers, 29999 Kerlann",
    "phone": "02 61 91 00 00",
    "network": "Réseau de cancérologie du Ponant",
}


def person(name: str, role: str, phone: str = "", rpps: str = "") -> dict[str, str]:
    return {"name": name, "role": role, "phone": phone, "rpps": rpps}


NURSE = person("Maëlle Le Goff", "infirmière de coordination", "02 61 91 00 42")
ONCOLOGIST = person("le Dr Yann Kervella", "responsable de la RCP", rpps="10099999901")


def document(kind: str, short_kind: str, number: str, **changed: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "short_kind": short_kind,
        "number": number,
        "version": 1,
        "status": "approved",
        "produced_at": "2025-11-27T10:18:00+01:00",
        "produced_by": NURSE,
        "approved_at": "2025-11-27T11:02:00+01:00",
        "approved_by": ONCOLOGIST,
        "replaces": None,
        "replaced_by": None,
        "handed_over": None,
        "update_reason": "",
        "update_detail": "",
        **changed,
    }


def pairs(**facts: str) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in facts.items()]


ALERT: dict[str, Any] = {
    "signs": [
        "vous avez **38 °C de fièvre** ou plus, ou des frissons ;",
        "vous vomissez plus de 24 heures ;",
        "vous saignez, ou vous êtes essoufflée au repos ;",
        "votre bras opéré devient rouge, chaud ou gonflé.",
    ],
    "phones": [
        {"label": "Infirmière, de 8 h 30 à 17 h 30", "number": "02 61 91 00 42"},
        {"label": "La nuit et le week-end", "number": "02 61 91 00 15"},
    ],
}
CONTACTS = [
    person("Maëlle Le Goff", "Infirmière, votre premier contact", "02 61 91 00 42"),
    person("Dr Yann Kervella", "Oncologue, médecin référent", "02 61 91 00 40"),
    person("Dr Soizic Morvan", "Chirurgienne", "02 61 91 00 31"),
    person("Dr Hugo Bellec", "Oncologue radiothérapeute, Centre Armor", "02 61 91 00 77"),
    person("Dr Anne Le Dantec", "Votre médecin traitant", "02 61 91 00 88"),
]
NOTICES = [
    "Ce programme peut changer. Nous vous en remettrons alors une nouvelle version. Une copie est "
    "déposée dans Mon espace santé et envoyée à votre médecin traitant, avec votre accord. Vos "
    "données servent à votre suivi et aux registres des cancers : vous pouvez les consulter ou "
    "vous y opposer en nous écrivant."
]


def treatment(
    name: str, detail: str, how: str, when: list[str], remark: str = ""
) -> dict[str, Any]:
    return {"name": name, "detail": detail, "how": how, "when": when, "remark": remark}


PPS: dict[str, Any] = {
    "document": document("Programme personnalisé de soins", "PPS", "PPS-2025-00012"),
    "patient": PATIENT,
    "establishment": ESTABLISHMENT,
    "alert": ALERT,
    "stages": [
        {"name": "Annonce", "text": "Faite le 6 octobre", "state": "done"},
        {"name": "Opération", "text": "Faite le 30 octobre", "state": "done"},
        {"name": "Réunion des médecins", "text": "Le 20 novembre", "state": "done"},
        {"name": "Traitement", "text": "À partir du 8 décembre", "state": "current"},
        {"name": "Suivi", "text": "À partir d’août 2026", "state": "next"},
    ],
    "proposal": [
        "Vous avez été opérée d’un cancer du sein droit. Les médecins de plusieurs spécialités se "
        "sont réunis et vous proposent trois traitements, l’un après l’autre, pour réduire le "
        "risque que la maladie revienne. Vous en avez parlé avec le Dr Kervella le 25 novembre et "
        "vous avez donné votre accord."
    ],
    "calendar": [
        treatment(
            "Chambre implantable",
            "",
            "Anesthésie locale, retour chez vous le jour même.",
            ["Mardi 2 décembre 2025, 9 h"],
            "Bloc ambulatoire, niveau 1",
        ),
        treatment(
            "Chimiothérapie 1",
            "EC, 4 cures",
            "Une perfusion toutes les trois semaines. Prévoyez la matinée.",
            ["8 et 29 décembre 2025", "19 janvier, 9 février 2026"],
        ),
        treatment(
            "Chimiothérapie 2",
            "Paclitaxel, 12 cures",
            "Une perfusion chaque lundi. Prévoyez trois heures.",
            ["Du 2 mars au 18 mai 2026"],
        ),
        treatment(
            "Radiothérapie",
            "",
            "Des séances courtes, du lundi au vendredi, au Centre Armor.",
            ["De juin à juillet 2026"],
            "Dates à confirmer en mai",
        ),
        treatment(
            "Hormonothérapie",
            "",
            "Un comprimé par jour, pendant au moins cinq ans.",
            ["À partir d’août 2026"],
        ),
    ],
    "appointments": [
        {
            "when": "Vendredi 28 nov., 10 h 15",
            "what": "Échographie du cœur",
            "place": "CH de Kerlann, cardiologie",
        },
        {
            "when": "Mardi 2 déc., 9 h 00",
            "what": "Pose de la chambre implantable, **à jeun**",
            "place": "CH de Kerlann, bloc, niveau 1",
        },
        {
            "when": "Jeudi 4 déc., 14 h 00",
            "what": "Consultation avec la diététicienne",
            "place": "CH de Kerlann, niveau 2",
        },
        {
            "when": "Lundi 8 déc., 8 h 30",
            "what": "Première cure de chimiothérapie",
            "place": "Hôpital de jour, niveau 3",
        },
    ],
    "appointments_remark": "La veille de chaque cure, faites votre prise de sang avant 11 h. "
    "L’infirmière vous appelle l’après-midi pour confirmer.",
    "contacts": CONTACTS,
    "support": [
        {"name": "Alimentation", "text": "rendez-vous avec la diététicienne le 4 décembre."},
        {"name": "Moral", "text": "une psychologue peut vous recevoir, vous et vos proches."},
        {"name": "Activité physique adaptée", "text": "séances le mercredi à 10 h, sans frais."},
        {
            "name": "Droits et travail",
            "text": "l’assistante sociale vous aide pour l’aide à domicile et les transports.",
        },
        {
            "name": "Bras opéré",
            "text": "kinésithérapie deux fois par semaine jusqu’à fin janvier.",
        },
        {"name": "Tabac, alcool", "text": "parlez-en, nous pouvons vous aider."},
    ],
    "questions": [
        "Vais-je perdre mes cheveux ?",
        "Puis-je conduire après une cure ?",
        "Puis-je me faire vacciner ?",
        "Que dire à mes petits-enfants ?",
    ],
    "references": [],
    "notices": NOTICES,
    "handover": {"to": "Mme GUÉGAN", "by": "Maëlle Le Goff, IDEC"},
}

SHEET: dict[str, Any] = {
    "document": document(
        "Fiche de RCP", "FRCP", "2025-SEN-01187", approved_at="2025-11-20T15:12:00+01:00"
    ),
    "patient": PATIENT,
    "establishment": ESTABLISHMENT,
    "rcp": {
        "name": "RCP sénologie",
        "date": "2025-11-20",
        "place": "CH de Kerlann et visioconférence",
        "remarks": "Réunion de recours : non. Référentiel régional : sein, version 2025-2",
    },
    "request": pairs(
        **{
            "Médecin demandeur": "Dr Soizic Morvan, chirurgie",
            "Médecin traitant": "Dr Anne Le Dantec",
            "Patient informé le": "17/11/2025",
            "Motif": "Proposition de traitement",
            "Statut du cas": "Discuté",
            "Phase": "Initiale",
            "Mode de découverte": "Dépistage organisé",
            "Dossier": "Complet, quorum atteint",
        }
    ),
    "question": "indication de chimiothérapie adjuvante et modalités de radiothérapie après "
    "mastectomie partielle et curage axillaire.",
    "general": pairs(
        **{
            "État général": "OMS 0",
            "Taille, poids": "162 cm, 64 kg (IMC 24,4)",
            "Fonction cardiaque (FEVG)": "À évaluer avant EC",
            "Allergies": "Aucune connue",
        }
    ),
    "history": pairs(
        Antécédents="hypertension artérielle traitée, hypothyroïdie substituée. Mère : cancer du "
        "sein à 71 ans. Ménopausée, sans traitement hormonal substitutif."
    ),
    "disease": pairs(
        **{
            "Localisation (CIM-10)": "Sein droit, QSE (C50.4)",
            "Histologie": "Carcinome infiltrant NST",
            "Grade (SBR)": "II (3+2+2)",
            "Date du diagnostic": "29/09/2025",
            "Stade clinique": "cT2 cN1 M0, IIB",
            "Stade pathologique": "pT2 pN1a (2N+/14)",
        }
    ),
    "biomarkers": "RE 95 %, RP 70 %, HER2 0, Ki-67 22 %",
    "examinations": [
        {
            "date": "2025-09-24",
            "name": "Mammographie et échographie",
            "result": "Masse ACR 5 du QSE droit de 23 mm, un ganglion axillaire suspect",
        },
        {
            "date": "2025-09-29",
            "name": "Biopsies sein et ganglion",
            "result": "Carcinome infiltrant NST grade II ; ganglion envahi",
        },
        {
            "date": "2025-10-09",
            "name": "Scanner TAP, scintigraphie osseuse",
            "result": "Pas de lésion secondaire",
        },
        {
            "date": "2025-10-30",
            "name": "Mastectomie partielle, curage",
            "result": "24 mm, berges saines (≥ 4 mm), emboles absents, 2N+/14 sans effraction",
        },
    ],
    "treatments": [],
    "opinion": {
        "title": "traitement proposé",
        "intentions": [
            {
                "label": "",
                "proposals": [
                    {
                        "name": "Chimiothérapie adjuvante",
                        "detail": "4 EC puis 12 paclitaxel hebdomadaires, après évaluation cardiaque. Début souhaité avant le 11/12/2025.",
                    },
                    {
                        "name": "Radiothérapie",
                        "detail": "sein droit et aires ganglionnaires, avec surimpression du lit tumoral.",
                    },
                    {
                        "name": "Hormonothérapie",
                        "detail": "inhibiteur de l’aromatase, au moins 5 ans ; ostéodensitométrie avant le début.",
                    },
                ],
            }
        ],
        "remarks": pairs(
            **{
                "Justification": "pN1a, grade II, Ki-67 à 22 %, OMS 0. Conforme au référentiel régional.",
                "Essai clinique": "proposé, non éligible.",
                "Oncogénétique": "non indiquée selon les critères.",
                "Alternatives discutées": "hormonothérapie seule, non retenue au regard de l’envahissement ganglionnaire.",
            }
        ),
    },
    "participants": [
        {"name": "Dr Y. Kervella", "specialty": "Oncologie (responsable)", "presence": "Site"},
        {"name": "Dr S. Morvan", "specialty": "Chirurgie sénologique", "presence": "Site"},
        {"name": "Dr H. Bellec", "specialty": "Oncologie radiothérapie", "presence": "Visio"},
        {"name": "Dr R. Abgrall", "specialty": "Anatomopathologie", "presence": "Visio"},
    ],
    "guests": [],
    "quorum": "Quorum du dossier atteint : chirurgie, oncologie, radiothérapie.",
    "actions": [
        {"name": "Annonce du traitement", "owner": "Dr Kervella", "before": "2025-11-25"},
        {"name": "Échographie cardiaque", "owner": "IDEC", "before": "2025-11-28"},
        {"name": "Programme personnalisé de soins", "owner": "IDEC", "before": "2025-11-27"},
        {"name": "Avis radiothérapie", "owner": "Dr Bellec", "before": "2026-03-31"},
    ],
    "distribution": "Transmise dans Hent à l’équipe de soins du dossier.",
}

PPAC: dict[str, Any] = {
    "document": document(
        "Programme personnalisé de l’après-cancer",
        "PPAC",
        "PPAC-2025-00012",
        produced_at="2026-09-10T09:00:00+02:00",
        approved_at="2026-09-11T09:00:00+02:00",
    ),
    "patient": PATIENT,
    "establishment": ESTABLISHMENT,
    "message": ["Vos traitements sont terminés. Nous restons à vos côtés."],
    "label": "Votre programme personnalisé de l’après-cancer",
    "alert": ALERT,
    "disease": pairs(
        Maladie="Cancer du sein droit, opéré le 30 octobre 2025",
        Stade="pT2 pN1a, récepteurs hormonaux positifs",
    ),
    "treatments": [
        treatment(
            "Opération",
            "",
            "Ablation partielle du sein droit et des ganglions.",
            ["30 octobre 2025"],
        ),
        treatment(
            "Chimiothérapie",
            "EC puis paclitaxel",
            "Dose totale d’épirubicine : 360 mg/m².",
            ["De décembre 2025 à mai 2026"],
        ),
        treatment(
            "Radiothérapie",
            "50 Gy, 25 séances",
            "Sein droit et ganglions.",
            ["De juin à juillet 2026"],
        ),
    ],
    "after_effects": [
        {"name": "Bras droit", "text": "il peut gonfler ; évitez les charges lourdes."},
        {"name": "Fatigue", "text": "elle diminue en quelques mois ; bougez un peu chaque jour."},
    ],
    "surveillance": [
        {
            "name": "Consultation",
            "when": "Tous les 6 mois pendant 5 ans",
            "who": "Dr Kervella et Dr Le Dantec, en alternance",
            "result": "",
        },
        {
            "name": "Mammographie et échographie",
            "when": "Une fois par an",
            "who": "Centre d’imagerie",
            "result": "12/09/2026",
        },
        {
            "name": "Mesure des os (ostéodensitométrie)",
            "when": "Dans 2 ans",
            "who": "Dr Le Dantec",
            "result": "",
        },
    ],
    "surveillance_remark": "Rien d’autre n’est utile sans signe nouveau.",
    "prevention": [{"name": "Tabac", "text": "un tabacologue peut vous aider."}],
    "support": [{"name": "Activité physique adaptée", "text": "séances le mercredi à 10 h."}],
    "social": [
        {"name": "Reprise du travail", "text": "parlez au médecin du travail avant la reprise."}
    ],
    "contacts": CONTACTS,
    "references": [],
    "notices": NOTICES,
    "handover": {"to": "Mme GUÉGAN", "by": ""},
}


def pps(**changed: Any) -> PpsContext:
    return cast(PpsContext, _with(PPS, changed))


def sheet(**changed: Any) -> RcpSheetContext:
    return cast(RcpSheetContext, _with(SHEET, changed))


def ppac(**changed: Any) -> PpacContext:
    return cast(PpacContext, _with(PPAC, changed))


SESSION: dict[str, Any] = {
    "mark": "",
    "produced_at": "2026-03-11T16:00:00+01:00",
    "rcp": {
        "name": "Sénologie",
        "starts_at": "2026-03-12T14:00:00+01:00",
        "when": "jeudi 12 mars 2026 à 14 h 00",
        "place": "Salle Ouessant et visioconférence",
        "host_name": "Centre hospitalier de Kerlann",
        "host_address": "2, rue du Phare, 29000 Quimper",
    },
    "references": [{"label": "RCP", "value": "RCP-029"}, {"label": "RRC", "value": "RRC-BZH"}],
}
AGENDA: dict[str, Any] = SESSION | {
    "title": "Ordre du jour",
    "counted": "30, dont 2 à enregistrer",
    "cases": [
        {
            "number": str(number),
            "birth_name": "KERVELLA-GUÉGAN" if number % 3 else "LE BIHAN",
            "first_names": "Marie Anne",
            "traits": "F, 66 ans, née le 14/03/1960 · INS qualifiée",
            "question": "Chimio-immunothérapie néoadjuvante avant chirurgie du sein gauche ?",
            "remark": "Urgent" if number == 1 else "",
            "requester": "Dr Yann Kervella",
            "status": "Discuté",
            "missing": "anatomopathologie et score G8" if number % 7 == 0 else "",
        }
        for number in range(1, 31)
    ],
    "quorum": "Chirurgie, Oncologie médicale et Radiothérapie ; 3 personnes au moins.",
}
ATTENDANCE: dict[str, Any] = SESSION | {
    "title": "Feuille d’émargement",
    "members": [
        {
            "name": name,
            "rpps": "10001234567",
            "specialty": specialty,
            "function": function,
            "stays": stays,
            "mode": mode,
            "signature": "À distance" if mode == "Visio" else "",
        }
        for name, specialty, function, stays, mode in (
            ("Dr Gwen Tanguy", "Oncologie médicale", "Coordonnateur", ["14 h 02 – 16 h 10"], "Présentiel"),
            ("Dr Paul Morvan", "Gynécologie-obstétrique", "Participant", ["14 h 02 – 15 h 00", "15 h 20 – …"], "Présentiel"),
            ("Dr Rose Cadiou", "Radiothérapie", "Participant", ["14 h 05 – 16 h 10"], "Visio"),
            ("Dr Yves Le Gall", "Radiologie", "Participant", [], ""),
        )
    ],
    "guests": [
        {
            "name": "Dr Hugo Bellec", "rpps": "", "specialty": "Génétique médicale",
            "function": "Invité", "stays": [], "mode": "", "signature": "",
        }
    ],
    "cases": [
        {"number": "1", "hour": "14 h 10", "status": "Discuté", "quorum": "Atteint : Chirurgie"},
        {"number": "2", "hour": "14 h 20", "status": "Non discuté", "quorum": "Non atteint : manque Chirurgie"},
    ],
}  # fmt: skip


def agenda(**changed: Any) -> AgendaContext:
    return cast(AgendaContext, _with(AGENDA, changed))


def attendance(**changed: Any) -> AttendanceContext:
    return cast(AttendanceContext, _with(ATTENDANCE, changed))


def _with(sample: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """A copy in which `document` and `patient` are completed, everything else replaced."""
    made = copy.deepcopy(sample)
    for name, value in changed.items():
        made[name] = {**made[name], **value} if name in ("document", "patient") else value
    return made
