"""What every view of this room starts from: its blueprint, an identity's address, its traits in French."""

from flask import Blueprint

blueprint = Blueprint("identities", __name__, template_folder="templates")
PLACE = "/identites/<int:patient_id>"
# Traits as the history names them; what is not here is not read by people.
LABELS: dict[str, str] = {
    "birth_name": "nom de naissance",
    "first_names": "prénoms de naissance",
    "used_name": "nom utilisé",
    "used_first_name": "prénom utilisé",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "birth_place": "lieu de naissance",
    "birth_place_code": "code du lieu",
    "ins": "matricule INS",
    "ins_status": "statut",
    "is_homonym": "homonyme",
    "is_doubtful": "en doute",
    "is_fictional": "fictive",
    "phone": "téléphone",
    "email": "adresse électronique",
    "address": "adresse",
    "trusted_person": "personne de confiance",
    "emergency_contact": "personne à prévenir",
    "legal_representative": "représentant légal",
    "gp_name": "médecin traitant",
    "alerts": "alertes",
    "death_date": "date de décès",
}
