"""Names: as written on identity papers in, one normalised key to sort and search by out."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})


def normalised(text: str) -> str:
    """No accents, lower case, no hyphen: the same order on every database."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    letters = "".join(
        character if character.isalnum() else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(letters.split())


def name_key(last_name: str, first_names: str) -> str:
    """« LE BIHAN, Anne-Marie » becomes « le bihan anne marie »."""
    return f"{normalised(last_name)} {normalised(first_names)}".strip()
