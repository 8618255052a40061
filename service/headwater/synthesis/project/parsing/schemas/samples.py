"""Reads JSON: a JSON Schema, lists of fields, names with types, and samples of rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.schemas.columns import KINDS, Column, Found, Table

OPENING = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
LISTS = ("entities", "models", "tables", "schemas", "definitions", "components", "collections", "types")
"""Names of what holds things rather than being one."""
FIELDS = ("fields", "attributes", "columns", "properties")
DATE, MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
TYPES = frozenset(word for _, known in KINDS for word in known)
DEEPEST = 4
"""So many things may hold each other."""
Object = Mapping[str, Any]


def read(text: str) -> Found:
    """Returns the tables that the JSON in a text tells of, and where each piece stands that was read."""
    tables: list[Table] = []
    places: list[tuple[int, int]] = []
    decoder, at = json.JSONDecoder(), 0
    while match := OPENING.search(text, at):
        at = match.end() + 1
        try:
            value, end = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):  # a brace of something else, or of JSON that is none
            continue
        found = list(_tables(value, match.end(), end, 0))
        if found:
            tables += found
            places.append((match.end(), end))
        at = end
    return Found(tables=tuple(tables), places=tuple(places))


def _tables(value: Any, start: int, end: int, depth: int) -> Iterator[Table]:
    """Yields the things of an object: what holds them, schemas, rows, or names with what they have."""
    if not isinstance(value, dict) or depth > DEEPEST:
        return
    given = cast("dict[str, Any]", value)
    if isinstance(given.get("properties"), dict) and (name := str(given.get("title") or given.get("$id") or "")):
        yield _schema(name, given, start, end)
        return
    for key, each in given.items():
        if key.lower() in LISTS:
            yield from _held(each, start, end, depth)
        elif isinstance(each, list) and each and isinstance(cast("list[Any]", each)[0], dict):
            yield from _thing(key, cast("list[Any]", each)[0], start, end, depth)
        elif isinstance(each, dict):
            yield from _thing(key, cast("dict[str, Any]", each), start, end, depth)


def _held(value: Any, start: int, end: int, depth: int) -> Iterator[Table]:
    if isinstance(value, dict):
        yield from _tables(cast("dict[str, Any]", value), start, end, depth + 1)
        return
    for each in cast("list[Any]", value) if isinstance(value, list) else ():
        if isinstance(each, dict) and (name := cast("Object", each).get("name")):
            yield from _thing(str(name), cast("Object", each), start, end, depth)


def _thing(name: str, given: Object, start: int, end: int, depth: int) -> Iterator[Table]:
    """Yields a thing, and those within it."""
    if isinstance(given.get("properties"), dict):
        yield _schema(name, given, start, end)
        return
    inner = next((given[each] for each in FIELDS if each in given), given)
    if isinstance(inner, list):
        fields = [cast("Object", each) for each in cast("list[Any]", inner) if isinstance(each, dict)]
        columns = [_described(str(each.get("name", "")), each, start, end) for each in fields]
        columns += [
            Column(name=each, start=start, end=end) for each in cast("list[Any]", inner) if isinstance(each, str)
        ]
    else:
        held = cast("Object", inner) if isinstance(inner, dict) else dict[str, Any]()
        columns = [column for key, each in held.items() if (column := _column(key, each, start, end))]
        for key, each in held.items():
            rows = cast("list[Any]", each) if isinstance(each, list) else [each]
            described = isinstance(each, dict) and "type" in each
            if rows and isinstance(rows[0], dict) and not described and depth < DEEPEST:
                yield from _thing(key, cast("Object", rows[0]), start, end, depth + 1)
    yield Table(name=word_key(name), start=start, end=end, columns=tuple(columns))


def _schema(name: str, given: Object, start: int, end: int) -> Table:
    needed = given.get("required")
    required = set(map(str, cast("list[Any]", needed))) if isinstance(needed, list) else set[str]()
    columns = [
        _described(key, cast("Object", each), start, end, required=key in required)
        for key, each in cast("Object", given["properties"]).items() if isinstance(each, dict)
    ]  # fmt: skip
    return Table(name=word_key(name), start=start, end=end, columns=tuple(columns))


def _described(name: str, given: Object, start: int, end: int, *, required: bool = False) -> Column:
    """Returns the column of an object that says its type, format, bounds and choices."""
    items = given.get("items")
    inner = cast("Object", items) if isinstance(items, dict) else given
    leads = str(inner.get("$ref") or inner.get("ref") or inner.get("references") or "").rsplit("/", 1)[-1].split(".")[0]
    form, said = str(inner.get("format") or ""), str(inner.get("type") or "")
    choices = inner.get("enum") or inner.get("choices") or inner.get("options") or ()
    most, least = (
        given.get("maxLength") or given.get("maximum") or given.get("max"),
        given.get("minimum", given.get("min")),
    )
    limits = (("min", least), ("max", most))
    kind = {"date-time": "datetime", "uri": "url", "binary": "file"}.get(form, form if form in TYPES else said)
    return Column(
        name=name, kind=kind, start=start, end=end, target=leads, many=isinstance(items, dict) or said == "array",
        required=required or given.get("required") is True, unique=given.get("unique") is True,
        choices=tuple(map(str, cast("list[Any]", choices))) if isinstance(choices, list) else (),
        bounds=" ".join(f"{word} {value}" for word, value in limits if isinstance(value, int | float)),
        default=str(given.get("default", "")),
    )  # fmt: skip


def _column(name: str, value: Any, start: int, end: int) -> Column | None:
    """Returns the column of a name with a type or a sample of its values."""
    if isinstance(value, dict):
        given = cast("Object", value)
        if "type" in given:
            return _described(name, given, start, end)
        return Column(name=name, start=start, end=end, target=name)
    many = isinstance(value, list)
    first = next(iter(cast("list[Any]", value)), "") if many else value
    if many and isinstance(first, dict):
        return None if first else Column(name=name, start=start, end=end)
    return Column(name=name, kind=_kind(first), start=start, end=end, many=many)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "decimal"
    text = str(value or "")
    if DATE.fullmatch(text) or MOMENT.fullmatch(text):
        return "date" if DATE.fullmatch(text) else "datetime"
    return text if re.fullmatch(r"[A-Za-z]\w*", text) else "string"
