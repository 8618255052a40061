"""Reads entities in the notation of JDL: `entity Post { title String required }`, enums and relationships.

entity Invoice { number String required unique maxlength(20)  amount BigDecimal min(0)  status State }
enum State { DRAFT, SENT }
relationship ManyToOne { Invoice{customer(name) required} to Customer }
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from headwater.errors import invalid
from headwater.synthesis.project.parsing.draft import Draft, Thing, implied, stated, word_key
from headwater.synthesis.project.parsing.kinds import TYPES
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import Feature, FeatureKind, Origin, RelationKind

COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
ENTITY = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?\s*)*entity\s+(?P<name>\w+)[ \t]*(?:\([^)]*\))?[ \t]*"
    r"(?:\{(?P<body>[^{}]*)\}|(?=\n|$))",
    re.MULTILINE,
)
ENUM = re.compile(r"^[ \t]*enum\s+(?P<name>\w+)\s*\{(?P<body>[^{}]*)\}", re.MULTILINE)
RELATIONSHIP = re.compile(
    r"^[ \t]*relationship\s+(?P<kind>OneToMany|ManyToOne|OneToOne|ManyToMany)\s*"
    r"\{(?P<body>(?:[^{}]|\{[^{}]*\})*)\}",
    re.MULTILINE,
)
SIDE = r"(?P<{0}>\w+)\s*(?:\{{\s*(?P<{0}_name>\w+)\s*(?:\(\s*\w+\s*\))?\s*(?P<{0}_required>required)?\s*\}})?"
PAIR = re.compile(SIDE.format("one") + r"\s+to\s+" + SIDE.format("other"))
FIELD = re.compile(
    r"(?P<name>[A-Za-z_]\w*)\s+(?P<type>[A-Z]\w*|string|text|integer|decimal|boolean|date|datetime)"
    r"(?P<rest>(?:[ \t]+(?:required|unique|(?:min|max|minlength|maxlength|minbytes|maxbytes)\s*\([^)]*\)|"
    r"pattern\s*\(/.*?/\)))*)"
)
OPTIONS = re.compile(
    r"^[ \t]*(?:(?:paginate|dto|service|search|microservice|filter|skipClient|skipServer|readOnly|use|angularSuffix|"
    r"clientRootFolder|noFluentMethod|embedded)\b[^\n{]*|(?:application|deployment)\s*\{(?:[^{}]|\{[^{}]*\})*\})$",
    re.MULTILINE,
)
KINDS = {
    "String": "string", "Integer": "integer", "Long": "integer", "BigDecimal": "decimal", "Float": "decimal",
    "Double": "decimal", "UUID": "string", "Boolean": "boolean", "LocalDate": "date", "ZonedDateTime": "datetime",
    "Instant": "datetime", "Duration": "integer", "LocalTime": "time", "Blob": "file", "AnyBlob": "file",
    "ImageBlob": "image", "TextBlob": "text", **{each: each for each in ("string", "text", "integer", "decimal",
    "boolean", "date", "datetime")}, "Text": "text", "Date": "date", "DateTime": "datetime", "Decimal": "decimal",
}  # fmt: skip
"""The types of JDL, and those that people write instead, in words for fields."""


def read(text: str, draft: Draft) -> str:
    """Adds what entities, enums and relationships say, and returns the text with blanks in their place.

    Raises:
        Problem: `BLOCK_INVALID` for a field without a known type, or a relationship of an entity that is not there.
    """
    plain = COMMENT.sub(_blank, text) if ENTITY.search(text) else text
    entities = list(ENTITY.finditer(plain))
    if not any(each["body"] is not None for each in entities):
        return text
    enums = {each["name"]: re.findall(r"(\w+)(?:\s*\([^)]*\))?", each["body"]) for each in ENUM.finditer(plain)}
    for each in entities:
        draft.add(each["name"], _origin(each))
    for each in entities:
        thing = draft.add(each["name"], _origin(each))
        for field in _fields(each, enums):
            _field(draft, thing, field, enums, each.start("body"))
    for each in RELATIONSHIP.finditer(plain):
        for pair in PAIR.finditer(each["body"]):
            _relation(draft, each["kind"], pair, stated("a relationship says so", each.start(), each.end()))
    draft.explicit = True
    why = implied("people sign in unless the text says that they do not")
    draft.features.setdefault(FeatureKind.AUTH, Feature(kind=FeatureKind.AUTH, entities=(), origin=why))
    for pattern in (ENTITY, ENUM, RELATIONSHIP, OPTIONS):
        plain = pattern.sub(_blank, plain)
    return plain


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _origin(match: re.Match[str]) -> Origin:
    return stated("an entity block names it", match.start("name"), match.end("name"))


def _fields(entity: re.Match[str], enums: Mapping[str, list[str]]) -> Iterator[re.Match[str]]:
    """Yields the fields of a block; what is left over is refused."""
    body = entity["body"] or ""
    yield from FIELD.finditer(body)
    left = re.sub(r"@\w+(?:\([^)]*\))?", "", FIELD.sub("", body)).replace(",", " ").split()
    if left:
        raise _wrong(entity["name"], f"{' '.join(left)[:60]!r} is no field", "write a name and a type such as String")
    for each in FIELD.finditer(body):
        if each["type"] not in KINDS.keys() | enums.keys():
            known = ", ".join(sorted(KINDS.keys() | enums.keys()))
            raise _wrong(f"{entity['name']}.{each['name']}", f"the type {each['type']!r} is unknown", f"use {known}")


def _field(draft: Draft, thing: Thing, match: re.Match[str], enums: Mapping[str, list[str]], start: int) -> None:
    kind = match["type"]
    said = " | ".join(enums[kind]) if enums.get(kind) else KINDS.get(kind, "string")
    rest = re.sub(r"pattern\s*\(/.*?/\)", "", match["rest"])
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", match["name"]).lower()
    if KINDS.get(kind) == "string" and (better := TYPES.get(name.rsplit("_", 1)[-1])) is not None:
        said = better.value if better.value in {"email", "url", "phone"} else said
    origin = stated("an entity block says so", start + match.start(), start + match.end())
    found = field_of(name, origin, rest=f"{said} {rest}")
    for each in found.assumed:
        draft.assume(each, f"{thing.name}.{found.field.name}", origin.span)
    draft.put(thing, found.field)


def _relation(draft: Draft, kind: str, pair: re.Match[str], origin: Origin) -> None:
    one, other = draft.find(pair["one"]), draft.find(pair["other"])
    for side, thing in (("one", one), ("other", other)):
        if thing is None and word_key(pair[side]) != word_key(draft.account):
            raise _wrong("relationship", f"there is no entity {pair[side]!r}", "add it, or name another")
    first = "other" if kind == "OneToMany" else "one"
    last = "one" if first == "other" else "other"
    source, target = (other, one) if kind == "OneToMany" else (one, other)
    if source is None:
        raise _wrong("relationship", "a relation is not stored on the account", "name the other side first")
    required = pair[f"{first}_required"] is not None
    draft.relate(
        source,
        pair[f"{first}_name"] or pair[last],
        target.name if target else draft.account,
        kind={
            "ManyToMany": RelationKind.MANY_TO_MANY, "OneToOne": RelationKind.ONE_TO_ONE,
        }.get(kind, RelationKind.MANY_TO_ONE),
        origin=origin,
        optional=not required,
        inverse=pair[f"{last}_name"] or "",
    )  # fmt: skip


def _wrong(path: str, what: str, remedy: str) -> Exception:
    return invalid(
        "BLOCK_INVALID",
        f"requirements.{path}",
        f"The entity block cannot be used: {path}: {what}.",
        f"Mend it: {remedy}.",
    )
