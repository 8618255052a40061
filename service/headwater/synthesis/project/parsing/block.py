"""Reads a spec block: YAML that says outright what the application keeps, alone or between fences in the text.

name: library
entities:
  Book:
    title: string required 1..200
    status: available | lent
    author: -> Author
    tags: [Tag]
roles: [librarian, member]
features: [auth, search]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import yaml

from headwater.errors import invalid
from headwater.synthesis.project.checking import Limits
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.grants import granted
from headwater.synthesis.project.parsing.kinds import TYPES
from headwater.synthesis.project.parsing.shapes import shaped
from headwater.synthesis.project.parsing.values import FILLERS, FLAGS, field_of
from headwater.synthesis.project.spec import Feature, FeatureKind, Origin, RelationKind

FENCED = re.compile(r"^```(?:ya?ml|spec)?[ \t]*\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
WHOLE = re.compile(r"^(?:entities|models|resources)[ \t]*:[ \t]*(?:[{\[&].*)?$", re.MULTILINE)
BOUNDS = {
    "min_length": "min",
    "minLength": "min",
    "minimum": "min",
    "max_length": "max",
    "maxLength": "max",
    "maximum": "max",
}
"""Other words for the bounds of a field."""
KEYS = frozenset({"name", "title", "description", "entities", "roles", "features", "permissions"})
TARGET = re.compile(
    r"(?:->\s*(?P<one>\w[\w ]*?)|\[\s*(?P<many>\w[\w ]*?)\s*\])(?P<optional>\s+optional|\?)?\s*"
    r"(?P<required>required)?(?P<part>\s+cascade)?"
)


NAMED = re.compile(
    r"(?P<list>(?:list|array|set)(?:\s+of\s+|<))?(?P<noun>[A-Za-z_]\w*)>?(?P<many>\[\])?(?P<optional>\?)?"
    r"(?P<more>(?:[\s,(]+(?:required|optional|nullable|cascade)\)?)*)"
)
"""What leads to another entity without an arrow."""


def split(text: str) -> tuple[str, str, int]:
    """Returns the spec block of a text, or nothing, the text with blanks in its place, and where the block begins."""
    for match in FENCED.finditer(text):
        if WHOLE.search(match["body"]):
            blank = re.sub(r"[^\n]", " ", match[0])
            return match["body"], text[: match.start()] + blank + text[match.end() :], match.start("body")
    if WHOLE.search(text) and re.match(
        r"\s*(?:#[^\n]*\n\s*|---\s*\n)*(?:[a-z_]+)[ \t]*:(?=[ \t]*\S|[ \t]*\n[ \t]*[-\w])", text
    ):
        return text, "", 0
    return "", text, 0


def read(body: str, start: int, draft: Draft, limits: Limits) -> Mapping[str, str]:
    """Adds what a block says and returns its head: name, title and description.

    Raises:
        Problem: `BLOCK_UNREADABLE` for what is no YAML, `BLOCK_INVALID` for what has another form; both name the line.
    """
    value = _load(body, limits)
    if not isinstance(value, dict):
        raise _wrong("spec", "the block is no mapping", "write `entities:` with a mapping of names to fields")
    given = shaped({str(key): each for key, each in cast("dict[Any, Any]", value).items()})
    for key in given.keys() - KEYS:
        raise _wrong(str(key), f"a block has no {key!r}", f"use {', '.join(sorted(KEYS))}")
    origin = stated("the spec block says so", start, start + len(body))
    entities = _mapping(given.get("entities"), "entities")
    for name in entities:
        draft.add(name, origin)
    for name, fields in entities.items():
        thing = draft.add(name, origin)
        for field, said in _members(fields, f"entities.{name}").items():
            _field(draft, thing, field, said, origin=origin, path=f"entities.{name}.{field}")
    for at, role in enumerate(_listed(given.get("roles"), "roles")):
        if not role.strip():
            raise _wrong(f"roles[{at}]", "a role has no name", "name it or drop it")
        draft.roles.setdefault(word_key(role), origin)
    for at, feature in enumerate(_listed(given.get("features"), "features")):
        if feature not in list(FeatureKind):
            raise _wrong(f"features[{at}]", f"{feature!r} is unknown", f"use {', '.join(FeatureKind)}")
        draft.features[FeatureKind(feature)] = Feature(kind=FeatureKind(feature), entities=(), origin=origin)
    rights = {
        name: _rights(said, f"permissions.{name}")
        for name, said in _mapping(given.get("permissions"), "permissions").items()
    }
    granted(draft, rights, origin)
    draft.explicit = True
    return {key: str(given[key]) for key in ("name", "title", "description") if given.get(key)}


def _rights(said: Any, path: str) -> dict[str, str]:
    """Returns what a role may do with each thing in the words of a table; nothing for who may do everything."""
    if isinstance(said, str):
        return {}
    return {
        name: ", ".join(map(str, cast("list[Any]", acts))) if isinstance(acts, list) else str(acts)
        for name, acts in _mapping(said, path).items()
    }


def _load(body: str, limits: Limits) -> Any:
    try:
        depth = 0
        events = cast("Iterable[Any]", yaml.parse(body, Loader=yaml.SafeLoader))
        for event in events:
            if isinstance(event, yaml.AliasEvent):
                raise _wrong(f"line {event.start_mark.line + 1}", "the block has an alias", "write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > limits.depth:
                raise _wrong(
                    f"line {event.start_mark.line + 1}",
                    "the block is nested too deep",
                    f"keep to {limits.depth} levels",
                )
        return yaml.safe_load(body)
    except (ValueError, RecursionError) as error:  # a date or a number that is none, or nesting without end
        raise invalid(
            "BLOCK_UNREADABLE",
            "requirements",
            f"The spec block holds a value that cannot be read: {error}.",
            "Put the value in quotes, or write the requirements as sentences.",
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise invalid(
            "BLOCK_UNREADABLE",
            "requirements",
            f"The spec block is no YAML: line {line}: {error.problem or error.context}.",
            "Mend the line, or write the requirements as sentences.",
            line=str(line),
        ) from error


def _field(draft: Draft, thing: Thing, name: str, said: Any, *, origin: Origin, path: str) -> None:
    words = _pointed("" if said is None else _words(said, path), draft)
    target = TARGET.fullmatch(words.strip())
    if target:
        noun = target["one"] or target["many"]
        other = draft.find(noun)
        account = word_key(noun) == word_key(draft.account)
        if other is None and not account:
            raise _wrong(path, f"there is no entity {noun!r}", "add it under entities, or name another")
        many = target["many"] is not None
        draft.relate(
            thing,
            name,
            other.name if other else draft.account,
            kind=RelationKind.MANY_TO_MANY if many else RelationKind.MANY_TO_ONE,
            origin=origin,
            optional=target["optional"] is not None,
            part=target["part"] is not None,
        )
        return
    read_field = field_of(name, origin, rest=words or " ")
    unknown = _unknown_type(words)
    if unknown:
        raise _wrong(
            path, f"the type {unknown!r} is unknown", "use string, text, integer, decimal, boolean, date, datetime, …"
        )
    for each in read_field.assumed:
        draft.assume(each, f"{thing.name}.{read_field.field.name}", origin.span)
    draft.put(thing, read_field.field)


def _pointed(words: str, draft: Draft) -> str:
    """Returns `User?`, `Label[]` and `Bug (cascade)` with an arrow or brackets, where that is the name of an entity."""
    found = NAMED.fullmatch(words.strip())
    known = found and (draft.find(found["noun"]) or word_key(found["noun"]) == word_key(draft.account))
    if not found or not known or found["noun"].lower() in TYPES:
        return words
    said = {*re.findall(r"[a-z]+", (found["more"] or "").lower())}
    optional = " optional" if found["optional"] or said & {"optional", "nullable"} else ""
    if found["many"] or found["list"]:
        return f"[{found['noun']}]"
    return f"-> {found['noun']}{optional}{' cascade' if 'cascade' in said else ''}"


def _unknown_type(words: str) -> str:
    first = re.match(r"\s*([A-Za-z_]\w*)(?:\s|$)", words)
    known = (
        TYPES.keys()
        | FLAGS.keys()
        | FILLERS
        | {"optional", "nullable", "at", "min", "max", "between", "default", "one", "up", "positive"}
    )
    return first[1] if first and first[1].lower() not in known and "|" not in words else ""


def _words(said: Any, path: str) -> str:
    if isinstance(said, list):
        members = [str(each) for each in cast("list[Any]", said)]
        return f"[{members[0]}]" if len(members) == 1 else " | ".join(members)
    if isinstance(said, dict):
        given = cast("dict[str, Any]", said)
        words = [str(given.get("type", ""))]
        for key, value in given.items():
            if key in {"required", "unique", "optional"}:
                words += [key] if value else []
            elif key in {"min", "max", "default"} | BOUNDS.keys():
                words.append(f"{BOUNDS.get(key, key)} {value}")
            elif key in {"enum", "choices"}:
                words.append(" | ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value))
            elif key != "type":
                raise _wrong(
                    f"{path}.{key}", f"a field has no {key!r}", "use type, required, unique, min, max, default, enum"
                )
        return " ".join(each for each in words if each and each != "enum")
    return str(said)


def _members(value: Any, path: str) -> dict[str, Any]:
    """Returns the fields and relations of an entity, which may stand under keys of their own."""
    given = _mapping(value, path)
    if not isinstance(given.get("fields"), dict | list) or given.keys() - {"fields", "relations", "description"}:
        return given
    related = _mapping(given.get("relations"), f"{path}.relations")
    return {**_mapping(given["fields"], f"{path}.fields"), **{name: _led(said) for name, said in related.items()}}


def _led(said: Any) -> Any:
    """Returns a relation `{to: Device, kind: many_to_one}` in the words of a list."""
    if not isinstance(said, dict):
        return said
    given = cast("dict[str, Any]", said)
    target = given.get("to") or given.get("target")
    if not target:
        return given
    many = str(given.get("kind", "")).endswith("to_many")
    optional = " optional" if given.get("optional") or given.get("required") is False else ""
    return (
        f"[{target}]"
        if many
        else f"-> {target}{optional}" + (" cascade" if given.get("on_delete") == "cascade" else "")
    )


def _mapping(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, list):
        return {str(each): None for each in cast("list[Any]", value)}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(path, f"{value!r} is no mapping", "write names, each followed by a colon")
    return {str(key): each for key, each in cast("dict[Any, Any]", value).items()}


def _listed(value: Any, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(path, f"{value!r} is no list", "write a list")
    return [str(each) for each in cast("list[Any]", value)]


def _wrong(path: str, what: str, remedy: str) -> Exception:
    return invalid(
        "BLOCK_INVALID",
        f"requirements.{path}",
        f"The spec block cannot be used: {path}: {what}.",
        f"Mend it: {remedy}.",
    )
