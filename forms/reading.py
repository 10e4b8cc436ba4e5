"""YAML files come in; a library goes out, and every problem met on the way, in French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Protocol

import yaml

from forms.spec import (
    TYPES,
    Datum,
    FieldSpec,
    FormSpec,
    Library,
    Problem,
    SectionSpec,
    SkipWay,
    Value,
    ValueSet,
    When,
)

DATUM_KEYS = {
    "name", "type", "label", "hint", "scope", "milestone", "value_set", "unit", "code", "role",
    "min", "max", "past", "ahead", "max_length", "required", "computed", "fields",
}  # fmt: skip
FIELD_KEYS = {"name", "required", "label", "hint", "when", "carried", "source", "columns"}
SECTION_KEYS = {"title", "hint", "when", "fields"}
FORM_KEYS = {"title", "submit", "after", "sections", "skip"}
SKIP_KEYS = {"way", "label", "answers", "leaves"}
VALUE_SET_KEYS = {"title", "system", "version", "values"}
VALUE_KEYS = {"code", "label", "hint", "active", "national"}
KINDS = ("dictionary", "value_set", "form")
LARGEST = 1_000_000


class File(Protocol):
    """What a release hands over: an artifact of the engine, or anything of that shape."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def content(self) -> bytes: ...


# The loader in C reads a release in a tenth of the time; the other is there where it isn't.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Safe):
    """YAML keeps the last of two equal keys without a word; here that is a problem."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"la clé « {name} » est écrite deux fois", key.start_mark
                )
            seen.add(name)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


class Reader:
    """Reads what can be read; what cannot is told and left out."""

    def __init__(self, files: Iterable[File]) -> None:
        self.problems: list[Problem] = []
        self.dictionary: dict[str, Datum] = {}
        self.value_sets: dict[str, ValueSet] = {}
        self.forms: dict[str, FormSpec] = {}
        read = [(file, self._parsed(file)) for file in files if file.kind in KINDS]
        for kind in KINDS:
            for file, content in read:
                if file.kind == kind and content is not None:
                    getattr(self, f"_{kind}")(file.name, content)
        self._references()

    @property
    def library(self) -> Library:
        return Library(self.dictionary, self.value_sets, self.forms)

    def tell(self, artifact: str, element: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(artifact, element, message, remedy))

    def _parsed(self, file: File) -> Mapping[str, Any] | None:
        if len(file.content) > LARGEST:
            self.tell(file.name, "", "Le fichier est trop grand.", "Partagez-le en plusieurs.")
            return None
        try:
            content = yaml.load(file.content.decode("utf-8"), Loader=_Strict)  # noqa: S506 (safe)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f"ligne {mark.line + 1}" if mark else ""
            told = getattr(error, "problem", None) or "le fichier n’est pas du texte UTF-8"
            self.tell(file.name, where, f"Le fichier ne se lit pas\u202f: {told}.", "Corrigez-le.")
            return None
        if not isinstance(content, dict):
            self.tell(
                file.name, "", "Le fichier ne contient pas de clés.", "Voyez forms/README.md."
            )
            return None
        return content

    def _keys(self, artifact: str, element: str, given: Any, known: set[str]) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.tell(artifact, element, "Des clés sont attendues ici.", "Voyez forms/README.md.")
            return {}
        for key in given:
            if key not in known:
                self.tell(
                    artifact, element, f"La clé «\u202f{key}\u202f» n’existe pas.",
                    near(str(key), known) or f"Clés connues\u202f: {', '.join(sorted(known))}.",
                )  # fmt: skip
        return {key: value for key, value in given.items() if key in known}

    def _dictionary(self, artifact: str, content: Mapping[str, Any]) -> None:
        for name, given in content.items():
            if name in self.dictionary:
                self.tell(artifact, name, "Cette donnée est déjà définie.", "Gardez-en une seule.")
                continue
            datum = self._datum(artifact, str(name), str(name), given)
            if datum is not None:
                self.dictionary[datum.name] = datum

    def _datum(self, artifact: str, path: str, name: str, given: Any) -> Datum | None:
        keys = self._keys(artifact, path, given, DATUM_KEYS)
        kind = keys.get("type", "")
        if kind not in TYPES:
            self.tell(
                artifact, path, f"Le type «\u202f{kind}\u202f» n’existe pas.",
                near(str(kind), TYPES) or f"Types connus\u202f: {', '.join(TYPES)}.",
            )  # fmt: skip
            return None
        if not keys.get("label"):
            self.tell(
                artifact, path, "Cette donnée n’a pas de libellé.", "Ajoutez «\u202flabel\u202f»."
            )
            keys["label"] = name
        if keys.get("scope", "instance") not in ("case", "instance"):
            self.tell(
                artifact,
                path,
                "La portée est «\u202fcase\u202f» ou «\u202finstance\u202f».",
                "Corrigez-la.",
            )
        columns = keys.pop("fields", None) or ()
        keys.pop("name", None)
        texts = ("label", "hint", "code", "unit", "computed")
        keys |= {key: str(keys[key]) for key in texts if key in keys}
        fields = tuple(self._columns(artifact, path, kind, columns))
        return Datum(name=name, fields=fields, **keys)

    def _columns(self, artifact: str, path: str, kind: str, columns: Any) -> Iterable[Datum]:
        if (kind == "group") != bool(columns):
            self.tell(
                artifact,
                path,
                "Un groupe, et lui seul, a des colonnes.",
                "Corrigez «\u202ffields\u202f».",
            )
        for column in columns if isinstance(columns, (list, tuple)) else ():
            name = str(column.get("name", "")) if isinstance(column, dict) else ""
            found = self._datum(artifact, f"{path}.{name}", name, column)
            if found is not None and name and not found.is_group:
                yield found
            else:
                self.tell(
                    artifact, path, "Une colonne a un nom et un type simple.", "Corrigez-la."
                )

    def _value_set(self, artifact: str, content: Mapping[str, Any]) -> None:
        keys = self._keys(artifact, "", content, VALUE_SET_KEYS)
        values: list[Value] = []
        for given in keys.get("values") or ():
            one = self._keys(artifact, str(given), given, VALUE_KEYS)
            if not one.get("label") or "code" not in one:
                self.tell(
                    artifact, str(given), "Une valeur a un code et un libellé.", "Complétez-la."
                )
                continue
            value = Value(**one | {"code": str(one["code"]), "label": str(one["label"])})
            if any(value.code == other.code for other in values):
                self.tell(artifact, value.code, "Ce code est donné deux fois.", "Gardez-en un.")
            values.append(value)
        if not values:
            self.tell(
                artifact, "", "Cette liste de valeurs est vide.", "Ajoutez «\u202fvalues\u202f»."
            )
        self.value_sets[artifact] = ValueSet(
            artifact,
            str(keys.get("title", artifact)),
            tuple(values),
            str(keys.get("system", "")),
            str(keys.get("version", "")),
        )

    def _form(self, artifact: str, content: Mapping[str, Any]) -> None:
        keys = self._keys(artifact, "", content, FORM_KEYS)
        after = keys.get("after") or ()
        sections = tuple(self._section(artifact, given) for given in keys.get("sections") or ())
        if not keys.get("title"):
            self.tell(
                artifact, "", "Ce formulaire n’a pas de titre.", "Ajoutez «\u202ftitle\u202f»."
            )
        self.forms[artifact] = FormSpec(
            name=artifact,
            title=str(keys.get("title", artifact)),
            submit=str(keys.get("submit", "Valider")),
            after=(after,) if isinstance(after, str) else tuple(map(str, after)),
            sections=sections,
            skip=tuple(self._way(artifact, given) for given in keys.get("skip") or ()),
        )

    def _way(self, artifact: str, given: Any) -> SkipWay:
        keys = self._keys(artifact, "skip", given, SKIP_KEYS)
        answers = keys.get("answers") or {}
        return SkipWay(
            code=str(keys.get("way", "")),
            label=str(keys.get("label", "")),
            answers=dict(answers) if isinstance(answers, Mapping) else {},
            leaves=keys.get("leaves") is True,
        )

    def _section(self, artifact: str, given: Any) -> SectionSpec:
        keys = self._keys(artifact, "section", given, SECTION_KEYS)
        title = str(keys.get("title", ""))
        return SectionSpec(
            title=title,
            hint=str(keys.get("hint", "")),
            when=self._when(artifact, title, keys.get("when")),
            fields=tuple(self._field(artifact, one) for one in keys.get("fields") or ()),
        )

    def _field(self, artifact: str, given: Any) -> FieldSpec:
        if isinstance(given, str):
            return FieldSpec(given)
        keys = self._keys(artifact, str(given), given, FIELD_KEYS)
        keys.pop("columns", None)
        name = str(keys.pop("name", ""))
        return FieldSpec(
            name=name, **keys | {"when": self._when(artifact, name, keys.get("when"))}
        )

    def _when(self, artifact: str, element: str, given: Any) -> When:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.tell(
                artifact,
                element,
                "Une condition est «\u202fnom\u202f: valeur\u202f».",
                "Corrigez «\u202fwhen\u202f».",
            )
            return {}
        return {
            name: tuple(map(as_code, values if isinstance(values, list) else [values]))
            for name, values in given.items()
        }

    def _references(self) -> None:
        """What names another thing names one that exists."""
        for datum in self.dictionary.values():
            self._value_set_exists(datum.name, datum)
            for column in datum.fields:
                self._value_set_exists(f"{datum.name}.{column.name}", column)
        for form in self.forms.values():
            self._form_asks_what_exists(form)

    def _value_set_exists(self, path: str, datum: Datum) -> None:
        if datum.type in ("choice", "choices") and datum.value_set not in self.value_sets:
            self.tell(
                "dictionary", path,
                f"La liste de valeurs «\u202f{datum.value_set}\u202f» n’existe pas.",
                near(datum.value_set, self.value_sets) or "Ajoutez-la.",
            )  # fmt: skip

    def _form_asks_what_exists(self, form: FormSpec) -> None:
        asked = [one.name for _, one in form.fields()]
        for section, one in form.fields():
            self._asked(form.name, one.name, one.name)
            if asked.count(one.name) > 1:
                self.tell(
                    form.name, one.name, "Cette donnée est demandée deux fois.", "Gardez-en une."
                )
            for name in {**section.when, **one.when}:
                self._asked(form.name, one.name, name)

    def _asked(self, form: str, element: str, name: str) -> None:
        if name not in self.dictionary:
            self.tell(
                form, element, f"La donnée «\u202f{name}\u202f» n’est pas dans le dictionnaire.",
                near(name, self.dictionary) or "Ajoutez-la au dictionnaire.",
            )  # fmt: skip


def as_code(value: object) -> str:
    """How conditions compare: « true » for a yes, else the text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def near(wrong: str, known: Iterable[str]) -> str:
    found = get_close_matches(wrong, list(known), 3, 0.5)
    quoted = ", ".join(f"«\u202f{word}\u202f»" for word in found)
    return f"Vouliez-vous dire {quoted}\u202f?" if found else ""
