"""Specialties that count in a quorum: RPPS know-how codes in, short French names out."""

SPECIALTIES: dict[str, str] = {
    "SM01": "Anatomopathologie",
    "SM03": "Biologie médicale",
    "SM05": "Chirurgie générale",
    "SM08": "Chirurgie orthopédique",
    "SM09": "Chirurgie infantile",
    "SM11": "Chirurgie thoracique",
    "SM12": "Chirurgie urologique",
    "SM14": "Chirurgie digestive",
    "SM15": "Dermatologie",
    "SM16": "Endocrinologie",
    "SM17": "Génétique médicale",
    "SM18": "Gériatrie",
    "SM20": "Gynécologie-obstétrique",
    "SM21": "Hématologie",
    "SM24": "Hépato-gastro-entérologie",
    "SM26": "Médecine générale",
    "SM28": "Médecine nucléaire",
    "SM31": "Neurochirurgie",
    "SM32": "Neurologie",
    "SM36": "Oncologie médicale",
    "SM39": "ORL et chirurgie cervico-faciale",
    "SM40": "Pédiatrie",
    "SM41": "Pneumologie",
    "SM44": "Radiologie",
    "SM45": "Radiothérapie",
    "SM205": "Biologie moléculaire",
}


def specialty_label(code: str | None) -> str:
    """The name people say; an unknown code is shown as it is rather than hidden."""
    return SPECIALTIES.get(code or "", code or "")
