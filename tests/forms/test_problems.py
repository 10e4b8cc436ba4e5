"""What is wrong with a file of forms is said: file, element, what, and what to do."""

from types import SimpleNamespace

import pytest

import forms
from workflows.revisions import release

GOOD = {
    ("dictionary", "dictionary"): "name: {type: text, label: Nom}\nwhy: {type: choice, label: Raison, value_set: reasons}",
    ("value_set", "reasons"): "title: Raisons\nvalues: [{code: a, label: Première}]",
    ("form", "ask"): "title: Essai\nsections:\n  - title: Une\n    fields: [name, why]",
}  # fmt: skip


def said(kind: str, name: str, content: str | bytes) -> str:
    files = GOOD | {(kind, name): content}
    found = forms.problems(
        SimpleNamespace(
            kind=kind, name=name, content=text if isinstance(text, bytes) else text.encode()
        )
        for (kind, name), text in files.items()
    )
    return "\n".join(
        f"{one.artifact}/{one.element}: {one.message} {one.remedy}".replace("\u202f", "")
        for one in found
    )


def test_the_shipped_forms_have_none() -> None:
    assert forms.problems(release.gather()) == []


@pytest.mark.parametrize(
    ("kind", "name", "content", "words"),
    [
        ("dictionary", "dictionary", "name: {type: texte, label: Nom}", "name: Le type «texte» n’existe pas. Vouliez-vous dire «text»"),
        ("dictionary", "dictionary", "name: {type: text, label: Nom, lable: x}", "La clé «lable» n’existe pas. Vouliez-vous dire «label»"),
        ("dictionary", "dictionary", "name: {type: text}", "Cette donnée n’a pas de libellé."),
        ("dictionary", "dictionary", "name: {type: text, label: A}\nname: {type: text, label: B}", "ligne 2: Le fichier ne se lit pas: la clé « name » est écrite deux fois."),
        ("dictionary", "dictionary", "why: {type: choice, label: Raison, value_set: reason}", "La liste de valeurs «reason» n’existe pas. Vouliez-vous dire «reasons»"),
        ("dictionary", "dictionary", "name: {type: group, label: Lignes}", "Un groupe, et lui seul, a des colonnes."),
        ("dictionary", "dictionary", "half: {type: computed, label: Moitié}", "Rien ne calcule cette donnée."),
        ("dictionary", "dictionary", "- une\n- liste", "Le fichier ne contient pas de clés."),
        ("dictionary", "dictionary", "a: [", "Le fichier ne se lit pas"),
        ("dictionary", "dictionary", b"\xff\xfe", "le fichier n’est pas du texte UTF-8"),
        ("dictionary", "dictionary", "a: !!python/object/apply:os.system [ls]", "Le fichier ne se lit pas"),
        ("value_set", "reasons", "title: Raisons\nvalues: []", "Cette liste de valeurs est vide."),
        ("value_set", "reasons", "title: R\nvalues: [{code: a, label: A}, {code: a, label: B}]", "Ce code est donné deux fois."),
        ("form", "ask", "title: Essai\nsections:\n  - title: Une\n    fields: [nam]", "ask/nam: La donnée «nam» n’est pas dans le dictionnaire. Vouliez-vous dire «name»"),
        ("form", "ask", "title: Essai\nsections:\n  - title: Une\n    fields: [name, name]", "Cette donnée est demandée deux fois."),
        ("form", "ask", "title: Essai\nsections:\n  - title: Une\n    fields: [{name: name, when: {other: 1}}]", "La donnée «other» n’est pas dans le dictionnaire."),
        ("form", "ask", "sections: []", "Ce formulaire n’a pas de titre."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_remedy(
    kind: str, name: str, content: str | bytes, words: str
) -> None:
    assert words in said(kind, name, content)
