"""Makes names safe: for Python, TypeScript, SQL, a path and a URL at once, in a way that can be told to a person."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from headwater.synthesis.project.plurals import plural
from headwater.synthesis.project.reserved import (
    ATTRIBUTES,
    BUILTINS,
    CLASSES,
    MEMBERS,
    MODULES,
    PYTHON,
    ROUTES,
    SQL,
    TABLES,
    TYPESCRIPT,
)

LONGEST = 40
"""Letters of a name; Postgres cuts at 63, and constraints are made of up to two names."""


class Kind(enum.Enum):
    """What is named: the form of the name and the words it must not be."""

    PACKAGE = "package"
    ENTITY = "entity"
    PLURAL = "plural"
    FIELD = "field"
    RELATION = "relation"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A safe name, and why it is not what was written; empty if only case and blanks differ."""

    name: str
    because: str = ""


BETTER = {
    (Kind.FIELD, "type"): "kind", (Kind.FIELD, "date"): "on_date", (Kind.FIELD, "time"): "at_time",
    (Kind.FIELD, "id"): "code", (Kind.FIELD, "order"): "position", (Kind.FIELD, "from"): "start_value",
    (Kind.FIELD, "to"): "end_value", (Kind.FIELD, "datetime"): "at_moment", (Kind.FIELD, "desc"): "description",
    (Kind.FIELD, "created_at"): "created_on", (Kind.FIELD, "updated_at"): "updated_on",
    (Kind.FIELD, "class"): "class_name", (Kind.FIELD, "model"): "model_name", (Kind.FIELD, "plan"): "plan_name",
    (Kind.FIELD, "user"): "person", (Kind.FIELD, "key"): "key_text", (Kind.FIELD, "session"): "session_name",
}  # fmt: skip
"""Words that read better than a suffix."""
SUFFIX = {
    Kind.PACKAGE: "_app",
    Kind.ENTITY: "_record",
    Kind.PLURAL: "_list",
    Kind.FIELD: "_value",
    Kind.RELATION: "_link",
    Kind.CHOICE: "_choice",
}
FALLBACK = {
    Kind.PACKAGE: "application",
    Kind.ENTITY: "thing",
    Kind.PLURAL: "things",
    Kind.FIELD: "note",
    Kind.RELATION: "other",
    Kind.CHOICE: "choice",
}
RESERVED = {
    Kind.PACKAGE: PYTHON | BUILTINS | MODULES,
    Kind.ENTITY: PYTHON | CLASSES | (BUILTINS - {"filter", "type", "property", "license", "range", "round"}),
    Kind.PLURAL: PYTHON | SQL | ROUTES | TABLES,
    Kind.FIELD: PYTHON | SQL | TYPESCRIPT | BUILTINS | ATTRIBUTES,
    Kind.RELATION: PYTHON | BUILTINS | ATTRIBUTES,
    Kind.CHOICE: MEMBERS,
}
GERMAN = {each: f"{plain}e" for each, plain in zip("äöü", "aou", strict=True)}
"""Letters that German spells with two; all others are spelt as in the table of the library."""


def safe(text: str, kind: Kind) -> Name:
    """Returns a safe name for a text; the same text gives the same name."""
    words = snake(text)
    because = ""
    if _foreign(text):
        because = "it has letters beyond A to Z"
    if re.search(r"[/\\]|\.\.", text):
        because = "it holds a path separator"
    if not words:
        return Name(name=_formed(FALLBACK[kind], kind), because="it holds no letter that a name can have")
    if words[0].isdigit():
        words, because = f"{FALLBACK[kind]}_{words}", "a name does not begin with a digit"
    if len(words) > LONGEST:
        words, because = words[:LONGEST].rstrip("_"), f"names have at most {LONGEST} letters"
    if {words, snake(_formed(words, kind))} & RESERVED[kind]:
        because = "the word means something else in Python, SQL or TypeScript"
        words = BETTER.get((kind, words)) or f"{words}{SUFFIX[kind]}"
    return Name(name=_formed(words, kind), because=because)


def trouble(name: str, kind: Kind) -> str:
    """Returns why a name cannot be used, as the end of a sentence, or an empty text."""
    pattern = r"[A-Z][A-Za-z0-9]*" if kind is Kind.ENTITY else r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
    if not re.fullmatch(pattern, name, re.ASCII):
        return "is no PascalCase name" if kind is Kind.ENTITY else "is no snake_case name"
    if len(name) > LONGEST + max(map(len, SUFFIX.values())):
        return "is too long"
    return "is a reserved word" if snake(name) in RESERVED[kind] else ""


@lru_cache(maxsize=4096)
def snake(text: str) -> str:
    """Returns a text as snake_case of Latin letters and digits: `Größe (m²)` is `groesse_m2`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    lower = re.sub(r"['’`]s?\b", "", unicodedata.normalize("NFC", apart).lower())
    latin = "".join(GERMAN.get(each) or _spelt(each) for each in lower)
    return re.sub(r"[^a-z0-9]+", "_", latin).strip("_")


def _spelt(letter: str) -> str:
    """Returns a letter of any script in Latin ones; those of scripts that write whole words stand apart."""
    plain = anyascii(letter) if letter.isalnum() else letter
    return f" {plain.lower()} " if plain[:1].isupper() and len(plain) > 1 else plain.lower()


def pascal(name: str) -> str:
    """Returns a snake_case name as PascalCase."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def table(name: str) -> str:
    """Returns the plural of an entity's name, as it stands in tables and routes: `OrderItem` is `order_items`."""
    *before, last = snake(name).split("_")
    return safe("_".join([*before, plural(last)]), Kind.PLURAL).name


def _formed(words: str, kind: Kind) -> str:
    return pascal(words) if kind is Kind.ENTITY else words


def _foreign(text: str) -> bool:
    return any(each.isalpha() and not each.isascii() for each in text)
